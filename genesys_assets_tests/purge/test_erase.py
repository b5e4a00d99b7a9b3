"""Conversations out of a database that has them in several tables and on several days."""

from datetime import UTC, date, datetime

import duckdb
import polars as pl
import pytest

from genesys_assets.data_model import TABLES
from genesys_assets.purge import KINDS, Kind, NotFoundError, PurgeError, Request, preview, purge, without_purged
from genesys_assets.warehouse import Database

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)

# One conversation over midnight (a), one of the same contact that is not in staging (b), one of somebody else (c).
STORED = """
    CREATE SCHEMA raw; CREATE SCHEMA staging; CREATE SCHEMA marts;
    CREATE TABLE raw.conversations AS FROM (VALUES
        (DATE '2026-11-16', 'a', '{"participants": [{"externalContactId": "contact"}]}'),
        (DATE '2026-11-17', 'a', '{"participants": [{}, {"externalContactId": "contact"}]}'),
        (DATE '2026-11-17', 'b', '{"participants": [{"externalContactId": "contact"}]}'),
        (DATE '2026-11-17', 'c', '{"participants": [{"externalContactId": "contact-2", "participantId": "contact"}]}')
    ) t(partition_date, conversation_id, document);
    CREATE TABLE staging.participants AS FROM (VALUES
        (DATE '2026-11-16', 'a', 'contact'), (DATE '2026-11-17', 'a', 'contact'), (DATE '2026-11-17', 'c', NULL)
    ) t(partition_date, conversation_id, external_contact_id);
    CREATE TABLE marts.interactions AS FROM (VALUES
        (DATE '2026-11-17', 'a', 1), (DATE '2026-11-17', 'c', 1)) t(partition_date, conversation_id, handled);
    CREATE TABLE marts.queue_performance AS FROM (VALUES (DATE '2026-11-17', 2)) t(partition_date, handled);
    CREATE TABLE marts.pinned AS FROM (VALUES ('a'), ('c')) t(conversation_id);
    CREATE VIEW marts.recent AS FROM marts.interactions;
"""
TABLES_WITH_ROWS = ("raw.conversations", "staging.participants", "marts.interactions", "marts.pinned")


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "genesys.duckdb")
    with database.writing() as connection:
        connection.execute(STORED)
    return database


def rows(database, query):
    with database.reading() as connection:
        return connection.execute(query).fetchall()


def ids(database):
    """The conversations that are in any table."""
    return {name for table in TABLES_WITH_ROWS for (name,) in rows(database, f"SELECT conversation_id FROM {table}")}


def purged(database, **wanted):
    return purge(database, Request.of(**wanted), run_id="run", purged_at=AT)


def test_a_conversation_leaves_every_table_and_partition(database):
    found = purged(database, conversation_ids=["a"])
    assert ids(database) == {"b", "c"}
    assert found.record_ids["conversation"] == {"a"}
    assert {(each.table, each.partition_date): each.rows for each in found.removed} == {
        ("raw.conversations", MONDAY): 1,
        ("raw.conversations", TUESDAY): 1,
        ("staging.participants", MONDAY): 1,
        ("staging.participants", TUESDAY): 1,
        ("marts.interactions", TUESDAY): 1,
        ("marts.pinned", None): 1,
    }
    assert found.rows == 6


def test_a_contact_takes_all_conversations_along_also_those_that_only_raw_has(database):
    found = purged(database, external_contact_ids=["contact"])
    assert found.record_ids["conversation"] == {"a", "b"}
    assert ids(database) == {"c"}


def test_both_kinds_of_id_go_in_one_request(database):
    found = purged(database, conversation_ids=["a", "c"], external_contact_ids=["contact"])
    assert found.record_ids["conversation"] == {"a", "b", "c"}
    assert ids(database) == set()


def test_summed_figures_stay(database):
    purged(database, conversation_ids=["a"])
    assert rows(database, "FROM marts.queue_performance") == [(TUESDAY, 2)]


def test_the_record_tells_what_was_removed_and_holds_no_id(database):
    purged(database, conversation_ids=["c"], external_contact_ids=["contact"])
    told = rows(
        database,
        "SELECT requested, table_name, partition_date, rows_removed, run_id, purged_at, "
        "requested_sha256 = sha256('contact'), conversation_sha256 = sha256('b') "
        "FROM operations.purges WHERE conversation_sha256 = sha256('b')",
    )
    assert told == [("external_contact", "raw.conversations", TUESDAY, 1, "run", AT, True, True)]
    assert rows(database, "SELECT sum(rows_removed) FROM operations.purges") == [(11,)]
    values = {value for row in rows(database, "FROM operations.purges") for value in row}
    assert not values & {"a", "b", "c", "contact"}


@pytest.mark.parametrize(
    "wanted", [{"conversation_ids": ["a", "nobody"]}, {"external_contact_ids": ["contact", "nobody"]}]
)
def test_an_id_that_is_nowhere_is_said_and_nothing_is_removed(database, wanted):
    with pytest.raises(NotFoundError, match=r"^1 of the \d+ ids to purge are in no table, and nothing was removed"):
        purged(database, **wanted)
    assert ids(database) == {"a", "b", "c"}


def test_a_database_that_is_not_there_yet_has_no_conversation(tmp_path):
    with pytest.raises(NotFoundError):
        preview(Database(tmp_path / "none.duckdb"), Request.of(conversation_ids=["a"]))


def test_a_preview_tells_the_same_and_changes_nothing(database):
    before = database.path.read_bytes()
    told = preview(database, Request.of(external_contact_ids=["contact"]))
    assert database.path.read_bytes() == before
    assert purged(database, external_contact_ids=["contact"]) == told


def test_what_was_purged_before_is_no_error(database):
    purged(database, conversation_ids=["a"], external_contact_ids=["contact"])
    again = purged(database, conversation_ids=["a"], external_contact_ids=["contact"])
    assert (again.rows, again.purged_before) == (0, {"a", "contact"})


def test_an_error_on_the_way_leaves_every_row(database, monkeypatch):
    with database.writing() as connection:
        connection.execute(
            "CREATE TABLE marts.zz (conversation_id VARCHAR PRIMARY KEY); INSERT INTO marts.zz VALUES ('a')"
        )
        connection.execute("CREATE TABLE marts.zzz (r VARCHAR REFERENCES marts.zz); INSERT INTO marts.zzz VALUES ('a')")
    with pytest.raises(duckdb.ConstraintException):
        purged(database, conversation_ids=["a"])
    assert ids(database) == {"a", "b", "c"}


@pytest.mark.parametrize("wanted", [{}, {"conversation_ids": []}, {"conversation_ids": ["a", " "]}])
def test_a_request_without_an_id_is_refused(wanted):
    with pytest.raises(PurgeError, match="to purge"):
        Request.of(**wanted)


def test_what_was_purged_stays_away_when_it_is_fetched_again(database):
    fetched = pl.LazyFrame({"conversation_id": ["a", "b", "c"], "document": ["{}"] * 3})
    assert without_purged(fetched, "conversation_id", database)[1] == 0
    purged(database, conversation_ids=["a"])
    left, count = without_purged(fetched, "conversation_id", database)
    assert (left.collect()["conversation_id"].to_list(), count) == (["b", "c"], 1)


def test_no_declared_table_can_hide_a_conversation():
    for name, schema in TABLES.items():
        columns = schema.column_names()
        if name.startswith(("raw.", "staging.")) or {"document", "participant_id", "session_id"} & set(columns):
            assert "conversation_id" in columns, name


CALLS = (*KINDS, Kind("calls", "call_id", ["userId"]))
"""Records of another source beside conversations: of a user, who is named in conversations as well."""
MORE = """
    CREATE TABLE raw.calls AS FROM (VALUES
        (DATE '2026-11-16', 'one', '{"userId": "ada"}'), (DATE '2026-11-17', 'two', '{"userId": "ada"}'),
        (DATE '2026-11-17', 'three', '{"userId": "bob"}')) t(partition_date, call_id, document);
    CREATE TABLE staging.calls AS FROM (VALUES
        (DATE '2026-11-16', 'one', 'ada'), (DATE '2026-11-17', 'three', 'bob')) t(partition_date, call_id, user_id);
    CREATE TABLE staging.sessions AS FROM (VALUES ('a', 'ada')) t(conversation_id, user_id);
"""


@pytest.mark.parametrize("wanted", [{"user_ids": ["ada"]}, {"call_ids": ["one", "two"]}])
def test_the_records_of_each_source_leave_their_own_tables_alone(database, wanted):
    with database.writing() as connection:
        connection.execute(MORE)
    found = purge(database, Request.of(kinds=CALLS, **wanted), run_id="run", purged_at=AT)
    assert found.record_ids == {"conversation": frozenset(), "call": {"one", "two"}}
    left = [rows(database, f"SELECT call_id FROM {table}") for table in ("raw.calls", "staging.calls")]
    assert left == [[("three",)], [("three",)]]
    assert rows(database, "SELECT conversation_id FROM staging.sessions") == [("a",)]
    fetched = pl.LazyFrame({"call_id": ["one", "three"]})
    assert without_purged(fetched, "call_id", database)[0].collect()["call_id"].to_list() == ["three"]


def test_a_request_for_several_sources_is_one_request(database):
    with database.writing() as connection:
        connection.execute(MORE)
    wanted = Request.of(kinds=CALLS, user_ids=["bob"], conversation_ids=["c"])
    found = purge(database, wanted, run_id="run", purged_at=AT)
    assert found.record_ids == {"conversation": {"c"}, "call": {"three"}}
