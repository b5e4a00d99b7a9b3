"""How long the intervals may be into which a day's figures are parted."""

from typing import Literal, get_args

IntervalMinutes = Literal[15, 30, 60]
"""Each parts an hour evenly, as the intervals of Genesys Cloud's own figures do."""
INTERVAL_MINUTES: tuple[int, ...] = get_args(IntervalMinutes)
INTERVAL_LENGTHS = "{}, {} or {}".format(*INTERVAL_MINUTES)
"""The same for a sentence."""
