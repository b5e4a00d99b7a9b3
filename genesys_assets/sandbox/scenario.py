"""What happened in one conversation: participants, their sessions, and every metric with the instant of its emission.

A function of `scenario_types` writes a scenario once, from beginning to end, its own future included. What
the API shows of it at an instant is `document`'s business. How the aggregates count it is `emissions`' business: they
read `Scenario.events`, which is written here beside the session metrics, with the queue and agent that were meant.

All instants and durations are integer milliseconds, instants since the epoch (UTC).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from genesys_assets.sandbox.organisation import Flow, Queue, User

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Metric(NamedTuple):
    """A metric as it stands in a session."""

    name: str
    value: int
    at: int


class Event(NamedTuple):
    """The emission of a metric as the aggregates see it: what, when, and whom it is counted for."""

    at: int
    metric: str
    value: int
    session: Session


class Life(NamedTuple):
    """A stretch from a conversation's start, or reopening, to its end."""

    start: int
    end: int


class Addition(NamedTuple):
    """A field that is not there from the beginning, and the instant from which it is."""

    since: int
    name: str
    value: Any


@dataclass(slots=True)
class Segment:
    """One activity of a session; `closing` is known at its end only."""

    kind: str
    start: int
    end: int
    fields: dict[str, Any]
    closing: dict[str, Any]


@dataclass(slots=True)
class FlowRun:
    """One execution of an Architect flow; what it came to is known at its end."""

    flow: Flow
    start: int
    end: int
    fields: dict[str, Any]
    closing: dict[str, Any]
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    """Of each outcome reached: its id and its value."""


@dataclass(slots=True)
class Session:
    """One leg of a participant, with what was measured on it."""

    scenario: Scenario
    participant: Participant
    id: str
    media: str
    direction: str
    queue: Queue | None
    fields: dict[str, Any]
    additions: list[Addition] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    media_stats: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    flow_run: FlowRun | None = None
    wrap_up: str | None = None

    def segment(self, kind: str, start: int, end: int, closing: dict[str, Any] | None = None, **fields: Any) -> None:
        """Add an activity of this session; it is in the session's queue, if there is one."""
        if self.queue is not None:
            fields["queueId"] = self.queue.id
        self.segments.append(Segment(kind, start, end, fields, closing or {}))

    def emit(self, name: str, value: int, at: int) -> None:
        """Record a metric on the session and in the scenario's event log."""
        self.metrics.append(Metric(name, value, at))
        self.scenario.events.append(Event(at, name, value, self))

    def later(self, since: int, **values: Any) -> None:
        """Set fields of the session that appear at an instant."""
        self.additions += [Addition(since, name, value) for name, value in values.items()]


@dataclass(slots=True)
class Participant:
    """Somebody, or something, in the conversation."""

    id: str
    purpose: str
    name: str | None
    user: User | None
    fields: dict[str, Any]
    sessions: list[Session] = field(default_factory=list)
    attributes: list[Addition] = field(default_factory=list)


@dataclass(slots=True)
class Scenario:
    """A whole conversation."""

    id: str
    start: int
    random: random.Random
    span: int = 0
    """For about how long it is to live, of those types that live for days; 0 for the others."""
    originating_direction: str = "inbound"
    drops_trailing_zeros: bool = False
    """Its timestamps are written without the trailing zeros of the fraction (`.99Z`), as the real API does at times."""
    fields: dict[str, Any] = field(default_factory=dict)
    additions: list[Addition] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    follow_ups: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    """Evaluations, surveys and resolutions: (instant, the record's list, the entry)."""

    def new_id(self) -> str:
        """Return a new random id (version 4)."""
        return uuid_of(self.random.getrandbits(128))

    def join(self, purpose: str, name: str | None = None, user: User | None = None, **fields: Any) -> Participant:
        """Add a participant."""
        participant = Participant(self.new_id(), purpose, name, user, fields)
        self.participants.append(participant)
        return participant

    def session(
        self, participant: Participant, media: str, direction: str, queue: Queue | None, **fields: Any
    ) -> Session:
        """Open a session of a participant."""
        session = Session(self, participant, self.new_id(), media, direction, queue, fields)
        participant.sessions.append(session)
        return session

    def live(self, start: int, end: int) -> None:
        """Add a life; a conversation that reopens has several."""
        self.lives.append(Life(start, end))

    def last_instant(self) -> int:
        """Return the instant at which the last thing of it happened."""
        ends = [session.segments[-1].end for each in self.participants for session in each.sessions]
        return max(*ends, *(event.at for event in self.events))

    @property
    def end(self) -> int:
        """Return the instant at which it ends for good."""
        return self.lives[-1].end

    @property
    def settled_at(self) -> int:
        """Return the instant from which its document no longer changes."""
        return max([self.end, *(at for at, _, _ in self.follow_ups)])


def uuid_of(bits: int) -> str:
    """Return 128 bits as a version-4 UUID string (about four times as fast as `uuid.UUID`)."""
    digits = f"{bits:032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
