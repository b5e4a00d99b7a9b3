"""Entities of listings as rows, and what becomes of those that are listed no more."""

from datetime import UTC, datetime

import polars as pl
import pytest

from genesys_assets.directory import LISTINGS, UnreadableListingError, listed, merged

QUEUE = {
    "id": "q1",
    "name": "Billing",
    "division": {"id": "d1", "name": "Home"},
    "dateModified": "2026-01-02T03:04:05.6Z",
    "memberCount": 12,
    "mediaSettings": {
        "call": {"serviceLevel": {"percentage": 0.8, "durationMs": 20000}},
        "email": {"serviceLevel": {"percentage": 1}},
    },
    "selfUri": "/api/v2/routing/queues/q1",
}


def test_a_queue_has_its_targets_per_medium() -> None:
    row = listed("directory.queues", [QUEUE]).row(0, named=True)
    assert row["division_id"] == "d1"
    assert row["date_modified"] == datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC)
    assert (row["voice_service_level_percentage"], row["voice_service_level_duration_ms"]) == (0.8, 20_000)
    assert (row["email_service_level_percentage"], row["email_service_level_duration_ms"]) == (1.0, None)
    assert row["chat_service_level_percentage"] is None
    assert row["deleted"] is False


@pytest.mark.parametrize("table", LISTINGS)
def test_a_listing_of_nothing_is_a_typed_table(table: str) -> None:
    LISTINGS[table].schema.validate(listed(table, []))


@pytest.mark.parametrize("table", LISTINGS)
def test_an_entity_with_an_id_alone_is_a_row(table: str) -> None:
    frame = LISTINGS[table].schema.validate(listed(table, [{"id": "x"}]))
    assert frame.select("id", "name", "deleted").rows() == [("x", None, False)]


def test_values_of_other_types_than_documented_are_null() -> None:
    told = {"id": "q", "name": 7, "division": "Home", "memberCount": True, "dateCreated": 5, "mediaSettings": []}
    row = listed("directory.queues", [told]).row(0, named=True)
    assert {name for name, value in row.items() if value is not None} == {"id", "deleted"}


@pytest.mark.parametrize(
    ("table", "entity"),
    [
        ("directory.users", {"id": "u", "state": "deleted"}),
        ("directory.skills", {"id": "s", "state": "deleted"}),
        ("directory.flows", {"id": "f", "deleted": True}),
    ],
)
def test_what_the_api_calls_deleted_is_deleted(table: str, entity: dict[str, object]) -> None:
    assert listed(table, [entity])["deleted"].to_list() == [True]


def test_of_an_id_listed_twice_the_last_counts() -> None:
    frame = listed("directory.divisions", [{"id": "d", "name": "Old"}, {"id": "c"}, {"id": "d", "name": "New"}])
    assert frame.select("id", "name").rows() == [("c", None), ("d", "New")]


def test_an_entity_without_id_is_an_error_that_names_the_table() -> None:
    with pytest.raises(UnreadableListingError, match=r"directory\.users has no id"):
        listed("directory.users", [{"name": "nobody"}])


def test_what_is_listed_no_more_is_kept_and_marked() -> None:
    before = listed("directory.users", [{"id": "a", "name": "Ann"}, {"id": "b", "name": "Bob"}])
    now = listed("directory.users", [{"id": "b", "name": "Robert"}, {"id": "c", "name": "Cid"}])
    rows = merged("directory.users", now, before).select("id", "name", "deleted").rows()
    assert rows == [("a", "Ann", True), ("b", "Robert", False), ("c", "Cid", False)]


def test_what_is_listed_again_is_deleted_no_more() -> None:
    stored = listed("directory.users", [{"id": "a", "name": "Ann"}]).with_columns(deleted=True)
    again = listed("directory.users", [{"id": "a", "name": "Ann"}])
    assert merged("directory.users", again, stored)["deleted"].to_list() == [False]


def test_merging_again_changes_nothing() -> None:
    before = listed("directory.users", [{"id": "a"}, {"id": "b"}])
    now = listed("directory.users", [{"id": "b"}])
    once = merged("directory.users", now, before)
    assert merged("directory.users", now, once).equals(once)
    assert merged("directory.users", now, None).equals(now)


def test_a_stored_table_may_lack_todays_columns() -> None:
    stored = pl.DataFrame({"id": ["a"], "name": ["Ann"], "deleted": [False], "dropped": [1]})
    kept = LISTINGS["directory.users"].schema.validate(merged("directory.users", listed("directory.users", []), stored))
    assert kept.select("id", "name", "email", "deleted").rows() == [("a", "Ann", None, True)]
