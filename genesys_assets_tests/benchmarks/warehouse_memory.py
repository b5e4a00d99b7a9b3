"""One million rows of about 500 bytes through a LazyFrame: peak memory, and the share of the step that holds the lock.

    python -m genesys_assets_tests.benchmarks.warehouse_memory [ROWS]

Goal: a peak below 600 MB, and a hold below a third of the step. Each row is computed by the step's own LazyFrame, as a
real step's are. Once as typed columns, once as JSON documents that are compressed while the lock is held. The second
round replaces what the first one stored.
"""

import multiprocessing as mp
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import polars as pl

from genesys_assets.warehouse import Warehouse

DAY = "2026-01-01"
ROWS = 1_000_000
KEY = ["partition_date", "conversation_id", "ordinal"]
NUMBER = pl.col("number")
DOCUMENT = (
    '{"conversationId":"{}","divisionIds":["{}"],"originatingDirection":"inbound","participants":[{"participantId":"{}",'
    '"purpose":"customer","userId":"{}","sessions":[{"sessionId":"{}","ani":"tel:+{}","queueId":"{}","edgeId":"{}",'
    '"metrics":[{"name":"tTalk","value":{}},{"name":"tHeld","value":{}},{"name":"tAcw","value":{}},'
    '{"name":"tHandle","value":{}},{"name":"tWait","value":{}},{"name":"nTransferred","value":{}}]}]}]}'
)


def identifier(number: pl.Expr, seed: int) -> pl.Expr:
    """Returns text of about 38 characters, the same for the same number."""
    return pl.concat_str(number.hash(seed), pl.lit("-"), number.hash(seed + 100))


def metrics() -> dict[str, pl.Expr]:
    """Returns the columns of the table with the most rows of a contact centre: 20 metrics of each of 50,000 calls."""
    shared = {
        "conversation_id": 40,
        "participant_id": 8,
        "session_id": 8,
        "peer_id": 8,
        "edge_id": 40,
        "division_id": 40,
    }
    known = {"user_id": 500, "queue_id": 80, "flow_id": 40, "wrap_up_code": 60, "skill_id": 30, "language_id": 5}
    words = {
        "purpose": ["agent", "acd", "customer", "ivr"],
        "media_type": ["voice", "message"],
        "direction": ["inbound"],
    }
    return {
        **{name: identifier(NUMBER // rows, seed) for seed, (name, rows) in enumerate(shared.items())},
        "ordinal": (NUMBER % 40).cast(pl.Int32),
        **{name: identifier(NUMBER // 8 % count, 10 + seed) for seed, (name, count) in enumerate(known.items())},
        **{name: pl.lit(pl.Series(values)).gather(NUMBER // 8 % len(values)) for name, values in words.items()},
        "name": pl.concat_str(pl.lit("tMetric"), NUMBER % 20),
        "value": NUMBER * 2_654_435_761 % 900_001,
        "emit_date": pl.lit(DAY).str.to_datetime(time_unit="us", time_zone="UTC")
        + pl.duration(milliseconds=NUMBER * 86),
    }


def documents() -> dict[str, pl.Expr]:
    """Returns the columns of a table of JSON documents, half of each of which is unlike all others."""
    values = [
        *(NUMBER.hash(seed) for seed in range(8)),
        *(NUMBER * 2_654_435_761 % (900_001 + seed) for seed in range(6)),
    ]
    literals = [pl.lit(text) for text in DOCUMENT.split("{}")]
    parts = [part for pair in zip(literals, values, strict=False) for part in pair]
    return {
        "conversation_id": identifier(NUMBER, 0),
        "ordinal": pl.lit(0, pl.Int32),
        "document": pl.concat_str(*parts, literals[-1]),
    }


def asset(columns: dict[str, pl.Expr], count: int) -> dg.AssetsDefinition:
    """Returns an asset of so many rows a day; its documents are stored compressed."""
    frame = pl.LazyFrame({"number": pl.int_range(count, eager=True)}).select(
        pl.lit(DAY).str.to_date().alias("partition_date"), **columns
    )
    kinds = {pl.Date: "DATE", pl.String: "VARCHAR", pl.Int32: "INTEGER", pl.Int64: "BIGINT"}
    schema = [
        dg.TableColumn(name, kinds.get(type(dtype), "TIMESTAMP WITH TIME ZONE"))
        for name, dtype in frame.collect_schema().items()
    ]

    @dg.asset(
        key_prefix="raw",
        partitions_def=dg.DailyPartitionsDefinition(DAY),
        metadata={
            "dagster/column_schema": dg.TableSchema(schema),
            "partition_expr": "partition_date",
            "primary_key": KEY,
            "compressed_columns": [name for name in columns if name == "document"],
        },
    )
    def stored() -> pl.LazyFrame:
        return frame

    return stored


def peak_megabytes() -> float:
    """Returns the peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(columns: dict[str, pl.Expr], count: int = ROWS) -> float:
    """Stores the rows twice, prints what it took, and returns the peak memory in megabytes."""
    print(f"{count:,} rows of {len(columns) + 1} columns; before the first, {peak_megabytes():.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "warehouse.duckdb"
        for label in ("stored", "replaced"):
            started, spent = time.perf_counter(), time.process_time()
            result = dg.materialize(
                [asset(columns, count)],
                partition_key=DAY,
                resources={"io_manager": Warehouse(database=str(database))},
                run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
            )
            seconds, cpu = time.perf_counter() - started, time.process_time() - spent
            (event,) = result.get_asset_materialization_events()
            figures = event.materialization.metadata
            hold = figures["lock_hold_seconds"].value
            print(
                f"{label}: {figures['bytes'].value / count:.0f} bytes a row; {seconds:.1f} s ({cpu:.1f} s of processor), "
                f"the lock held {hold:.1f} s of it ({hold / seconds:.0%}); peak {peak_megabytes():.0f} MB; "
                f"file {database.stat().st_size / 1e6:.0f} MB"
            )
    return peak_megabytes()


def main() -> None:
    """Measures each kind of rows in a process of its own, whose peak is not somebody else's."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    for columns in (metrics, documents):
        print(f"{columns.__name__}:")
        worker = mp.get_context("spawn").Process(target=_measured, args=(columns, count))
        worker.start()
        worker.join()


def _measured(columns: Callable[[], dict[str, pl.Expr]], count: int) -> None:
    measure(columns(), count)


if __name__ == "__main__":
    main()
