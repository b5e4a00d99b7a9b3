"""One HTTP exchange with Genesys Cloud: sends a request, receives the whole response, and parses its body.

Belongs here: httpx, threads, and what may break in between, as the errors of `errors`. Tokens, the rate limit and
retries are `client`'s business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx
import msgspec

from genesys_assets.genesys.api.errors import (
    BrokenResponseError,
    ErrorDetail,
    InvalidPageError,
    TimedOutError,
    TooLargeError,
    UnavailableError,
)
from genesys_assets.genesys.api.limits import MOST_VALUES, RESPONSE_SECONDS, SMALL_BYTES, THREAD_BYTES, is_overfull
from genesys_assets.genesys.api.responses import OK_STATUSES, ApiResponse, too_large
from genesys_assets.secrecy import unlogged
from genesys_assets.texts import line
from genesys_assets.variables import variable_of

T = TypeVar("T")
TIMEOUT = httpx.Timeout(60.0, connect=15.0, pool=None)
NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])
"""The API sets no cookies. A server that sets some would get them back with each request, more and more of them."""


class _UnloggedClient(httpx.AsyncClient):
    """A client whose requests no library logs, since they carry the token."""

    async def send(self, *args: Any, **options: Any) -> httpx.Response:
        with unlogged():
            return await super().send(*args, **options)


def http_client(transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    """Return a session's HTTP client, over the given transport or, with None, over the network."""
    return _UnloggedClient(
        transport=transport,
        timeout=TIMEOUT,
        event_hooks={"response": [_drop_location]},
        cookies=CookieJar(NO_COOKIES),
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=100),
        headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "genesys-assets"},
    )


async def _drop_location(response: httpx.Response) -> None:
    """Remove the header Location: redirects are not followed, and httpx fails on one that it cannot read as a URL."""
    response.headers.pop("location", None)


async def send(http: httpx.AsyncClient, request: httpx.Request, path: str, max_bytes: int) -> ApiResponse:
    """Send a request and receive its whole response, whatever its status; an error's body may be cut off.

    Raises:
        TimedOutError: It took too long.
        UnavailableError: The host cannot be reached.
        BrokenResponseError: The connection broke.
        TooLargeError: A successful response has more than `max_bytes`.
    """
    detail = ErrorDetail(request.method, path)
    try:
        async with asyncio.timeout(RESPONSE_SECONDS):
            streamed = await http.send(request, stream=True)
            is_success = streamed.status_code in OK_STATUSES
            max_bytes = max_bytes if is_success else SMALL_BYTES
            try:
                raw = await _received(streamed, max_bytes)
            finally:
                await streamed.aclose()
    except (httpx.TimeoutException, TimeoutError) as error:
        raise TimedOutError(f"{detail}: it took too long. Try again later.", detail) from error
    except httpx.ConnectError as error:
        raise UnavailableError(
            f"{line(request.url.host)} cannot be reached ({line(str(error))}): check the network, "
            f"{variable_of('region')}, and {variable_of('api_url')} and {variable_of('login_url')} where they are set.",
            detail,
        ) from error
    except httpx.RequestError as error:
        raise BrokenResponseError(
            f"{detail}: the connection broke ({type(error).__name__}). Try again later.", detail
        ) from error
    headers = {name.lower(): value for name, value in streamed.headers.items()}
    response = ApiResponse(streamed.status_code, headers, raw, max_bytes)
    if is_success and len(raw) > max_bytes:
        detail = replace(detail, status=response.status, correlation_id=response.correlation_id)
        raise TooLargeError(f"{detail}. {too_large(max_bytes)}", detail)
    return response


async def _received(response: httpx.Response, max_bytes: int) -> bytes:
    """Return the body as it is sent, still compressed; of a larger one than `max_bytes`, one byte more than that."""
    raw = bytearray()  # a list of chunks would take forty bytes for each, and a chunk may be one byte
    async for chunk in response.aiter_raw():
        raw += chunk[: max_bytes + 1 - len(raw)]
        if len(raw) > max_bytes:
            break
    return bytes(raw)


async def parse(read: Callable[[bytes], T], response: ApiResponse, detail: ErrorDetail, lock: asyncio.Lock) -> T:
    """Return what `read` makes of a response's body; a large body is read in a thread, while holding the lock.

    Raises:
        InvalidPageError: It is JSON, but not as documented.
        BrokenResponseError: It is cut off, or no JSON.
        TooLargeError: It has more bytes or values than are accepted.
    """
    detail = replace(detail, status=response.status, correlation_id=response.correlation_id)
    try:
        if len(response.raw) < THREAD_BYTES:
            return read(response.body)
        async with lock:
            return await asyncio.to_thread(lambda: read(response.body))
    except TooLargeError as error:
        raise TooLargeError(f"{detail}. {error}", detail) from None
    except RecursionError:
        raise InvalidPageError(f"{detail} with a body that is nested too deeply to be read.", detail) from None
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise InvalidPageError(f"{detail} with a body that is not as documented: {error}.", detail) from None
    except msgspec.DecodeError as error:
        raise BrokenResponseError(f"{detail} with a body that is cut off or is no JSON: {error}.", detail) from None


def decode_json(body: bytes) -> Any:
    """Return the JSON of a body.

    Raises:
        TooLargeError: It has too many values: in memory, a list of empty lists takes twenty times its size.
    """
    if is_overfull(body):
        raise TooLargeError(f"It has more than the {MOST_VALUES:,} values that are accepted of such a response.")
    return msgspec.json.decode(body)
