"""When a figure counts: the instant of emission decides its day and its interval."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import polars as pl

from genesys_assets.marts.formulas.errors import UnknownIntervalError
from genesys_assets.windows import INTERVAL_LENGTHS, INTERVAL_MINUTES
from genesys_assets.windows.frames import day_at, in_window, last_instant


def emitted_on_its_day(session_metrics: pl.LazyFrame, zone: ZoneInfo) -> pl.LazyFrame:
    """Keep the metrics whose `emit_date` falls on their `partition_date`.

    A conversation that crosses midnight stands in the partition of each day on which it was active (see `activity`),
    with all its metrics; this is what makes each of them count in exactly one partition. A metric without an emit date
    belongs to no day: `uncounted` tells of it.

    Example:
        >>> from datetime import date, datetime, UTC
        >>> metrics = pl.LazyFrame({"partition_date": [date(2026, 11, 20), date(2026, 11, 21)], "name": ["tTalk"] * 2,
        ...                         "emit_date": [datetime(2026, 11, 21, 0, 4, tzinfo=UTC)] * 2})
        >>> emitted_on_its_day(metrics, ZoneInfo("UTC")).select("partition_date").collect().rows()
        [(datetime.date(2026, 11, 21),)]
    """
    return session_metrics.filter(in_window("emit_date", zone))


def ended_on_its_day(zone: ZoneInfo) -> pl.Expr:
    """Tell whether a conversation ended on its `partition_date`; an end before the start counts as the start."""
    return pl.col("conversation_end").is_not_null() & in_window(last_instant(), zone)


def began_by_its_day(zone: ZoneInfo) -> pl.Expr:
    """Tell whether a conversation began on its `partition_date` or before, and not only emitted a metric there."""
    return day_at("conversation_start", zone) <= pl.col("partition_date")


def interval_start(minutes: int) -> pl.Expr:
    """Return the start of the interval that holds `emit_date`, an instant.

    The clocks of a zone that is off UTC by whole intervals begin them at the same instants as those of UTC.

    Args:
        minutes: Length of the intervals, one of `INTERVAL_MINUTES`, counted from the full hour.

    Raises:
        UnknownIntervalError: For any other length.
    """
    if minutes not in INTERVAL_MINUTES:
        raise UnknownIntervalError(f"An interval is {INTERVAL_LENGTHS} minutes long, not {minutes}: set one of these.")
    return pl.col("emit_date").dt.truncate(f"{minutes}m").alias("interval_start")
