"""`QueryReader`: one slice of time by details query, `POST .../details/query`.

The query is no snapshot: under a live interval pages shift, records come twice or are missed, and the total is
approximate. So what counts is distinct records against the total, over as many readings as it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from genesys_assets.genesys.api.client import GenesysCloud
from genesys_assets.genesys.api.concurrency import in_parallel
from genesys_assets.genesys.api.errors import (
    CapExceededError,
    CursorRefusedError,
    IncompleteError,
    InvalidPageError,
    TooLargeError,
)
from genesys_assets.genesys.details.cursors import asked_twice
from genesys_assets.genesys.details.pages import Page, PageReader
from genesys_assets.genesys.details.paging import QueryPaging
from genesys_assets.genesys.details.slices import ExtractionSettings, Sink, SliceFacts
from genesys_assets.genesys.details.source import Source
from genesys_assets.variables import variable_of
from genesys_assets.windows import Interval, utc_days
from genesys_assets.windows.interval import ONE_SECOND

NO_TOTAL = (
    "has no totalHits, so that nothing tells whether all {records} came: nothing of the day is stored. Ask "
    "Genesys Cloud's support."
)
"""Said of a page that holds records. One that holds nothing and has no total (`{}`) may be how the API says that there
is nothing, since it leaves empty values out: it is asked for once more, and then believed."""


@dataclass(slots=True)
class _Reading:
    """A slice being read: what is known of it over all its readings."""

    interval: Interval
    page_size: int
    seen: set[str] = field(default_factory=set)
    expected: int | None = None
    pages: int = 0
    refusals: int = 0
    shortfalls: int = 0

    def facts(self) -> SliceFacts:
        return SliceFacts(len(self.seen), self.expected, self.pages, self.refusals + self.shortfalls)


class Total(NamedTuple):
    """How many records the query counts, and in which interval they began."""

    records: int
    of: Interval


class QueryReader:
    """Reads a source by details query, which knows a record by the day it began.

    Args:
        cloud: The session.
        source: What is read.
        settings: How to read.
    """

    name = "query"

    def __init__(self, cloud: GenesysCloud, source: Source, settings: ExtractionSettings) -> None:
        self.at_once = settings.parallel
        self.lookback_days = settings.lookback_days
        self._cloud = cloud
        self._source = source
        self._settings = settings
        self._limits = settings.limits or source.limits
        self._read_page = PageReader(source)
        self._turns = asyncio.Semaphore(settings.parallel)

    def slices(self, day: Interval) -> list[Interval]:
        """Return the slices by which a day is read, and the days before it whose records may still have lived on it."""
        lookback = timedelta(days=self.lookback_days)
        return Interval(day.start - lookback, day.end).slices(self._limits.query_slice)

    async def ask(self, body: dict[str, object]) -> Page:
        """Return a page; the requests under way are bounded, over all slices that are read at once."""
        async with self._turns:
            source = self._source
            return await self._cloud.request(
                "POST", source.query_path, body=body, read=self._read_page, permission=source.permission
            )

    async def first_page(self, interval: Interval, ask: Callable[[], Awaitable[Page]]) -> Page:
        """Return the first page of an interval, which says how much there is, or is empty twice.

        Raises:
            InvalidPageError: It holds records and does not say.
        """
        page = await ask()
        if page.is_silent:
            page = await ask()
        if page.documents and page.total_hits is None and page.cursor is None:
            no_total = NO_TOTAL.format(records=self._source.plural)
            raise InvalidPageError(f"The first page of {interval.iso()} {no_total}")
        return page

    async def total_hits(self, interval: Interval) -> int:
        """Return how many records the query counts on the days of an interval.

        Asked up to a millisecond before the end, since an end at midnight might count as touching the next day.

        Raises:
            InvalidPageError: The query does not say, although there are some.
        """
        until = Interval(interval.start, interval.end - timedelta(milliseconds=1))
        body: dict[str, object] = {"interval": until.iso(), "paging": {"pageSize": 1, "pageNumber": 1}}
        page = await self.first_page(until, partial(self.ask, body))
        return page.total_hits or 0

    async def total_of(self, window: Interval) -> Total:
        """Return how many records began in a window, or on the days of UTC that it touches.

        The query counts records by the day of UTC on which they began: of an interval that begins at a midnight of UTC
        it counts those that began in it, whether it looks for what began in an interval or for what lived in it. So
        the parts of the window's first and last day are counted as differences of such intervals. But where the query
        has the whole day for any part of it, nothing tells how much a part holds.

        Raises:
            InvalidPageError: The query does not say, although there are some.
        """
        days = utc_days(window)
        if days == window:
            return Total(await self.total_hits(window), window)
        last_midnight = utc_days(Interval(window.end - ONE_SECOND, window.end)).start
        before, after = (days.start, window.start), (last_midnight, window.end)
        counted = {part: await self.total_hits(Interval(*part)) for part in (before, after) if part[0] < part[1]}
        for (midnight, _), records in counted.items():
            if records and records == await self.total_hits(Interval(midnight, midnight + ONE_SECOND)):
                return Total(await self.total_hits(days), days)
        first_days = (days.start, last_midnight)
        whole = await self.total_hits(Interval(*first_days)) if days.start < last_midnight else 0
        return Total(whole - counted.get(before, 0) + counted[after], window)

    async def read_slice(self, interval: Interval, sink: Sink) -> SliceFacts:
        """Read every record of an interval into `sink`, in any order; some of them may come more than once.

        Raises:
            CapExceededError: The interval holds more than the query pages through: split it.
            IncompleteError: Fewer records than the total, again and again.
            CursorRefusedError: A cursor was refused, again and again.
            InvalidPageError: A page is not as documented.
        """
        settings = self._settings
        reading = _Reading(interval, self._limits.query_page_size)
        while True:
            try:
                await _SliceReading(self, self._source, self._limits.query_cap, reading, sink).read_once()
            except CursorRefusedError as error:
                reading.refusals += 1
                if reading.refusals > settings.restarts:
                    raise CursorRefusedError(
                        f"{error} {interval.iso()} was read from its start {reading.refusals} times and came to "
                        f"{len(reading.seen)} of {_total(reading.expected)} {self._source.plural}. Try again later.",
                        error.detail,
                    ) from error
                continue
            except TooLargeError:
                reading.page_size //= 2
                if not reading.page_size:
                    raise
                continue
            if settings.is_enough(len(reading.seen), reading.expected):
                return reading.facts()
            reading.shortfalls += 1
            if reading.shortfalls > settings.rereads:
                raise IncompleteError(
                    f"{interval.iso()} has {reading.expected} {self._source.plural} by its totalHits, of which "
                    f"{len(reading.seen)} came in {reading.shortfalls} readings: nothing of the day is stored. "
                    f"Try again later, or read the day by job ({variable_of('source')}=job)."
                    f"{settings.how_to_tolerate(len(reading.seen), reading.expected)}"
                )
            await self._cloud.pause(2.0**reading.shortfalls)


async def total_hits(cloud: GenesysCloud, source: Source, interval: Interval) -> int:
    """Return how many records of a source the query counts on the days of an interval.

    Raises:
        GenesysError: Genesys Cloud could not be asked, or does not say.
    """
    return await QueryReader(cloud, source, ExtractionSettings()).total_hits(interval)


async def began(cloud: GenesysCloud, source: Source, window: Interval) -> int | None:
    """Return how many records of a source the query counts that began in a window; None: it has no total of just that.

    Raises:
        GenesysError: Genesys Cloud could not be asked, or does not say.
    """
    total = await QueryReader(cloud, source, ExtractionSettings()).total_of(window)
    return total.records if total.of == window else None


@dataclass(frozen=True, slots=True)
class _SliceReading:
    """Reads a slice once, from its first page to its last."""

    query: QueryReader
    source: Source
    cap: int
    reading: _Reading
    sink: Sink

    async def read_once(self) -> None:
        """Read page after page; numbered pages that are certain to be there, several at once.

        Towards the end of a day, when few slices are left, this is what keeps as many requests under way as before.
        """
        paging = QueryPaging(self.reading.interval.iso(), self.reading.page_size, self.cap)
        goes_on = await self._next(paging)

        async def read(number: int) -> None:
            page = await self._page(paging.params_of_page(number), number)
            paging.update_state(page)
            await self._take(page)

        await in_parallel(read, paging.prefetch(), self.query.at_once)
        while goes_on:
            goes_on = await self._next(paging)

    async def _next(self, paging: QueryPaging) -> bool:
        """Read the next page, and return whether there is another one."""

        async def ask() -> Page:
            return await self._page(paging.request_params(), paging.fetched.pages + 1)

        page = await (ask() if paging.fetched.pages else self.query.first_page(self.reading.interval, ask))
        goes_on = paging.advance(page)
        self.reading.expected = paging.expected
        if (paging.expected or 0) > self.cap:
            raise CapExceededError(
                f"{self.reading.interval.iso()} has {paging.expected} {self.source.plural} by its totalHits."
            )
        await self._take(page)
        return goes_on

    async def _take(self, page: Page) -> None:
        self.reading.pages += 1
        self.reading.seen.update(fields.key for fields in page.key_fields)
        await self.sink(page)

    async def _page(self, params: dict[str, object], number: int) -> Page:
        """Ask for a page; a refused cursor is sent once more."""
        interval = self.reading.interval.iso()
        ask = partial(self.query.ask, {"interval": interval, **self.source.order, **params})
        try:
            return await (asked_twice(ask, "A cursor", lambda page: True) if "cursor" in params else ask())
        except InvalidPageError as error:
            raise InvalidPageError(f"Page {number} of {interval}: {error}", error.detail) from error


def _total(expected: int | None) -> str:
    return "an unknown number of" if expected is None else str(expected)
