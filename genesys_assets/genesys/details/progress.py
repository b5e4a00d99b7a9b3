"""The lines that log how far a day has been read: at most one in ten seconds, by the clock that is passed."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

EVERY_SECONDS = 10.0


class Progress:
    """Counts slices, pages and records, and logs them now and then.

    Args:
        title: What is being read, for the beginning of each line.
        records: What the records are called.
        slices: How many slices are to be read.
        expected: How many records are to be read, None when that is not known.
        log: Receives the lines, one at a time.
        clock: A monotonic clock, in seconds.
    """

    def __init__(
        self,
        title: str,
        records: str,
        slices: int,
        expected: int | None,
        log: Callable[[str], None],
        clock: Callable[[], float],
    ) -> None:
        self._title = title
        self._records = records
        self._slices = slices
        self._expected = expected
        self._log = log
        self._clock = clock
        self._began_at = self._last_line_at = clock()
        self._slices_done = 0
        self._pages = 0
        self._fetched = 0

    def page(self, records: int) -> None:
        """Count a page that was read."""
        self._pages += 1
        self._fetched += records
        if self._clock() - self._last_line_at >= EVERY_SECONDS:
            self._tell()

    def slice_done(self) -> None:
        """Count a slice that was read in full."""
        self._slices_done += 1

    def _tell(self) -> None:
        self._last_line_at = self._clock()
        seconds = self._last_line_at - self._began_at
        of_pages = f" of about {self._expected_pages():,}" if self._expected and self._fetched else ""
        of_expected = f" of about {self._expected:,}" if self._expected else ""
        share = self._share()
        left = f", about {_duration(seconds * (1 - share) / share)} left" if 0 < share < 1 else ""
        self._log(
            f"{self._title}: {self._slices_done} of {self._slices} slices, {self._pages:,}{of_pages} pages, "
            f"{self._fetched:,}{of_expected} {self._records}, {self._fetched / seconds:,.0f} a second{left}."
        )

    def _expected_pages(self) -> int:
        """Estimate how many pages it takes, if those to come are as large as those that came."""
        return max(self._pages, ceil((self._expected or 0) * self._pages / self._fetched))

    def _share(self) -> float:
        """Return how much of it is done: by records where their number is known, otherwise by slices."""
        if self._expected:
            return self._fetched / self._expected
        return self._slices_done / self._slices


def _duration(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 90 else f"{seconds / 60:,.0f} min"  # noqa: PLR2004 - a matter of taste
