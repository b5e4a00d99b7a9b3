"""The data that a daily report is made of.

What belongs here: the frames and notes that the report is given, and nothing that is computed from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from genesys_assets.marts import ServiceLevelOptions
from genesys_assets.windows import Interval

WEEKS_BACK = (1, 2, 3, 4)

TARGETS = {
    "queue_id": pl.String(),
    "media_type": pl.String(),
    "service_level_target": pl.Float64(),
    "service_level_duration_ms": pl.Int64(),
}
"""Columns of the service-level targets: share between 0 and 1, to be answered within so many milliseconds."""


@dataclass(frozen=True)
class CheckNote:
    """The result of a check of the day's data.

    Attributes:
        asset: The checked asset: raw/conversations.
        name: The check.
        passed: Whether it passed.
        serious: Whether its failure means that the figures mislead; otherwise it is a warning.
        description: What it said, "" for nothing.
    """

    asset: str
    name: str
    passed: bool
    serious: bool = True
    description: str = ""


@dataclass(frozen=True)
class Difference:
    """A figure that differs from Genesys Cloud's.

    Attributes:
        of: The names, or ids, of the queue, agent, wrap-up code or flow that it is of.
        media: Media, "" where there is none.
        figure: The figure of the mart.
        metric: What Genesys Cloud calls it, and which statistic.
        ours: Ours.
        genesys: Genesys Cloud's.
    """

    of: str
    media: str
    figure: str
    metric: str
    ours: float | None
    genesys: float | None


@dataclass(frozen=True)
class Comparison:
    """How the day's figures compare with Genesys Cloud's own.

    Attributes:
        differences: How many figures differ.
        shown: The first of them.
    """

    differences: int
    shown: tuple[Difference, ...] = ()


Standing = Literal["complete", "provisional", "mismatch", "check_failed", "not_compared"]


@dataclass(frozen=True)
class DataNotes:
    """How the day's data was read and checked; what is not known is None.

    Attributes:
        source: job or query.
        complete: Whether Genesys Cloud had the whole day when it was read.
        read_at: When the day was read from Genesys Cloud.
        conversations: Conversations active on the day.
        open_conversations: Of these, not ended when the day was read.
        checks: Results of the checks of the day's data, the latest of each.
        comparison: With Genesys Cloud's own figures; None: the figures were not compared since they were made.
    """

    source: str | None = None
    complete: bool | None = None
    read_at: datetime | None = None
    conversations: int | None = None
    open_conversations: int | None = None
    checks: tuple[CheckNote, ...] = ()
    comparison: Comparison | None = None

    @property
    def failed(self) -> list[CheckNote]:
        """Return the checks whose failure means that the figures mislead."""
        return [check for check in self.checks if check.serious and not check.passed]

    @property
    def standing(self) -> Standing | None:
        """Return how far the day's figures can be trusted, by the worst that is known; None if nothing is recorded."""
        differs = self.comparison is not None and bool(self.comparison.differences)
        if differs and self.complete:
            return "mismatch"
        if self.failed:
            return "check_failed"
        if not self.complete:
            return None if self.complete is None else "provisional"
        return "complete" if self.comparison is not None else "not_compared"


@dataclass(frozen=True)
class ReportData:
    """Everything that a report of a day is made of.

    Attributes:
        day: Day of the figures.
        window: From its midnight to the next one.
        queue_performance: The mart, of this day.
        agent_performance: The mart, of this day.
        wrapup_performance: The mart, of this day.
        flow_performance: The mart, of this day.
        history: marts.queue_performance of the same weekday in the weeks before.
        history_days: Those of these days that are stored; one without a row in `history` had no interaction.
        targets: Service-level targets; see `TARGETS`.
        notes: How the data was read and checked.
        made_at: When the report is made.
        zone: Time zone of the times that are shown.
        service_level: The organisation's switches.
        organisation: Name of the organisation; None: not known.
        is_sandbox: Whether the figures are the sandbox's, and no organisation's.
    """

    day: date
    window: Interval
    queue_performance: pl.LazyFrame
    agent_performance: pl.LazyFrame
    wrapup_performance: pl.LazyFrame
    flow_performance: pl.LazyFrame
    history: pl.LazyFrame
    history_days: Sequence[date]
    targets: pl.DataFrame
    notes: DataNotes
    made_at: datetime
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    service_level: ServiceLevelOptions = field(default_factory=ServiceLevelOptions)
    organisation: str | None = None
    is_sandbox: bool = False


def comparison_days(day: date) -> list[date]:
    """Return the same weekday of the weeks that a day is compared with, the latest first."""
    return [day - timedelta(weeks=weeks) for weeks in WEEKS_BACK]


def targets_of(queues: pl.DataFrame) -> pl.DataFrame:
    """Return the service-level targets that directory.queues has, one row for each queue and media; see `TARGETS`.

    Args:
        queues: directory.queues: for each media a column `<media>_service_level_percentage` and `..._duration_ms`.
    """
    suffix = "_service_level_percentage"
    by_media = [
        queues.select(
            pl.col("id").alias("queue_id"),
            pl.lit(media).alias("media_type"),
            pl.col(f"{media}{suffix}").alias("service_level_target"),
            pl.col(f"{media}_service_level_duration_ms").alias("service_level_duration_ms"),
        )
        for media in (column.removesuffix(suffix) for column in queues.columns if column.endswith(suffix))
    ]
    return pl.concat([pl.DataFrame(schema=TARGETS), *by_media]).drop_nulls("service_level_target")
