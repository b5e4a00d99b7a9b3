"""The lengths of the intervals by which a day's figures may be grouped."""

from typing import Literal, get_args

IntervalMinutes = Literal[15, 30, 60]
"""Each divides an hour evenly, as the intervals of Genesys Cloud's own figures do."""
INTERVAL_MINUTES: tuple[int, ...] = get_args(IntervalMinutes)
INTERVAL_LENGTHS = "{}, {} or {}".format(*INTERVAL_MINUTES)
"""The lengths as part of a sentence."""
