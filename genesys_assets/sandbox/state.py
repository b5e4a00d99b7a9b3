"""What an endpoint is, and the state that endpoints read and change: settings, traffic, tokens, jobs, requests."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from genesys_assets.sandbox.access import RateLimit, Tokens
from genesys_assets.sandbox.document import UNIX_EPOCH_ORDINAL, document, without_attributes
from genesys_assets.sandbox.emissions import Emission, emissions
from genesys_assets.sandbox.errors import ScriptError
from genesys_assets.sandbox.exchange import Request, Response, milliseconds_of
from genesys_assets.sandbox.faults import Faults
from genesys_assets.sandbox.organisation import CUSTOMER_FIRST_QUEUES, ORGANISATION
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import DAY
from genesys_assets.sandbox.stores import Jobs, QueryCursors
from genesys_assets.sandbox.traffic import Head, Key, Traffic

RULES = (
    Rule(
        "A query's interval means the conversations that live in it and began on its first UTC day or "
        "later; two other readings can be set.",
        "guess",
        'the SDK says "started on a day touched by the interval", the page on details queries the same by '
        "the start alone",
        "test_an_interval_means_what_the_setting_says",
    ),
)

INTERVAL_MATCHINGS = ("overlap_and_startday", "startday", "start_in_interval")
_DOCUMENTS_KEPT = 12_000
"""Of about 5 kB: 60 MB."""
_EVENT_DAYS_KEPT = 12
_REQUESTS_KEPT = 100_000
_FOREVER = 1 << 62


class RecordedRequest(NamedTuple):
    """A request that the sandbox received, and the status of its response."""

    method: str
    path: str
    status: int
    at: datetime
    query: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and path, the function that handles it, and the permissions of which a caller needs one."""

    method: str
    path: str
    handler: Callable[[State, Request], Response]
    permissions: tuple[str, ...] = ()


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise ScriptError(f"no time zone is called {name!r}; one is, for example, Europe/Berlin") from None


@dataclass(kw_only=True)
class State:
    """What the endpoints share: the same traffic for the same seed, on any date.

    Args:
        seed: Determines the conversations.
        conversations_per_day: How many conversations begin on a day, on average over the week.
        mix: Weights of the scenario types by name (see `scenario_types.SCENARIO_TYPES`); other types do not occur.
        now: The current time in the sandbox. It only limits what is visible: a later reader sees more of the same.
        clock: Monotonic seconds for tokens, jobs and the rate limit.
        faults: What goes wrong; they may be changed at any time.
        interval_matching: Which conversations match the interval of a details query: "overlap_and_startday", "startday"
            or "start_in_interval".
        availability_lag: By how much the data lake, and with it the jobs, lags behind `now`.
        job_seconds: How long a details job takes.
        job_lifetime_seconds: How long its results can be read after that.
        token_seconds: How long a token is valid.
        requests_per_minute: The rate limit of a token; None: no limit.
        rate_window_seconds: The length of the rate limit's window; tests shorten it.
        permissions: The permissions of the OAuth client; None: all.
        organisation_id: The id of its organisation, which `organizations/me` returns. By the default a client
            recognises the sandbox; with another id it takes it for an organisation of Genesys Cloud.
        organisation_name: The name of its organisation.
        timezone: The name of the time zone by which the contact centre works; all times of the API are in UTC.
        customer_first_queues: The names of the queues whose callbacks dial the customer first; of the others an agent
            takes a callback, and dials.
    """

    seed: int = 1
    conversations_per_day: float = 2_000
    mix: Mapping[str, float] | None = None
    now: Callable[[], datetime] = _utc_now
    clock: Callable[[], float] = time.monotonic
    faults: Faults = field(default_factory=Faults)
    interval_matching: str = INTERVAL_MATCHINGS[0]
    availability_lag: timedelta = timedelta(0)
    job_seconds: float = 0.0
    job_lifetime_seconds: float = 86_400.0
    token_seconds: float = 86_399.0
    requests_per_minute: int | None = 300
    rate_window_seconds: float = 60.0
    permissions: Set[str] | None = None
    organisation_id: str = ORGANISATION.id
    organisation_name: str = ORGANISATION.name
    timezone: str = "UTC"
    customer_first_queues: Set[str] = CUSTOMER_FIRST_QUEUES

    def __post_init__(self) -> None:
        if self.interval_matching not in INTERVAL_MATCHINGS:
            raise ScriptError(
                f"interval_matching is one of {', '.join(INTERVAL_MATCHINGS)}, not {self.interval_matching!r}"
            )
        self.traffic = Traffic(
            self.seed, self.conversations_per_day, self.mix, _zone(self.timezone), self.customer_first_queues
        )
        self.tokens = Tokens(self.clock, self.token_seconds)
        self.rate_limit = RateLimit(self.clock, self.rate_window_seconds)
        self.jobs = Jobs(self.clock, self.job_seconds, self.job_lifetime_seconds)
        self.query_cursors = QueryCursors()
        self.requests: deque[RecordedRequest] = deque(maxlen=_REQUESTS_KEPT)
        self.emissions_of = lru_cache(maxsize=_EVENT_DAYS_KEPT)(self._emissions_of)
        self._settled_document = lru_cache(maxsize=_DOCUMENTS_KEPT)(self._encoded)

    def conversations(self, day: date, *, at: datetime | None = None) -> dict[str, dict[str, Any]]:
        """Return every conversation that was active on a UTC day, by its id, as the truth to compare responses with.

        Args:
            day: The day. A conversation closed exactly at its midnight was active on it.
            at: The time at which it is seen, by default now. Details jobs show what existed at their watermark.
        """
        seen_at = self.instant() if at is None else milliseconds_of(at)
        start = (day.toordinal() - UNIX_EPOCH_ORDINAL) * DAY
        heads = self.traffic.active(start, start + DAY, seen_at)
        decode = msgspec.json.Decoder(dict[str, Any]).decode
        documents = (decode(self.document(head, seen_at, attributes=True)) for head in heads)
        return {each["conversationId"]: each for each in documents}

    def instant(self) -> int:
        """Return now, in epoch milliseconds."""
        return milliseconds_of(self.now())

    def watermark(self, lag_seconds: float | None = None) -> int:
        """Return the instant up to which the data lake is complete, in epoch milliseconds."""
        lag = self.availability_lag if lag_seconds is None else timedelta(seconds=lag_seconds)
        return milliseconds_of(self.now() - lag)

    def document(self, head: Head, at: int, *, attributes: bool) -> bytes:
        """Return a conversation's document in JSON as seen at an instant, with or without participant attributes."""
        if head.settled_at <= at:
            return self._settled_document(head.key, _FOREVER, attributes)
        return self._encoded(head.key, at, attributes)

    def record(self, request: Request, status: int) -> None:
        """Record a request."""
        self.requests.append(
            RecordedRequest(request.method, request.path, status, self.now(), request.query, request.body)
        )

    def _encoded(self, key: Key, at: int, attributes: bool) -> bytes:
        shown = document(self.traffic.scenario(key), at)
        return msgspec.json.encode(shown if attributes else without_attributes(shown))

    def _emissions_of(self, day: int) -> list[Emission]:
        """Return all events of a day (days since the epoch), future ones included, by their instants."""
        start, end = day * DAY, (day + 1) * DAY
        heads = self.traffic.active(start, end, _FOREVER)
        found = [
            event for head in heads for event in emissions(self.traffic.scenario(head.key)) if start <= event.at < end
        ]
        return sorted(found, key=lambda event: event.at)
