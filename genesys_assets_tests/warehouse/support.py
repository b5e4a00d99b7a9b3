"""What the warehouse's tests share: an engine, a declared table, stores and loads by real Dagster runs, processes."""

import contextlib
import datetime as dt
import functools
import multiprocessing as mp
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
import pytest

from genesys_assets.warehouse import Warehouse
from genesys_assets.warehouse.engines import extensions
from genesys_assets.warehouse.engines.extensions import UNCHECKED
from genesys_assets.warehouse.table import literal
from genesys_assets_tests.lakes import NewLake

DAILY = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-02-01")
DAY, NEXT_DAY = "2026-01-05", "2026-01-06"


@dataclass(frozen=True)
class Engine:
    """A warehouse to test: its IO manager's settings, and a look at what is stored that goes another way.

    `attach` are the statements that attach its database as `eyes`.
    """

    settings: Mapping[str, Any]
    attach: str

    def warehouse(self) -> Warehouse:
        return Warehouse(**self.settings)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(":memory:", config=UNCHECKED) as connection:
            connection.execute(f"SET TimeZone = 'UTC'; {self.attach}; USE eyes")
            return connection.execute(sql).fetchall()

    def contents(self, table: str = "raw.calls") -> list[tuple[Any, ...]]:
        """Returns the rows of the table, in the order of their own values."""
        return sorted(self.query(f"FROM {table}"), key=str)


def engine_of_file(path: Path) -> Engine:
    """Returns the engine of a DuckDB file."""
    return Engine(settings={"database": str(path)}, attach=f"ATTACH '{path}' AS eyes (READ_ONLY)")


def engine_of_lake(lake: NewLake) -> Engine:
    """Returns the engine of a lake."""
    settings = {"database": lake.location, "data_path": lake.data_path}
    files = [extensions.packaged(name) for name in ("ducklake", "postgres_scanner")]
    loaded = "; ".join(f"LOAD '{file}'" for file in files)
    return Engine(settings, f"{loaded}; ATTACH {literal(lake.location)} AS eyes (READ_ONLY)")


FILE_ONLY = pytest.mark.parametrize("engine", ["file"], indirect=True)
"""For what makes sense for a file only."""
LAKE_ONLY = pytest.mark.parametrize("engine", ["lake"], indirect=True)
"""For what makes sense for a lake only."""


class Clock:
    """A clock that moves by what is slept."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@dataclass(frozen=True)
class Declared:
    """An asset's declaration: `raw.calls` of a day, a key, a number and a text, unless told otherwise."""

    columns: Mapping[str, str] = field(
        default_factory=lambda: {"partition_date": "DATE", "call_id": "VARCHAR", "seconds": "BIGINT", "note": "VARCHAR"}
    )
    required: Sequence[str] = ("partition_date", "call_id")
    key: Sequence[str] = ("partition_date", "call_id")
    compressed: Sequence[str] = ()
    partitions: dg.PartitionsDefinition[str] | None = DAILY
    name: Sequence[str] = ("raw", "calls")
    ignored_in_changes: Sequence[str] = ()

    def metadata(self) -> dict[str, Any]:
        schema = dg.TableSchema(
            columns=[
                dg.TableColumn(name, kind, constraints=dg.TableColumnConstraints(nullable=name not in self.required))
                for name, kind in self.columns.items()
            ]
        )
        return {
            "dagster/column_schema": schema,
            "primary_key": list(self.key),
            "compressed_columns": list(self.compressed),
            "columns_ignored_in_changes": list(self.ignored_in_changes),
            **({"partition_expr": "partition_date"} if self.partitions else {}),
        }

    def asset(self, frame: "Frame | Callable[[Any], Frame]", **options: Any) -> dg.AssetsDefinition:
        """Returns the asset that hands `frame` (or what `frame(context)` returns) to its IO manager."""

        @dg.asset(key=list(self.name), partitions_def=self.partitions, metadata=self.metadata(), **options)
        def stored(context: dg.AssetExecutionContext) -> Any:
            return frame(context) if callable(frame) else frame

        return stored


Frame = pl.LazyFrame | pl.DataFrame
CALLS = Declared()


def calls(day: str, *rows: tuple[str, int | None, str | None]) -> pl.DataFrame:
    """Returns the rows (call_id, seconds, note) of a day."""
    frame = pl.DataFrame(
        list(rows), schema={"call_id": pl.String, "seconds": pl.Int64, "note": pl.String}, orient="row"
    )
    return frame.select(pl.lit(dt.date.fromisoformat(day)).alias("partition_date"), pl.all())


def run(
    engine: Engine, assets: Sequence[Any], days: str | tuple[str, str] | None = DAY, **options: Any
) -> dg.ExecuteInProcessResult:
    """Materialises the assets for a day, for a range of days, or (None) without partitions.

    Raises:
        Exception: What a step failed for, as the warehouse raised it and not as Dagster was told of it.
    """
    window = {}
    if isinstance(days, tuple):
        start, end = days
        window = {
            "tags": {"dagster/asset_partition_range_start": start, "dagster/asset_partition_range_end": end},
        }
    elif days:
        window = {"partition_key": days}
    resources = {"io_manager": engine.warehouse()}
    try:
        return dg.materialize(assets, resources=resources, instance=_instance(), **window, **options)
    except dg.Failure as failure:
        raise failure.__cause__ or failure from None


@functools.cache
def _instance() -> dg.DagsterInstance:
    """One instance for all tests of a process: making one takes longer than a run."""
    return dg.DagsterInstance.ephemeral()


def store(
    engine: Engine,
    frame: "Frame | Callable[[Any], Frame]",
    days: str | tuple[str, str] | None = DAY,
    declared: Declared = CALLS,
) -> dict[str | None, dict[str, Any]]:
    """Stores a frame; returns the metadata of each partition that was materialised."""
    result = run(engine, [declared.asset(frame)], days)
    return {
        event.partition: {name: value.value for name, value in event.materialization.metadata.items()}
        for event in result.get_asset_materialization_events()
    }


def load(
    engine: Engine,
    days: str | tuple[str, str] | None = DAY,
    declared: Declared = CALLS,
    *,
    annotation: Any = pl.DataFrame,
    partitions: dg.PartitionsDefinition[str] | None = DAILY,
    **asset_in: Any,
) -> pl.DataFrame:
    """Returns what a downstream asset of `declared` gets (collected in its step)."""
    loaded: list[pl.DataFrame] = []

    def compute(table: Any) -> None:
        loaded.append(table.lazy().collect())

    compute.__annotations__["table"] = annotation
    downstream = dg.asset(
        name="downstream",
        partitions_def=partitions,
        ins={"table": dg.AssetIn(key=list(declared.name), **asset_in)},
    )(compute)
    upstream = dg.AssetSpec(list(declared.name), partitions_def=declared.partitions, metadata=declared.metadata())
    run(engine, [upstream, downstream], days)
    return loaded[0]


# Other processes. A fork server imports Dagster and polars once, so that a process costs milliseconds.
_server = mp.get_context("forkserver")
_server.set_forkserver_preload(["genesys_assets_tests.warehouse.support"])


def start(function: Callable[..., None], *arguments: Any) -> Any:
    """Starts `function(*arguments)` in another process."""
    process = _server.Process(target=function, args=arguments, daemon=True)
    process.start()
    return process


def elsewhere(function: Callable[..., None], *arguments: Any) -> int:
    """Runs `function(*arguments)` in another process; returns its exit code (negative: the signal that killed it)."""
    process = start(function, *arguments)
    process.join(120)
    return int(process.exitcode)


def event() -> Any:
    """Returns an event that processes share."""
    return _server.Event()


def barrier(parties: int) -> Any:
    """Returns a barrier that processes share."""
    return _server.Barrier(parties)


class Dying:
    """A DuckDB connection whose process is killed just before or after the first statement that starts with `word`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, word: str, *, after: bool) -> None:
        self._connection = connection
        self._word = word
        self._after = after

    def execute(self, sql: str, *arguments: Any) -> duckdb.DuckDBPyConnection:
        due = sql.startswith(self._word)
        if due and not self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = self._connection.execute(sql, *arguments)
        if due:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __enter__(self) -> "Dying":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Sends what a child process says to nowhere: its failures are its exit code."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        sys.stderr = nowhere
        yield
