"""Twenty days of 10,000 conversations into one warehouse by 1, 2, 4 and 8 processes: what a fleet's writers cost.

    python -m genesys_assets_tests.benchmarks.scaling_writers              # a file in a temporary folder
    GENESYS_ASSETS_DATABASE=ducklake:... GENESYS_ASSETS_DATA_PATH=... \
        python -m genesys_assets_tests.benchmarks.scaling_writers          # the warehouse that the settings name
    ... scaling_writers --days 20 --conversations 10000 --writers 1 2 4 8

Each day is a Dagster run of its own that stores raw.conversations, as in a backfill; the documents are the sandbox's,
made beforehand. The clock starts when all processes have imported what they need. The table is emptied before each
number of writers, so give it a warehouse of its own. docs/scaling.md has the results.
"""

import argparse
import multiprocessing as mp
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
import polars as pl

from genesys_assets.assets.declared import table_spec
from genesys_assets.databases import database_of, warehouse_of
from genesys_assets.organisation import VARIABLES, Organisation
from genesys_assets.partitions import daily_partitions
from genesys_assets.sandbox import Sandbox

FIRST_DAY = Organisation().start_date
DISTINCT = 1_000
"""Conversations that are generated; a day repeats them under other ids."""
WAITS, HOLDS = "lock_wait_seconds", "lock_hold_seconds"
LONGEST_WAIT_SECONDS = 600
"""For a process that starts, or for one day."""
COUNTED = ("conflicts", "conflict_retries")
"""Figures that a lake's materialisations have."""


def conversations(number: int) -> pl.DataFrame:
    """A day's rows but for their date."""
    day = datetime(2026, 3, 3, tzinfo=UTC)
    made = Sandbox(conversations_per_day=DISTINCT, now=lambda: day + timedelta(days=90)).conversations(day.date())
    documents = [msgspec.json.encode(each).decode() for each in made.values()]
    order = pl.int_range(number, eager=True)
    return pl.select(
        conversation_id=pl.format("{}", order.hash(1)),
        conversation_start=pl.lit(day),
        conversation_end=pl.lit(day),
        document=pl.Series(documents).gather(order % len(documents)),
        fetched_at=pl.lit(day),
        source=pl.lit("job"),
    )


def stores(rows: Path, days: list[str], together: Any, told: Any) -> None:
    """Stores the days, one run each, and hands on each run's figures, or its error."""
    frame = pl.scan_ipc(rows)

    @dg.asset(**table_spec("raw.conversations"), partitions_def=daily_partitions(FIRST_DAY))
    def stored(context: dg.AssetExecutionContext) -> pl.LazyFrame:
        return frame.select(pl.lit(context.partition_key).str.to_date().alias("partition_date"), pl.all())

    instance, warehouse = dg.DagsterInstance.ephemeral(), warehouse_of(Organisation.from_environment())
    together.wait()
    for day in days:
        try:
            told.put(figures(stored, day, instance, warehouse))
        except Exception as error:
            told.put({"error": type(error).__name__})
    together.wait()


def figures(asset: dg.AssetsDefinition, day: str, instance: dg.DagsterInstance, warehouse: Any) -> dict[str, Any]:
    """Stores one day; what its materialisation says."""
    result = dg.materialize(
        [asset],
        partition_key=day,
        instance=instance,
        resources={"io_manager": warehouse},
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
    (event,) = result.get_asset_materialization_events()
    return {name: value.value for name, value in event.materialization.metadata.items()}


def measured(rows: Path, number: int, days: list[str], writers: int) -> None:
    """Stores all days with so many processes, and prints a row of the table."""
    empty()
    context = mp.get_context("forkserver")
    together, told = context.Barrier(writers + 1, timeout=LONGEST_WAIT_SECONDS), context.Queue()
    processes = [
        context.Process(target=stores, args=(rows, days[each::writers], together, told)) for each in range(writers)
    ]
    for process in processes:
        process.start()
    together.wait()
    started = time.perf_counter()
    each = [told.get(timeout=LONGEST_WAIT_SECONDS) for _ in days]
    together.wait()
    seconds = time.perf_counter() - started
    for process in processes:
        process.join()
    failed = sorted(one["error"] for one in each if "error" in one)
    counted = [str(sum(one[name] for one in each)) if name in each[0] else "-" for name in COUNTED]
    wait = max((one.get(WAITS, 0.0) for one in each), default=0.0)
    hold = sum(one.get(HOLDS, 0.0) for one in each)
    distinct, rows_stored = stored_rows()
    lost, doubled = number * len(days) - distinct, rows_stored - distinct
    print(
        f"| {writers} | {seconds:.1f} | {wait:.1f} | {hold:.1f} | {' | '.join(counted)} | {lost} | {doubled} | {failed or 'none'} |"
    )


def empty() -> None:
    """Removes the table, if there is one."""
    with database_of(Organisation.from_environment()).writing() as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
        connection.execute("DROP TABLE IF EXISTS raw.conversations")


def stored_rows() -> tuple[int, int]:
    """How many conversations are stored, each counted once in each day; and how many rows."""
    with database_of(Organisation.from_environment()).reading() as connection:
        distinct, rows = connection.execute(
            "SELECT count(DISTINCT (partition_date, conversation_id)), count(*) FROM raw.conversations"
        ).fetchall()[0]
    return int(distinct), int(rows)


def main() -> None:
    """Measures each number of writers."""
    parser = argparse.ArgumentParser(description="How many processes write into one warehouse, and how fast.")
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 2, 4, 8])
    wanted = parser.parse_args()
    mp.get_context("forkserver").set_forkserver_preload([__name__])
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault(VARIABLES["database"], f"{folder}/warehouse.duckdb")
        rows = Path(folder) / "rows.arrow"
        frame = conversations(wanted.conversations)
        frame.write_ipc(rows)
        days = [str(FIRST_DAY + timedelta(days=number)) for number in range(wanted.days)]
        print(
            f"{database_of(Organisation.from_environment()).label}: {wanted.days} days of {wanted.conversations} conversations,"
        )
        print(f"{frame['document'].str.len_bytes().sum() * wanted.days / 1e6:.0f} MB of documents\n")
        print(
            "| Writers | Seconds | Longest wait, s | Held in all, s | Conflicts | Retries | Rows lost | Doubled | Failed runs |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        for writers in wanted.writers:
            measured(rows, wanted.conversations, days, writers)


if __name__ == "__main__":
    main()
