"""All conversations that were active on a day: which source, which slices of time, and whether they came whole.

`extract` fills a landing and tells how. How one slice is read stands in `query` and `jobs`; where documents are kept is
the landing's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from genesys_assets.genesys import jobs, query
from genesys_assets.genesys.client import GenesysCloud
from genesys_assets.genesys.errors import CapExceededError, IncompleteError, NotCoveredError
from genesys_assets.genesys.interval import Interval, instant
from genesys_assets.genesys.pages import Page
from genesys_assets.genesys.parallel import in_parallel
from genesys_assets.genesys.progress import Progress
from genesys_assets.genesys.slices import Batch, Counts, ExtractionSettings, Landing, Plan, Sink, SliceFacts

ReadSlice = Callable[[Interval, Sink], Awaitable[SliceFacts]]
FIRST_AVAILABILITY_POLL_SECONDS = 15.0
LONGEST_AVAILABILITY_POLL_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """How a day was read.

    Attributes:
        source: `job` or `query`: what brought the day.
        interval: The day.
        job_ids: The jobs that brought it.
        watermark: Up to when the data lake had every record, None when that was not asked.
        complete: Whether every conversation active on the day is there: read by job, the whole day before the
            watermark. By query, those that started before the days looked back at are missing.
        announced: Conversations announced: by query summed over the slices, by job those that began on the day; None:
            it was not said.
        received: Conversations received that these announced ones are to be compared with.
        conversations: Conversations active on the day.
        open_conversations: Of these, those that had no end when they were read.
        slices: Slices of the day.
        resumed_slices: Of these, those that an earlier attempt had read.
        pages: Pages read for these slices.
        restarts: Slices read from their start again, for whatever reason.
        requests: Requests sent by this attempt.
        retries: Of these, repetitions after an error.
        throttled: 429s among the answers.
        bytes: Bytes received, as they came over the wire.
        waited_seconds: Time spent waiting, summed over parallel requests: for their turn, after errors, for a job.
        seconds: What this attempt took.
    """

    source: str
    interval: Interval
    job_ids: tuple[str, ...]
    watermark: datetime | None
    complete: bool
    announced: int | None
    received: int
    conversations: int
    open_conversations: int
    slices: int
    resumed_slices: int
    pages: int
    restarts: int
    requests: int
    retries: int
    throttled: int
    bytes: int
    waited_seconds: float
    seconds: float


async def extract(
    cloud: GenesysCloud, day: Interval, landing: Landing, settings: ExtractionSettings | None = None
) -> Extraction:
    """Read every conversation active on `day` into `landing`, or fail.

    Slices that the landing has in full from an earlier attempt are not read again.

    Args:
        cloud: The session.
        day: The day.
        landing: Where the documents go.
        settings: How to read.

    Raises:
        GenesysError: Something is missing or wrong; nothing in the landing may be stored then.
    """
    settings = settings or ExtractionSettings()
    reading = _DayReading(cloud, day, landing, settings)
    source = await reading.choose_source()
    try:
        return await reading.read_by(source)
    except NotCoveredError as error:
        if settings.source != "auto":
            raise
        cloud.log(f"{error} Reading the day by query instead.")
        return await reading.read_by("query")


class _Whole(NamedTuple):
    """A day that has been read in full."""

    resumed_slices: int
    announced: int | None
    received: int
    counts: Counts


class _DayReading:
    """One attempt at a day."""

    def __init__(self, cloud: GenesysCloud, day: Interval, landing: Landing, settings: ExtractionSettings) -> None:
        self._cloud = cloud
        self._day = day
        self._landing = landing
        self._settings = settings
        self._watermark: datetime | None = None
        self._began_at = cloud.clock()
        self._before = replace(cloud.stats)

    async def choose_source(self) -> str:
        """Return `job` or `query`; `auto` stays with what an earlier attempt has begun, so that it is resumed."""
        if self._settings.source == "query":
            return "query"
        self._watermark = await jobs.data_availability(self._cloud)
        if self._settings.source == "job":
            await self._wait_for_availability()
            return "job"
        begun = self._landing.plan()
        if begun in {self._plan("job"), self._plan("query")} and begun is not None and self._landing.sealed():
            return begun.source
        return "job" if self._watermark >= self._day.end else "query"

    async def read_by(self, source: str) -> Extraction:
        """Read what the landing does not have yet of the day, and make sure that it is whole."""
        return self._extraction(source, await (self._by_job() if source == "job" else self._by_query()))

    async def _by_query(self) -> _Whole:
        """Read the day by query: each slice has been held against its own total."""
        resumed = await self._read_slices("query", None)
        facts = self._landing.sealed().values()
        announced = [fact.announced for fact in facts if fact.announced is not None]
        received = sum(fact.received for fact in facts)
        counts = self._landing.counts(self._day.start)
        return _Whole(resumed, sum(announced) if announced else None, received, counts)

    async def _by_job(self) -> _Whole:
        """Read the day by job.

        A job announces nothing: the query's total of what began on the day is what it must reach.
        """
        for attempt in range(1, self._settings.rereads + 2):
            announced = await query.count_begun(self._cloud, self._day)
            resumed = await self._read_slices("job", announced)
            counts = self._landing.counts(self._day.start)
            if self._settings.is_enough(counts.begun, announced):
                return _Whole(resumed, announced, counts.begun, counts)
            self._cloud.log(f"{self._title('job')}: {counts.begun} of {announced} conversations that began on the day.")
            self._landing.discard()
            if attempt <= self._settings.rereads:
                await self._cloud.pause(2.0**attempt)
        raise IncompleteError(
            f"{announced} conversations began on {self._day.start:%Y-%m-%d}, and jobs brought {counts.begun} of them, "
            f"{attempt} times over: nothing of the day is stored. Try again later, or ask Genesys Cloud's support."
        )

    async def _read_slices(self, source: str, expected: int | None) -> int:
        """Read the slices that the landing does not have yet, and return how many it had."""
        self._landing.begin(self._plan(source))
        slices = self._slices(source)
        there = self._landing.sealed()
        missing = [piece for piece in slices if piece not in there]
        title = self._title(source)
        self._cloud.log(f"{title}: {len(missing)} slices to read{f', {len(there)} are there' if there else ''}.")
        if expected is not None:
            expected = max(0, expected - sum(facts.received for facts in there.values()))
        by_job = source == "job"
        page_size = self._settings.job_page_size if by_job else self._settings.query_page_size
        progress = Progress(title, len(missing), expected, page_size, self._cloud.log, self._cloud.clock)
        at_once = self._settings.jobs_at_once if by_job else self._settings.parallel
        reader = _SliceReader(self._cloud, self._day, self._landing, self._read_slice(source), progress)
        await in_parallel(reader.read, missing, at_once)
        return len(there)

    def _read_slice(self, source: str) -> ReadSlice:
        if source == "job":
            return partial(jobs.read_slice, self._cloud, self._settings)
        return partial(query.read_slice, self._cloud, self._settings, asyncio.Semaphore(self._settings.parallel))

    def _title(self, source: str) -> str:
        return f"{self._day.start:%Y-%m-%d} by {source}"

    def _plan(self, source: str) -> Plan:
        lookback_days = self._settings.lookback_days if source == "query" else 0
        return Plan(source, self._day.iso(), lookback_days)

    def _slices(self, source: str) -> list[Interval]:
        if source == "job":
            return self._day.slices(self._settings.job_slice)
        lookback = timedelta(days=self._settings.lookback_days)
        return Interval(self._day.start - lookback, self._day.end).slices(self._settings.query_slice)

    async def _wait_for_availability(self) -> None:
        deadline = self._cloud.clock() + self._settings.availability_seconds
        wait = FIRST_AVAILABILITY_POLL_SECONDS
        while self._watermark is None or self._watermark < self._day.end:
            if self._cloud.clock() >= deadline:
                raise _not_covered(self._day, self._watermark)
            self._cloud.log(f"Waiting for the data lake: it has the records up to {_shown(self._watermark)}.")
            await self._cloud.pause(wait)
            wait = min(2 * wait, LONGEST_AVAILABILITY_POLL_SECONDS)
            self._watermark = await jobs.data_availability(self._cloud)

    def _extraction(self, source: str, whole: _Whole) -> Extraction:
        facts = self._landing.sealed().values()
        marks = [mark for mark in (self._watermark, *(fact.available_until for fact in facts)) if mark is not None]
        watermark = min(marks, default=None)
        stats, before = self._cloud.stats, self._before
        return Extraction(
            source=source,
            interval=self._day,
            job_ids=tuple(fact.job_id for fact in facts if fact.job_id),
            watermark=watermark,
            complete=source == "job" and watermark is not None and watermark >= self._day.end,
            announced=whole.announced,
            received=whole.received,
            conversations=whole.counts.conversations,
            open_conversations=whole.counts.open,
            slices=len(facts),
            resumed_slices=whole.resumed_slices,
            pages=sum(fact.pages for fact in facts),
            restarts=sum(fact.restarts for fact in facts),
            requests=stats.requests - before.requests,
            retries=stats.retries - before.retries,
            throttled=stats.throttled - before.throttled,
            bytes=stats.bytes - before.bytes,
            waited_seconds=stats.waited_seconds - before.waited_seconds,
            seconds=self._cloud.clock() - self._began_at,
        )


@dataclass(frozen=True, slots=True)
class _SliceReader:
    """Reads slices of a day into its landing, splitting those that hold more than the API pages through."""

    cloud: GenesysCloud
    day: Interval
    landing: Landing
    read_slice: ReadSlice
    progress: Progress

    async def read(self, interval: Interval) -> None:
        """Read a slice, or its halves."""
        await self._read(interval)
        self.progress.slice_done()

    async def _read(self, interval: Interval) -> None:
        sealed = self.landing.sealed()
        if interval in sealed:
            return
        if any(interval.contains(piece) for piece in sealed):  # an earlier attempt has split it
            await self._read_halves(interval, None)
            return
        try:
            facts = await self._read_whole(interval)
        except CapExceededError as error:
            self.landing.drop(interval)
            await self._read_halves(interval, error)
            return
        if facts.available_until is not None and facts.available_until < self.day.end:
            raise _not_covered(self.day, facts.available_until)
        await asyncio.to_thread(self.landing.seal, interval, facts)

    async def _read_whole(self, interval: Interval) -> SliceFacts:
        one_page_at_a_time = asyncio.Lock()

        async def sink(page: Page) -> None:
            batch = self._batch(page)  # before it waits for its turn: it is fetched now
            async with one_page_at_a_time:
                await asyncio.to_thread(self.landing.add, interval, batch)
            self.progress.page(len(page.documents))

        return await self.read_slice(interval, sink)

    async def _read_halves(self, interval: Interval, error: CapExceededError | None) -> None:
        halves = interval.halves()
        if halves is None:
            raise CapExceededError(
                f"{error} A second is the shortest slice: Genesys Cloud cannot page through it, and nothing of "
                "the day is stored. Read the day by job, or ask Genesys Cloud's support."
            ) from error
        for half in halves:
            await self._read(half)

    def _batch(self, page: Page) -> Batch:
        active = self.day.is_active
        documents = [
            document if active(head.conversation_start, head.conversation_end) else None
            for head, document in zip(page.heads, page.documents, strict=True)
        ]
        return Batch(page.heads, documents, self.cloud.now())


def _not_covered(day: Interval, watermark: datetime | None) -> NotCoveredError:
    return NotCoveredError(
        f"The data lake has the records up to {_shown(watermark)}, not yet the whole of {day.start:%Y-%m-%d}: run "
        "again when it has, or read the day by query (GENESYS_ASSETS_SOURCE=auto)."
    )


def _shown(moment: datetime | None) -> str:
    return "no known time" if moment is None else instant(moment)
