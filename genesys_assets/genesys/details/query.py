"""One slice of time by details query: `POST /api/v2/analytics/conversations/details/query`.

The query is no snapshot: under a live interval pages shift, conversations come twice or are missed, and the total is
approximate. So what counts is distinct conversations against the announced total, over as many readings as it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus

from genesys_assets.genesys.api.client import GenesysCloud
from genesys_assets.genesys.api.errors import (
    CapExceededError,
    CursorRefusedError,
    IncompleteError,
    InvalidPageError,
    RefusedError,
    TooLargeError,
)
from genesys_assets.genesys.api.parallel import in_parallel
from genesys_assets.genesys.details.pages import Page, conversation_page
from genesys_assets.genesys.details.paging import QueryPaging
from genesys_assets.genesys.details.slices import ExtractionSettings, Sink, SliceFacts
from genesys_assets.windows import Interval

PATH = "/api/v2/analytics/conversations/details/query"
NO_TOTAL = (
    "announces no totalHits, so that nothing tells whether all conversations came: nothing of the day is stored. Ask "
    "Genesys Cloud's support."
)
"""Of a page that holds conversations. One that holds nothing and announces nothing (`{}`) may be how the API says that
there is nothing, since it leaves empty values out: it is asked for once more, and then believed."""
CURSOR_REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(slots=True)
class _Reading:
    """A slice being read: what is known of it over all its readings."""

    interval: Interval
    page_size: int
    seen: set[str] = field(default_factory=set)
    announced: int | None = None
    pages: int = 0
    refusals: int = 0
    shortfalls: int = 0

    def facts(self) -> SliceFacts:
        return SliceFacts(len(self.seen), self.announced, self.pages, self.refusals + self.shortfalls)


async def read_slice(
    cloud: GenesysCloud, settings: ExtractionSettings, turns: asyncio.Semaphore, interval: Interval, sink: Sink
) -> SliceFacts:
    """Read every conversation of an interval into `sink`; some of them may come more than once.

    Args:
        cloud: The session.
        settings: How to read.
        turns: Bounds the requests under way, over all slices that are read at once.
        interval: The slice.
        sink: Takes the pages, in any order.

    Raises:
        CapExceededError: The interval holds more than the query pages through: split it.
        IncompleteError: Fewer conversations than announced, again and again.
        CursorRefusedError: A cursor was refused, again and again.
        InvalidPageError: A page is not as documented.
    """
    reading = _Reading(interval, settings.query_page_size)
    while True:
        try:
            await _Reader(cloud, settings, turns, reading, sink).read_once()
        except CursorRefusedError as error:
            reading.refusals += 1
            if reading.refusals > settings.restarts:
                raise CursorRefusedError(
                    f"{error} {interval.iso()} was read from its start {reading.refusals} times and came to "
                    f"{len(reading.seen)} of {_total(reading.announced)} conversations. Try again later.",
                    error.told,
                ) from error
            continue
        except TooLargeError:
            reading.page_size //= 2
            if not reading.page_size:
                raise
            continue
        if settings.is_enough(len(reading.seen), reading.announced):
            return reading.facts()
        reading.shortfalls += 1
        if reading.shortfalls > settings.rereads:
            raise IncompleteError(
                f"{interval.iso()} announced {reading.announced} conversations and brought {len(reading.seen)} in "
                f"{reading.shortfalls} readings: nothing of the day is stored. Try again later, or read the day by job "
                f"(GENESYS_ASSETS_SOURCE=job).{settings.how_to_tolerate(len(reading.seen), reading.announced)}"
            )
        await cloud.pause(2.0**reading.shortfalls)


async def count_begun(cloud: GenesysCloud, interval: Interval) -> int:
    """Return how many conversations began on the days of an interval.

    Asked up to a millisecond before the end, since an end at midnight might count as touching the next day.

    Raises:
        InvalidPageError: The query does not say, although there are some.
    """
    until = Interval(interval.start, interval.end - timedelta(milliseconds=1))
    body = {"interval": until.iso(), "paging": {"pageSize": 1, "pageNumber": 1}}

    async def ask() -> Page:
        return await cloud.request("POST", PATH, body=body, read=conversation_page)

    page = await _telling(until, ask)
    return page.total_hits or 0


async def _telling(interval: Interval, ask: Callable[[], Awaitable[Page]]) -> Page:
    """Return the first page of an interval, which says how much there is, or is empty twice.

    Raises:
        InvalidPageError: It holds conversations and does not say.
    """
    page = await ask()
    if page.is_silent:
        page = await ask()
    if page.documents and page.total_hits is None and page.cursor is None:
        raise InvalidPageError(f"The first page of {interval.iso()} {NO_TOTAL}")
    return page


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a slice once, from its first page to its last."""

    cloud: GenesysCloud
    settings: ExtractionSettings
    turns: asyncio.Semaphore
    reading: _Reading
    sink: Sink

    async def read_once(self) -> None:
        """Read page after page; numbered pages that are certain to be there, several at once.

        Towards the end of a day, when few slices are left, this is what keeps as many requests under way as before.
        """
        paging = QueryPaging(self.reading.interval.iso(), self.reading.page_size, self.settings.query_cap)
        goes_on = await self._next(paging)

        async def read(number: int) -> None:
            page = await self._page(paging.numbered(number), number)
            paging.note(page)
            await self._take(page)

        await in_parallel(read, paging.ahead(), self.settings.parallel)
        while goes_on:
            goes_on = await self._next(paging)

    async def _next(self, paging: QueryPaging) -> bool:
        """Read the next page, and return whether there is another one."""

        async def ask() -> Page:
            return await self._page(paging.carry(), paging.brought.pages + 1)

        page = await (ask() if paging.brought.pages else _telling(self.reading.interval, ask))
        goes_on = paging.advance(page)
        self.reading.announced = paging.announced
        if (paging.announced or 0) > self.settings.query_cap:
            raise CapExceededError(f"{self.reading.interval.iso()} announces {paging.announced} conversations.")
        await self._take(page)
        return goes_on

    async def _take(self, page: Page) -> None:
        self.reading.pages += 1
        self.reading.seen.update(head.conversation_id for head in page.heads)
        await self.sink(page)

    async def _page(self, carried: dict[str, object], number: int) -> Page:
        """Ask for a page; a refused cursor is sent once more."""
        body = {"interval": self.reading.interval.iso(), "order": "asc", "orderBy": "conversationStart", **carried}
        is_by_cursor = "cursor" in carried
        try:
            try:
                return await self._ask(body)
            except RefusedError as error:
                if not is_by_cursor or error.status not in CURSOR_REFUSALS:
                    raise
            return await self._ask(body)
        except RefusedError as error:
            if not is_by_cursor or error.status not in CURSOR_REFUSALS:
                raise
            raise CursorRefusedError(f"A cursor was refused twice: {error}", error.told) from error
        except InvalidPageError as error:
            raise InvalidPageError(f"Page {number} of {self.reading.interval.iso()}: {error}", error.told) from error

    async def _ask(self, body: dict[str, object]) -> Page:
        async with self.turns:
            return await self.cloud.request("POST", PATH, body=body, read=conversation_page)


def _total(announced: int | None) -> str:
    return "an unknown number of" if announced is None else str(announced)
