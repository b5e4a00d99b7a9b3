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
from genesys_assets.genesys.api.limits import RESPONSE_BYTES, SMALL_BYTES
from genesys_assets.genesys.api.rate_limiter import RateLimiter, RateWindow, rate_window
from genesys_assets.genesys.api.regions import Hosts
from genesys_assets.genesys.api.responses import ApiResponse, error_of, rate_limit_error
from genesys_assets.genesys.api.retrying import DEFAULT_RETRY, RetryPolicy, RetryState
from genesys_assets.genesys.api.transport import decode_json, http_client, parse, send

T = TypeVar("T")
Params = Mapping[str, str | int]
BEST_EFFORT_SECONDS = 0.7
"""The time that a terminated run has for the request that cancels its job."""
LOGGED_WAIT_SECONDS = 5.0
"""Waits of at least so long are logged."""


@dataclass(slots=True)
class Stats:
    """What a session has done so far.

    Attributes:
        requests: Requests sent, logins included.
        retries: How many of these repeated one that failed.
        throttled: Responses with status 429.
        logins: Requests for a token.
        bytes: Bytes of the bodies received, compressed as they were sent.
        waited_seconds: Time spent waiting for the rate limit and before retries, summed over parallel requests.
        rate_limit: Requests a minute that Genesys Cloud reports as allowed, None until it has.
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
    """Return the current time in UTC."""
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
        sleep: Waits for a number of seconds.
        log: Called with one line at a time, about progress and long waits.

    Every method raises a `GenesysError` once its request has finally failed.
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
        self._parse_lock = asyncio.Lock()  # large responses are parsed one at a time, to bound the memory
        self._http = http_client(transport)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    async def login(self) -> None:
        """Log in unless there is a valid token. Requests do so by themselves; this tells early whether it works."""
        await self._token()

    async def get(self, path: str, params: Params | None = None) -> Any:
        """Return the decoded JSON at a path."""
        return await self.request("GET", path, params=params, read=decode_json, permission="")

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
            read: Parses the body; may run in a thread. A msgspec.DecodeError counts as a broken response, which is
                requested again, a msgspec.ValidationError as an invalid page.
            params: The parameters of the query string, not yet encoded. No error or log shows them.
            body: Sent as JSON.
            permission: The permission that the request needs, for the error of a 403; "" if none, or unknown.
            retry: How often it is sent, and how long it waits in between.
        """
        content = b"" if body is None else msgspec.json.encode(body)
        retry_state = RetryState(retry, self._random, self.clock)
        is_renewed = False
        while True:
            token = await self._token()
            request = self._http.build_request(
                method,
                self.hosts.api + path,
                params=params,
                content=content,
                headers={"Authorization": f"Bearer {token.bearer}", "Content-Type": "application/json"},
            )
            try:
                response = await self._exchange(request, path, retry_state, permission)
                return await parse(read, response, ErrorDetail(method, path), self._parse_lock)
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
                request = self._http.build_request(
                    method, self.hosts.api + path, headers={"Authorization": f"Bearer {token.bearer}"}
                )
                await send(self._http, request, path, SMALL_BYTES)

    async def pause(self, seconds: float) -> None:
        """Wait for `seconds`, or up to a quarter less at random, so that parallel readers spread out."""
        await self._wait(seconds * (0.75 + self._random() / 4))

    async def _token(self) -> Token:
        """Return a valid token; of parallel requests that find none, one logs in and the others wait for it."""
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
            request = self._http.build_request(
                "POST", self.hosts.login + TOKEN_PATH, content=TOKEN_FORM, headers=self._credentials.headers()
            )
            try:
                return token_of(await self._send(request, TOKEN_PATH, SMALL_BYTES), asked_at)
            except TransientError as error:
                await self._pause_after(error, retry_state)
            self.stats.retries += 1

    async def _exchange(
        self, request: httpx.Request, path: str, retry_state: RetryState, permission: str
    ) -> ApiResponse:
        """Send a request as soon as the rate limit allows, and raise the error that the response stands for, if any."""
        limiter = self._shared.limiter
        while wait := limiter.acquire(self.clock()):
            if retry_state.is_over_in(wait):
                raise rate_limit_error(ErrorDetail(request.method, path), wait)
            await self._wait(wait, "the rate limit's next window")
        started_at = self.clock()
        window: RateWindow | None = None
        try:
            response = await self._send(request, path, RESPONSE_BYTES)
            window = rate_window(response.headers)
        finally:
            limiter.release(started_at, self.clock(), window)
        if window:
            self.stats.rate_limit = window.allowed
        if error := error_of(response, request.method, path, self.now(), permission):
            raise error
        return response

    async def _send(self, request: httpx.Request, path: str, max_bytes: int) -> ApiResponse:
        self.stats.requests += 1
        response = await send(self._http, request, path, max_bytes)
        self.stats.bytes += len(response.raw)
        return response

    async def _pause_after(self, error: TransientError, retry_state: RetryState) -> None:
        wait = retry_state.wait_after(error)
        if isinstance(error, ThrottledError):
            self.stats.throttled += 1
            self._shared.limiter.pause_until(self.clock() + wait)
        await self._wait(wait, _reason(error))

    async def _wait(self, seconds: float, reason: str = "") -> None:
        if reason and seconds >= LOGGED_WAIT_SECONDS:
            self.log(f"Waiting {seconds:,.0f} s: {reason}.")
        self.stats.waited_seconds += seconds
        await self._sleep(seconds)


def _reason(error: GenesysError) -> str:
    if error.detail is None:
        return "a transient error"
    status = f"answered {error.detail.status}" if error.detail.status else "not answered"
    return f"{error.detail.method} {error.detail.path} was {status}"


def _silent(line: str) -> None:
    """Log nothing."""
