"""What was purged is left out of whatever is stored, asked in the transaction that stores it."""

import threading
from dataclasses import dataclass

import dagster as dg
import pytest

from genesys_assets.warehouse import Database
from genesys_assets_tests.warehouse.support import (
    DAY,
    NEXT_DAY,
    Declared,
    Engine,
    calls,
    load,
    run,
    store,
)

ROWS = calls(DAY, ("a", 1, None), ("b", 2, "b"), ("c", 3, "c"))


@dataclass(frozen=True)
class Purging(Declared):
    """`raw.calls`, of which no row is stored whose digest stands in `operations.purges`."""

    def metadata(self):
        return {**super().metadata(), "left_out_by": ["call_id", "operations.purges.sha256"]}


def purge(engine: Engine, *ids: str) -> None:
    database = Database(engine.settings["database"], data_path=engine.settings.get("data_path"))

    def work(connection):
        connection.execute("CREATE SCHEMA IF NOT EXISTS operations")
        connection.execute("CREATE TABLE IF NOT EXISTS operations.purges (sha256 VARCHAR)")
        for each in ids:
            connection.execute("INSERT INTO operations.purges SELECT sha256(?)", [each])
        connection.execute("DELETE FROM raw.calls WHERE call_id IN (SELECT unnest(?))", [list(ids)])

    database.transact(work)


@pytest.fixture(params=["file", "lake"])
def engine(request, engine_of):
    return engine_of(request.param)


@pytest.fixture
def engine_of(request, tmp_path):
    from genesys_assets_tests.warehouse.support import engine_of_file, engine_of_lake  # noqa: PLC0415

    def made(kind):
        if kind == "lake":
            return engine_of_lake(request.getfixturevalue("lake"))
        return engine_of_file(tmp_path / "warehouse.duckdb")

    return made


def test_rows_that_were_in_hand_when_they_were_purged_are_not_stored(engine):
    store(engine, ROWS, declared=Purging())
    told = {}

    def loaded_before(_context):
        purge(engine, "a", "c")  # by somebody else, when this step has its rows
        return ROWS

    result = run(engine, [Purging().asset(loaded_before)])
    for event in result.get_asset_materialization_events():
        told = {name: value.value for name, value in event.materialization.metadata.items()}
    assert engine.query("SELECT call_id, note FROM raw.calls") == [("b", "b")]
    assert (told["left_out"], told["dagster/partition_row_count"], told["rows_added"]) == (2, 1, 0)
    assert load(engine, declared=Purging())["call_id"].to_list() == ["b"]


def test_later_steps_of_the_run_do_not_get_what_was_left_out(engine):
    store(engine, ROWS, declared=Purging())
    purge(engine, "a")
    got = []

    @dg.asset(partitions_def=Purging().partitions, ins={"table": dg.AssetIn(["raw", "calls"])})
    def downstream(table) -> None:
        got.extend(table.collect()["call_id"].sort())

    run(engine, [Purging().asset(ROWS), downstream])
    assert got == ["b", "c"]


def test_a_partition_of_which_all_is_purged_is_stored_empty_and_others_stay(engine):
    store(engine, calls(NEXT_DAY, ("z", 1, None)), NEXT_DAY, declared=Purging())
    purge(engine, "a", "b", "c")
    store(engine, ROWS, declared=Purging())
    assert load(engine, declared=Purging()).is_empty()
    assert engine.query("SELECT call_id FROM raw.calls") == [("z",)]


def test_rows_without_an_id_stay(tmp_path):
    from genesys_assets_tests.warehouse.support import engine_of_file  # noqa: PLC0415

    engine = engine_of_file(tmp_path / "warehouse.duckdb")
    declared = Purging(required=("partition_date",), key=())
    rows = calls(DAY, ("a", 1, None), (None, 2, None))
    store(engine, rows, declared=declared)
    purge(engine, "a")
    store(engine, rows, declared=declared)
    assert engine.query("SELECT call_id, seconds FROM raw.calls") == [(None, 2)]


@pytest.mark.parametrize("engine", ["lake"], indirect=True)
def test_in_a_lake_a_writer_of_any_table_and_one_that_stores_a_day_wait_for_each_other(engine):
    """Neither would see what the other is about to commit, and no row is deleted by both."""
    store(engine, calls(NEXT_DAY, ("z", 1, None)), NEXT_DAY, declared=Purging())
    begun, go_on = threading.Event(), threading.Event()
    database = Database(engine.settings["database"], data_path=engine.settings["data_path"])

    def slowly(connection):
        connection.execute("CREATE SCHEMA IF NOT EXISTS operations")
        connection.execute("CREATE TABLE IF NOT EXISTS operations.purges AS SELECT sha256('a') AS sha256")
        begun.set()
        assert go_on.wait(60)

    purging = threading.Thread(target=database.transact, args=[slowly])
    purging.start()
    assert begun.wait(60)
    storing = threading.Thread(target=store, args=[engine, ROWS], kwargs={"declared": Purging()})
    storing.start()
    go_on.set()
    purging.join(60)
    storing.join(60)
    assert sorted(engine.query("SELECT call_id FROM raw.calls")) == [("b",), ("c",), ("z",)]
