"""What a run has stored is read from its files, as long as they are what the database holds."""

from pathlib import Path

import polars as pl
import pytest

from genesys_assets.warehouse import Database, ParquetRows
from genesys_assets.warehouse.handover import Handover
from genesys_assets.warehouse.table import Table
from genesys_assets_tests.warehouse.support import CALLS, DAY, NEXT_DAY

TABLE = Table.declared("raw", "calls", CALLS.metadata(), partitioned=True)
ROWS = ParquetRows((Path("rows.parquet"),))


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "warehouse.duckdb")


def write(database: Database) -> None:
    with database.writing() as connection:
        connection.execute("CREATE OR REPLACE TABLE warehouse.main.t AS SELECT 1")


def test_what_a_run_has_stored_is_handed_to_its_later_steps(database: Database) -> None:
    handover = Handover(database)
    write(database)
    handover.give(TABLE, [DAY], ROWS)
    assert handover.take(TABLE, [DAY]) is ROWS


def test_further_writing_of_the_same_run_leaves_it_valid(database: Database) -> None:
    handover = Handover(database)
    write(database)
    handover.give(TABLE, [DAY], ROWS)
    write(database)
    assert handover.take(TABLE, [DAY]) is ROWS


def test_others_that_write_afterwards_make_it_void(database: Database) -> None:
    handover = Handover(database)
    write(database)
    handover.give(TABLE, [DAY], ROWS)
    write(Database(str(database.path)))
    assert handover.take(TABLE, [DAY]) is None


def test_others_that_write_between_two_of_the_runs_own_transactions_make_it_void(database: Database) -> None:
    handover = Handover(database)
    write(database)
    handover.give(TABLE, [DAY], ROWS)
    write(Database(str(database.path)))
    write(database)
    assert handover.take(TABLE, [DAY]) is None


@pytest.mark.parametrize("keys", [[NEXT_DAY], [DAY, NEXT_DAY], None])
def test_other_partitions_are_the_databases_to_tell(database: Database, keys: list[str] | None) -> None:
    handover = Handover(database)
    write(database)
    handover.give(TABLE, [DAY], ROWS)
    assert handover.take(TABLE, keys) is None


def test_what_is_stored_again_replaces_what_overlaps_it(database: Database) -> None:
    handover = Handover(database)
    write(database)
    handover.give(TABLE, [DAY, NEXT_DAY], ROWS)
    again = ParquetRows((Path("again.parquet"),))
    handover.give(TABLE, [DAY], again)
    assert handover.take(TABLE, [NEXT_DAY, DAY]) is None
    assert handover.take(TABLE, [DAY]) is again


def test_where_nobody_can_tell_whether_others_wrote_nothing_is_handed_on() -> None:
    service = Database("md:calls")
    handover = Handover(service)
    handover.give(TABLE, [DAY], ROWS)
    assert service.disturbances() is None
    assert handover.take(TABLE, [DAY]) is None


def test_files_that_lack_a_column_are_read_as_if_it_were_null(tmp_path: Path) -> None:
    day = pl.Series("partition_date", [DAY]).str.to_date()
    pl.DataFrame([day, pl.Series("call_id", ["a"])]).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame([day, pl.Series("call_id", ["b"]), pl.Series("seconds", [2])]).write_parquet(tmp_path / "2.parquet")
    rows = ParquetRows((tmp_path / "1.parquet", tmp_path / "2.parquet"))
    assert list(rows.schema) == ["partition_date", "call_id", "seconds"]
    assert rows.scan(TABLE).select("call_id", "seconds", "note").collect().rows() == [("a", None, None), ("b", 2, None)]
