"""The contract of an engine, first part: a partition holds exactly the rows that its last run stored."""

import datetime as dt
import os
import time
import warnings
from collections.abc import Callable

import dagster as dg
import polars as pl
import pytest

from genesys_assets.warehouse import RowsRefusedError
from genesys_assets_tests.warehouse.support import (
    CALLS,
    DAILY,
    DAY,
    NEXT_DAY,
    Declared,
    Engine,
    calls,
    elsewhere,
    load,
    quiet,
    store,
)

DATE, NEXT_DATE = dt.date.fromisoformat(DAY), dt.date.fromisoformat(NEXT_DAY)


def test_a_partition_that_runs_again_is_replaced_and_not_doubled(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x"), ("b", 2, None)))
    store(engine, calls(NEXT_DAY, ("a", 9, "z")), NEXT_DAY)
    store(engine, calls(DAY, ("b", 3, "y")))
    assert engine.contents() == [(DATE, "b", 3, "y"), (NEXT_DATE, "a", 9, "z")]


@pytest.mark.parametrize("shape", [pl.DataFrame.lazy, pl.DataFrame.clone], ids=["LazyFrame", "DataFrame"])
def test_a_lazy_frame_and_a_data_frame_are_stored_alike(engine: Engine, shape) -> None:
    store(engine, shape(calls(DAY, ("a", 1, "x"))))
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_an_empty_first_day_creates_a_typed_table(engine: Engine) -> None:
    store(engine, calls(DAY))
    assert engine.contents() == []
    assert load(engine).schema == calls(DAY).schema


def test_an_empty_day_that_runs_again_is_still_empty(engine: Engine) -> None:
    store(engine, calls(DAY))
    store(engine, calls(DAY))
    assert engine.contents() == []


def test_a_day_that_becomes_empty_loses_its_old_rows_and_no_other_day_does(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    store(engine, calls(NEXT_DAY, ("b", 2, "y")), NEXT_DAY)
    store(engine, calls(DAY))
    assert engine.contents() == [(NEXT_DATE, "b", 2, "y")]


def test_a_row_outside_the_runs_day_is_refused_and_the_old_rows_stay(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    with pytest.raises(RowsRefusedError, match=f"1 rows belong to partitions .*{NEXT_DAY}"):
        store(engine, pl.concat([calls(DAY, ("b", 2, "y")), calls(NEXT_DAY, ("c", 3, "z"))]))
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_a_row_without_a_day_is_refused_and_the_old_rows_stay(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    with pytest.raises(RowsRefusedError, match=r"required values are missing in partition_date \(1 rows\)"):
        store(engine, calls(DAY, ("b", 2, "y")).with_columns(partition_date=pl.lit(None, pl.Date)))
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_a_missing_required_value_is_refused_and_the_old_rows_stay(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    with pytest.raises(RowsRefusedError, match=r"required values are missing in call_id \(2 rows\)"):
        store(engine, calls(DAY, (None, 2, "y"), (None, 3, "y"), ("d", 4, "z")))  # type: ignore[arg-type]
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_two_rows_of_one_key_are_refused_and_the_old_rows_stay(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    with pytest.raises(
        RowsRefusedError, match=r"1 of 3 rows repeat the key of another row \(partition_date, call_id\)"
    ):
        store(engine, calls(DAY, ("b", 1, "x"), ("b", 2, "y"), ("c", 2, "y")))
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_a_range_run_replaces_its_days_and_leaves_the_others(engine: Engine) -> None:
    before = [calls(f"2026-01-0{day}", ("old", day, None)) for day in range(1, 7)]
    store(engine, pl.concat(before), ("2026-01-01", "2026-01-06"))
    # 3 and 4 of January have rows, 2 and 5 have none any more
    store(
        engine,
        pl.concat([calls(f"2026-01-0{day}", ("new", day, None)) for day in (3, 4)]),
        ("2026-01-02", "2026-01-05"),
    )
    assert [(row[0].day, row[1]) for row in engine.contents()] == [(1, "old"), (3, "new"), (4, "new"), (6, "old")]


def test_a_table_without_partitions_is_replaced_whole(engine: Engine) -> None:
    queues = Declared(
        {"queue_id": "VARCHAR", "name": "VARCHAR"}, ["queue_id"], ["queue_id"], (), None, ("directory", "queues")
    )
    store(engine, pl.DataFrame({"queue_id": ["1", "2"], "name": ["Sales", "Care"]}), None, queues)
    store(engine, pl.DataFrame({"queue_id": ["2"], "name": ["Service"]}), None, queues)
    assert engine.contents("directory.queues") == [("2", "Service")]


def test_partitions_by_name_are_kept_apart_like_days(engine: Engine) -> None:
    regions = Declared(
        {"partition_date": "VARCHAR", "call_id": "VARCHAR"}, partitions=dg.StaticPartitionsDefinition(["it's", "b"])
    )
    for key in ("it's", "b", "it's"):
        store(engine, pl.DataFrame({"partition_date": [key], "call_id": ["1"]}), key, regions)
    assert set(engine.contents()) == {("b", "1"), ("it's", "1")}
    assert len(engine.contents()) == 2


def in_new_york(engine: Engine) -> None:
    """Stores, stores again and loads the first and the last instant of a day, on a host in New York."""
    os.environ["TZ"] = "America/New_York"
    time.tzset()
    instants = [dt.datetime(2026, 1, 5, tzinfo=dt.UTC), dt.datetime(2026, 1, 5, 23, 59, 59, 999_999, tzinfo=dt.UTC)]
    frame = pl.DataFrame({"partition_date": [DATE] * 2, "call_id": ["first", "last"], "started_at": instants})
    with quiet():
        for _ in range(2):
            store(engine, frame, DAY, TIMED)
        assert load(engine, DAY, TIMED).sort("call_id").equals(frame)
        assert load(engine, NEXT_DAY, TIMED).is_empty()


TIMED = Declared({"partition_date": "DATE", "call_id": "VARCHAR", "started_at": "TIMESTAMP WITH TIME ZONE"})


def test_a_host_in_new_york_stores_and_loads_utc_days(engine: Engine) -> None:
    assert elsewhere(in_new_york, engine) == 0
    assert engine.query("SELECT call_id, epoch(started_at) FROM raw.calls ORDER BY 1") == [
        ("first", 1767571200.0),
        ("last", 1767657599.999999),
    ]


def test_partitions_in_another_time_zone_are_replaced_and_not_doubled(engine: Engine) -> None:
    sydney = Declared(partitions=dg.DailyPartitionsDefinition("2026-01-01", timezone="Australia/Sydney"))
    for _ in range(2):
        store(engine, calls(DAY, ("a", 1, "x")), DAY, sydney)
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_an_instant_is_the_same_instant_whatever_its_time_zone(engine: Engine) -> None:
    noon = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
    frame = pl.DataFrame({"partition_date": [DATE], "call_id": ["a"], "started_at": [noon]})
    store(engine, frame.with_columns(pl.col("started_at").dt.convert_time_zone("Asia/Kolkata")), DAY, TIMED)
    assert load(engine, DAY, TIMED).equals(frame)


def test_a_partition_that_was_never_stored_loads_typed_and_empty(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    assert load(engine, NEXT_DAY).equals(calls(NEXT_DAY))


def test_a_table_that_was_never_stored_loads_typed_and_empty(engine: Engine) -> None:
    assert load(engine).equals(calls(DAY))


def test_a_range_loads_its_days(engine: Engine) -> None:
    days = [calls(f"2026-01-0{day}", (str(day), day, None)) for day in range(1, 6)]
    store(engine, pl.concat(days), ("2026-01-01", "2026-01-05"))
    assert load(engine, ("2026-01-02", "2026-01-04"))["seconds"].sort().to_list() == [2, 3, 4]


def test_days_with_gaps_between_them_are_loaded_by_a_partition_mapping(engine: Engine) -> None:
    store(
        engine,
        pl.concat([calls(f"2026-01-0{day}", (str(day), day, None)) for day in range(1, 8)]),
        ("2026-01-01", "2026-01-07"),
    )
    weekly = dg.StaticPartitionsDefinition(["odd"])
    odd_days = dg.StaticPartitionMapping({"2026-01-01": "odd", "2026-01-03": "odd", "2026-01-07": "odd"})
    upstream = Declared(partitions=dg.StaticPartitionsDefinition([f"2026-01-0{day}" for day in range(1, 8)]))
    loaded = load(engine, "odd", upstream, partitions=weekly, partition_mapping=odd_days)
    assert loaded["seconds"].sort().to_list() == [1, 3, 7]


def test_the_day_before_is_loaded_by_a_partition_mapping(engine: Engine) -> None:
    store(engine, pl.concat([calls(day, (day, 1, None)) for day in (DAY, NEXT_DAY)]), (DAY, NEXT_DAY))
    window = dg.TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    assert load(engine, NEXT_DAY, partition_mapping=window)["call_id"].to_list() == [DAY]


def test_all_days_are_loaded_by_an_asset_without_partitions(engine: Engine) -> None:
    store(engine, pl.concat([calls(day, (day, 1, None)) for day in (DAY, NEXT_DAY)]), (DAY, NEXT_DAY))
    assert load(engine, None, partitions=None)["call_id"].sort().to_list() == [DAY, NEXT_DAY]


def test_only_the_columns_that_an_input_names_are_read(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    assert load(engine, metadata={"columns": ["note", "call_id"]}).equals(
        pl.DataFrame({"note": ["x"], "call_id": ["a"]})
    )
    assert load(engine, NEXT_DAY, metadata={"columns": ["note"]}).schema == {"note": pl.String}


def partitioned_check(function: Callable[..., dg.AssetCheckResult]) -> dg.AssetChecksDefinition:
    with warnings.catch_warnings(action="ignore", category=dg.PreviewWarning):
        return dg.asset_check(asset=dg.AssetKey(list(CALLS.name)), partitions_def=DAILY)(function)


def test_a_day_is_loaded_while_it_is_the_step_of_its_own_check(engine: Engine) -> None:
    seen = []

    @partitioned_check
    def complete(table: pl.LazyFrame) -> dg.AssetCheckResult:
        seen.append(table.collect()["partition_date"].to_list())
        return dg.AssetCheckResult(passed=True)

    store(engine, calls(NEXT_DAY, ("b", 2, "y")), NEXT_DAY)
    dg.materialize(
        [CALLS.asset(calls(DAY, ("a", 1, "x"))), complete],
        partition_key=DAY,
        resources={"io_manager": engine.warehouse()},
    )
    assert seen == [[DATE]]
