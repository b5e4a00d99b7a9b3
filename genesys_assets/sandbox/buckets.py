"""The intervals into which aggregates are counted: of a granularity, from the start of the query's interval.

Belongs here: periods such as PT30M, P1D and P1M, and the clocks by which days and months are counted.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from genesys_assets.sandbox.document import timestamp
from genesys_assets.sandbox.errors import ApiError
from genesys_assets.sandbox.exchange import milliseconds_of
from genesys_assets.sandbox.rules import Rule

RULES = (
    Rule(
        "The buckets of a query are its granularity long, from the interval's start; without one there is one bucket.",
        "official",
        "official Python SDK 269, ConversationAggregationQuery",
        "test_events_are_bucketed_by_the_half_hour_of_their_emission",
    ),
    Rule(
        "Days, weeks and months are those of timeZone, so that a day in which clocks change has 23 or 25 hours.",
        "official",
        "official Python SDK 269: it allows resolving the changes of clocks",
        "test_days_are_those_of_the_time_zone",
    ),
    Rule(
        "A granularity of nothing, an unreadable one and an unknown time zone are a 400.",
        "guess",
        "the usual code",
        "test_a_query_that_cannot_be_understood_is_refused",
    ),
)

_PERIOD = re.compile(
    r"P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,7})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9})S)?)?"
)
_MOST_MONTHS, _MOST_DAYS = 24, 800
"""More than any interval has."""


class Buckets:
    """The buckets of an interval, numbered from 0; ApiError 400 for a period or time zone that is none.

    Args:
        interval: Start and end in epoch milliseconds.
        granularity: How long a bucket is, as an ISO-8601 period; None: as long as the interval.
        zone: The name of the time zone of days, weeks and months; None: UTC.
    """

    def __init__(self, interval: tuple[int, int], granularity: str | None, zone: str | None) -> None:
        self._start, self._end = interval
        self._zone = _zone(zone)
        self._months, self._days, self._ms = _period(granularity) if granularity is not None else (0, 0, 0)
        self._starts = [self._start, *self._steps()] if self._months or self._days else [self._start]

    def number(self, at: int) -> int:
        """Return the number of the bucket of an instant."""
        if self._months or self._days:
            return bisect_right(self._starts, at) - 1
        return (at - self._start) // self._ms if self._ms else 0

    def text(self, number: int) -> str:
        """Return a bucket's interval."""
        if not (self._months or self._days):
            first = self._start + number * self._ms
            last = first + self._ms if self._ms else self._end
        else:
            first, last = [*self._starts[number:], self._end][:2]
        return f"{timestamp(first)}/{timestamp(min(last, self._end))}"

    def _steps(self) -> Iterator[int]:
        """Yield where each bucket but the first starts, by the clocks of the time zone."""
        began = datetime.fromtimestamp(self._start // 1_000, self._zone).replace(tzinfo=None)
        number, at = 0, self._start
        while True:
            number += 1
            following = self._after(began, number)
            if following >= self._end:
                return
            if following > at:
                at = following
                yield at

    def _after(self, began: datetime, number: int) -> int:
        """Return where a bucket starts: months and days after local clocks showed `began`, and so many milliseconds."""
        if number * self._months > _MOST_MONTHS or number * self._days > _MOST_DAYS:
            return self._end
        months = began.month - 1 + number * self._months
        year, month = began.year + months // 12, months % 12 + 1
        day = min(began.day, calendar.monthrange(year, month)[1])
        local = began.replace(year=year, month=month, day=day) + timedelta(days=number * self._days)
        return (
            milliseconds_of(local.replace(tzinfo=self._zone).astimezone(UTC)) + number * self._ms + self._start % 1_000
        )


def _period(text: str) -> tuple[int, int, int]:
    """Return a period's months, days and milliseconds."""
    match = _PERIOD.fullmatch(text)
    parts = {name: int(value) for name, value in match.groupdict().items() if value} if match else {}
    months = 12 * parts.get("years", 0) + parts.get("months", 0)
    days = 7 * parts.get("weeks", 0) + parts.get("days", 0)
    seconds = 3_600 * parts.get("hours", 0) + 60 * parts.get("minutes", 0) + parts.get("seconds", 0)
    if not (months or days or seconds):
        raise ApiError("bad.request")
    return months, days, seconds * 1_000


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, KeyError, OSError):
        raise ApiError("bad.request") from None
