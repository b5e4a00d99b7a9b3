"""One million rows of about 500 bytes through a LazyFrame: peak memory, and the share of the step that holds the lock.

    python -m genesys_assets_tests.benchmarks.warehouse_memory [ROWS]

Goal: a peak below 600 MB, and a hold below a third of the step. `metrics` is what the table with the most rows is: 17
typed columns, decoded from the JSON documents of calls by the step's own LazyFrame. `documents` is the hardest case: as
many bytes of JSON, copied from file to file, so that compressing them under the lock is nearly all there is to do. Each
is stored, and then replaced by the same rows.
"""

import multiprocessing as mp
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import dagster as dg
import polars as pl

from genesys_assets.warehouse import Warehouse

DAY = "2026-01-01"
ROWS = 1_000_000
PARTICIPANTS, METRICS = 4, 5
SOURCE_ROWS = 750
"""Documents in a row group of the source, and so in what the step decodes at once: 15,000 metrics.

With 2,000 the decoding itself took 370 to 620 MB, the more the busier the machine was, and that is not measured here.
"""
CALL = pl.col("call")
PARTICIPANT_IDS = ("participantId", "sessionId", "peerId", "userId", "queueId", "flowId", "wrapUpCode", "skillId")
CALL_IDS = ("conversationId", "divisionId", "edgeId", "groupId")
METRIC = pl.Struct({"name": pl.String, "value": pl.Int64, "emitDate": pl.String})
PARTICIPANT = pl.Struct({**dict.fromkeys((*PARTICIPANT_IDS, "purpose"), pl.String), "metrics": pl.List(METRIC)})
DOCUMENT = pl.Struct({**dict.fromkeys(CALL_IDS, pl.String), "participants": pl.List(PARTICIPANT)})


def fields(texts: dict[str, pl.Expr]) -> list[pl.Expr]:
    """Returns the parts of `"name":"text",...` for each name."""
    return [part for name, text in texts.items() for part in (pl.lit(f'"{name}":"'), text, pl.lit('",'))]


def identifier(number: pl.Expr, seed: int) -> pl.Expr:
    """Returns text of about 38 characters, the same for the same number."""
    return pl.concat_str(number.hash(seed), pl.lit("-"), number.hash(seed + 100))


def participant(ordinal: int) -> pl.Expr:
    """Returns the JSON of a call's participant: ids of its own, ids out of some hundred, and its metrics."""
    own = CALL * PARTICIPANTS + ordinal
    known = own % 300
    ids = {name: identifier(own if name[:4] in ("part", "sess", "peer") else known, 10) for name in PARTICIPANT_IDS}
    metrics = [
        part
        for number in range(METRICS)
        for part in (
            pl.lit(f'{"," if number else ""}{{"name":"tMetric{number}","value":'),
            own * 2_654_435_761 % (900_001 + number),
            pl.lit(f',"emitDate":"2026-01-01T12:{ordinal:02}:{number:02}.000Z"}}'),
        )
    ]
    return pl.concat_str(pl.lit("{"), *fields(ids), pl.lit('"purpose":"agent","metrics":['), *metrics, pl.lit("]}"))


def documents(folder: Path, rows: int) -> pl.LazyFrame:
    """Returns a scan of JSON documents of calls that hold so many metrics, 20 each; writes them if there are none."""
    file = folder / "documents.parquet"
    if file.exists():
        return pl.scan_parquet(file)
    ids = {name: identifier(CALL, seed) for seed, name in enumerate(CALL_IDS)}
    people = [
        part for ordinal in range(PARTICIPANTS) for part in (pl.lit("," if ordinal else ""), participant(ordinal))
    ]
    pl.LazyFrame({"call": pl.int_range(rows // (PARTICIPANTS * METRICS), eager=True)}).select(
        pl.lit(DAY).str.to_date().alias("partition_date"),
        identifier(CALL, 0).alias("conversation_id"),
        pl.concat_str(pl.lit("{"), *fields(ids), pl.lit('"participants":['), *people, pl.lit("]}")).alias("document"),
    ).sink_parquet(file, row_group_size=SOURCE_ROWS)
    return pl.scan_parquet(file)


def metrics(folder: Path, rows: int) -> pl.LazyFrame:
    """Returns the frame that decodes so many metrics out of documents."""
    return (
        documents(folder, rows)
        .select("partition_date", pl.col("document").str.json_decode(DOCUMENT))
        .unnest("document")
        .explode("participants")
        .unnest("participants")
        .explode("metrics")
        .unnest("metrics")
        .with_columns(pl.col("emitDate").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC"))
    )


def calls(folder: Path, rows: int) -> pl.LazyFrame:
    """Returns a scan of documents that weigh as much as so many metrics: 3.5 kB each, and 500 bytes."""
    return documents(folder, 3 * rows)


def asset(frame: pl.LazyFrame) -> dg.AssetsDefinition:
    """Returns an asset that hands on the frame; a document is stored compressed."""
    kinds = {pl.Date: "DATE", pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Datetime: "TIMESTAMP WITH TIME ZONE"}
    schema = frame.collect_schema()
    key = ["conversation_id"] if "document" in schema else ["conversationId", "participantId", "name"]

    @dg.asset(
        key_prefix="raw",
        partitions_def=dg.DailyPartitionsDefinition(DAY),
        metadata={
            "dagster/column_schema": dg.TableSchema(
                [dg.TableColumn(name, kinds[type(dtype)]) for name, dtype in schema.items()]
            ),
            "partition_expr": "partition_date",
            "primary_key": ["partition_date", *key],
            "compressed_columns": [name for name in schema if name == "document"],
        },
    )
    def stored() -> pl.LazyFrame:
        return frame

    return stored


def peak_megabytes() -> float:
    """Returns the peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def store(frame: pl.LazyFrame, database: Path) -> str:
    """Stores the frame in a step, and returns what it took."""
    started, spent = time.perf_counter(), time.process_time()
    result = dg.materialize(
        [asset(frame)],
        partition_key=DAY,
        resources={"io_manager": Warehouse(database=str(database))},
        run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
    )
    seconds, processor = time.perf_counter() - started, time.process_time() - spent
    (event,) = result.get_asset_materialization_events()
    figures = event.materialization.metadata
    rows, hold = (figures[name].value for name in ("dagster/partition_row_count", "lock_hold_seconds"))
    return (
        f"{rows:,} rows of {figures['bytes'].value / rows:.0f} bytes in {seconds:.1f} s, {processor:.1f} s of processor; "
        f"the lock was held {hold:.1f} s ({hold / seconds:.0%}); peak {peak_megabytes():.0f} MB; "
        f"file {database.stat().st_size / 1e6:.0f} MB"
    )


def measure(frame: pl.LazyFrame, folder: Path) -> float:
    """Stores the frame twice, prints what it took, and returns the peak memory in megabytes."""
    for label in ("stored", "replaced"):
        print(f"{label}: {store(frame, folder / 'warehouse.duckdb')}", flush=True)
    return peak_megabytes()


def measured(make: Callable[[Path, int], pl.LazyFrame], rows: int = ROWS) -> float:
    """Measures in a process of its own, so that the peak is not somebody else's; the source is made by another one."""
    with tempfile.TemporaryDirectory() as folder:
        for task in (_make, _measure):
            with ProcessPoolExecutor(1, mp_context=mp.get_context("spawn")) as process:
                peak = process.submit(task, make, Path(folder), rows).result()
    return peak


def _make(make: Callable[[Path, int], pl.LazyFrame], folder: Path, rows: int) -> float:
    make(folder, rows)
    return 0.0


def _measure(make: Callable[[Path, int], pl.LazyFrame], folder: Path, _: int) -> float:
    return measure(make(folder, 0), folder)


def main() -> None:
    """Measures each kind of rows."""
    for make in (metrics, calls):
        print(f"{make.__name__}:", flush=True)
        measured(make, int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)


if __name__ == "__main__":
    main()
