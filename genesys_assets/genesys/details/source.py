"""`Source`: one kind of record of Genesys Cloud that is read by day, by details query and details job.

What belongs here: what differs from source to source. How pages, slices and days are read is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Bound = Literal["start", "end"]
"""One of the two instants between which a record lived; the end of an open one is not known yet."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a source is asked for at a time.

    Attributes:
        query_slice: Length of the slices of a day that are read by query.
        query_page_size: Records a page by query; halved when a page is too large.
        query_cap: The most records of a slice that the query pages through; a slice of more is split.
        job_slice: Length of the slices of a day that are read by job.
        job_page_size: Records a page of a job's results; halved when a page is too large or too slow.
        job_cap: The most records of a slice that a job's results page through; a slice of more is split.
    """

    query_slice: timedelta
    query_page_size: int
    query_cap: int
    job_slice: timedelta
    job_page_size: int
    job_cap: int


def _no_emissions(_document: bytes) -> Iterable[datetime]:
    return ()


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of record, and how the API has it.

    Attributes:
        name: What one record is called, in errors and logs.
        plural: What several are called.
        path: What the paths of its query (`/query`), jobs (`/jobs`) and watermark (`/jobs/availability`) begin with.
        records: The key of an answer under which the records are.
        key: The field of a record that tells it from the others.
        start: The field of a record with its start.
        end: The field of a record with its end, absent while it is open.
        order: What the body of a query or a job says of the order of the records.
        totalled_by: Which instants of a record, if they lie on a day, have the query's total of that day count it.
        permission: What a role of the OAuth client needs.
        person_path: Where a record names the person whose record it is, fields with dots between: a purge for that
            person removes the record.
        limits: How much is asked for at a time.
        final_after_days: Parts of a record that come or change late, each with the days after its day by which it is
            final, by the data lake's watermark.
        split: Yields the records of one element of `records`, where the API groups several in one; None: each element
            is a record.
        emissions: Yields the instants of a record's own figures, of its document; they may lie a little beyond its end.
    """

    name: str
    plural: str
    path: str
    records: str
    key: str
    start: str
    end: str
    order: Mapping[str, object]
    permission: str
    person_path: str
    limits: Limits
    totalled_by: Sequence[Bound] = ("start",)
    final_after_days: Mapping[str, int] = field(default_factory=dict)
    split: Callable[[bytes], Iterable[bytes]] | None = None
    emissions: Callable[[bytes], Iterable[datetime]] = _no_emissions

    @property
    def query_path(self) -> str:
        """Return the path of the details query."""
        return f"{self.path}/query"

    @property
    def jobs_path(self) -> str:
        """Return the path of the details jobs."""
        return f"{self.path}/jobs"
