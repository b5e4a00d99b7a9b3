"""How long the marts of one day take: `python -m genesys_assets_tests.benchmarks.marts [conversations]`.

The day is voice calls of four sessions (customer, IVR, queue, agent) with the ids that Genesys Cloud has, in memory, so
that the figures' own work is measured and not the reading. Not collected by pytest: times on a shared machine fail for
reasons of their own.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime, timedelta

import polars as pl

from genesys_assets_tests.metrics.every_mart import every_mart
from genesys_assets_tests.metrics.staging import SCHEMAS, Frames

DAY = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
QUEUES, USERS, CODES = 40, 600, 30
# Session -> (purpose, metrics with seconds after the start).
SESSIONS = [
    ("customer", {"nConnected": 1, "tConnected": 400}),
    ("ivr", {"nFlow": 1, "tIvr": 30, "tFlow": 30, "tFlowExit": 30}),
    ("acd", {"nOffered": 31, "tAcd": 50}),
    ("agent", {"tAlert": 50, "tAnswered": 50, "tTalk": 380, "tTalkComplete": 380, "tAcw": 420, "tHandle": 420}),
]
SEGMENTS = [(0, "interact"), (1, "ivr"), (2, "delay"), (2, "interact"), (3, "alert"), (3, "interact"), (3, "wrapup")]


def day(conversations: int) -> Frames:
    """Staging frames of a day with so many conversations, collected."""
    number = pl.int_range(conversations, eager=True).alias("number")
    calls = pl.DataFrame({"number": number}).select(
        partition_date=pl.lit(DAY),
        conversation_id=_uuid("c", pl.col("number")),
        start=pl.lit(MIDNIGHT).cast(pl.Datetime("us", "UTC"))
        + pl.duration(milliseconds=pl.col("number") * 86_000_000 // conversations),
        queue=_uuid("q", pl.col("number") % QUEUES),
        user=_uuid("u", pl.col("number") % USERS),
        code=_uuid("w", pl.col("number") % CODES),
    )
    frames = {
        "conversations": calls.with_columns(
            conversation_start=pl.col("start"),
            conversation_end=pl.col("start") + pl.duration(seconds=420),
            originating_direction=pl.lit("inbound"),
            division_ids=pl.concat_list("queue"),
            media_stats_min_conversation_mos=pl.lit(4.8),
            fetched_at=pl.lit(MIDNIGHT + timedelta(days=1)),
        ),
        "participants": _sessions(calls),
        "sessions": _sessions(calls),
        "flows": _sessions(calls)
        .filter(pl.col("purpose") == "ivr")
        .with_columns(
            flow_id=pl.lit("f1"),
            flow_name=pl.lit("Main IVR"),
            flow_type=pl.lit("INBOUNDCALL"),
            exit_reason=pl.lit("TRANSFER"),
        ),
        "flow_outcomes": pl.DataFrame(schema=SCHEMAS["flow_outcomes"]),
        "segments": _children(calls, pl.DataFrame(_segment_rows())),
        "session_metrics": _children(calls, pl.DataFrame(_metric_rows())),
    }
    return {table: _typed(frame, SCHEMAS[table]).lazy() for table, frame in frames.items()}


def _uuid(letter: str, number: pl.Expr) -> pl.Expr:
    return pl.format(letter + "0000000-0000-4000-8000-{}", number.cast(pl.String).str.zfill(12))


def _typed(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _sessions(calls: pl.DataFrame) -> pl.DataFrame:
    return _children(calls, pl.DataFrame([_session(ordinal) for ordinal in range(len(SESSIONS))]))


def _session(ordinal: int) -> dict[str, object]:
    purpose = SESSIONS[ordinal][0]
    media = {"media_type": "voice", "direction": "inbound"}
    return {"participant_ordinal": ordinal, "session_ordinal": ordinal, "purpose": purpose, **media}


def _segment_rows() -> list[dict[str, object]]:
    return [
        {**_session(session), "segment_ordinal": n, "segment_type": kind, "seconds": 10 * n}
        for n, (session, kind) in enumerate(SEGMENTS)
    ]


def _metric_rows() -> list[dict[str, object]]:
    return [
        {**_session(n), "metric_ordinal": m, "name": name, "seconds": seconds, "value": seconds * 1000}
        for n, (_, metrics) in enumerate(SESSIONS)
        for m, (name, seconds) in enumerate(metrics.items())
    ]


def _children(calls: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    seconds = pl.col("seconds") if "seconds" in rows.columns else pl.lit(0)
    instant = pl.col("start") + pl.duration(seconds=seconds)
    of_agent = pl.col("purpose") == "agent"
    in_queue = pl.col("purpose").is_in(["acd", "agent", "customer"])
    return calls.join(rows, how="cross").with_columns(
        user_id=pl.when(of_agent).then("user"),
        queue_id=pl.when(in_queue).then("queue"),
        wrap_up_code=pl.when(of_agent & (pl.col("segment_type") == "wrapup")).then("code")
        if "segment_type" in rows.columns
        else pl.lit(None, pl.String),
        emit_date=instant,
        segment_start=instant,
        segment_end=instant,
    )


def main(conversations: int) -> None:
    """Print the time of each mart and of all, best of five."""
    marts = every_mart(day(conversations))
    per_call = sum(len(metrics) for _, metrics in SESSIONS)
    print(f"{conversations:,} conversations, {conversations * per_call:,} metrics, {pl.thread_pool_size()} threads")
    total = 0.0
    for name, mart in marts.items():
        seconds, height = min(_timed(mart) for _ in range(5))
        total += seconds
        print(f"{name:20} {seconds * 1000:7.0f} ms {height:9,} rows")
    print(f"{'all':20} {total * 1000:7.0f} ms")


def _timed(mart: pl.LazyFrame) -> tuple[float, int]:
    began = time.perf_counter()
    height = mart.collect().height
    return time.perf_counter() - began, height


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
