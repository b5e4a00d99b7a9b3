"""The contract of an engine, fourth part: processes that store and load at the same time lose and double nothing."""

import os
from typing import Any

import polars as pl
import pytest

from genesys_assets_tests.warehouse.support import DAY, Engine, barrier, calls, load, quiet, start, store

ROWS = 200
AT_ONCE = pytest.mark.parametrize(
    ("engine", "count"),
    [("file", 2), ("file", 8), ("lake", 2), pytest.param("lake", 8, marks=pytest.mark.slow)],
    indirect=["engine"],
)


def writes(engine: Engine, together: Any, name: str, days: list[str]) -> None:
    """Stores `ROWS` rows named `name` in each of the days, at the same time as the others."""
    with quiet():
        together.wait(60)
        for day in days:
            store(engine, calls(day, *[(str(number), number, name) for number in range(ROWS)]), day)


def reads(engine: Engine, together: Any) -> None:
    """Loads the day again and again while others store it; exits with 1 when it sees a mixture."""
    with quiet():
        together.wait(60)
        for _ in range(3):
            loaded = load(engine)
            if loaded.height != ROWS or loaded["note"].n_unique() != 1:
                os._exit(1)


def finished(processes: list[Any]) -> list[int]:
    for process in processes:
        process.join(120)
    return [process.exitcode for process in processes]


@AT_ONCE
def test_processes_that_store_different_days_at_once_store_all_of_them(engine: Engine, count: int) -> None:
    together = barrier(count)
    days = [f"2026-01-{number + 1:02}" for number in range(count)]
    writers = [start(writes, engine, together, str(number), [day]) for number, day in enumerate(days)]
    assert finished(writers) == [0] * count
    stored = engine.query("SELECT partition_date::VARCHAR, note, count(*) FROM raw.calls GROUP BY ALL ORDER BY 1")
    assert stored == [(day, str(number), ROWS) for number, day in enumerate(days)]


@AT_ONCE
def test_processes_that_store_the_same_day_at_once_leave_the_rows_of_one(engine: Engine, count: int) -> None:
    together = barrier(count)
    assert finished([start(writes, engine, together, str(number), [DAY]) for number in range(count)]) == [0] * count
    ((names, rows),) = engine.query("SELECT count(DISTINCT note), count(*) FROM raw.calls")
    assert (names, rows) == (1, ROWS)


def test_processes_that_load_while_others_store_see_one_version_of_the_day(engine: Engine) -> None:
    store(engine, calls(DAY, *[(str(number), number, "first") for number in range(ROWS)]))
    together = barrier(4)
    writers = [start(writes, engine, together, str(number), [DAY] * 3) for number in range(2)]
    readers = [start(reads, engine, together) for _ in range(2)]
    assert finished(writers + readers) == [0] * 4
    assert load(engine).select(pl.col("note").n_unique(), rows=pl.len()).row(0) == (1, ROWS)
