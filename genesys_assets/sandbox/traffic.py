"""Which conversations there are on any date. Each scenario is generated from its own seed whenever it is needed.

A conversation's key holds its stream (conversations that end within 24 hours, or the few that last for days), the day
of its start, and its number on that day. The id encodes the key, so that a conversation is found by its id alone. Only
small heads are cached; the scenario is generated when a document or its events are needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from genesys_assets.sandbox.clocks import Clocks
from genesys_assets.sandbox.document import visible_end
from genesys_assets.sandbox.errors import ScriptError
from genesys_assets.sandbox.follow_ups import follow_up
from genesys_assets.sandbox.organisation import CUSTOMER_FIRST_QUEUES, HOME
from genesys_assets.sandbox.rare_features import add_rare_features
from genesys_assets.sandbox.scenario import DAY, HOUR, Life, Scenario, uuid_of
from genesys_assets.sandbox.scenario_types import SCENARIO_TYPES, ScenarioType
from genesys_assets.sandbox.steps.distributions import chance

LONGEST_LIFE_DAYS = 92
_WEEKDAYS = (1.15, 1.1, 1.1, 1.1, 1.05, 0.8, 0.7)
"""The share of each weekday, from Monday to Sunday; their mean is 1."""
_ORDINARY, _LONG = 0, 1
_HEADS_KEPT_DAYS = 48


class Key(NamedTuple):
    """The key of a conversation: stream, local day of its start (days since the epoch), number on that day."""

    stream: int
    day: int
    number: int


class Head(NamedTuple):
    """What is cached of a conversation: when it lived, and when its document no longer changes."""

    start: int
    key: Key
    lives: tuple[Life, ...]
    settled_at: int

    def overlaps(self, start: int, end: int, at: int) -> bool:
        """Return whether it lived in [start, end), as far as is known at `at`; one that ended at `start` did."""
        if self.start >= end or self.start > at:
            return False
        closed_at = visible_end(self.lives, at)
        return closed_at is None or closed_at >= start


@dataclass(frozen=True, slots=True)
class _Stream:
    """The scenario types of one stream, with the cumulative weights by which they are drawn."""

    types: tuple[ScenarioType, ...]
    cumulative: tuple[float, ...]
    per_day: float


class Traffic:
    """The conversations of the organisation, on all days.

    Args:
        seed: Determines the conversations.
        per_day: Conversations that begin on a day, on average over the week.
        mix: Weights by the names of `SCENARIO_TYPES`, instead of theirs; other types do not occur.
        zone: The time zone by which the contact centre works.
        customer_first_queues: Names of the queues whose callbacks dial the customer first.
    """

    def __init__(
        self,
        seed: int,
        per_day: float,
        mix: Mapping[str, float] | None = None,
        zone: ZoneInfo | None = None,
        customer_first_queues: Set[str] = CUSTOMER_FIRST_QUEUES,
    ) -> None:
        unknown = sorted(set(mix or {}) - set(SCENARIO_TYPES))
        if unknown:
            raise ScriptError(
                f"unknown types of conversation: {', '.join(unknown)}; there are: {', '.join(SCENARIO_TYPES)}"
            )
        weights = {name: kind.weight for name, kind in SCENARIO_TYPES.items()} if mix is None else dict(mix)
        self._seed = seed
        self._per_day = per_day
        self._customer_first_queues = customer_first_queues
        self._clocks = Clocks(zone or ZoneInfo("UTC"))
        self._streams = tuple(_stream(number, weights, per_day) for number in (_ORDINARY, _LONG))
        self.heads_of = lru_cache(maxsize=_HEADS_KEPT_DAYS)(self._heads_of)
        self._long_plans = lru_cache(maxsize=4 * LONGEST_LIFE_DAYS)(self._plan_long)
        self.head_of = lru_cache(maxsize=20_000)(self._head)

    def active(self, start: int, end: int, at: int) -> list[Head]:
        """Return the heads of all conversations that lived in [start, end), as far as is known at `at`, by start."""
        earliest, latest = min(start, at), min(max(start, end - 1), at)
        days = range(self._clocks.day_at(earliest - DAY), self._clocks.day_at(latest) + 1)
        heads = [head for day in days for head in self.heads_of(day) if head.overlaps(start, end, at)]
        heads += [head for head in self._long_heads(earliest, days.stop) if head.overlaps(start, end, at)]
        return sorted(heads)

    def scenario(self, key: Key) -> Scenario:
        """Return the scenario of this key."""
        random, kind, start, span = self._opening(key)
        scenario = Scenario(
            self.id_of(key), start, random, span, self._customer_first_queues, drops_trailing_zeros=chance(random, 0.25)
        )
        kind.write(scenario)
        if not scenario.lives:
            scenario.live(scenario.start, scenario.last_instant())
        _set_divisions(scenario)
        follow_up(scenario)
        if not scenario.is_bare:
            add_rare_features(scenario)
        return scenario

    def _opening(self, key: Key) -> tuple[Random, ScenarioType, int, int]:
        """Return what is drawn before a scenario is written: its random numbers, type, start and span."""
        random = self._random(*key)
        stream = self._streams[key.stream]
        kind = random.choices(stream.types, cum_weights=stream.cumulative)[0]
        hour = random.choices(range(24), weights=kind.hours)[0]
        start = self._clocks.instant(key.day, hour) + random.randrange(HOUR)
        span = 0 if kind.days is None else int(random.triangular(kind.days[0], kind.days[1], kind.days[0]) * DAY)
        return random, kind, start, span

    def find(self, conversation_id: str) -> Key | None:
        """Return the key of the conversation of this id, None when there is no such conversation."""
        digits = conversation_id.replace("-", "")
        try:
            packed = int(digits[20:], 16) ^ self._mask(digits[:20])
        except ValueError:
            return None
        key = Key(packed >> 47 & 1, packed >> 27 & 0xFFFFF, packed & 0x7FFFFFF)
        known = key.number < self.count(key.stream, key.day) and self.id_of(key) == conversation_id
        return key if known else None

    def find_head(self, conversation_id: str) -> Head | None:
        """Return the head of the conversation of this id, None when there is no such conversation."""
        key = self.find(conversation_id)
        return None if key is None else self.head_of(key)

    def id_of(self, key: Key) -> str:
        """Return the conversation's id; its last 48 bits are the key, masked by a hash of the others."""
        packed = key.stream << 47 | key.day << 27 | key.number
        digest = blake2b(repr(key).encode(), key=str(self._seed).encode(), digest_size=16).digest()
        front = uuid_of(int.from_bytes(digest, "big"))[:24]
        return f"{front}{packed ^ self._mask(front.replace('-', '')):012x}"

    def count(self, stream: int, day: int) -> int:
        """Return how many conversations of a stream begin on a day."""
        wanted = self._streams[stream].per_day * _WEEKDAYS[(day + 3) % 7]
        share = self._random("count", stream, day).random()
        return int(wanted * (0.96 + 0.08 * share) + share) if wanted else 0

    def _random(self, *path: object) -> Random:
        """Return the random numbers of one thing, always the same ones."""
        return Random("/".join(map(str, (self._seed, *path))))  # noqa: S311 - made to look random, not to be secret

    def _mask(self, digits: str) -> int:
        key = str(self._seed).encode()
        return int.from_bytes(blake2b(digits.encode(), key=key, digest_size=6).digest(), "big")

    def _heads_of(self, day: int) -> list[Head]:
        """Return the heads of the conversations that begin on a day and end within 24 hours."""
        return sorted(self._head(Key(_ORDINARY, day, number)) for number in range(self.count(_ORDINARY, day)))

    def _head(self, key: Key) -> Head:
        scenario = self.scenario(key)
        return Head(scenario.start, key, tuple(scenario.lives), scenario.settled_at)

    def _long_heads(self, since: int, before_day: int) -> Iterator[Head]:
        """Yield the heads of the long-lived conversations that may live between an instant and a day."""
        for day in range(self._clocks.day_at(since) - LONGEST_LIFE_DAYS, before_day):
            for number, last_instant in self._long_plans(day):
                if last_instant >= since:
                    yield self.head_of(Key(_LONG, day, number))

    def _plan_long(self, day: int) -> list[tuple[int, int]]:
        """Return number and last possible instant of each long-lived conversation that begins on a day."""
        openings = [self._opening(Key(_LONG, day, number)) for number in range(self.count(_LONG, day))]
        return [(number, start + span + 2 * DAY) for number, (_, _, start, span) in enumerate(openings)]


def _stream(number: int, weights: Mapping[str, float], per_day: float) -> _Stream:
    """Return a stream, of the ordinary scenario types or of those that last for days, with its share of the day."""
    wanted = [
        name
        for name, weight in weights.items()
        if weight > 0 and (SCENARIO_TYPES[name].days is not None) == bool(number)
    ]
    cumulative = tuple(accumulate(weights[name] for name in wanted))
    share = cumulative[-1] / sum(weights.values()) if wanted else 0.0
    return _Stream(tuple(SCENARIO_TYPES[name] for name in wanted), cumulative, per_day * share)


def _set_divisions(scenario: Scenario) -> None:
    """Set the divisions of a conversation: those of its queues, or else the home division."""
    if scenario.is_bare:
        return
    sessions = (session for participant in scenario.participants for session in participant.sessions)
    divisions = dict.fromkeys(session.queue.division.id for session in sessions if session.queue is not None)
    scenario.fields["divisionIds"] = list(divisions) or [HOME.id]
