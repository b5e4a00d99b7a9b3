"""The bytes of deleted rows, in the files of a lake and in its catalogue."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from genesys_assets.purge import Request, is_lake, purge, rewrite, unknown_files
from genesys_assets.warehouse import Database
from genesys_assets_tests.conftest import NOW
from genesys_assets_tests.lakes import NewLake, ducklake, lake, lake_server

__all__ = ["ducklake", "lake", "lake_server"]

MARK = "zzzQZX7MARKEDVALUE"
DAYS = ("2026-11-19", "2026-11-20")


@pytest.fixture(params=["postgres", "file"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A lake of two days, each with the marked conversation and others."""
    if request.param == "postgres":
        database = request.getfixturevalue("lake").database
    else:
        request.getfixturevalue("ducklake")
        database = NewLake(f"ducklake:{tmp_path / 'catalogue.ducklake'}", str(tmp_path / "lake")).database
    with database.writing() as connection:
        connection.execute(
            "CREATE SCHEMA raw; CREATE TABLE raw.calls (day DATE, conversation_id VARCHAR, note VARCHAR)"
        )
        connection.execute("ALTER TABLE raw.calls SET PARTITIONED BY (day)")
    for day in DAYS:
        with database.writing() as connection:
            connection.execute(
                "INSERT INTO raw.calls SELECT ?, i::VARCHAR, CASE i WHEN 7 THEN ? ELSE i::VARCHAR END "
                "FROM range(100) t(i)",
                [day, MARK],
            )
    return database


def marked(folder: Path) -> list[str]:
    files = sorted((folder / "lake").rglob("*.parquet"))
    return [
        file.name for file in files if MARK in str(pl.read_parquet(file, glob=False, hive_partitioning=False).rows())
    ]


def test_a_purged_value_is_in_no_file_of_a_lake(database: Database, tmp_path: Path) -> None:
    assert len(marked(tmp_path)) == 2
    purge(database, Request.of(conversation_ids=["7"]), run_id="run", purged_at=NOW)
    assert len(marked(tmp_path)) == 2, "or this test shows nothing"
    done = rewrite(database)
    assert marked(tmp_path) == []
    assert done is not None
    assert done.bytes_after > 0
    with database.reading() as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT day) FROM raw.calls").fetchall() == [(198, 2)]
    assert rewrite(database) is not None, "it can be run again"


def test_a_lake_goes_on_being_written_after_it(database: Database) -> None:
    purge(database, Request.of(conversation_ids=["7"]), run_id="run", purged_at=NOW)
    rewrite(database)
    with database.writing() as connection:
        connection.execute("DELETE FROM raw.calls WHERE day = DATE '2026-11-20'")
        connection.execute("INSERT INTO raw.calls VALUES (DATE '2026-11-20', 'new', 'z')")
    with database.reading() as connection:
        found = connection.execute("SELECT count(*), max(note) FROM raw.calls WHERE note >= '9'").fetchall()
    assert found == [(12, "z")]


def test_files_of_others_in_a_lakes_folder_are_counted_and_left(database: Database, tmp_path: Path) -> None:
    other = tmp_path / "lake" / "raw" / "calls" / "of_a_killed_run.parquet"
    duckdb.sql("SELECT 1 AS x").write_parquet(str(other))
    rewrite(database)
    assert unknown_files(database) == 1
    assert other.exists()


def test_a_lake_that_is_not_there_and_a_file_are_none(tmp_path: Path, ducklake: None) -> None:
    missing = NewLake(f"ducklake:{tmp_path / 'none.ducklake'}", str(tmp_path / "lake")).database
    assert not is_lake(missing)
    assert rewrite(missing) is None
    assert not is_lake(Database(tmp_path / "any.duckdb"))
