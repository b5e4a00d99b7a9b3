"""What happens in one conversation: participants, their sessions, and every metric with the instant of its emission.

A function of `scenario_types` writes a scenario as a whole, from beginning to end. What the API shows of it at an
instant is decided by `document`, and how the aggregates count it by `emissions`, from `Scenario.events`.

All instants and durations are integer milliseconds, instants since the epoch (UTC).
"""

from __future__ import annotations

import random
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from genesys_assets.sandbox.organisation import CUSTOMER_FIRST_QUEUES, Flow, Queue, User

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Metric(NamedTuple):
    """A metric of a session."""

    name: str
    value: int
    at: int


class Event(NamedTuple):
    """A metric that is emitted, with the session to which the aggregates count it."""

    at: int
    metric: str
    value: int
    session: Session


class Life(NamedTuple):
    """The time from a conversation's start, or its reopening, to its end."""

    start: int
    end: int


class Addition(NamedTuple):
    """A field that does not exist from the beginning, and the instant from which it does."""

    since: int
    name: str
    value: Any


@dataclass(slots=True)
class Segment:
    """One activity of a session; the fields in `closing` exist only once it has ended."""

    kind: str
    start: int
    end: int
    fields: dict[str, Any]
    closing: dict[str, Any]


@dataclass(slots=True)
class FlowRun:
    """One execution of an Architect flow; `closing` and `outcomes` exist only once it has ended."""

    flow: Flow
    start: int
    end: int
    fields: dict[str, Any]
    closing: dict[str, Any]
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    """Id and value of each outcome that was reached."""


@dataclass(slots=True)
class Session:
    """One session of a participant, and the metrics that it emitted."""

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
        """Add an activity of this session, in the session's queue if it has one."""
        if self.queue is not None:
            fields["queueId"] = self.queue.id
        self.segments.append(Segment(kind, start, end, fields, closing or {}))

    def emit(self, name: str, value: int, at: int) -> None:
        """Record a metric on the session and in the scenario's event log."""
        self.metrics.append(Metric(name, value, at))
        self.scenario.events.append(Event(at, name, value, self))

    def later(self, since: int, **values: Any) -> None:
        """Set fields of the session that exist from an instant on."""
        self.additions += [Addition(since, name, value) for name, value in values.items()]


@dataclass(slots=True)
class Participant:
    """A person, queue or system that takes part in the conversation."""

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
    """About how long it should last, for types that last for days; 0 for the others."""
    customer_first_queues: Set[str] = CUSTOMER_FIRST_QUEUES
    """Names of the queues whose callbacks dial the customer first."""
    originating_direction: str = "inbound"
    is_bare: bool = False
    """Whether its record lacks divisions and direction, as those of 2016 do, which have no metrics either."""
    drops_trailing_zeros: bool = False
    """Whether its timestamps omit trailing zeros of the fraction (`.99Z`), as those of the real API do at times."""
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
        """Add a life; a conversation that was reopened has several."""
        self.lives.append(Life(start, end))

    def last_instant(self) -> int:
        """Return the instant of the last segment's end or metric."""
        ends = [session.segments[-1].end for each in self.participants for session in each.sessions]
        return max(*ends, *(event.at for event in self.events))

    @property
    def end(self) -> int:
        """Return the instant at which it finally ends."""
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
