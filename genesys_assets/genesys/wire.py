"""One exchange with Genesys Cloud over HTTP: a request out, all of its answer in, and what can break on the way.

Belongs here: httpx and threads, and their errors as the room's. Tokens, turns and repetitions are `client`'s business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
import msgspec

from genesys_assets.genesys.errors import (
    BrokenResponseError,
    InvalidPageError,
    TimedOutError,
    Told,
    UnavailableError,
)
from genesys_assets.genesys.responses import Answer
from genesys_assets.secrecy import unlogged
from genesys_assets.texts import line

T = TypeVar("T")
TIMEOUT = httpx.Timeout(60.0, connect=15.0, pool=None)
WHOLE_ANSWER_SECONDS = 300.0
"""A body that drips for longer than this counts as a timeout."""
THREAD_BYTES = 20_000
"""Answers larger than this on the wire are decompressed and read in a thread: zlib releases the GIL."""


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
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=100),
        headers={"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "genesys-assets"},
    )


async def sent(http: httpx.AsyncClient, outgoing: httpx.Request, path: str) -> Answer:
    """Send a request and receive all of its answer, whatever its status.

    Raises:
        TimedOutError: It took too long.
        UnavailableError: The host cannot be reached.
        BrokenResponseError: The connection broke.
    """
    told = Told(outgoing.method, path)
    try:
        async with asyncio.timeout(WHOLE_ANSWER_SECONDS):
            response = await http.send(outgoing, stream=True)
            try:
                raw = b"".join([chunk async for chunk in response.aiter_raw()])
            finally:
                await response.aclose()
    except (httpx.TimeoutException, TimeoutError) as error:
        raise TimedOutError(f"{told}: it took too long. Try again later.", told) from error
    except httpx.ConnectError as error:
        raise UnavailableError(
            f"{outgoing.url.host} cannot be reached ({line(str(error))}): check the network, GENESYSCLOUD_REGION, and "
            "GENESYSCLOUD_API_URL and GENESYSCLOUD_LOGIN_URL where they are set.",
            told,
        ) from error
    except httpx.RequestError as error:
        raise BrokenResponseError(
            f"{told}: the connection broke ({type(error).__name__}). Try again later.", told
        ) from error
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, raw)


async def read_by(read: Callable[[bytes], T], answer: Answer, method: str, path: str) -> T:
    """Return what `read` makes of an answer's body; of a large one in a thread.

    Raises:
        InvalidPageError: It is JSON, and not as documented.
        BrokenResponseError: It is cut off, or no JSON.
    """
    told = Told(method, path, answer.status, correlation_id=answer.correlation_id)
    try:
        if len(answer.raw) < THREAD_BYTES:
            return read(answer.body)
        return await asyncio.to_thread(lambda: read(answer.body))
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise InvalidPageError(f"{told} with a body that is not as documented: {error}.", told) from None
    except msgspec.DecodeError as error:
        raise BrokenResponseError(f"{told} with a body that is cut off or is no JSON: {error}.", told) from None


def decoded(body: bytes) -> Any:
    """Return the JSON of a body."""
    return msgspec.json.decode(body)


def ignored(body: bytes) -> None:
    """Take no notice of a body."""
