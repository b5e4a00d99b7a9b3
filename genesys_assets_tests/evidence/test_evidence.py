"""The evidence of a day of the sandbox, which is its first tenant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from genesys_assets.evidence import Evidence, evidence_of
from genesys_assets.marts import MARTS, ServiceLevelOptions
from genesys_assets.organisation import Organisation
from genesys_assets.sandbox import Sandbox
from genesys_assets.sandbox.vocabulary import FLOW_METRICS
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets_tests.conftest import DAY, NOW, Chain
from genesys_assets_tests.privacy.marked import TOKEN, marked
from genesys_assets_tests.sandbox.support import EVERY_TYPE_OFTEN

ZONE = Organisation().zone
CALLED = "+4930901820"
AN_ID = "ad1f3b60-0000-4000-8000-000000000000"
UNLIKELY = 987_654_321
"""A number that no count reaches."""


def evidence_in(chain: Chain, folder: Path) -> Evidence:
    return evidence_of(chain.database, chain.genesys, DAY, ZONE, ServiceLevelOptions(), folder)


def change_documents(chain: Chain, change: Callable[[bytes], bytes]) -> None:
    """Stores other documents in place of those of the day."""
    changed = [(change(json.dumps(told).encode()).decode(), each) for each, told in chain.documents().items()]
    with chain.database.writing() as connection:
        connection.executemany("UPDATE raw.conversations SET document = ? WHERE conversation_id = ?", changed)


def telling(document: bytes) -> bytes:
    """A document that says of everything what must stay in it, and has fields and values that nobody knows."""
    told = json.loads(marked(document))
    told |= {"newField": TOKEN, "Jo Smith": 1, AN_ID: 1}
    for participant in told["participants"]:
        participant["purpose"] = f"robot of {CALLED}" if participant["purpose"] == "ivr" else participant["purpose"]
        for session in participant["sessions"]:
            session["mediaType"] = "telepathy" if session["mediaType"] == "chat" else session["mediaType"]
            session["ani"] = CALLED
            for metric in session.get("metrics", ()):
                metric["value"] = UNLIKELY if metric["name"].startswith("t") else metric["value"]
    return json.dumps(told).encode()


def texts_and_numbers(value: Any) -> Iterator[str | int]:
    """Every text and number in a JSON value; of objects, not the names of their fields."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        for each in value:
            yield from texts_and_numbers(each)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield value


@pytest.fixture(scope="module")
def evidence(materialised: Chain, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The evidence of a day with nothing wrong."""
    return evidence_in(materialised, tmp_path_factory.mktemp("evidence"))


def test_a_day_of_the_sandbox_differs_in_nothing(evidence: Evidence) -> None:
    assert evidence.is_equal
    assert not evidence.missing_permissions
    assert all(mart["differing"] == [] for mart in evidence.figures.values())


def test_every_mart_is_compared_by_all_that_it_declares(evidence: Evidence) -> None:
    assert {
        name: {figure for part in mart["compared"] for figure in part["figures"]}
        for name, mart in evidence.figures.items()
    } == {
        name: {figure for _, statistics in mart.compared for figure in statistics}
        for name, mart in MARTS.items()
        if mart.comparisons
    }


def test_each_setting_of_the_switches_is_told_with_how_many_service_levels_differ(evidence: Evidence) -> None:
    settings = evidence.figures["queue_performance"]["service_level"]
    assert len(settings) == 8
    [own] = [each for each in settings if each["is_set"]]
    assert own["differing"] == 0
    assert any(each["differing"] for each in settings)


def test_a_metric_is_told_by_purpose_media_and_direction_on_both_sides(evidence: Evidence) -> None:
    [offered] = [
        row
        for row in evidence.metrics["counts"]
        if (row["metric"], row["purpose"], row["media_type"], row["direction"])
        == ("nOffered", "acd", "voice", "inbound")
    ]
    assert offered["ours"] == offered["genesys"] > 0
    assert {*evidence.metrics["unknown_to_aggregates"]} == {*FLOW_METRICS, "tConversationDuration"}


def test_few_requests_are_made(materialised: Chain, tmp_path: Path) -> None:
    before = len(materialised.sandbox.requests)
    evidence_in(materialised, tmp_path)
    made = [*materialised.sandbox.requests][before:]
    assert len([each for each in made if each.path.endswith("/aggregates/query")]) <= 15


def test_the_sandbox_emits_every_shape_of_a_day_of_its_own(evidence: Evidence) -> None:
    assert {name for kinds in evidence.shapes.values() for kind in kinds.values() for name in kind} == set()


def test_questions_are_answered_in_counts(evidence: Evidence) -> None:
    answers = evidence.questions
    assert {row["metric"] for row in answers["places"]} >= {"nOverSla", "nOutbound"}
    assert all(row["ours_with_code"] == row["genesys_with_code"] for row in answers["wrap_up_codes"])
    assert sum(row["short"] + row["others"] for row in answers["short_abandons"]) > 0
    assert answers["consults"]["consulting_sessions"] > 0
    assert answers["time_zones"][0]["offered"] > 0


@pytest.mark.slow
def test_a_day_with_every_type_of_conversation_differs_in_nothing(
    chain_on: Callable[..., Chain], tmp_path: Path
) -> None:
    sandbox = Sandbox(conversations_per_day=600, now=lambda: NOW, requests_per_minute=None, mix=EVERY_TYPE_OFTEN)
    chain = chain_on(sandbox)
    assert chain.run("refresh_directory").success
    assert chain.run("day", DAY).success
    evidence = evidence_in(chain, tmp_path / "work")
    assert [row for row in evidence.metrics["counts"] if row["differs"]] == []
    assert evidence.is_equal
    assert {kind: [*found] for kind, found in evidence.shapes["unknown_to_sandbox"].items() if found} == {}
    assert {row["metric"] for row in evidence.questions["places"]} >= {"nCallbackAttempts", "nCfcOffered", "nOutbound"}


@pytest.fixture
def told(stored_day: Chain, tmp_path: Path) -> tuple[Evidence, Chain]:
    """The evidence of a day whose documents say what must stay in them, and that differs in every way."""
    change_documents(stored_day, telling)
    with stored_day.database.writing() as connection:
        connection.execute("UPDATE marts.queue_performance SET offered = offered + 1, handled = handled + 1")
    return evidence_in(stored_day, tmp_path / "work"), stored_day


def test_what_nobody_knows_is_named_and_the_texts_of_records_are_withheld(told: tuple[Evidence, Chain]) -> None:
    evidence, _ = told
    of_tables = evidence.shapes["unknown_to_tables"]
    assert of_tables["fields"]["newField"] == evidence.documents
    assert of_tables["values"]["participants.sessions.mediaType=telepathy"] > 0
    assert any(shape.startswith("agent telepathy") for shape in evidence.shapes["unknown_to_sandbox"]["metrics"])


def test_no_text_or_number_of_a_record_is_in_it(told: tuple[Evidence, Chain]) -> None:
    evidence, chain = told
    written = json.dumps(evidence.as_json())
    documented = {
        value
        for node in CONVERSATION.walk()
        for column in node.fields.values()
        for value in (column.metadata or {}).get("values", ())
    }
    records = {*texts_and_numbers([*chain.documents().values()])} - documented - {"telepathy"}
    names = {name for table in ("queues", "users") for name in chain.table(f"directory.{table}")["name"]}
    searched = {each for each in records | names if isinstance(each, str) and len(each) > 4}
    assert len(searched) > 1_000
    assert [text for text in searched if text in written] == []
    assert [text for text in (TOKEN, CALLED, AN_ID, "Jo Smith", str(UNLIKELY)) if text in written] == []
    counts = [each for each in texts_and_numbers(evidence.as_json()) if isinstance(each, int)]
    assert max(counts) < UNLIKELY


def test_a_figure_that_differs_is_told_in_groups_and_totals(told: tuple[Evidence, Chain]) -> None:
    evidence, _ = told
    assert not evidence.is_equal
    rows = evidence.figures["queue_performance"]["differing"]
    [voice] = [
        row for row in rows if row["figure"] == "offered" and row["media_type"] == "voice" and not row["in_intervals"]
    ]
    assert voice["groups"] == voice["ours_more"] > 0
    assert voice["ours"] > voice["genesys"]
    assert all("ours" not in row for row in rows if row["figure"].endswith("_ms"))


def test_a_permission_that_is_missing_is_named(materialised: Chain, tmp_path: Path) -> None:
    sandbox = materialised.sandbox
    granted, sandbox.permissions = sandbox.permissions, frozenset({"analytics:flowAggregate:view"})
    try:
        evidence = evidence_in(materialised, tmp_path)
    finally:
        sandbox.permissions = granted
    assert evidence.missing_permissions == ["analytics:conversationAggregate:view"]
    assert "differing" in evidence.figures["flow_performance"]
    assert not evidence.is_equal
