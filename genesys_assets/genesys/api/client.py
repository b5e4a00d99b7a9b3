"""`GenesysCloud`: one authenticated session with Genesys Cloud over HTTP, which keeps to the rate limit and retries.

Belongs here: when a request is sent, with which token, and whether it is sent again. How it is sent is `transport`'s
business; what a response means, when the rate limit has room and how long a retry waits are decided by the pure modules
`responses`, `rate_limiter` and `retrying`. Which paths are requested is up to the callers.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec

from genesys_assets.genesys.api.auth import TOKEN_FORM, TOKEN_PATH, Credentials, Token, token_of
from genesys_assets.genesys.api.errors import (
    ErrorDetail,
    GenesysError,
    ThrottledError,
    TransientError,
    UnauthorisedError,
)
from genesys_assets.genesys.api.limits import ANSWER_BYTES, SMALL_BYTES
from genesys_assets.genesys.api.rate_limiter import RateLimiter, RateWindow, rate_window
from genesys_assets.genesys.api.regions import Hosts
from genesys_assets.genesys.api.responses import Answer, no_turn, problem
from genesys_assets.genesys.api.retrying import DEFAULT_RETRY, RetryPolicy, RetryState
from genesys_assets.genesys.api.transport import connections, decoded, read_by, sent

T = TypeVar("T")
Params = Mapping[str, str | int]
BEST_EFFORT_SECONDS = 0.7
"""The time that a terminated run has for the request that cancels its job."""
NOTED_WAIT_SECONDS = 5.0


@dataclass(slots=True)
class Stats:
    """What a session has done so far.

    Attributes:
        requests: Requests sent, logins included.
        retries: Of these, repetitions after an error.
        throttled: 429s received.
        logins: Tokens asked for.
        bytes: Bytes received, as they came over the wire.
        waited_seconds: Time spent in pacing, back-off and 429s, summed over parallel requests.
        rate_limit: Requests a minute that the API says it allows, None until it has said so.
    """

    requests: int = 0
    retries: int = 0
    throttled: int = 0
    logins: int = 0
    bytes: int = 0
    waited_seconds: float = 0.0
    rate_limit: int | None = None


@dataclass(slots=True)
class _Shared:
    """What the sessions of one OAuth client share: the rate limiter, and the token once one of them has logged in."""

    limiter: RateLimiter
    token: Token | None = None


_client_cache: dict[tuple[object, ...], _Shared] = {}
_client_cache_lock = threading.Lock()


def _shared_by(hosts: Hosts, credentials: Credentials, requests_per_minute: int, clock: Callable[[], float]) -> _Shared:
    """Return what sessions of these arguments share, so that one login serves all steps of a process."""
    with _client_cache_lock:
        key = (hosts, credentials, requests_per_minute, clock)
        return _client_cache.setdefault(key, _Shared(RateLimiter(requests_per_minute)))


def utc_now() -> datetime:
    """Return the wall clock's time, in UTC."""
    return datetime.now(UTC)


class GenesysCloud:
    """One session with Genesys Cloud; an async context manager.

    Args:
        hosts: Base URLs of API and login.
        credentials: The OAuth client.
        requests_per_minute: The most requests in any minute; fewer are sent where Genesys Cloud's headers allow fewer.
        transport: How requests are sent. A session that is given a transport has a token and a rate limiter of its own;
            all others of the same client in this process share theirs.
        clock: A monotonic clock, in seconds.
        now: The wall clock, in UTC.
        sleep: How to wait.
        log: ErrorDetail of progress and of long waits, one line at a time.

    Every method raises a `GenesysError` when the request has failed for good.
    """

    def __init__(  # noqa: PLR0913 - transport, clocks and sleep are what tests replace
        self,
        hosts: Hosts,
        credentials: Credentials,
        *,
        requests_per_minute: int = 300,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self.hosts = hosts
        self.client_id = credentials.client_id
        self.clock = clock
        self.now = now
        self.log = log or _silent
        self.stats = Stats()
        self._sleep = sleep
        self._random = random.Random().random  # noqa: S311 - spreads waits, guards nothing
        self._credentials = credentials
        self._shared = (
            _Shared(RateLimiter(requests_per_minute))
            if transport
            else _shared_by(hosts, credentials, requests_per_minute, clock)
        )
        self._login_lock = asyncio.Lock()
        self._one_large = asyncio.Lock()  # large answers are read one at a time: memory is for one of them
        self._http = connections(transport)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def login(self) -> None:
        """Make sure that there is a token; every request does so by itself."""
        await self._token()

    async def get(self, path: str, params: Params | None = None) -> Any:
        """Return the decoded JSON at a path."""
        return await self.request("GET", path, params=params, read=decoded, permission="")

    async def request(
        self,
        method: str,
        path: str,
        *,
        read: Callable[[bytes], T],
        params: Params | None = None,
        body: object = None,
        permission: str,
        retry: RetryPolicy = DEFAULT_RETRY,
    ) -> T:
        """Return what `read` makes of the response's body, after as many attempts as `retry` allows.

        Args:
            method: GET, POST or DELETE.
            path: The path below the API's base URL.
            read: Makes a value of the body; may run in a thread. A msgspec.DecodeError counts as a broken answer and is
                tried again, a msgspec.ValidationError as an invalid page.
            params: The query string's parameters; encoded here, never shown.
            body: Sent as JSON.
            permission: What a role of the OAuth client needs for it, for a 403's error; "": nothing, or unknown.
            retry: How often it is sent, and how long it waits in between.
        """
        content = b"" if body is None else msgspec.json.encode(body)
        retry_state = RetryState(retry, self._random, self.clock)
        is_renewed = False
        while True:
            token = await self._token()
            outgoing = self._http.build_request(
                method,
                self.hosts.api + path,
                params=params,
                content=content,
                headers={"Authorization": f"Bearer {token.bearer}", "Content-Type": "application/json"},
            )
            try:
                answer = await self._exchange(outgoing, path, retry_state, permission)
                return await read_by(read, answer, ErrorDetail(method, path), self._one_large)
            except UnauthorisedError:
                if is_renewed:
                    raise
                is_renewed = True
                self._forget(token)
            except TransientError as error:
                await self._pause_after(error, retry_state)
            self.stats.retries += 1

    async def best_effort(self, method: str, path: str) -> None:
        """Send one request at once, outside the rate limit, and return within a second, whether it succeeded or not."""
        with suppress(httpx.HTTPError, GenesysError, TimeoutError):
            async with asyncio.timeout(BEST_EFFORT_SECONDS):
                token = self._shared.token or await self._token()
                self.stats.requests += 1
                outgoing = self._http.build_request(
                    method, self.hosts.api + path, headers={"Authorization": f"Bearer {token.bearer}"}
                )
                await sent(self._http, outgoing, path, SMALL_BYTES)

    async def pause(self, seconds: float) -> None:
        """Wait, between three quarters and all of `seconds`, so that parallel readers do not march in step."""
        await self._wait(seconds * (0.75 + self._random() / 4))

    async def _token(self) -> Token:
        """Return the token in force; however many requests find it missing or old, one of them logs in."""
        async with self._login_lock:
            token = self._shared.token
            if token is None or self.clock() >= token.renew_at:
                token = self._shared.token = await self._log_in()
            return token

    def _forget(self, token: Token) -> None:
        if self._shared.token is token:
            self._shared.token = None

    async def _log_in(self) -> Token:
        retry_state = RetryState(DEFAULT_RETRY, self._random, self.clock)
        while True:
            self.stats.logins += 1
            asked_at = self.clock()
            outgoing = self._http.build_request(
                "POST", self.hosts.login + TOKEN_PATH, content=TOKEN_FORM, headers=self._credentials.headers()
            )
            try:
                return token_of(await self._send(outgoing, TOKEN_PATH, SMALL_BYTES), asked_at)
            except TransientError as error:
                await self._pause_after(error, retry_state)
            self.stats.retries += 1

    async def _exchange(self, outgoing: httpx.Request, path: str, retry_state: RetryState, permission: str) -> Answer:
        """Send a request when its turn has come; an answer that is an error is raised."""
        limiter = self._shared.limiter
        while wait := limiter.acquire(self.clock()):
            if retry_state.is_over_in(wait):
                raise no_turn(ErrorDetail(outgoing.method, path), wait)
            await self._wait(wait, "the rate limit's next window")
        started_at = self.clock()
        window: RateWindow | None = None
        try:
            answer = await self._send(outgoing, path, ANSWER_BYTES)
            window = rate_window(answer.headers)
        finally:
            limiter.release(started_at, self.clock(), window)
        if window:
            self.stats.rate_limit = window.allowed
        if error := problem(answer, outgoing.method, path, self.now(), permission):
            raise error
        return answer

    async def _send(self, outgoing: httpx.Request, path: str, most: int) -> Answer:
        self.stats.requests += 1
        answer = await sent(self._http, outgoing, path, most)
        self.stats.bytes += len(answer.raw)
        return answer

    async def _pause_after(self, error: TransientError, retry_state: RetryState) -> None:
        wait = retry_state.wait_after(error)
        if isinstance(error, ThrottledError):
            self.stats.throttled += 1
            self._shared.limiter.pause_until(self.clock() + wait)
        await self._wait(wait, _reason(error))

    async def _wait(self, seconds: float, reason: str = "") -> None:
        if reason and seconds >= NOTED_WAIT_SECONDS:
            self.log(f"Waiting {seconds:,.0f} s: {reason}.")
        self.stats.waited_seconds += seconds
        await self._sleep(seconds)


def _reason(error: GenesysError) -> str:
    if error.detail is None:
        return "a passing error"
    status = f"answered {error.detail.status}" if error.detail.status else "not answered"
    return f"{error.detail.method} {error.detail.path} was {status}"


def _silent(line: str) -> None:
    """Log nothing."""
