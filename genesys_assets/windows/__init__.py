"""What a day is: a partition's window of time, [midnight, next midnight) of a time zone. No other module computes it.

`window_of` returns the window of a day, `day_at` the day of an instant; `windows.frames` does the same for columns.
"""

from genesys_assets.windows.days import day_at, is_off_utc_by_whole, last_closed_day, utc_days, window_of
from genesys_assets.windows.interval import Interval
from genesys_assets.windows.lengths import INTERVAL_LENGTHS, INTERVAL_MINUTES, IntervalMinutes

__all__ = [
    "INTERVAL_LENGTHS",
    "INTERVAL_MINUTES",
    "Interval",
    "IntervalMinutes",
    "day_at",
    "is_off_utc_by_whole",
    "last_closed_day",
    "utc_days",
    "window_of",
]
