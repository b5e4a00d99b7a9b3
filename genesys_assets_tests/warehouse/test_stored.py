"""What is not there is not nothing: partitions that were never stored, rows that are gone, a database that is."""

from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from genesys_assets.warehouse import Database, NotStoredError, Warehouse, stored
from genesys_assets_tests.warehouse.support import DAILY, DAY, NEXT_DAY, Declared, calls


class Recorded(Declared):
    """`raw.calls`, of which a day that is not there is an error."""

    def metadata(self):
        return {**super().metadata(), "recorded": True}


class Place:
    """A database, and a Dagster instance that knows what was stored in it."""

    def __init__(self, path: Path, instance: dg.DagsterInstance) -> None:
        self.path, self.instance = path, instance

    @property
    def database(self) -> Database:
        return Database(self.path)

    def store(self, frame, day=DAY, declared=Recorded(), **options):  # noqa: B008
        asset = declared.asset(frame)
        return self._run([asset], day, **options)

    def load(self, day=DAY, declared=Recorded(), **options):  # noqa: B008
        loaded: list[pl.DataFrame] = []

        @dg.asset(partitions_def=DAILY, ins={"table": dg.AssetIn(list(declared.name))}, retry_policy=dg.RetryPolicy(2))
        def downstream(table: pl.DataFrame) -> None:
            loaded.append(table)

        spec = dg.AssetSpec(list(declared.name), partitions_def=DAILY, metadata=declared.metadata())
        result = self._run([spec, downstream], day, **options)
        return loaded[0] if result.success else failure(result)

    def _run(self, assets, day, *, raise_on_error=True):
        resources = {"io_manager": Warehouse(database=str(self.path))}
        return dg.materialize(
            assets, resources=resources, instance=self.instance, partition_key=day, raise_on_error=raise_on_error
        )


def failure(result):
    """The sentence of the one failure, which nothing has tried again."""
    assert not result.filter_events(lambda event: event.is_step_up_for_retry)
    [failed] = result.filter_events(lambda event: event.is_step_failure)
    return failed.step_failure_data.user_failure_data.description


@pytest.fixture
def place(tmp_path):
    with dg.DagsterInstance.ephemeral() as instance:
        yield Place(tmp_path / "calls.duckdb", instance)


def test_a_day_that_was_never_stored_is_an_error_at_once_and_a_day_without_rows_is_none(place):
    place.store(calls(DAY))
    assert place.load().is_empty()
    said = place.load(NEXT_DAY, raise_on_error=False)
    assert f"raw.calls of {NEXT_DAY} is not in the database {place.path}" in said
    assert "materialise it first" in said


def test_a_database_that_is_not_there_is_no_empty_one(place):
    assert "is not in the database" in place.load(raise_on_error=False)
    assert not place.path.exists()


def test_a_day_of_which_rows_are_gone_is_an_error_until_it_is_stored_again(place):
    rows = calls(DAY, ("a", 1, None), ("b", 2, None), ("c", 3, None))
    place.store(rows)
    with place.database.writing() as connection:
        connection.execute("DELETE FROM raw.calls WHERE call_id <> 'a'")
    assert "lacks 2 of the 3 rows" in place.load(raise_on_error=False)
    place.store(rows)
    assert place.load().height == 3


def test_rows_that_were_stored_before_there_was_a_record_are_a_stored_day(place):
    place.store(calls(DAY, ("a", 1, None)))
    with place.database.writing() as connection:
        connection.execute("DROP TABLE genesys_assets.stored_partitions")
    assert place.load().height == 1
    assert "is not in the database" in place.load(NEXT_DAY, raise_on_error=False)
    place.store(calls(NEXT_DAY), NEXT_DAY)
    assert place.load().height == 1


def test_a_database_that_dagster_knows_is_not_begun_anew_untold(place):
    place.store(calls(DAY, ("a", 1, None)))
    place.path.rename(place.path.with_name("moved.duckdb"))
    said = failure(place.store(calls(NEXT_DAY), NEXT_DAY, raise_on_error=False))
    assert "genesys-assets new-database" in said
    assert not place.path.exists()
    place.path.with_name("moved.duckdb").rename(place.path)
    place.store(calls(NEXT_DAY), NEXT_DAY)
    assert place.load().height == 1


def test_a_file_without_a_table_in_the_place_of_a_database_is_told_too(place):
    place.store(calls(DAY, ("a", 1, None)))
    place.path.unlink()
    place.database.transact(lambda _connection: None)
    assert "genesys-assets new-database" in failure(place.store(calls(DAY), raise_on_error=False))


def test_a_database_that_is_begun_anew_on_purpose_takes_days(place):
    place.store(calls(DAY, ("a", 1, None)))
    place.path.unlink()
    place.database.transact(lambda connection: stored.begin(connection, place.database.dialect))
    place.store(calls(NEXT_DAY, ("b", 1, None)), NEXT_DAY)
    assert place.load(NEXT_DAY).height == 1
    assert "is not in the database" in place.load(DAY, raise_on_error=False)


def test_a_file_that_is_moved_away_in_mid_run_is_not_made_anew(place):
    def moving(_context):
        place.path.rename(place.path.with_name("moved.duckdb"))
        return calls(DAY)

    first = Recorded().asset(calls(DAY, ("a", 1, None)))
    second = Recorded(name=("staging", "calls")).asset(moving, deps=[["raw", "calls"]])
    result = place._run([first, second], DAY, raise_on_error=False)
    assert "moved away or removed while this run was at work" in failure(result)
    assert not place.path.exists()


def test_days_that_are_named_together_are_judged_each(place):
    place.store(calls(DAY, ("a", 1, None)))
    with place.database.reading() as connection, pytest.raises(NotStoredError) as refused:
        stored.refuse_incomplete(connection, "raw.calls", "partition_date", [DAY, NEXT_DAY], "here")
    assert f"raw.calls of {NEXT_DAY} is" in str(refused.value)
    with place.database.reading() as connection:
        assert stored.present(connection, "raw.calls", "partition_date", [DAY, NEXT_DAY]) == {DAY}
        assert stored.present(connection, "raw.nothing", "partition_date", [DAY]) == set()
