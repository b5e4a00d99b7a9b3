"""What of the session metrics is in no figure, or not with its value: counted, so that nothing is lost unseen.

Belongs here: which metrics a figure cannot count, and why. What follows from there being some is the checks' business.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import polars as pl

from genesys_assets.activity import NEAR
from genesys_assets.marts.formulas.measures import LARGEST_VALUE, MEASURES, believed
from genesys_assets.windows.frames import UTC_DAYS, day_at, in_window, lived_near

MEASURED = sorted({measure.metric for measure in MEASURES})
CONVERSATION = ("partition_date", "conversation_id")

UNCOUNTED_REASONS = {
    "no_instant": "without an emitDate: they count on no day",
    "far_from_its_conversation": f"emitted on a day on which their conversation was not active: more than "
    f"{NEAR.total_seconds():.0f} s before its start or after its end; they count on no day",
    "no_value": "without a value: they count as occurrences, and add nothing to the sums",
    "impossible_value": f"below 0 or over {LARGEST_VALUE:,}: they count as occurrences, and add nothing to the sums",
}
"""Why a metric is not counted as it should be, and what that means."""


def uncounted(session_metrics: pl.LazyFrame, conversations: pl.LazyFrame, *, zone: ZoneInfo = UTC_DAYS) -> pl.LazyFrame:
    """Count the metrics that figures are made of but that no figure counts in full.

    Args:
        session_metrics: staging.session_metrics, of one day or several.
        conversations: staging.conversations of the same days.
        zone: The time zone of the days.

    Returns:
        One row per day, reason (of `UNCOUNTED_REASONS`) and metric that there is, sorted: `partition_date`, `reason`,
        `name`, `metrics`.

    Example:
        >>> from datetime import datetime, UTC
        >>> at = datetime(2026, 11, 20, 7, tzinfo=UTC)
        >>> key = {"partition_date": at.date(), "conversation_id": "c1"}
        >>> metrics = pl.LazyFrame([{**key, "name": "tHandle", "value": 10, "emit_date": at},
        ...                         {**key, "name": "tHandle", "value": -10, "emit_date": at},
        ...                         {**key, "name": "nOffered", "value": 1, "emit_date": None}])
        >>> life = pl.LazyFrame([{**key, "conversation_start": at, "conversation_end": at}])
        >>> uncounted(metrics, life).select("reason", "name", "metrics").collect().rows()
        [('impossible_value', 'tHandle', 1), ('no_instant', 'nOffered', 1)]
    """
    of_figures = session_metrics.filter(pl.col("name").is_in(MEASURED))
    lives = conversations.select(*CONVERSATION, "conversation_start", "conversation_end")
    on_other_days = (
        of_figures.filter(~in_window("emit_date", zone))
        .join(lives, on=CONVERSATION, how="inner")
        .filter(~lived_near(day_at("emit_date", zone), zone))
    )
    value = pl.col("value")
    found = {
        "no_instant": of_figures.filter(pl.col("emit_date").is_null()),
        "far_from_its_conversation": on_other_days,
        "no_value": of_figures.filter(value.is_null()),
        "impossible_value": of_figures.filter(value.is_not_null(), ~believed()),
    }
    counted = [
        rows.group_by("partition_date", pl.lit(reason).alias("reason"), "name").agg(metrics=pl.len().cast(pl.Int64))
        for reason, rows in found.items()
    ]
    return pl.concat(counted).sort("partition_date", "reason", "name")
