"""What the sandbox keeps between requests: its details jobs, and the cursors that it has issued."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from genesys_assets.sandbox.bodies import DetailsQuery
from genesys_assets.sandbox.errors import CURSOR_REFUSED, ApiError
from genesys_assets.sandbox.exchange import Request
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.traffic import Head

RULES = (
    Rule(
        "A job takes some seconds; those of the command `sandbox` take two.",
        "production code",
        "a production connector notes about three seconds",
        "test_a_job_is_queued_then_pending_then_fulfilled_then_expired",
    ),
    Rule(
        "A job is QUEUED, then PENDING, then FULFILLED, and later EXPIRED.",
        "official",
        "official Python SDK 269, AsyncQueryStatus",
        "test_a_job_is_queued_then_pending_then_fulfilled_then_expired",
    ),
    Rule(
        "An unknown job is a 404 `not.found`.",
        "guess",
        "the usual code of an unknown id",
        "test_an_unknown_job_is_not_found",
    ),
)


@dataclass
class QueryCursors:
    """The cursors of the fault `next_page_cursor`, and the row at which each goes on; each is valid once."""

    _places: dict[str, int] = field(default_factory=dict)

    def issue(self, place: int) -> str:
        """Return a new cursor for the page that starts at a row."""
        cursor = secrets.token_urlsafe(24)
        self._places[cursor] = place
        return cursor

    def redeem(self, cursor: str) -> int:
        """Return the row at which a cursor goes on; ApiError 400 if it is unknown or already used."""
        if cursor not in self._places:
            raise ApiError("bad.request", CURSOR_REFUSED)
        return self._places.pop(cursor)


@dataclass
class Job:
    """A details job, and the snapshot that it reads."""

    id: str
    query: DetailsQuery
    submitted_at: int
    submitted_clock: float
    watermark: int
    outcome: str | None = None
    """The state that a fault or a request put it in, FAILED, EXPIRED or CANCELLED; None if it just runs."""
    heads: list[Head] | None = None


@dataclass
class Jobs:
    """All details jobs of a sandbox, and their states by its clock."""

    clock: Callable[[], float]
    run_seconds: float
    lifetime_seconds: float
    _jobs: dict[str, Job] = field(default_factory=dict)

    def add(self, query: DetailsQuery, now: int, watermark: int) -> Job:
        """Start a job."""
        job = Job(str(uuid.uuid4()), query, now, self.clock(), watermark)
        self._jobs[job.id] = job
        return job

    def get(self, request: Request) -> Job:
        """Return the job that a request names, after applying its faults; ApiError 404 if it is unknown."""
        job = self._jobs.get(request.path_params["job_id"])
        fate = request.effects.get("job")
        if job is not None and fate == "unknown":
            del self._jobs[job.id]
        if job is None or fate == "unknown":
            raise ApiError("not.found")
        if fate is not None:
            job.outcome = fate
        return job

    def state(self, job: Job) -> str:
        """Return the job's current state."""
        if job.outcome is not None:
            return job.outcome
        elapsed = self.clock() - job.submitted_clock
        if elapsed < self.run_seconds / 3:
            return "QUEUED"
        if elapsed < self.run_seconds:
            return "PENDING"
        return "FULFILLED" if elapsed < self.run_seconds + self.lifetime_seconds else "EXPIRED"
