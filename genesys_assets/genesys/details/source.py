"""`Source`: one record of Genesys Cloud that is read by day, by details query and details job.

What belongs here: what differs from record to record. How pages, slices and days are read is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Source:
    """A record, and where the API has it.

    Attributes:
        name: What one record is called, in errors and logs.
        path: What the paths of its query (`/query`), jobs (`/jobs`) and watermark (`/jobs/availability`) begin with.
        records: The key of an answer under which the records are.
        key: The field of a record that tells it from the others.
        start: The field of a record with its start; it is asked for in this order.
        end: The field of a record with its end, absent while it is open.
        permission: What a role of the OAuth client needs.
        emissions: Yields the instants of a record's own figures, of its document; they may lie a little beyond its end.
    """

    name: str
    path: str
    records: str
    key: str
    start: str
    end: str
    permission: str
    emissions: Callable[[bytes], Iterable[datetime]]

    @property
    def query_path(self) -> str:
        """Return the path of the details query."""
        return f"{self.path}/query"

    @property
    def jobs_path(self) -> str:
        """Return the path of the details jobs."""
        return f"{self.path}/jobs"
