"""The days of partitions and their windows, for single values: a day's interval, and the day of an instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from genesys_assets.windows.interval import Interval


def window_of(day: date | str) -> Interval:
    """Return the window of a day, given as a date or as the key of its partition: [00:00, 24:00) of UTC."""
    date_of_day = date.fromisoformat(day) if isinstance(day, str) else day
    following = date_of_day + timedelta(days=1)
    return Interval(datetime.combine(date_of_day, time(), UTC), datetime.combine(following, time(), UTC))


def day_at(instant: datetime) -> date:
    """Return the day in whose window an instant lies."""
    return instant.astimezone(UTC).date()


def last_closed_day(now: datetime) -> date:
    """Return the last day whose window has ended by `now`."""
    return day_at(now) - timedelta(days=1)
