"""`JobReader`: one slice of time by details job: submit, wait, page through the results.

A job returns every record whose lifetime overlaps its interval, as far as the data lake has them: beyond the
watermark it silently returns less, so who uses a job asks `data_availability` first and compares the watermark after.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

import msgspec

from genesys_assets.genesys.api.client import GenesysCloud
from genesys_assets.genesys.api.concurrency import shielded
from genesys_assets.genesys.api.errors import (
    CapExceededError,
    CursorRefusedError,
    GenesysError,
    InvalidPageError,
    JobError,
    RefusedError,
    TimedOutError,
    TooLargeError,
)
from genesys_assets.genesys.api.responses import CAP
from genesys_assets.genesys.api.retrying import DEFAULT_RETRY, RetryPolicy
from genesys_assets.genesys.details.cursors import asked_twice
from genesys_assets.genesys.details.pages import Id, Page, PageReader, watermark
from genesys_assets.genesys.details.paging import ResultsPaging
from genesys_assets.genesys.details.slices import ExtractionSettings, Sink, SliceFacts
from genesys_assets.genesys.details.source import Source
from genesys_assets.texts import LONGEST_SENTENCE, line
from genesys_assets.variables import variable_of
from genesys_assets.windows import Interval

FIRST_POLL_SECONDS = 1.0
LONGEST_POLL_SECONDS = 20.0
POLL_GROWTH = 1.5
TOLD_EVERY_SECONDS = 30.0
FULFILLED = "FULFILLED"
OR_BY_QUERY = f"Try again later, or read the day by query ({variable_of('source')}=query)."
LATE_ANSWER_SECONDS = 0.3
"""How long a terminated run waits for the response to a submission, which names the job to be cancelled."""
NO_LIST = (
    "it has no `{records}`, not even an empty list, and has been asked for twice: nothing of the day is stored. "
    f"Read the day by query ({variable_of('source')}=query), or ask Genesys Cloud's support."
)
"""No total counts the records that began before the day, so an absent key does not count as an empty page."""
SLOW_PAGE = RetryPolicy(attempts_at_timeout=2)
"""A page that has timed out twice is requested again in half its size."""


class _Availability(msgspec.Struct, rename="camel"):
    data_availability_date: str


class _Submitted(msgspec.Struct, rename="camel"):
    job_id: Id


class _Status(msgspec.Struct, rename="camel"):
    state: str
    error_message: str | None = None


class _JobLostError(Exception):
    """The job is EXPIRED or unknown: its records have to be requested with another job."""


class _JobFailedError(Exception):
    """The job is FAILED; the text is Genesys Cloud's reason."""


@dataclass(slots=True)
class _Reading:
    """A slice being read: what is known of it over all its jobs."""

    interval: Interval
    page_size: int
    fetched: int = 0
    pages: int = 0
    restarts: int = 0
    failures: int = 0
    available_until: datetime | None = None


async def data_availability(cloud: GenesysCloud, source: Source) -> datetime:
    """Return the watermark: the data lake has every record up to this instant, which is not to come."""

    def read(body: bytes) -> datetime:
        return watermark(msgspec.json.decode(body, type=_Availability).data_availability_date)

    path = f"{source.jobs_path}/availability"
    return min(await cloud.request("GET", path, read=read, permission=source.permission), cloud.now())


class JobReader:
    """Reads a source by details job, whose results are every record that lived in its interval.

    Args:
        cloud: The session.
        source: What is read.
        settings: How to read.
    """

    name = "job"
    lookback_days = 0

    def __init__(self, cloud: GenesysCloud, source: Source, settings: ExtractionSettings) -> None:
        self.at_once = settings.jobs_at_once
        self._cloud = cloud
        self._source = source
        self._settings = settings
        self._limits = settings.limits or source.limits
        self._read_page = PageReader(source)

    def slices(self, day: Interval) -> list[Interval]:
        """Return the slices by which a day is read."""
        return day.slices(self._limits.job_slice)

    async def read_slice(self, interval: Interval, sink: Sink) -> SliceFacts:
        """Read every record alive in an interval into `sink`; some of them may come more than once.

        A little more time is asked for on either side: what lived near the interval may have emitted metrics in it, and
        a record whose end is before its start, since clocks differ, overlaps no interval that lies between.

        A job that still runs when this fails or is cancelled is cancelled too.

        Raises:
            CapExceededError: The interval holds more than the results page through: split it.
            JobError: The job failed again and again, was cancelled by somebody, or took too long.
            CursorRefusedError: Its results were lost or its cursors refused, again and again.
            InvalidPageError: A page is not as documented.
        """
        reading = _Reading(interval, self._limits.job_page_size)
        while True:
            job_id = await self._submit(interval)
            try:
                async with self._cancelled_on_failure(job_id):
                    await self._read_job(job_id, reading, sink)
            except _JobFailedError as error:
                reading.failures += 1
                if reading.failures > self._settings.resubmissions:
                    raise JobError(
                        f"The details job for {interval.iso()} failed {reading.failures} times, at last with: {error}. "
                        f"{OR_BY_QUERY}"
                    ) from None
            except _JobLostError as error:
                self._count_restart(reading, JobError(f"The details job {line(job_id)} is {error}."))
            else:
                return SliceFacts(
                    fetched=reading.fetched,
                    pages=reading.pages,
                    restarts=reading.restarts + reading.failures,
                    job_id=job_id,
                    available_until=reading.available_until,
                )

    async def _submit(self, interval: Interval) -> str:
        nearby = interval.nearby()
        end = max(interval.end, min(nearby.end, self._cloud.now()))  # never for what is yet to come
        source, read = self._source, msgspec.json.Decoder(_Submitted).decode
        body = {"interval": Interval(nearby.start, end).iso(), **source.order}
        asking = asyncio.ensure_future(
            self._cloud.request("POST", source.jobs_path, body=body, read=read, permission=source.permission)
        )
        try:
            return quote((await asyncio.shield(asking)).job_id, safe="")
        except asyncio.CancelledError:
            await shielded(self._cancel_late(asking))
            raise

    async def _cancel_late(self, asking: Awaitable[_Submitted]) -> None:
        """Cancel the job of a submission that is under way, once its answer names it."""
        with suppress(GenesysError, TimeoutError):
            async with asyncio.timeout(LATE_ANSWER_SECONDS):
                submitted = await asking
            await self._cancel(quote(submitted.job_id, safe=""))

    async def _cancel(self, job_id: str) -> None:
        await self._cloud.best_effort("DELETE", f"{self._source.jobs_path}/{job_id}")

    @asynccontextmanager
    async def _cancelled_on_failure(self, job_id: str) -> AsyncIterator[None]:
        """Cancel the job when what is done with it fails or is cancelled, unless the job itself is at an end."""
        try:
            yield
        except (_JobFailedError, _JobLostError):
            raise
        except BaseException:
            await shielded(self._cancel(job_id))
            raise

    async def _read_job(self, job_id: str, reading: _Reading, sink: Sink) -> None:
        """Wait for a job and read its results; after a refused cursor from their first page, while the job is there."""
        while True:
            await self._wait_until_fulfilled(job_id, reading.interval)
            try:
                await self._read_results(job_id, reading, sink)
            except CursorRefusedError as error:
                self._count_restart(reading, error)
            else:
                return

    async def _wait_until_fulfilled(self, job_id: str, interval: Interval) -> None:
        began_at = told_at = self._cloud.clock()
        wait = FIRST_POLL_SECONDS
        while (state := await self._state(job_id)) != FULFILLED:
            now = self._cloud.clock()
            if now >= began_at + self._settings.job_seconds:
                raise JobError(
                    f"The details job {line(job_id)} for {interval.iso()} was not fulfilled within "
                    f"{self._settings.job_seconds:,.0f} s and has been cancelled. {OR_BY_QUERY}"
                )
            if now >= told_at + TOLD_EVERY_SECONDS:
                told_at = now
                self._cloud.log(
                    f"The details job {line(job_id)} for {interval.iso()} is {state} after {now - began_at:,.0f} s."
                )
            await self._cloud.pause(wait)
            wait = min(wait * POLL_GROWTH, LONGEST_POLL_SECONDS)

    async def _state(self, job_id: str) -> str:
        """Return the state of a job: results may be read (`FULFILLED`), or it still runs (any other, known or not).

        Raises:
            CapExceededError: Its interval holds too much.
            JobError: Somebody cancelled it.
        """
        source, read = self._source, msgspec.json.Decoder(_Status).decode
        try:
            status = await self._cloud.request(
                "GET", f"{source.jobs_path}/{job_id}", read=read, permission=source.permission
            )
        except RefusedError as error:
            if error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                raise _JobLostError("unknown to Genesys Cloud") from error
            raise
        match status.state:
            case "EXPIRED":
                raise _JobLostError("expired")
            case "FAILED":
                reason = line((status.error_message or "no reason given").strip().rstrip("."), LONGEST_SENTENCE)
                if CAP.search(reason):
                    raise CapExceededError(f"The details job {line(job_id)} failed: {reason}.")
                raise _JobFailedError(reason)
            case "CANCELLED":
                raise JobError(f"The details job {line(job_id)} was cancelled by somebody else. Run again.")
        return line(status.state)

    async def _read_results(self, job_id: str, reading: _Reading, sink: Sink) -> None:
        """Read a job's results from the first page to the last; all of them have to state the data lake's watermark."""
        paging = ResultsPaging(reading.interval.iso(), reading.page_size, self._limits.job_cap)
        watermarks: list[datetime | None] = []
        goes_on = True
        while goes_on:
            try:
                page = await self._page(job_id, paging, reading)
            except (TooLargeError, TimedOutError):
                if not paging.halve():
                    raise
                reading.page_size = paging.page_size
                continue
            goes_on = paging.advance(page)
            reading.pages += 1
            watermarks.append(page.available_until)
            reading.fetched = max(reading.fetched, len(paging.fetched.seen))
            await sink(page)
        known = [watermark for watermark in watermarks if watermark is not None]
        reading.available_until = min(known) if len(known) == len(watermarks) else None

    async def _page(self, job_id: str, paging: ResultsPaging, reading: _Reading) -> Page:
        """Ask for the next page; a refused cursor, and a page without its records, once more."""
        retry = SLOW_PAGE if paging.page_size > 1 else DEFAULT_RETRY

        async def ask() -> Page:
            return await self._cloud.request(
                "GET",
                f"{self._source.jobs_path}/{job_id}/results",
                params=paging.request_params(),
                read=self._read_page,
                permission=self._source.permission,
                retry=retry,
            )

        place = f"Page {paging.fetched.pages + 1} of the job for {reading.interval.iso()}:"
        try:
            page = await asked_twice(ask, "A page of results", lambda page: page.lists)
        except InvalidPageError as error:
            raise InvalidPageError(f"{place} {error}", error.detail) from error
        if not page.lists:
            raise InvalidPageError(f"{place} {NO_LIST.format(records=self._source.records)}")
        return page

    def _count_restart(self, reading: _Reading, error: JobError | CursorRefusedError) -> None:
        """Count a reading that has to begin again, or raise when it was one too many."""
        reading.restarts += 1
        if reading.restarts > self._settings.restarts:
            raise type(error)(
                f"{error} {reading.interval.iso()} was read from its start {reading.restarts} times and came to "
                f"{reading.fetched} {self._source.plural}. {OR_BY_QUERY}",
                error.detail,
            ) from error
