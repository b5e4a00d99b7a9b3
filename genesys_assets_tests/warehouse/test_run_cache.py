"""What a run has stored is read from its files, as long as they are what the database holds."""

from pathlib import Path

import pytest

from genesys_assets.warehouse import Database, ParquetRows
from genesys_assets.warehouse.run_cache import Handover
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
def handover(database: Database, rows: ParquetRows) -> Handover:
    """What was written were the rows of a day."""
    handover = Handover(database)
    handover.give(TABLE, [DAY], rows)
    return handover


def write(database: Database) -> None:
    with database.writing() as connection:
        connection.execute("CREATE OR REPLACE TABLE warehouse.main.t AS SELECT 1")


def write_as_another(database: Database) -> None:
    write(Database(str(database.path)))


def test_what_a_run_has_stored_is_handed_to_its_later_steps(handover: Handover, rows: ParquetRows) -> None:
    assert handover.take(TABLE, [DAY]) is rows


def test_further_writing_of_the_same_run_leaves_it_valid(
    handover: Handover, database: Database, rows: ParquetRows
) -> None:
    write(database)
    assert handover.take(TABLE, [DAY]) is rows


def test_others_that_write_afterwards_make_it_void(handover: Handover, database: Database) -> None:
    write_as_another(database)
    assert handover.take(TABLE, [DAY]) is None


def test_others_that_write_between_two_of_the_runs_own_transactions_make_it_void(
    handover: Handover, database: Database
) -> None:
    write_as_another(database)
    write(database)
    assert handover.take(TABLE, [DAY]) is None


def test_others_that_write_before_it_is_handed_over_make_it_void(database: Database, rows: ParquetRows) -> None:
    handover = Handover(database)
    write_as_another(database)
    handover.give(TABLE, [DAY], rows)
    assert handover.take(TABLE, [DAY]) is None


def test_files_that_went_with_their_failed_step_are_not_handed_on(handover: Handover, rows: ParquetRows) -> None:
    rows.files[0].unlink()
    assert handover.take(TABLE, [DAY]) is None


@pytest.mark.parametrize("keys", [[NEXT_DAY], [DAY, NEXT_DAY], None])
def test_other_partitions_are_the_databases_to_tell(handover: Handover, keys: list[str] | None) -> None:
    assert handover.take(TABLE, keys) is None


def test_what_is_stored_again_replaces_what_overlaps_it(database: Database, rows: ParquetRows) -> None:
    handover = Handover(database)
    handover.give(TABLE, [DAY, NEXT_DAY], rows)
    again = ParquetRows(rows.files)
    handover.give(TABLE, [DAY], again)
    assert handover.take(TABLE, [NEXT_DAY, DAY]) is None
    assert handover.take(TABLE, [DAY]) is again


def test_where_nobody_can_tell_whether_others_wrote_nothing_is_handed_on(rows: ParquetRows) -> None:
    lake = Database("ducklake:postgres:host=db")
    handover = Handover(lake)
    handover.give(TABLE, [DAY], rows)
    assert not lake.notices_others
    assert handover.take(TABLE, [DAY]) is None
