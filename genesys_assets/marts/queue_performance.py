"""marts.queue_performance: the figures of the Queues Performance views."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from genesys_assets.marts.columns import ByDirection, MartRows, OnQueues, told
from genesys_assets.marts.formulas.days import emitted_on_its_day, interval_start
from genesys_assets.marts.formulas.measures import (
    ALERTED,
    ANSWERED,
    HANDLED,
    OFFERED,
    OUTBOUND,
    TRANSFERRED,
    VOICEMAILS,
    measured,
    with_ratios,
)
from genesys_assets.marts.formulas.reconciliation import Comparison
from genesys_assets.marts.formulas.service_level import ServiceLevelOptions
from genesys_assets.marts.mart import Mart
from genesys_assets.windows import INTERVAL_LENGTHS
from genesys_assets.windows.frames import UTC_DAYS

MEASURES = (*OFFERED, *ANSWERED, *HANDLED, *TRANSFERRED, *ALERTED, *OUTBOUND, *VOICEMAILS)


class IntervalRows(MartRows):
    """Which stretch of the day."""

    interval_start = dy.Datetime(
        time_zone="UTC",
        time_unit="us",
        description="Start of the interval in which the metrics were emitted, UTC.",
        metadata=told("session_metrics.emit_date"),
    )
    interval_minutes = dy.Int64(description=f"Length of the interval: {INTERVAL_LENGTHS}.")


class QueuePerformance(IntervalRows, OnQueues, ByDirection):
    """One row per queue, media, direction and interval of the day in which the queue emitted a metric."""

    grain = ("partition_date", "interval_start", "queue_id", "media_type", "direction")


def queue_performance(
    session_metrics: pl.LazyFrame,
    *,
    interval_minutes: int = 15,
    service_level: ServiceLevelOptions | None = None,
    zone: ZoneInfo = UTC_DAYS,
) -> pl.LazyFrame:
    """One row per queue, media, direction and interval in which the queue emitted a metric.

    A metric counts in the interval in which it was emitted, as in Genesys Cloud: a call offered at 7:28 and answered at
    7:32 is offered in one interval and answered in the next. Metrics that stand on no queue (a call that an agent
    dials without one) are the agent's: they are in agent_performance alone.

    Args:
        session_metrics: staging.session_metrics, of one day or several.
        interval_minutes: One of `windows.INTERVAL_MINUTES`.
        service_level: The organisation's switches; Genesys's defaults when not given.
        zone: The time zone of the days.

    Returns:
        The rows of marts.queue_performance without names, sorted by their key.

    Raises:
        ValueError: The interval has another length.

    Example:
        >>> from datetime import date, datetime, UTC
        >>> session = {"partition_date": date(2026, 11, 20), "queue_id": "q1", "media_type": "voice",
        ...            "direction": "inbound"}
        >>> def at(hour, minute):
        ...     return datetime(2026, 11, 20, hour, minute, tzinfo=UTC)
        >>> metrics = pl.LazyFrame([
        ...     {**session, "name": "nOffered", "value": 1, "emit_date": at(7, 28)},
        ...     {**session, "name": "tAnswered", "value": 240_000, "emit_date": at(7, 32)},
        ... ])
        >>> day = queue_performance(metrics).collect()
        >>> for row in day.select(pl.col("interval_start").dt.time(), "offered", "answered", "service_level").rows():
        ...     print(row)
        (datetime.time(7, 15), 1, 0, None)
        (datetime.time(7, 30), 0, 1, 1.0)
    """
    on_queues = emitted_on_its_day(session_metrics, zone).filter(pl.col("queue_id").is_not_null())
    figures = measured(on_queues.with_columns(interval_start(interval_minutes)), QueuePerformance.grain, MEASURES)
    minutes = pl.lit(interval_minutes, dtype=pl.Int64).alias("interval_minutes")
    day_and_start = ("partition_date", "interval_start")
    rows = with_ratios(figures, service_level).select(*day_and_start, minutes, pl.exclude(day_and_start))
    return rows.sort(QueuePerformance.grain)


BY_QUEUE = {"queue_id": "queueId", "media_type": "mediaType"}
MART = Mart(
    "queue_performance",
    QueuePerformance,
    queue_performance,
    inputs={"session_metrics": ("partition_date", "name", "value", "emit_date", "media_type", "direction", "queue_id")},
    measures=MEASURES,
    comparisons=(
        Comparison(BY_QUEUE, always=["queue_id"], metrics=frozenset({"oServiceLevel"})),
        Comparison(BY_QUEUE, always=["queue_id"], by_interval=True),
    ),
)
