"""The days of partitions and their windows, for single values: a day's interval, and the day of an instant.

A day is a date on the clocks of a time zone. Its window goes from its midnight to the next one: 24 hours, or 23 to 25
where the clocks change, and from the first instant on where a change leaves midnight out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from genesys_assets.windows.interval import Interval

_YEARS = range(2020, 2037)
"""Genesys Cloud keeps conversations for some years; clocks that a law changes are known to newer time zone data."""


def window_of(day: date | str, zone: tzinfo) -> Interval:
    """Return the window of a day, given as a date or as the key of its partition: [midnight, next midnight)."""
    date_of_day = date.fromisoformat(day) if isinstance(day, str) else day
    end = _midnight(date_of_day + timedelta(days=1), zone)
    return Interval(_midnight(date_of_day, zone), end, str(date_of_day))


def day_at(instant: datetime, zone: tzinfo) -> date:
    """Return the day in whose window an instant lies."""
    return instant.astimezone(zone).date()


def last_closed_day(now: datetime, zone: tzinfo) -> date:
    """Return the last day whose window has ended by `now`."""
    return day_at(now, zone) - timedelta(days=1)


def utc_days(window: Interval) -> Interval:
    """Return the whole days of UTC that a window touches: Genesys Cloud's own data lake knows no other days."""
    last_instant = window.end - timedelta(microseconds=1)
    return Interval(window_of(day_at(window.start, UTC), UTC).start, window_of(day_at(last_instant, UTC), UTC).end)


def is_off_utc_by_whole(length: timedelta, zone: tzinfo) -> bool:
    """Tell whether the clocks of a zone are always off UTC by whole multiples of a length, in summer and in winter.

    Then intervals of that length begin at the same instants by its clocks as by those of UTC.
    """
    months = [datetime(year, month, 1, tzinfo=zone) for year in _YEARS for month in range(1, 13)]
    return not any((month.utcoffset() or timedelta()) % length for month in months)


def _midnight(day: date, zone: tzinfo) -> datetime:
    # Of a midnight that comes twice the first counts; one that does not come is taken by the clocks before the change.
    return datetime.combine(day, time(), zone).astimezone(UTC)
