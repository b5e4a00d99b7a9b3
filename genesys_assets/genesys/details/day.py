"""All records of a source that were active on a day: by job or by query, and whether all of them came.

`extract` fills a checkpoint and returns how. `query` and `jobs` read one slice; the checkpoint keeps the documents.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import msgspec

from genesys_assets.genesys.api.client import GenesysCloud
from genesys_assets.genesys.api.concurrency import in_parallel
from genesys_assets.genesys.api.errors import IncompleteError, NotCoveredError
from genesys_assets.genesys.details.jobs import JobReader, data_availability
from genesys_assets.genesys.details.progress import Progress
from genesys_assets.genesys.details.query import QueryReader
from genesys_assets.genesys.details.slice_reader import SliceReader, not_covered, shown
from genesys_assets.genesys.details.slices import Checkpoint, Counts, ExtractionSettings, Plan
from genesys_assets.genesys.details.source import Source
from genesys_assets.windows import Interval

FIRST_AVAILABILITY_POLL_SECONDS = 15.0
LONGEST_AVAILABILITY_POLL_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """How a day was read.

    Attributes:
        method: `job` or `query`: how the day was read.
        interval: The day.
        job_ids: The jobs from whose results it was read.
        watermark: Up to when the data lake had every record, None when that was not asked.
        complete: Whether every record active on the day is there: read by job, the whole day before the
            watermark. By query, those that started before the days looked back at are missing.
        expected: How many records there are by the query's totals: by query summed over the slices, by job the total
            of the day; None: the query did not say.
        fetched: How many of the records counted by these totals were fetched.
        active: Records active on the day.
        open: Of these, those that had no end when they were read.
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

    method: str
    interval: Interval
    job_ids: tuple[str, ...]
    watermark: datetime | None
    complete: bool
    expected: int | None
    fetched: int
    active: int
    open: int
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
    cloud: GenesysCloud,
    source: Source,
    day: Interval,
    checkpoint: Checkpoint,
    settings: ExtractionSettings | None = None,
    organisation_id: str = "",
) -> Extraction:
    """Read every record of a source that was active on `day` into `checkpoint`, or fail.

    Slices that the checkpoint has in full from an earlier attempt are not read again, unless they were read from
    another host, by another OAuth client or of another organisation.

    Args:
        cloud: The session.
        source: What is read.
        day: The day.
        checkpoint: Where the documents go.
        settings: How to read.
        organisation_id: The organisation that answers, where it is known.

    Raises:
        GenesysError: Something is missing or wrong; nothing in the checkpoint may be stored then.
    """
    settings = settings or ExtractionSettings()
    reading = _DayReading(cloud, source, day, checkpoint, settings, organisation_id)
    try:
        return await (reading.by_job() if await reading.prefers_job() else reading.by_query())
    except NotCoveredError as error:
        if settings.method != "auto":
            raise
        cloud.log(f"{error} Reading the day by query instead.")
        return await reading.by_query()


class _Whole(NamedTuple):
    """A day that has been read in full."""

    resumed_slices: int
    expected: int | None
    fetched: int
    counts: Counts


class _DayReading:
    """One attempt at a day."""

    def __init__(
        self,
        cloud: GenesysCloud,
        source: Source,
        day: Interval,
        checkpoint: Checkpoint,
        settings: ExtractionSettings,
        organisation_id: str,
    ) -> None:
        self._cloud = cloud
        self._source = source
        self._day = day
        self._checkpoint = checkpoint
        self._settings = settings
        self._organisation_id = organisation_id
        self._job = JobReader(cloud, source, settings)
        self._query = QueryReader(cloud, source, settings)
        self._watermark: datetime | None = None
        self._began_at = cloud.clock()
        self._before = replace(cloud.stats)

    async def prefers_job(self) -> bool:
        """Return whether the day is read by job; `auto` stays with what an earlier attempt has begun."""
        if self._settings.method == "query":
            return False
        self._watermark = await data_availability(self._cloud, self._source)
        if self._settings.method == "job":
            await self._wait_for_availability()
            return True
        begun = self._checkpoint.plan() if self._checkpoint.committed() else None
        if begun and msgspec.structs.replace(begun, interval=self._day.iso()) == self._plan(self._job, self._day):
            return True
        return begun != self._plan(self._query, self._day) and self._watermark >= self._day.end

    async def by_query(self) -> Extraction:
        """Read the day by query: each slice has been held against its own total."""
        resumed = await self._read_slices(self._query, self._day, None)
        facts = self._checkpoint.committed().values()
        expected = [fact.expected for fact in facts if fact.expected is not None]
        fetched = sum(fact.fetched for fact in facts)
        whole = _Whole(resumed, sum(expected) if expected else None, fetched, self._counts(self._day))
        return self._extraction(self._query, whole)

    async def by_job(self) -> Extraction:
        """Read the day by job.

        A job has no total: the query's total is what it must reach, of the day or, where the query has totals of whole
        days of UTC only, of those that the day touches: these are read then. The records that it does not count nobody
        counts, but what spans the moment at which two slices meet must have come with both.
        """
        is_enough = self._settings.is_enough
        for attempt in range(1, self._settings.rereads + 2):
            expected, interval = await self._query.total_of(self._day)
            if self._watermark is not None and self._watermark < interval.end:
                raise not_covered(self._day, self._watermark)
            resumed = await self._read_slices(self._job, interval, expected)
            counts = self._counts(interval)
            inconsistent = self._checkpoint.inconsistent()
            is_possible = expected or not counts.totalled  # a total of 0 is accepted only if the job returned nothing
            few = (counts.totalled, expected), (counts.active - inconsistent, counts.active)
            if is_possible and all(is_enough(*each) for each in few):
                return self._extraction(self._job, _Whole(resumed, expected, counts.totalled, counts))
            found = (
                f"read {counts.totalled} of the {expected} {self._source.plural} that the query counts on the day; "
                f"{inconsistent} {self._source.plural} are in only one of the two jobs that they overlap"
            )
            self._cloud.log(f"{self._title(self._job)}: {found}.")
            self._checkpoint.discard()
            if attempt <= self._settings.rereads:
                await self._cloud.pause(2.0**attempt)
        raise IncompleteError(
            f"{self._day} by job, {attempt} times over: {found}. Nothing of the day is stored. Try "
            "again later, or ask Genesys Cloud's support."
            f"{self._settings.how_to_tolerate(counts.totalled, expected)}"
        )

    async def _read_slices(self, reader: JobReader | QueryReader, interval: Interval, expected: int | None) -> int:
        """Read the slices that the checkpoint does not have yet, and return how many it had."""
        self._checkpoint.start(self._plan(reader, interval))
        there = self._checkpoint.committed()
        missing = [piece for piece in reader.slices(interval) if piece not in there]
        title = self._title(reader)
        self._cloud.log(f"{title}: {len(missing)} slices to read{f', {len(there)} are there' if there else ''}.")
        if expected is not None:
            expected = max(0, expected - sum(facts.fetched for facts in there.values()))
        slices = SliceReader(
            cloud=self._cloud,
            source=self._source,
            day=self._day,
            covered_until=interval.end,
            checkpoint=self._checkpoint,
            read_slice=reader.read_slice,
            settings=self._settings,
            progress=Progress(title, self._source.plural, len(missing), expected, self._cloud.log, self._cloud.clock),
            began_at=self._began_at,
        )
        await in_parallel(slices.read, missing, reader.at_once)
        return len(there)

    def _counts(self, totalled: Interval) -> Counts:
        return self._checkpoint.counts(totalled, self._source.totalled_by)

    def _title(self, reader: JobReader | QueryReader) -> str:
        return f"{self._day} by {reader.name}"

    def _plan(self, reader: JobReader | QueryReader, interval: Interval) -> Plan:
        return Plan(
            source=self._source.plural,
            method=reader.name,
            day=self._day.iso(),
            interval=interval.iso(),
            lookback_days=reader.lookback_days,
            host=self._cloud.hosts.api,
            client_id=self._cloud.client_id,
            organisation_id=self._organisation_id,
        )

    async def _wait_for_availability(self) -> None:
        deadline = self._cloud.clock() + self._settings.availability_seconds
        wait = FIRST_AVAILABILITY_POLL_SECONDS
        while self._watermark is None or self._watermark < self._day.end:
            if self._cloud.clock() >= deadline:
                raise not_covered(self._day, self._watermark)
            self._cloud.log(f"Waiting for the data lake: it has the records up to {shown(self._watermark)}.")
            await self._cloud.pause(wait)
            wait = min(2 * wait, LONGEST_AVAILABILITY_POLL_SECONDS)
            self._watermark = await data_availability(self._cloud, self._source)

    def _extraction(self, reader: JobReader | QueryReader, whole: _Whole) -> Extraction:
        facts = self._checkpoint.committed().values()
        watermarks = [self._watermark, *(fact.available_until for fact in facts)]
        watermark = min((mark for mark in watermarks if mark is not None), default=None)
        is_covered = None not in watermarks and watermark is not None and watermark >= self._day.end
        stats, before = self._cloud.stats, self._before
        return Extraction(
            method=reader.name,
            interval=self._day,
            job_ids=tuple(fact.job_id for fact in facts if fact.job_id),
            watermark=watermark,
            complete=reader.name == "job" and is_covered,
            expected=whole.expected,
            fetched=whole.fetched,
            active=whole.counts.active,
            open=whole.counts.open,
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
