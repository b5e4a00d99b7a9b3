"""What a run has stored is read from its files, as long as they are what the database holds."""

from pathlib import Path

import pytest

from genesys_assets.warehouse import Database, ParquetRows
from genesys_assets.warehouse.run_cache import RunCache
from genesys_assets.warehouse.table import Table
from genesys_assets_tests.warehouse.support import CALLS, DAY, NEXT_DAY

TABLE = Table.declared("raw", "calls", CALLS.metadata(), partitioned=True)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A database in which the run has just written."""
    database = Database(tmp_path / "warehouse.duckdb")
    write(database)
    return database


@pytest.fixture
def rows(tmp_path: Path) -> ParquetRows:
    (tmp_path / "rows.parquet").touch()
    return ParquetRows((tmp_path / "rows.parquet",))


@pytest.fixture
def cache(database: Database, rows: ParquetRows) -> RunCache:
    """What was written were the rows of a day."""
    cache = RunCache(database)
    cache.put(TABLE, [DAY], rows)
    return cache


def write(database: Database) -> None:
    with database.writing() as connection:
        connection.execute("CREATE OR REPLACE TABLE warehouse.main.t AS SELECT 1")


def write_as_another(database: Database) -> None:
    write(Database(str(database.path)))


def test_what_a_run_has_stored_is_in_its_cache_for_later_steps(cache: RunCache, rows: ParquetRows) -> None:
    assert cache.get(TABLE, [DAY]) is rows


def test_further_writing_of_the_same_run_leaves_it_valid(
    cache: RunCache, database: Database, rows: ParquetRows
) -> None:
    write(database)
    assert cache.get(TABLE, [DAY]) is rows


def test_others_that_write_afterwards_make_it_void(cache: RunCache, database: Database) -> None:
    write_as_another(database)
    assert cache.get(TABLE, [DAY]) is None


def test_others_that_write_between_two_of_the_runs_own_transactions_make_it_void(
    cache: RunCache, database: Database
) -> None:
    write_as_another(database)
    write(database)
    assert cache.get(TABLE, [DAY]) is None


def test_others_that_write_before_it_is_put_into_the_cache_make_it_void(database: Database, rows: ParquetRows) -> None:
    cache = RunCache(database)
    write_as_another(database)
    cache.put(TABLE, [DAY], rows)
    assert cache.get(TABLE, [DAY]) is None


def test_files_that_went_with_their_failed_step_are_not_taken_from_the_cache(
    cache: RunCache, rows: ParquetRows
) -> None:
    rows.files[0].unlink()
    assert cache.get(TABLE, [DAY]) is None


@pytest.mark.parametrize("keys", [[NEXT_DAY], [DAY, NEXT_DAY], None])
def test_other_partitions_are_the_databases_to_tell(cache: RunCache, keys: list[str] | None) -> None:
    assert cache.get(TABLE, keys) is None


def test_what_is_stored_again_replaces_what_overlaps_it(database: Database, rows: ParquetRows) -> None:
    cache = RunCache(database)
    cache.put(TABLE, [DAY, NEXT_DAY], rows)
    again = ParquetRows(rows.files)
    cache.put(TABLE, [DAY], again)
    assert cache.get(TABLE, [NEXT_DAY, DAY]) is None
    assert cache.get(TABLE, [DAY]) is again


def test_where_writes_by_others_cannot_be_detected_nothing_is_taken_from_the_cache(rows: ParquetRows) -> None:
    lake = Database("ducklake:postgres:host=db")
    cache = RunCache(lake)
    cache.put(TABLE, [DAY], rows)
    assert not lake.external_writes.are_detected
    assert cache.get(TABLE, [DAY]) is None
