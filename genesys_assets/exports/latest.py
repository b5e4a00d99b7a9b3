"""queue_performance/latest.json: the last closed day by queue, small enough for a Genesys Architect data action.

What belongs here: the document's form, which docs/exports.md shows, and the rule that an earlier day never replaces a
later one. A change that breaks readers raises `VERSION`; a new field does not.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import polars as pl

from genesys_assets.exports.destination import Destination
from genesys_assets.marts import ServiceLevelOptions, roll_up

LATEST_PATH = "queue_performance/latest.json"
VERSION = 1


class Figures(msgspec.Struct, kw_only=True):
    """The day's figures, of one queue or of all. Times are whole milliseconds, shares are between 0 and 1.

    Attributes:
        offered: Interactions offered.
        answered: Answered by an agent.
        abandoned: Abandoned before that.
        handled: Sessions that agents handled to their end.
        service_level: Share answered within the queue's target; null: nothing was answered or abandoned.
        abandon_rate: abandoned / offered; null: nothing was offered.
        average_speed_of_answer_ms: Wait of the answered; null: nothing was answered.
        average_handle_time_ms: Talk, hold and after-call work of the handled; null: nothing was handled.
    """

    offered: int
    answered: int
    abandoned: int
    handled: int
    service_level: float | None
    abandon_rate: float | None
    average_speed_of_answer_ms: int | None
    average_handle_time_ms: int | None


class QueueFigures(Figures, kw_only=True):
    """The figures of one queue, over all media and directions.

    Attributes:
        queue_id: Queue.
        queue_name: Its name; null when the directory does not have it.
    """

    queue_id: str
    queue_name: str | None


class LatestDay(msgspec.Struct, kw_only=True):
    """The document.

    Attributes:
        version: Of the form; readers refuse one that they do not know.
        partition_date: Day of the figures.
        organisation: Name of the organisation whose figures they are; "Sandbox" where the sandbox answers.
        written_at: When the document was made, UTC.
        state: How far the figures can be trusted: complete (and equal to Genesys Cloud's own), provisional, mismatch
            (some differ from Genesys Cloud's), check_failed, not_compared; null: nothing is recorded of the day.
        total: All queues.
        queues: One for each queue with a figure on the day, the busiest first.
    """

    version: int
    partition_date: date
    organisation: str | None
    written_at: datetime
    state: str | None
    total: Figures
    queues: list[QueueFigures]


def latest_day(
    queue_performance: pl.LazyFrame,
    day: date,
    *,
    service_level: ServiceLevelOptions | None = None,
    organisation: str | None = None,
    now: datetime,
    state: str | None = None,
) -> LatestDay:
    """Return the document of a day.

    Args:
        queue_performance: marts.queue_performance, of this day or of more.
        day: The day.
        service_level: The organisation's switches; Genesys's defaults when not given.
        organisation: The organisation's name.
        now: When the document is made.
        state: How far the day's figures can be trusted; see `LatestDay`.
    """
    of_day = queue_performance.filter(pl.col("partition_date") == day)
    names = of_day.group_by("queue_id").agg(pl.col("queue_name").drop_nulls().first())
    by_queue = roll_up(of_day.drop_nulls("queue_id"), ["queue_id"], service_level=service_level).join(
        names, on="queue_id"
    )
    queues = by_queue.sort("offered", "queue_id", descending=[True, False]).collect().to_dicts()
    total = roll_up(of_day, [], service_level=service_level).collect().to_dicts()[0]
    return LatestDay(
        version=VERSION,
        partition_date=day,
        organisation=organisation,
        written_at=now.astimezone(UTC).replace(microsecond=0),
        state=state,
        total=msgspec.convert(_rounded(total), Figures),
        queues=[msgspec.convert(_rounded(queue), QueueFigures) for queue in queues],
    )


def publish_latest(to: Destination, latest: LatestDay) -> bool:
    """Write the document, unless a later day's is already there.

    Returns:
        Whether it was written.

    Raises:
        ExportError: The destination refuses, or cannot be reached.
    """
    content = msgspec.json.format(msgspec.json.encode(latest), indent=2)

    def newer(present: bytes | None) -> bytes | None:
        return content if present is None or _day_of(present) <= latest.partition_date else None

    return to.update(LATEST_PATH, newer)


class _Dated(msgspec.Struct):
    partition_date: date


def _day_of(content: bytes) -> date:
    """Return the day of a document of any version; the earliest date when it cannot be read, so that it is replaced."""
    try:
        return msgspec.json.decode(content, type=_Dated).partition_date
    except msgspec.MsgspecError:
        return date.min


def _rounded(row: dict[str, object]) -> dict[str, object]:
    return {name: _short(name, value) for name, value in row.items()}


def _short(name: str, value: object) -> object:
    if not isinstance(value, float):
        return value
    return round(value) if name.endswith("_ms") else round(value, 4)
