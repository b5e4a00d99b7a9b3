"""A Genesys Cloud reduced to one day's ready-made pages, in a process of its own: what benchmarks of the client read.

Its documents are the sandbox's, padded to an average size, each with an id and a start of its own. Pages are built and
compressed before the first request, so that the server costs next to nothing while something is measured.
"""

import asyncio
import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from itertools import cycle
from urllib.parse import parse_qs, urlsplit

from genesys_assets.genesys import Interval
from genesys_assets.sandbox import Sandbox

DAY = Interval.of_day(date(2026, 11, 22))
HEAD = b'{"conversationId":"%s","conversationStart":"%s","conversationEnd":"%s",'
LAKE = b'"dataAvailabilityDate":"2026-11-24T00:00:00Z"'


@contextmanager
def served(conversations: int, document_bytes: int, source: str) -> Iterator[str]:
    """The base URL of a server of that many documents of that average size, ready to be read by `job` or by `query`."""
    command = [sys.executable, "-m", __spec__.name, str(conversations), str(document_bytes), source]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def main(conversations: int, document_bytes: int, source: str) -> None:
    """Build the pages, serve them, and print the base URL."""
    slices = DAY.slices(timedelta(hours=12 if source == "job" else 1))
    pages = {each.iso(): list(_pages(each, conversations // len(slices), document_bytes, source)) for each in slices}
    asyncio.run(_serve(pages, conversations))


def _pages(interval: Interval, conversations: int, document_bytes: int, source: str) -> Iterator[bytes]:
    """The answers, compressed, that bring the conversations of an interval."""
    size = 1000 if source == "job" else 100
    documents = _documents(interval, conversations, document_bytes)
    for first in range(0, conversations, size):
        page = b",".join(next(documents) for _ in range(min(size, conversations - first)))
        following = first // size + 1
        facts = [b'"totalHits":%d' % conversations] if source == "query" else [LAKE]
        if source == "job" and first + size < conversations:
            facts.append(b'"cursor":"%d"' % following)
        yield gzip.compress(b'{"conversations":[' + page + b"]," + b",".join(facts) + b"}", 1)


def _documents(interval: Interval, conversations: int, document_bytes: int) -> Iterator[bytes]:
    rests = cycle(_rests(document_bytes))
    step = (interval.end - interval.start) / conversations
    for number in range(conversations):
        start = interval.start + number * step
        end = min(start + timedelta(minutes=5), interval.end - timedelta(milliseconds=1))
        name = f"{interval.start:%H}{number:06d}-1111-4222-8333-{number:012d}"
        yield HEAD % (name.encode(), _instant(start), _instant(end)) + next(rests)


def _instant(moment: object) -> bytes:
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}".encode()


def _rests(document_bytes: int) -> list[bytes]:
    """Documents of the sandbox without their heads, padded to the wanted average with attributes of many words."""
    found = []
    for document in Sandbox(conversations_per_day=1_500).conversations(date(2026, 11, 1)).values():
        for name in ("conversationId", "conversationStart", "conversationEnd"):
            document.pop(name, None)
        found.append(document)
    lacking = document_bytes - 150 - sum(len(json.dumps(each)) for each in found) // len(found)
    for number, document in enumerate(found):
        if lacking > 0:
            document["padding"] = "".join(
                f"{number * 7919 * word % 999983:06d} " for word in range(1, lacking // 7 + 1)
            )
    return [json.dumps(each, separators=(",", ":")).encode()[1:] for each in found]


class _Answers:
    """What each request is answered."""

    def __init__(self, pages: dict[str, list[bytes]], conversations: int) -> None:
        self._pages = pages
        self._conversations = conversations
        self._jobs: list[str] = []

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        url = urlsplit(target)
        if url.path == "/oauth/token":
            return b'{"access_token":"t","expires_in":86400}'
        if method == "GET":
            return self._of_job(url.path, parse_qs(url.query))
        asked = json.loads(body)
        if url.path.endswith("details/jobs"):
            self._jobs.append(asked["interval"])
            return b'{"jobId":"%d"}' % (len(self._jobs) - 1)
        if asked["interval"] not in self._pages:  # how many there are, asked for a day by job
            return b'{"totalHits":%d}' % self._conversations
        pages = self._pages[asked["interval"]]
        number = asked["paging"]["pageNumber"]
        return pages[number - 1] if number <= len(pages) else b'{"totalHits":0}'

    def _of_job(self, path: str, query: dict[str, list[str]]) -> bytes:
        if path.endswith("availability"):
            return b"{" + LAKE + b"}"
        if path.endswith("/results"):
            return self._pages[self._jobs[int(path.split("/")[-2])]][int(query.get("cursor", ["0"])[0])]
        return b'{"state":"FULFILLED"}'


async def _serve(pages: dict[str, list[bytes]], conversations: int) -> None:
    answers = _Answers(pages, conversations)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, target, _ = head.decode().split(" ", 2)
                length = re.search(rb"content-length: (\d+)", head.lower())
                body = await reader.readexactly(int(length[1])) if length else b""
                answer = answers.answer(method, target, body)
                encoding = b"Content-Encoding: gzip\r\n" if answer[:2] == b"\x1f\x8b" else b""
                writer.write(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (encoding, len(answer), answer))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
