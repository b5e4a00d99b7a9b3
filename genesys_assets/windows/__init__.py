"""What a day is: a partition's window of time, [midnight, next midnight) of UTC. No other module computes it.

`window_of` returns the window of a day, `day_at` the day of an instant; `windows.frames` does the same for columns.
"""

from genesys_assets.windows.days import day_at, last_closed_day, window_of
from genesys_assets.windows.interval import Interval
from genesys_assets.windows.lengths import INTERVAL_LENGTHS, INTERVAL_MINUTES, IntervalMinutes

__all__ = [
    "INTERVAL_LENGTHS",
    "INTERVAL_MINUTES",
    "Interval",
    "IntervalMinutes",
    "day_at",
    "last_closed_day",
    "window_of",
]
