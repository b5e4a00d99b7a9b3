from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from genesys_assets.exports import copy_tables, place_of
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
    with place_of(str(folder)).replacing("contact_centre.duckdb") as file, warehouse.reading() as connection:
        copy_tables(connection, file, ["marts", "directory"], named)
    return folder / "contact_centre.duckdb"


def test_the_copy_has_the_tables_of_its_schemas_and_no_others(warehouse: Database, tmp_path: Path) -> None:
    with duckdb.connect(copied(warehouse, tmp_path), read_only=True) as copy:
        tables = copy.execute("SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        assert tables == [("directory", "queues"), ("marts", "queue_performance")]
        assert copy.execute("SELECT offered FROM marts.queue_performance").fetchall() == [(7,)]


def test_what_was_copied_is_told(warehouse: Database, tmp_path: Path) -> None:
    with warehouse.reading() as connection:
        tables = copy_tables(connection, tmp_path / "copy.duckdb", ["marts"])
    assert [(table.name, table.rows) for table in tables] == [("marts.queue_performance", 1)]


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


def test_a_copy_that_fails_leaves_the_one_before_it(warehouse: Database, tmp_path: Path) -> None:
    before = copied(warehouse, tmp_path).read_bytes()
    with pytest.raises(duckdb.Error):
        _copied_in_vain(warehouse, tmp_path)
    assert (tmp_path / "contact_centre.duckdb").read_bytes() == before


def _copied_in_vain(warehouse: Database, folder: Path) -> None:
    with place_of(str(folder)).replacing("contact_centre.duckdb") as file, warehouse.reading() as connection:
        copy_tables(connection, file, ["marts"])
        connection.execute("FROM no_such_table")
