"""marts.wrapup_performance: the figures of the Wrap-Up Performance view."""

from __future__ import annotations

import polars as pl

from genesys_assets.metrics.days import emitted_on_its_day
from genesys_assets.metrics.measures import HANDLED, TRANSFERRED, measured, with_ratios

GRAIN = ("partition_date", "wrap_up_code", "queue_id", "media_type")
MEASURES = (*HANDLED, *TRANSFERRED)
SESSION = ("partition_date", "conversation_id", "session_ordinal")


def wrapup_performance(session_metrics: pl.LazyFrame, segments: pl.LazyFrame) -> pl.LazyFrame:
    """One row per wrap-up code, queue, media and day: what was handled and ended with that code.

    A session's figures count for the last wrap-up code of its own segments, and for that one alone, so the codes add up
    to the queue's figures. Sessions that were handled without one stand in a row whose code is null.

    Args:
        session_metrics: staging.session_metrics, of one day or several.
        segments: staging.segments of the same days.

    Returns:
        The rows of marts.wrapup_performance without names, sorted by their key.

    Example:
        >>> from datetime import date, datetime, UTC
        >>> session = {"partition_date": date(2026, 11, 20), "conversation_id": "c1", "session_ordinal": 2}
        >>> at = datetime(2026, 11, 20, 7, 32, tzinfo=UTC)
        >>> metrics = pl.LazyFrame([{**session, "queue_id": "q1", "media_type": "voice", "name": "tHandle",
        ...                          "value": 200_000, "emit_date": at}])
        >>> segments = pl.LazyFrame([
        ...     {**session, "segment_ordinal": 0, "segment_start": at, "wrap_up_code": "first-try"},
        ...     {**session, "segment_ordinal": 1, "segment_start": at, "wrap_up_code": "resolved"},
        ... ])
        >>> wrapup_performance(metrics, segments).select("wrap_up_code", "handled", "handle_time_ms").collect().rows()
        [('resolved', 1, 200000)]
    """
    handling = emitted_on_its_day(session_metrics).filter(
        pl.col("name").is_in(sorted({measure.metric for measure in MEASURES}))
    )
    coded = handling.join(last_wrap_up_codes(segments, SESSION), on=SESSION, how="left", validate="m:1")
    return with_ratios(measured(coded, GRAIN, MEASURES)).sort(GRAIN)


def last_wrap_up_codes(segments: pl.LazyFrame, by: tuple[str, ...]) -> pl.LazyFrame:
    """The last wrap-up code of each session or conversation (`by`) that has one, by the start of its segment."""
    return (
        segments.filter(pl.col("wrap_up_code").is_not_null())
        .sort("segment_start", "session_ordinal", "segment_ordinal")
        .group_by(by)
        .agg(pl.col("wrap_up_code").last())
    )
