"""One exchange with Genesys Cloud over HTTP: a request out, all of its answer in, and what can break on the way.

Belongs here: httpx and threads, and their errors as the room's. Tokens, turns and repetitions are `client`'s business.
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
from genesys_assets.genesys.api.limits import ANSWER_SECONDS, MOST_VALUES, SMALL_BYTES, THREAD_BYTES, is_overfull
from genesys_assets.genesys.api.responses import OK_STATUSES, Answer, too_large
from genesys_assets.secrecy import unlogged
from genesys_assets.texts import line
from genesys_assets.variables import variable_of

T = TypeVar("T")
TIMEOUT = httpx.Timeout(60.0, connect=15.0, pool=None)
NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])
"""The API sets none; whoever does would have them sent back with each request, more and more of them."""


class _Secretive(httpx.AsyncClient):
    """Connections of whose requests no library logs anything."""

    async def send(self, *args: Any, **options: Any) -> httpx.Response:
        with unlogged():
            return await super().send(*args, **options)


def connections(transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    """Return the connections of a session, over a transport of its own if one is given."""
    return _Secretive(
        transport=transport,
        timeout=TIMEOUT,
        event_hooks={"response": [_stay_here]},
        cookies=CookieJar(NO_COOKIES),
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=100),
        headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "genesys-assets"},
    )


async def _stay_here(response: httpx.Response) -> None:
    """Forget where an answer leads: no redirect is followed, and it may be no URL that httpx can read."""
    response.headers.pop("location", None)


async def sent(http: httpx.AsyncClient, outgoing: httpx.Request, path: str, most: int) -> Answer:
    """Send a request and receive all of its answer, whatever its status; of an error's body a part at least.

    Raises:
        TimedOutError: It took too long.
        UnavailableError: The host cannot be reached.
        BrokenResponseError: The connection broke.
        TooLargeError: The answer is larger than `most` bytes.
    """
    detail = ErrorDetail(outgoing.method, path)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            response = await http.send(outgoing, stream=True)
            is_success = response.status_code in OK_STATUSES
            most = most if is_success else SMALL_BYTES
            try:
                raw = await _received(response, most)
            finally:
                await response.aclose()
    except (httpx.TimeoutException, TimeoutError) as error:
        raise TimedOutError(f"{detail}: it took too long. Try again later.", detail) from error
    except httpx.ConnectError as error:
        raise UnavailableError(
            f"{line(outgoing.url.host)} cannot be reached ({line(str(error))}): check the network, "
            f"{variable_of('region')}, and {variable_of('api_url')} and {variable_of('login_url')} where they are set.",
            detail,
        ) from error
    except httpx.RequestError as error:
        raise BrokenResponseError(
            f"{detail}: the connection broke ({type(error).__name__}). Try again later.", detail
        ) from error
    headers = {name.lower(): value for name, value in response.headers.items()}
    answer = Answer(response.status_code, headers, raw, most)
    if is_success and len(raw) > most:
        detail = replace(detail, status=answer.status, correlation_id=answer.correlation_id)
        raise TooLargeError(f"{detail}. {too_large(most)}", detail)
    return answer


async def _received(response: httpx.Response, most: int) -> bytes:
    """Return the body as it comes over the wire, up to the first byte that is one too many."""
    raw = bytearray()  # a list of chunks would take forty bytes for each, and a chunk may be one byte
    async for chunk in response.aiter_raw():
        raw += chunk[: most + 1 - len(raw)]
        if len(raw) > most:
            break
    return bytes(raw)


async def read_by(read: Callable[[bytes], T], answer: Answer, detail: ErrorDetail, turn: asyncio.Lock) -> T:
    """Return what `read` makes of an answer's body; of a large one in a thread, when it has its turn.

    Raises:
        InvalidPageError: It is JSON, and not as documented.
        BrokenResponseError: It is cut off, or no JSON.
        TooLargeError: It is larger than is taken of such an answer.
    """
    detail = replace(detail, status=answer.status, correlation_id=answer.correlation_id)
    try:
        if len(answer.raw) < THREAD_BYTES:
            return read(answer.body)
        async with turn:
            return await asyncio.to_thread(lambda: read(answer.body))
    except TooLargeError as error:
        raise TooLargeError(f"{detail}. {error}", detail) from None
    except RecursionError:
        raise InvalidPageError(f"{detail} with a body that is nested too deeply to be read.", detail) from None
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise InvalidPageError(f"{detail} with a body that is not as documented: {error}.", detail) from None
    except msgspec.DecodeError as error:
        raise BrokenResponseError(f"{detail} with a body that is cut off or is no JSON: {error}.", detail) from None


def decoded(body: bytes) -> Any:
    """Return the JSON of a body.

    Raises:
        TooLargeError: It has too many values: a list of nothing but `[]` takes twenty times its size.
    """
    if is_overfull(body):
        raise TooLargeError(f"It has more than the {MOST_VALUES:,} values that are taken of such an answer.")
    return msgspec.json.decode(body)
