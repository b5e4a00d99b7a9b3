"""marts.wrapup_performance: the figures of the Wrap-Up Performance view."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from genesys_assets.marts.columns import ByMedia, MartRows, OnQueues
from genesys_assets.marts.formulas.days import emitted_on_its_day
from genesys_assets.marts.formulas.measures import HANDLED, TRANSFERRED, measured, with_ratios
from genesys_assets.marts.formulas.reconciliation import Comparison
from genesys_assets.marts.mart import Mart
from genesys_assets.windows.frames import UTC_DAYS

MEASURES = (*HANDLED, *TRANSFERRED)


class WrapupRows(MartRows):
    """Which wrap-up code."""

    wrap_up_code = dy.String(nullable=True, description="Last wrap-up code of the session; null: it has none.")


class WrapupPerformance(WrapupRows, OnQueues, ByMedia):
    """One row per wrap-up code, queue, media and day: the sessions handled with that code as their last one."""

    grain = ("partition_date", "wrap_up_code", "queue_id", "media_type")


def wrapup_performance(session_metrics: pl.LazyFrame, *, zone: ZoneInfo = UTC_DAYS) -> pl.LazyFrame:
    """One row per wrap-up code, queue, media and day: what was handled and ended with that code.

    A session's figures count for the last wrap-up code of its own segments, and for that one alone, so the codes add up
    to the queue's figures. Sessions that were handled without one stand in a row whose code is null.

    Args:
        session_metrics: staging.session_metrics, of one day or several.
        zone: The time zone of the days.

    Returns:
        The rows of marts.wrapup_performance without names, sorted by their key.

    Example:
        >>> from datetime import date, datetime, UTC
        >>> session = {"partition_date": date(2026, 11, 20), "queue_id": "q1", "media_type": "voice",
        ...            "emit_date": datetime(2026, 11, 20, 7, 32, tzinfo=UTC), "name": "tHandle"}
        >>> metrics = pl.LazyFrame([
        ...     {**session, "wrap_up_code": "resolved", "value": 200_000},
        ...     {**session, "wrap_up_code": "resolved", "value": 100_000},
        ...     {**session, "wrap_up_code": None, "value": 30_000},
        ... ])
        >>> wrapup_performance(metrics).select("wrap_up_code", "handled", "handle_time_ms").collect().rows()
        [(None, 1, 30000), ('resolved', 2, 300000)]
    """
    names = sorted({measure.metric for measure in MEASURES})
    handling = emitted_on_its_day(session_metrics, zone).filter(pl.col("name").is_in(names))
    return with_ratios(measured(handling, WrapupPerformance.grain, MEASURES)).sort(WrapupPerformance.grain)


MART = Mart(
    "wrapup_performance",
    WrapupPerformance,
    wrapup_performance,
    inputs={
        "session_metrics": ("partition_date", "name", "value", "emit_date", "media_type", "queue_id", "wrap_up_code")
    },
    measures=MEASURES,
    comparisons=(
        # What was emitted before the wrap-up may or may not have its code in the aggregates: that is not known.
        Comparison(
            {"wrap_up_code": "wrapUpCode", "queue_id": "queueId", "media_type": "mediaType"},
            metrics=frozenset({"tHandle", "tAcw"}),
        ),
        Comparison({"queue_id": "queueId", "media_type": "mediaType"}),
    ),
)
