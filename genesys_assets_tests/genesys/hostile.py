"""A server in Genesys Cloud's place that means harm, over real HTTP; and the client that meets it, in its own process.

`python -m genesys_assets_tests.genesys.hostile URL` runs every attack of `ATTACKS` against the client and prints what
came of each as JSON: the error, its text, and the most memory that the process has had up to then.
"""

import asyncio
import json
import re
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys import (
    AGGREGATES,
    Credentials,
    ExtractionSettings,
    GenesysCloud,
    Hosts,
    aggregates,
    data_availability,
    entities,
    extract,
    organisation,
    total_hits,
)
from genesys_assets.genesys.api.errors import (
    BrokenResponseError,
    ConfigurationError,
    InvalidPageError,
    RefusedError,
    TooLargeError,
    UnavailableError,
)
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of
from genesys_assets_tests.genesys.support import DAY, Listing

MEGABYTE = b" " * 1_000_000
GRANTED = b'{"access_token": "t", "expires_in": 86400}'


def bomb(megabytes: int = 1_000) -> Iterator[bytes]:
    """A gzip body of a kilobyte for each megabyte that it inflates to."""
    stream = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    head = stream.compress(MEGABYTE) + stream.flush(zlib.Z_FULL_FLUSH)
    block = stream.compress(MEGABYTE) + stream.flush(zlib.Z_FULL_FLUSH)
    yield head
    for _ in range(megabytes - 1):
        yield block


def plain(megabytes: int = 1_500) -> Iterator[bytes]:
    """A body of spaces, which is no JSON however long it goes on."""
    for _ in range(megabytes):
        yield MEGABYTE


def members(count: int) -> Iterator[bytes]:
    """So many tiny parts, each compressed by itself."""
    yield zlib.compress(b" ", wbits=zlib.MAX_WBITS | 16) * count


def filled(head: bytes, item: bytes, tail: bytes, megabytes: int) -> Callable[[], Iterator[bytes]]:
    """JSON that takes many times its size when it is decoded: a list of so many megabytes of tiny values."""

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(megabytes):
            yield item * (1_000_000 // len(item))
        yield tail

    return body


RECORD = b'{"conversationId": "c", "conversationStart": "2026-11-22T10:00:00.000Z"}'
NOTHINGS = filled(b'{"results": [', b"[],", b"[]]}", 20)
NUMBERS = filled(b'{"conversations": [', b"1,", b'1], "totalHits": 1}', 23)
EMPTIES = filled(b'{"entities": [', b"{},", b"{}]}", 20)
LONG_DOCUMENT = filled(
    b'{"conversations": [{"conversationId": "c", "conversationStart": "2026-11-22T10:00:00.000Z", "x": [',
    b"{},",
    b'{}]}], "totalHits": 1}',
    23,
)
SMALL_RECORDS = filled(b'{"conversations": [', RECORD + b",", RECORD + b'], "totalHits": 1}', 23)
CONTROLS = filled(b'{"conversations": [{"conversationId": "c", "x": "', b"\x01", b'"}]}', 3)
BROKEN = filled(b'{"conversations": ["', b"\\q", b'"', 23)


_pages = count(1)


def full_pages(most: int = 16) -> Iterator[bytes]:
    """A page of 100 new conversations of 230 kB each, and another one to come; after so many one that is none."""
    number = next(_pages)
    yield b'{"totalHits": 90000, "cursor": "more", "conversations": ['
    for each in range(100 if number <= most else 0):
        yield RECORD.replace(b'"c"', b'"c-%d-%d"' % (number, each))[:-1] + b', "x": "' + b"x" * 230_000 + b'"},'
    yield b"{}]}" if number > most else RECORD + b"]}"


class Attack(NamedTuple):
    """What the server answers where, and what has to come of it."""

    ask: str
    body: Callable[[], Iterator[bytes]]
    error: type[Exception]
    status: int = 200
    encoding: str = ""
    chunked: bool = False


ATTACKS = {
    **{f"bomb as {ask}": Attack(ask, bomb, TooLargeError, 200, "gzip") for ask in ("page", "listing", "aggregates")},
    "bomb as a watermark": Attack("availability", bomb, TooLargeError, 200, "gzip"),
    "bomb as an organisation": Attack("organisation", bomb, TooLargeError, 200, "gzip"),
    "bomb as a token": Attack("login", bomb, TooLargeError, 200, "gzip"),
    "bomb as a 400": Attack("page", bomb, RefusedError, 400, "gzip"),
    "bomb as a 502": Attack("page", bomb, UnavailableError, 502, "gzip"),
    "bomb as the login's 400": Attack("login", bomb, ConfigurationError, 400, "gzip"),
    "plain as a page": Attack("page", plain, TooLargeError),
    "plain as a 400": Attack("page", plain, RefusedError, 400),
    "plain as a token": Attack("login", plain, TooLargeError),
    "endless as a page": Attack("page", plain, TooLargeError, chunked=True),
    "endless as a 503": Attack("listing", plain, UnavailableError, 503, chunked=True),
    "many members": Attack("page", lambda: members(100_000), BrokenResponseError, 200, "gzip"),
    "nothings": Attack("aggregates", NOTHINGS, TooLargeError),
    "numbers as conversations": Attack("page", NUMBERS, InvalidPageError, 200, "deflate"),
    "a million records on a page": Attack("page", SMALL_RECORDS, TooLargeError, 200, "deflate"),
    "a document of millions of values": Attack("page", LONG_DOCUMENT, InvalidPageError, 200, "deflate"),
    "a large page that needs a repair": Attack("page", BROKEN, TooLargeError, 200, "deflate"),
    "a page of control characters": Attack("page", CONTROLS, InvalidPageError, 200, "deflate"),
    "large pages, several at once": Attack("day", full_pages, InvalidPageError, 200, "deflate"),
    "empty entities": Attack("listing", EMPTIES, TooLargeError),
}


async def day(cloud: GenesysCloud) -> None:
    """Read a day by query into a checkpoint."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # a part may still be on its way
        await extract(
            cloud, CONVERSATIONS, window_of(DAY, UTC), ParquetCheckpoint(Path(folder)), ExtractionSettings("query")
        )


ASKS: Mapping[str, Callable[[GenesysCloud], Any]] = {
    "page": lambda cloud: total_hits(cloud, CONVERSATIONS, window_of(DAY, UTC)),
    "listing": lambda cloud: entities(cloud, Listing("/api/v2/routing/queues")),
    "aggregates": lambda cloud: aggregates(cloud, AGGREGATES["conversations"], window_of(DAY, UTC), ["nOffered"]),
    "availability": lambda cloud: data_availability(cloud, CONVERSATIONS),
    "organisation": organisation,
    "day": day,
    "login": lambda cloud: cloud.login(),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.do_GET()

    def do_GET(self) -> None:
        attack = ATTACKS[self.headers["x-attack"]]
        self.close_connection = True
        with suppress(ConnectionError):
            if self.path == "/oauth/token" and attack.ask != "login":
                self._begin(200, {"content-length": str(len(GRANTED))})
                self.wfile.write(GRANTED)
                return
            told = {"content-encoding": attack.encoding} if attack.encoding else {}
            self._begin(attack.status, told | ({"transfer-encoding": "chunked"} if attack.chunked else {}))
            for part in _encoded(attack):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if attack.chunked else part)

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def _encoded(attack: Attack) -> Iterator[bytes]:
    if attack.encoding != "deflate":
        yield from attack.body()
        return
    stream = zlib.compressobj(1)
    yield from (stream.compress(part) for part in attack.body())
    yield stream.flush()


@contextmanager
def hostile_server() -> Iterator[str]:
    """The URL of a server that runs the attack which the header `x-attack` of a request names."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def met(url: str, name: str) -> dict[str, Any]:
    """What comes of an attack on a client that waits for nothing."""

    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    cloud = GenesysCloud(Hosts(url, url), Credentials(name, "x"), sleep=at_once)
    cloud._http.headers["x-attack"] = name
    error, text = "", ""
    try:
        async with cloud:
            await ASKS[ATTACKS[name].ask](cloud)
    except Exception as raised:
        error, text = type(raised).__name__, str(raised)
    return {"error": error, "text": text, "peak_mb": peak_mb(), "received": cloud.stats.bytes}


def peak_mb() -> float:
    """The most memory that this process has had, in MB."""
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(peak) / 1_000


async def main(url: str) -> None:
    """Run every attack, one after the other."""
    print(json.dumps({"at rest": peak_mb(), **{name: await met(url, name) for name in ATTACKS}}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
