"""Decides which days to request: pure functions of plain values, without Dagster, clock or network.

What belongs here: the rules, and the cursor in which a tick leaves what the next one has to know. `sensors` and
`schedules` find the facts and hand the requests to Dagster.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from genesys_assets.windows import window_of

CURSOR_VERSION = 1
FIRST_WAIT = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=1)
"""A day that was requested and is still not stored is requested again after an hour, two, four, ..., a day. So a day
that cannot succeed costs ten runs in its week, not one every tick."""


class Coverage(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the sensor remembers of a day that the watermark covers.

    Attributes:
        covered_at: When a tick first saw it covered.
        attempts: How often it has been requested since.
        requested_at: When it was requested last; None: not yet.
    """

    covered_at: datetime
    attempts: int = 0
    requested_at: datetime | None = None

    def may_be_requested(self, now: datetime) -> bool:
        """Tell whether enough time has passed since the attempts so far."""
        return self.requested_at is None or now >= self.requested_at + self._wait()

    def requested(self, now: datetime) -> Coverage:
        """Return the coverage of the same day, requested once more."""
        return Coverage(self.covered_at, self.attempts + 1, now)

    def run_key(self, day: date) -> str:
        """Return day, coverage and attempt: Dagster launches a run key only once, so each attempt has its own."""
        return f"{day}@{self.covered_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}#{self.attempts}"

    def _wait(self) -> timedelta:
        doublings = max(0, min(self.attempts - 1, 10))
        return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


class Cursor(msgspec.Struct, frozen=True):
    """What a tick leaves to the next one: the covered days of the window."""

    days: dict[date, Coverage]
    version: int = CURSOR_VERSION

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """Return the cursor in `text`; an empty one when there is none, or one of another version.

        Losing a cursor does no harm: Dagster knows whether a day is stored, and run keys hold the time of coverage.
        """
        try:
            cursor = msgspec.json.decode(text or "", type=cls)
        except msgspec.DecodeError:
            return cls({})
        return cursor if cursor.version == CURSOR_VERSION else cls({})

    def text(self) -> str:
        """Return the cursor as JSON."""
        return msgspec.json.encode(self).decode()


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of a day.

    Attributes:
        at: When its conversations were stored last.
        complete: Whether the data lake had the whole day when they were read.
        figures_at: When its figures were stored last; None: never.
    """

    at: datetime
    complete: bool
    figures_at: datetime | None

    @property
    def has_figures(self) -> bool:
        """Return whether the figures are those of the conversations stored last."""
        return self.figures_at is not None and self.figures_at >= self.at


@dataclass(frozen=True, slots=True)
class Facts:
    """What a tick has found.

    Attributes:
        now: The time of the tick.
        watermark: The data lake has every record up to this instant.
        days: The closed days that the sensor requests.
        stored: What is stored of those days that are.
        in_flight: Days that an unfinished run reads.
        zone: The time zone of the days.
        wants_complete: Whether a provisional day is read again; False where days are read by query only.
    """

    now: datetime
    watermark: datetime
    days: Collection[date]
    stored: Mapping[date, Stored]
    in_flight: Collection[date]
    zone: ZoneInfo
    wants_complete: bool = True

    def is_covered(self, day: date) -> bool:
        """Tell whether the data lake has the whole day."""
        return self.watermark >= window_of(day, self.zone).end

    def is_there(self, day: date, coverage: Coverage) -> bool:
        """Tell whether the day's conversations have been stored since it was covered, and its figures since."""
        stored = self.stored.get(day)
        if stored is None or not stored.has_figures:
            return False
        return stored.complete or (not self.wants_complete and stored.at >= coverage.covered_at)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tick does.

    Attributes:
        run_keys: Run key of each day to request, oldest first.
        cursor: What the next tick has to know.
        reason: Why nothing is requested, one or more sentences; "" when something is.
    """

    run_keys: dict[date, str]
    cursor: Cursor
    reason: str


def plan(facts: Facts, cursor: Cursor, at_most: int) -> Plan:
    """Decide which days to request, oldest first: covered, not stored, not being read, not requested a short time ago.

    Args:
        facts: What the tick has found.
        cursor: What the previous tick has left.
        at_most: How many days may be requested.
    """
    covered = {day: cursor.days.get(day, Coverage(facts.now)) for day in sorted(facts.days) if facts.is_covered(day)}
    missing = {day: coverage for day, coverage in covered.items() if not facts.is_there(day, coverage)}
    due = [day for day in missing if day not in facts.in_flight and missing[day].may_be_requested(facts.now)]
    requested = {day: missing[day].requested(facts.now) for day in due[:at_most]}
    return Plan(
        run_keys={day: coverage.run_key(day) for day, coverage in requested.items()},
        cursor=Cursor({**covered, **requested}),
        reason="" if requested else _reason(facts, covered, missing),
    )


def _reason(facts: Facts, covered: Collection[date], missing: Collection[date]) -> str:
    running = [day for day in missing if day in facts.in_flight]
    waiting = [day for day in missing if day not in facts.in_flight]
    uncovered = [day for day in sorted(facts.days) if day not in covered]
    lag = timedelta(minutes=round((facts.now - facts.watermark) / timedelta(minutes=1)))
    reach = facts.watermark.astimezone(facts.zone)
    sentences = [
        f"The data lake has every record up to {reach:%Y-%m-%d %H:%M %Z}, {lag} behind now.",
        f"Not covered yet: {_listed(uncovered)}." if uncovered else "",
        f"Being read: {_listed(running)}." if running else "",
        f"Failed or still provisional, waiting for the next attempt: {_listed(waiting)}." if waiting else "",
        "" if missing or not covered else "Every day that it covers is stored.",
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _listed(days: Iterable[date]) -> str:
    return ", ".join(str(day) for day in days)


def run_keys_of_days_back(tick: date, days_back: Iterable[int], partitions: Collection[str]) -> dict[str, str]:
    """Return the run key, day@tick, of each day to request, by partition: each tick can request the same day again.

    Args:
        tick: The date of the tick, in the time zone of the days.
        days_back: How many days before the tick; 1 is the last closed day.
        partitions: The partitions that exist; days before the first are left out.
    """
    days = [str(tick - timedelta(days=back)) for back in sorted(set(days_back), reverse=True)]
    return {day: f"{day}@{tick}" for day in days if day in partitions}
