"""A Genesys Cloud that serves the pages of a prepared day, in a process of its own.

    python -m genesys_assets_tests.benchmarks.server FOLDER

What belongs here: login, details jobs, details query and aggregates as the contenders ask for them, with nothing
computed while something is measured: a page is a compressed file that is sent as it is. On any other day there was no
conversation.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from genesys_assets_tests.benchmarks.day import LAKE, Day, aggregates_asked

JOBS = "/api/v2/analytics/conversations/details/jobs"
QUERY = "/api/v2/analytics/conversations/details/query"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Server:
    """Answers of one day."""

    def __init__(self, day: Day) -> None:
        self._day = day
        facts = day.facts
        self._query_intervals: list[str] = facts["query_intervals"]
        self._conversations: int = facts["conversations"]
        self._aggregates: dict[str, list[dict[str, Any]]] = facts["aggregates"]
        self._jobs: list[str] = []

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        """Return the body of the answer, compressed when it is a page."""
        url = urlsplit(target)
        if url.path == "/oauth/token":
            return b'{"access_token":"token","token_type":"bearer","expires_in":86400}'
        if url.path.startswith(JOBS):
            return self._of_jobs(url.path.removeprefix(JOBS), url.query, body)
        if url.path == QUERY:
            return self._page_of_query(json.loads(body))
        if url.path.endswith("/aggregates/query"):
            return self._of_aggregates(url.path.split("/")[-3], json.loads(body))
        return b"{}"

    def _of_jobs(self, path: str, query: str, body: bytes) -> bytes:
        """Return what is below the path of the jobs: a new job, its state, a page of it, what the data lake has."""
        if path == "/availability":
            return b"{%b}" % LAKE
        if not path:
            self._jobs.append(json.loads(body)["interval"])
            return b'{"jobId":"%d"}' % (len(self._jobs) - 1)
        if not path.endswith("/results"):
            return b'{"state":"FULFILLED"}'
        page = self._day.page("job", self._jobs[int(path.split("/")[1])], int(parse_qs(query).get("cursor", ["0"])[0]))
        return page.read_bytes() if page.exists() else b'{"conversations":[],%b}' % LAKE

    def _of_aggregates(self, of: str, asked: dict[str, Any]) -> bytes:
        """Return the groups with their buckets that begin in the interval; without buckets, with the whole day."""
        start, _, end = asked["interval"].partition("/")
        if not self._is_of_the_day(start):
            return b"{}"
        results = [
            {
                "group": each["group"],
                "data": [data for data in each["data"] if start <= data.get("interval", start)[: len(start)] < end],
            }
            for each in self._aggregates[aggregates_asked(of, asked["groupBy"], "granularity" in asked)]
        ]
        return json.dumps({"results": results}).encode()

    def _page_of_query(self, asked: dict[str, object]) -> bytes:
        """Return a page of an hour; of another interval the total alone."""
        interval, paging = str(asked["interval"]), asked["paging"]
        assert isinstance(paging, dict)
        if interval in self._query_intervals:
            page = self._day.page("query", interval, paging["pageNumber"] - 1)
            return page.read_bytes() if page.exists() else b"{}"
        return b'{"totalHits":%d}' % (self._conversations if self._is_of_the_day(interval) else 0)

    def _is_of_the_day(self, interval: str) -> bool:
        return interval[:10] == self._query_intervals[0][:10]

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one connection's requests until it is closed."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, target, _ = head.split(b" ", 2)
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                answer = self.answer(method.decode(), target.decode(), body)
                encoding = b"Content-Encoding: gzip\r\n" if answer[:2] == b"\x1f\x8b" else b""
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%bContent-Length: %d\r\n\r\n"
                    % (encoding, len(answer))
                )
                writer.write(answer)
                await writer.drain()
        writer.close()


@contextmanager
def served(day: Day) -> Iterator[str]:
    """Yields the base URL of a server of that day."""
    command = [sys.executable, "-m", "genesys_assets_tests.benchmarks.server", str(day.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


async def serve(day: Day) -> None:
    """Serves for ever, having printed the base URL."""
    server = await asyncio.start_server(Server(day).connected, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Day(Path(sys.argv[1]))))
