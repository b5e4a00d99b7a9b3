"""What reading one slice of time takes and gives, be it by query or by job: settings, facts, and where documents go.

How a slice is read stands in `query` and `jobs`; which slices a day has, there too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Protocol

import msgspec

from genesys_assets.genesys.api.errors import ConfigurationError
from genesys_assets.genesys.details.pages import KeyFields, Page
from genesys_assets.genesys.details.source import Bound, Limits
from genesys_assets.variables import variable_of
from genesys_assets.windows import Interval

METHODS = ("auto", "job", "query")
Sink = Callable[[Page], Awaitable[None]]
"""Takes one page of a slice in."""


@dataclass(frozen=True, slots=True)
class ExtractionSettings:
    """How a day is read.

    Attributes:
        method: `job`, `query`, or `auto`: a job once the data lake has the whole day, the query until then.
        lookback_days: The query knows a record by the day it started: this many days before are read as well.
        parallel: Slices that are read by query at once.
        jobs_at_once: Jobs that one run has at once; organisations have a small quota of them, which runs share.
        restarts: How often a slice is read from its start after a refused cursor or a lost job.
        rereads: How often a slice, or a day by job, is read again when fewer records came than expected.
        tolerated_shortfall: Share of the expected records that may be missing without an error. Totals are said to be
            approximate: an organisation whose totals count some records twice can allow for it here.
        resubmissions: How often a job that FAILED is submitted again.
        job_seconds: How long one job may take.
        day_seconds: How long a day may take altogether; the next attempt does not read again what is committed.
        availability_seconds: How long `job` waits for the data lake to have the whole day.
        limits: How much is asked for at a time, in place of the source's own limits.
    """

    method: str = "auto"
    lookback_days: int = 1
    parallel: int = 4
    jobs_at_once: int = 2
    restarts: int = 3
    rereads: int = 3
    tolerated_shortfall: float = 0.0
    resubmissions: int = 2
    job_seconds: float = 1800.0
    day_seconds: float = 21_600.0
    availability_seconds: float = 900.0
    limits: Limits | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ConfigurationError(f"{variable_of('source')} is {self.method!r}: write one of {', '.join(METHODS)}.")
        if self.lookback_days < 0 or min(self.parallel, self.jobs_at_once) < 1:
            raise ConfigurationError(
                f"{variable_of('lookback_days')} must be 0 or more, {variable_of('jobs_at_once')} 1 or more, and so "
                "must be how many slices are read in parallel."
            )

    def is_enough(self, fetched: int, expected: int | None) -> bool:
        """Tell whether so many distinct records are as many as expected (None: it is not known how many are)."""
        return expected is None or fetched >= expected * (1 - self.tolerated_shortfall)

    def how_to_tolerate(self, fetched: int, expected: int | None) -> str:
        """Say which setting permits that so few records came, and when to use it."""
        if not fetched or self.is_enough(fetched, expected):
            return ""
        share = ceil((expected - fetched) / expected * 1000) / 1000 if expected else 0
        return (
            " Where the same few are missing each time, and it is certain that the total counts some twice, "
            f"{variable_of('tolerated_shortfall')}={share:g} allows for it: so large a share may then be missing of "
            "any day or hour."
        )


class SliceFacts(msgspec.Struct, frozen=True):
    """How one slice was read.

    Attributes:
        fetched: Distinct records fetched.
        expected: Records by the query's totalHits; None: by job, or it did not say.
        pages: Pages read, repetitions included.
        restarts: How often it was read from its start again, for whatever reason.
        job_id: The job from whose results it was read.
        available_until: The data lake's watermark on the pages of a job; None: by query, or a page did not tell it.
    """

    fetched: int
    expected: int | None = None
    pages: int = 0
    restarts: int = 0
    job_id: str | None = None
    available_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Records on their way to the checkpoint.

    Attributes:
        key_fields: Of each record its key, start and end.
        documents: Of each record its JSON as received; None: it was not active on the day, and its key fields
            alone count.
        fetched_at: When they were received, in UTC.
    """

    key_fields: list[KeyFields]
    documents: list[bytes | None]
    fetched_at: datetime


class Plan(msgspec.Struct, frozen=True):
    """What a checkpoint is filled with. Only slices of one and the same plan make a day together.

    Attributes:
        source: What is read: the plural of its records.
        method: `job` or `query`.
        day: The day's interval.
        interval: What is read for it: the day, or by job the days of UTC that it touches.
        lookback_days: By query, so many days before are read as well.
        host: Base URL of the API that answers.
        client_id: The OAuth client that asks.
        organisation_id: The organisation that it belongs to, "" where the caller does not know.
    """

    source: str
    method: str
    day: str
    interval: str
    lookback_days: int
    host: str
    client_id: str
    organisation_id: str


class Counts(msgspec.Struct, frozen=True):
    """What a checkpoint holds.

    Attributes:
        active: Records active on the day.
        totalled: Records, active on the day or not, that the query's total counts.
        open: Of the active ones, those that had no end when they were read.
    """

    active: int
    totalled: int
    open: int


class Checkpoint(Protocol):
    """Where the documents of a day go, slice by slice. Methods may be called from threads."""

    def plan(self) -> Plan | None:
        """Return the plan by which the checkpoint is being filled, None when it is empty."""

    def start(self, plan: Plan) -> None:
        """Go on with what is there when it was read by the same plan, otherwise start afresh."""

    def committed(self) -> Mapping[Interval, SliceFacts]:
        """Return the slices that are there in full."""

    def add(self, interval: Interval, batch: Batch) -> None:
        """Take records of a slice in; nothing of it counts before the slice is committed."""

    def commit(self, interval: Interval, facts: SliceFacts) -> None:
        """Declare a slice read in full."""

    def abort(self, interval: Interval) -> None:
        """Forget what was added of a slice that will not be committed."""

    def counts(self, totalled: Interval, totalled_by: Iterable[Bound]) -> Counts:
        """Count what the committed slices hold, and which of it the query's total of an interval counts."""

    def inconsistent(self) -> int:
        """Count the records that came with only one of two slices though their lifetime spans both."""

    def discard(self) -> None:
        """Forget everything."""
