"""Intervals of UTC time, as the API expects them. The readers decide which intervals they read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from genesys_assets.activity import NEAR, lived

ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The time from `start` up to, not including, `end`; both aware, in UTC.

    Attributes:
        start: Its first instant.
        end: The first instant after it.
        name: What people call it, such as the date of a day; without one by its instants.
    """

    start: datetime
    end: datetime
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("An interval needs times with a time zone.")
        if self.end <= self.start:
            raise ValueError(f"An interval must end after it starts: {self.iso()}.")

    def __str__(self) -> str:
        return self.name or self.iso()

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Return the interval of a text that `iso` has returned."""
        start, _, end = text.partition("/")
        return cls(datetime.fromisoformat(start), datetime.fromisoformat(end))

    def iso(self) -> str:
        """Return the interval as the API expects it: '2026-11-22T00:00:00.000Z/2026-11-23T00:00:00.000Z'."""
        return f"{instant(self.start)}/{instant(self.end)}"

    def slices(self, length: timedelta) -> list[Interval]:
        """Split the interval into consecutive pieces of `length`; the last one may be shorter."""
        pieces: list[Interval] = []
        start = self.start
        while start < self.end:
            pieces.append(Interval(start, min(start + length, self.end)))
            start = pieces[-1].end
        return pieces

    def halves(self) -> tuple[Interval, Interval] | None:
        """Split the interval in two at a whole second; None if it is not longer than a second."""
        if self.end - self.start <= ONE_SECOND:
            return None
        half = max(ONE_SECOND, timedelta(seconds=(self.end - self.start).total_seconds() // 2))
        return Interval(self.start, self.start + half), Interval(self.start + half, self.end)

    def contains(self, other: Interval) -> bool:
        """Tell whether `other` lies in this interval."""
        return self.start <= other.start and other.end <= self.end

    def holds(self, moment: datetime) -> bool:
        """Tell whether an instant lies in this interval."""
        return self.start <= moment < self.end

    def is_lived(self, start: datetime, end: datetime | None) -> bool:
        """Tell whether a conversation with this start and end (None: still open) lived in the interval."""
        return lived(start, end, self.start, self.end)

    def nearby(self) -> Interval:
        """Return the interval extended by `NEAR` on both sides, where conversations with metrics in it may live."""
        return Interval(self.start - NEAR, self.end + NEAR)


def instant(moment: datetime) -> str:
    """Return a moment in UTC with milliseconds: '2026-11-22T00:00:00.000Z'."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
