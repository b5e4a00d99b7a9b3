"""The contract of an engine, third part: a step that dies or fails leaves the old rows or the new, not a mixture."""

import datetime as dt
import os
import resource
import signal
from typing import Any

import duckdb
import polars as pl
import pytest

from genesys_assets.warehouse import DiskFullError, RowsLostError, instances
from genesys_assets_tests.warehouse.support import (
    DAY,
    FILE_ONLY,
    NEXT_DAY,
    Dying,
    Engine,
    calls,
    elsewhere,
    load,
    quiet,
    store,
)

DATE, NEXT_DATE = dt.date.fromisoformat(DAY), dt.date.fromisoformat(NEXT_DAY)
OLD, NEW = calls(DAY, ("a", 1, "old"), ("b", 2, "old")), calls(DAY, ("b", 3, "new"), ("c", 4, "new"), ("d", 5, "new"))
KEPT = calls(NEXT_DAY, ("a", 9, "kept"))


def dies(engine: Engine, word: str, after: bool) -> None:
    """Stores the new rows and is killed at the statement that starts with `word`."""
    connected = instances.connected
    instances.connected = lambda engine: Dying(connected(engine), word, after=after)  # type: ignore[assignment, return-value]
    with quiet():
        store(engine, NEW)


@pytest.mark.parametrize(
    ("word", "after", "expected"),
    [("DELETE", False, OLD), ("INSERT", False, OLD), ("COMMIT", False, OLD), ("COMMIT", True, NEW)],
    ids=["before-delete", "between-delete-and-insert", "before-commit", "after-commit"],
)
def test_a_killed_step_leaves_all_old_rows_or_all_new_ones(
    engine: Engine,
    word: str,
    after: bool,
    expected: pl.DataFrame,
) -> None:
    store(engine, OLD)
    store(engine, KEPT, NEXT_DAY)
    assert elsewhere(dies, engine, word, after) == -signal.SIGKILL
    assert load(engine).sort("call_id").equals(expected)
    assert load(engine, NEXT_DAY).equals(KEPT)


@pytest.mark.parametrize(("word", "after"), [("INSERT", False), ("COMMIT", True)])
def test_a_step_that_runs_again_after_a_kill_stores_its_rows_once(engine: Engine, word: str, after: bool) -> None:
    store(engine, OLD)
    assert elsewhere(dies, engine, word, after) == -signal.SIGKILL
    store(engine, NEW)
    assert load(engine).sort("call_id").equals(NEW)


def test_a_step_that_was_killed_while_it_created_its_table_can_run_again(engine: Engine) -> None:
    assert elsewhere(dies, engine, "INSERT", False) == -signal.SIGKILL
    store(engine, NEW)
    assert load(engine).sort("call_id").equals(NEW)


class Losing(Dying):
    """A connection that loses one of the inserted rows."""

    def execute(self, sql: str, *arguments: Any) -> duckdb.DuckDBPyConnection:
        result = self._connection.execute(sql, *arguments)
        if sql.startswith("INSERT"):
            result.fetchall()
            self._connection.execute("DELETE FROM raw.calls WHERE call_id = 'd'")
        return result


def test_a_database_that_does_not_hold_every_row_that_was_handed_to_it_is_told_and_rolled_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(engine, OLD)
    connected = instances.connected
    monkeypatch.setattr(instances, "connected", lambda engine: Losing(connected(engine), "", after=False))
    with pytest.raises(RowsLostError, match="would hold 2 rows instead of 3") as error:
        store(engine, NEW)
    monkeypatch.undo()
    assert error.value.transient
    assert load(engine).sort("call_id").equals(OLD)


def fails_without_room(engine: Engine, file_size_limit: int, rows: pl.DataFrame) -> None:
    """Stores the rows where no file may grow beyond the limit, and exits with 0 when it is told that this cannot be."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size_limit, file_size_limit))
    with quiet():
        try:
            store(engine, rows)
        except DiskFullError:
            os._exit(0)
    os._exit(1)


def test_a_disk_that_is_full_while_the_rows_are_spooled_leaves_the_old_rows(engine: Engine) -> None:
    noise = calls(DAY, *[(str(number), number, os.urandom(512).hex()) for number in range(1_000)])
    store(engine, OLD)
    assert elsewhere(fails_without_room, engine, 100_000, noise) == 0
    assert load(engine).sort("call_id").equals(OLD)


@FILE_ONLY  # a lake's files are smaller than the spool's, which would be full first
@pytest.mark.parametrize("rows", [4_000, 60_000], ids=["while-it-commits", "while-it-inserts"])
def test_a_disk_that_is_full_while_the_rows_are_stored_leaves_the_old_rows(engine: Engine, rows: int) -> None:
    """The text repeats itself, so the spooled rows are small; DuckDB's log and its row groups are not."""
    text = os.urandom(256).hex()
    store(engine, OLD)
    store(engine, KEPT, NEXT_DAY)
    wordy = calls(DAY, *[(str(number), number, f"{number}{text}") for number in range(rows)])
    assert elsewhere(fails_without_room, engine, 1_800_000, wordy) == 0
    assert load(engine).sort("call_id").equals(OLD)
    store(engine, NEW)
    assert load(engine, (DAY, NEXT_DAY)).sort("partition_date", "call_id").equals(pl.concat([NEW, KEPT]))
