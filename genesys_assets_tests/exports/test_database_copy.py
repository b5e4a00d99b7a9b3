from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from genesys_assets.exports import COPY_PATH, Copied, ExportError, copy_tables, database_copy, destination_of
from genesys_assets.warehouse import Database


@pytest.fixture
def warehouse(tmp_path: Path) -> Database:
    """A warehouse with a mart, a directory table and what nobody else is to have."""
    database = Database(tmp_path / "genesys.duckdb")
    with database.writing() as connection:
        connection.execute("CREATE SCHEMA marts; CREATE SCHEMA directory; CREATE SCHEMA raw")
        connection.execute("CREATE TABLE marts.queue_performance AS SELECT DATE '2026-11-20' AS day, 7 AS offered")
        connection.execute("CREATE TABLE directory.queues AS SELECT 'q1' AS id")
        connection.execute("CREATE TABLE raw.conversations AS SELECT '{}' AS document")
    return database


def copied(warehouse: Database, folder: Path, **comments: str) -> Path:
    named = {name.replace("__", "."): text for name, text in comments.items()}
    destination = destination_of(str(folder))
    with destination.replacing(COPY_PATH) as file:
        copy_tables(warehouse, file, ["marts", "directory"], named, before=destination.at_hand(COPY_PATH))
    return folder / "contact_centre.duckdb"


def test_the_copy_has_the_tables_of_its_schemas_and_no_others(warehouse: Database, tmp_path: Path) -> None:
    with duckdb.connect(copied(warehouse, tmp_path), read_only=True) as copy:
        tables = copy.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        assert tables == [("directory", "queues"), ("marts", "queue_performance")]
        assert copy.execute("SELECT offered FROM marts.queue_performance").fetchall() == [(7,)]


def test_what_was_copied_is_told(warehouse: Database, tmp_path: Path) -> None:
    told = copy_tables(warehouse, tmp_path / "copy.duckdb", ["marts"])
    assert (told.rows, told.changed) == ({"marts.queue_performance": 1}, 1)


def test_tables_and_columns_carry_their_descriptions(warehouse: Database, tmp_path: Path) -> None:
    comments = {"marts__queue_performance": "One row per queue's day.", "marts__queue_performance__offered": "Offered."}
    with duckdb.connect(copied(warehouse, tmp_path, marts__absent="x", **comments), read_only=True) as copy:
        assert copy.execute("SELECT comment FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall() == [
            ("One row per queue's day.",)
        ]
        query = "SELECT comment FROM duckdb_columns() WHERE column_name = 'offered'"
        assert copy.execute(query).fetchall() == [("Offered.",)]


def test_an_open_session_neither_blocks_the_pipeline_nor_changes_under_its_reader(
    warehouse: Database, tmp_path: Path
) -> None:
    with duckdb.connect(copied(warehouse, tmp_path), read_only=True) as session:
        with warehouse.writing() as connection:
            connection.execute("UPDATE marts.queue_performance SET offered = 8")
        copied(warehouse, tmp_path)
        assert session.execute("SELECT offered FROM marts.queue_performance").fetchall() == [(7,)]
    with duckdb.connect(tmp_path / "contact_centre.duckdb", read_only=True) as session:
        assert session.execute("SELECT offered FROM marts.queue_performance").fetchall() == [(8,)]


def test_the_copy_cannot_be_written(warehouse: Database, tmp_path: Path) -> None:
    assert copied(warehouse, tmp_path).stat().st_mode & 0o222 == 0


def test_the_copy_can_be_read_by_duckdb_1_5(warehouse: Database, tmp_path: Path) -> None:
    file = copied(warehouse, tmp_path)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{file}' AS copy (READ_ONLY)")
        tags = connection.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'copy'").fetchone()
    assert tags is not None
    assert tags[0]["storage_version"].startswith("v1.5")


def test_a_warehouse_that_holds_nothing_yet_gives_an_empty_copy(tmp_path: Path) -> None:
    with duckdb.connect(copied(Database(tmp_path / "none.duckdb"), tmp_path), read_only=True) as copy:
        assert copy.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)


@pytest.fixture
def days(tmp_path: Path) -> Database:
    """A warehouse with two days of a mart, and the names of the queues."""
    database = Database(tmp_path / "days.duckdb")
    with database.writing() as connection:
        connection.execute("CREATE SCHEMA marts; CREATE SCHEMA directory")
        connection.execute(
            "CREATE TABLE marts.queue_performance AS SELECT DATE '2026-11-19' + d AS partition_date, 'q' AS queue_id, "
            "d AS offered FROM (VALUES (1), (2)) AS given (d); CREATE TABLE directory.queues AS SELECT 'q1' AS id"
        )
    return database


def refreshed(warehouse: Database, folder: Path) -> Copied:
    destination = destination_of(str(folder))
    with destination.replacing(COPY_PATH) as file:
        return copy_tables(warehouse, file, ["marts", "directory"], before=destination.at_hand(COPY_PATH))


@pytest.mark.parametrize(
    ("change", "pieces"),
    [
        ("INSERT INTO marts.queue_performance VALUES (DATE '2026-11-22', 'q', 1)", 1),
        ("UPDATE marts.queue_performance SET offered = 9 WHERE partition_date = DATE '2026-11-21'", 1),
        ("DELETE FROM marts.queue_performance WHERE partition_date = DATE '2026-11-21'", 0),
        ("DELETE FROM marts.queue_performance", 0),
        ("UPDATE directory.queues SET id = 'q2'", 1),
        ("INSERT INTO marts.queue_performance VALUES (NULL, 'q', 1)", 1),
        ("ALTER TABLE marts.queue_performance ADD COLUMN answered BIGINT", 2),
        ("ALTER TABLE marts.queue_performance ALTER offered TYPE DOUBLE", 2),
        ("DROP TABLE directory.queues", 0),
        ("CREATE TABLE marts.new AS SELECT 1 AS one", 1),
        ("UPDATE marts.queue_performance SET offered = 3 - offered", 2),
    ],
)
def test_what_has_changed_in_whatever_way_is_in_the_next_copy_and_nothing_else_is_read_again(
    days: Database, tmp_path: Path, change: str, pieces: int
) -> None:
    refreshed(days, tmp_path)
    with days.writing() as connection:
        connection.execute(change)
    assert refreshed(days, tmp_path).changed == pieces
    assert contents(tmp_path / COPY_PATH) == contents(tmp_path / "days.duckdb")


def contents(file: Path) -> dict[str, list[str]]:
    with duckdb.connect(file, read_only=True) as connection:
        tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        return {
            f"{schema}.{name}": sorted(map(str, connection.execute(f"FROM {schema}.{name}").fetchall()))
            for schema, name in tables
        }


def test_a_copy_of_what_has_not_changed_is_left_alone(days: Database, tmp_path: Path) -> None:
    refreshed(days, tmp_path)
    before = (tmp_path / COPY_PATH).stat()
    assert refreshed(days, tmp_path).changed == 0
    after = (tmp_path / COPY_PATH).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_copy_before_that_cannot_be_read_is_replaced(days: Database, tmp_path: Path) -> None:
    (tmp_path / COPY_PATH).write_text("not a database")
    assert refreshed(days, tmp_path).changed == 3
    assert contents(tmp_path / COPY_PATH) == contents(tmp_path / "days.duckdb")


def test_what_was_removed_leaves_no_byte_in_the_next_copy(days: Database, tmp_path: Path) -> None:
    with days.writing() as connection:
        connection.execute("INSERT INTO marts.queue_performance VALUES (DATE '2026-11-22', 'to-be-forgotten-4711', 1)")
    refreshed(days, tmp_path)
    assert b"to-be-forgotten-4711" in (tmp_path / COPY_PATH).read_bytes()
    with days.writing() as connection:
        connection.execute("DELETE FROM marts.queue_performance WHERE queue_id LIKE 'to-be%'")
    refreshed(days, tmp_path)
    assert b"to-be-forgotten-4711" not in (tmp_path / COPY_PATH).read_bytes()


def test_a_copy_that_fails_leaves_the_one_before_it(warehouse: Database, tmp_path: Path) -> None:
    before = copied(warehouse, tmp_path).read_bytes()
    with pytest.raises(duckdb.Error):
        _copied_in_vain(warehouse, tmp_path)
    assert (tmp_path / "contact_centre.duckdb").read_bytes() == before


def test_a_copy_that_does_not_hold_every_row_is_refused(
    days: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refreshed(days, tmp_path)
    before = contents(tmp_path / COPY_PATH)
    with days.writing() as connection:
        connection.execute("INSERT INTO marts.queue_performance VALUES (DATE '2026-11-22', 'new', 1)")
    insert = database_copy._insert

    def loses_a_day(connection: Any, table: Any, prefix: str, kept: Sequence[str], *, of: int | None) -> None:
        insert(connection, table, prefix, kept[1:] if of is None else kept, of=of)

    monkeypatch.setattr(database_copy, "_insert", loses_a_day)
    with pytest.raises(ExportError, match="does not hold the table's rows"):
        refreshed(days, tmp_path)
    assert contents(tmp_path / COPY_PATH) == before


def _copied_in_vain(warehouse: Database, folder: Path) -> None:
    with destination_of(str(folder)).replacing("contact_centre.duckdb") as file:
        copy_tables(warehouse, file, ["marts"])
        duckdb.execute("FROM no_such_table")
