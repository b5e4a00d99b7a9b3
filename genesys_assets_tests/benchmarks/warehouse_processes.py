"""Eight processes that store ten days of 10,000 rows each, against one process that stores the same eighty.

    python -m genesys_assets_tests.benchmarks.warehouse_processes

Each day is a Dagster run of its own, as in a backfill. The clock starts when all processes have imported what they
need.
Goal: nothing lost, in at most 1.3 times the time of the one process.
"""

import multiprocessing as mp
import tempfile
import time
from datetime import date, timedelta
from typing import Any

import dagster as dg
import duckdb
import polars as pl

from genesys_assets.warehouse import Warehouse

ROWS = 10_000
DAYS = [str(date(2026, 1, 1) + timedelta(days=number)) for number in range(80)]
COLUMNS = {
    "partition_date": "DATE",
    "conversation_id": "VARCHAR",
    "participant_ordinal": "INTEGER",
    "queue_id": "VARCHAR",
    "name": "VARCHAR",
    "value": "BIGINT",
    "emitted_at": "TIMESTAMP WITH TIME ZONE",
}


@dg.asset(
    key_prefix="staging",
    partitions_def=dg.DailyPartitionsDefinition(DAYS[0]),
    metadata={
        "dagster/column_schema": dg.TableSchema([dg.TableColumn(name, kind) for name, kind in COLUMNS.items()]),
        "partition_expr": "partition_date",
        "primary_key": ["partition_date", "conversation_id", "participant_ordinal"],
    },
)
def metrics(context: dg.AssetExecutionContext) -> pl.LazyFrame:
    """Returns 10,000 rows of a day."""
    number = pl.col("number")
    return pl.LazyFrame({"number": range(ROWS)}).select(
        pl.lit(context.partition_key).str.to_date().alias("partition_date"),
        (number // 4).hash(1).cast(pl.String).alias("conversation_id"),
        (number % 4).cast(pl.Int32).alias("participant_ordinal"),
        (number % 50).hash(2).cast(pl.String).alias("queue_id"),
        pl.when(number % 2 == 0).then(pl.lit("tHandle")).otherwise(pl.lit("tTalk")).alias("name"),
        (number * 7919 % 600_000).alias("value"),
        (
            pl.lit(context.partition_key).str.to_datetime(time_unit="us", time_zone="UTC") + pl.duration(seconds=number)
        ).alias("emitted_at"),
    )


def stores(database: str, days: list[str], together: Any, waits: Any) -> None:
    """Stores the days, one run each, and hands on how long they waited for the lock."""
    instance = dg.DagsterInstance.ephemeral()
    together.wait()
    for day in days:
        result = dg.materialize(
            [metrics],
            partition_key=day,
            instance=instance,
            resources={"io_manager": Warehouse(database=database)},
            run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
        )
        (event,) = result.get_asset_materialization_events()
        figures = event.materialization.metadata
        waits.put((figures["lock_wait_seconds"].value, figures["lock_hold_seconds"].value))
    together.wait()


def measured(processes: int) -> float:
    """Stores all days with so many processes; prints and returns the seconds."""
    context = mp.get_context("forkserver")
    together, waits = context.Barrier(processes + 1), context.Queue()
    with tempfile.TemporaryDirectory() as folder:
        database = f"{folder}/warehouse.duckdb"
        workers = [
            context.Process(target=stores, args=(database, DAYS[number::processes], together, waits))
            for number in range(processes)
        ]
        for worker in workers:
            worker.start()
        together.wait()
        started = time.perf_counter()
        figures = [waits.get() for _ in DAYS]
        together.wait()
        seconds = time.perf_counter() - started
        for worker in workers:
            worker.join()
        with duckdb.connect(database, read_only=True) as connection:
            ((stored,),) = connection.execute("SELECT count(*) FROM staging.metrics").fetchall()
    wait, hold = (sorted(each) for each in zip(*figures, strict=True))
    print(
        f"{processes} process(es): {seconds:.1f} s; held {sum(hold):.1f} s in all, "
        f"{hold[len(hold) // 2] * 1000:.0f} ms each; longest wait {wait[-1]:.2f} s; lost {ROWS * len(DAYS) - stored}"
    )
    return seconds


def main() -> None:
    """Compares one process with eight."""
    mp.get_context("forkserver").set_forkserver_preload([__name__])
    measured(1)  # warms the disk cache and the byte code
    one, eight = measured(1), measured(8)
    print(f"8 processes take {eight / one:.2f} times as long as 1 (goal: at most 1.3)")


if __name__ == "__main__":
    main()
