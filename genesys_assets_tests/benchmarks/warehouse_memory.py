"""One million rows of about 500 bytes through a LazyFrame: peak memory, and the share of the step that holds the lock.

    python -m genesys_assets_tests.benchmarks.warehouse_memory [ROWS]

Goal: a peak below 600 MB, and a hold below a third of the step. Each row is computed by the step's own LazyFrame, as a
real step's are. The second round replaces what the first one stored.
"""

import multiprocessing as mp
import resource
import sys
import tempfile
import time
from pathlib import Path

import dagster as dg
import polars as pl

from genesys_assets.warehouse import Warehouse

DAY = "2026-01-01"
ROWS = 1_000_000
DOCUMENT = (
    '{"conversationId":"{}","divisionIds":["{}"],"originatingDirection":"inbound","participants":[{"participantId":"{}",'
    '"purpose":"customer","userId":"{}","sessions":[{"sessionId":"{}","ani":"tel:+{}","queueId":"{}","edgeId":"{}",'
    '"metrics":[{"name":"tTalk","value":{}},{"name":"tHeld","value":{}},{"name":"tAcw","value":{}},'
    '{"name":"tHandle","value":{}},{"name":"tWait","value":{}},{"name":"nTransferred","value":{}}]}]}]}'
)
COLUMNS = {"partition_date": "DATE", "conversation_id": "VARCHAR", "document": "VARCHAR"}


def rows(count: int) -> pl.LazyFrame:
    """Returns `count` rows with a JSON document of about 460 bytes, half of which is different in each."""
    number = pl.col("number")
    ids = [number.hash(seed).cast(pl.String) for seed in range(8)]
    values = [(number * 2_654_435_761 + seed * 40_503).mod(900_001).cast(pl.String) for seed in range(6)]
    literals = [pl.lit(text) for text in DOCUMENT.split("{}")]
    document = [part for pair in zip(literals, [*ids, *values], strict=False) for part in pair] + literals[-1:]
    return pl.LazyFrame({"number": pl.int_range(count, eager=True)}).select(
        pl.lit(DAY).str.to_date().alias("partition_date"),
        number.cast(pl.String).str.zfill(36).alias("conversation_id"),
        pl.concat_str(document).alias("document"),
    )


def asset(count: int) -> dg.AssetsDefinition:
    """Returns an asset of so many rows a day, whose text is compressed."""

    @dg.asset(
        key_prefix="raw",
        partitions_def=dg.DailyPartitionsDefinition(DAY),
        metadata={
            "dagster/column_schema": dg.TableSchema([dg.TableColumn(name, kind) for name, kind in COLUMNS.items()]),
            "partition_expr": "partition_date",
            "primary_key": ["partition_date", "conversation_id"],
            "compressed_columns": ["document"],
        },
    )
    def conversations() -> pl.LazyFrame:
        return rows(count)

    return conversations


def peak_megabytes() -> float:
    """Returns the peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(count: int = ROWS) -> float:
    """Stores the rows twice, prints what it took, and returns the peak memory in megabytes."""
    print(f"{count:,} rows; before the first, {peak_megabytes():.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "warehouse.duckdb"
        for label in ("stored", "replaced"):
            started = time.perf_counter()
            result = dg.materialize(
                [asset(count)],
                partition_key=DAY,
                resources={"io_manager": Warehouse(database=str(database))},
                run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
            )
            seconds = time.perf_counter() - started
            (event,) = result.get_asset_materialization_events()
            hold = event.materialization.metadata["lock_hold_seconds"].value
            print(
                f"{label}: {seconds:.1f} s, of which the lock was held {hold:.1f} s ({hold / seconds:.0%}); "
                f"peak {peak_megabytes():.0f} MB; file {database.stat().st_size / 1e6:.0f} MB"
            )
    return peak_megabytes()


def main() -> None:
    """Measures in a process of its own, whose peak is not somebody else's."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    worker = mp.get_context("spawn").Process(target=measure, args=(count,))
    worker.start()
    worker.join()


if __name__ == "__main__":
    main()
