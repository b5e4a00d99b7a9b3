"""What the sandbox remembers between requests: its details jobs, and the cursors that it has issued."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from genesys_assets.sandbox.call import Call
from genesys_assets.sandbox.errors import CURSOR_REFUSED, ApiError
from genesys_assets.sandbox.traffic import Head


@dataclass
class QueryCursors:
    """The cursors of the unfaithful `next_page_cursor` mode: where each goes on; each is good once."""

    _places: dict[str, int] = field(default_factory=dict)

    def issue(self, place: int) -> str:
        """Return a new cursor that goes on at a row."""
        cursor = secrets.token_urlsafe(24)
        self._places[cursor] = place
        return cursor

    def redeem(self, cursor: str) -> int:
        """Return where a cursor goes on, this one time; ApiError 400 when it is unknown or used."""
        if cursor not in self._places:
            raise ApiError("bad.request", CURSOR_REFUSED)
        return self._places.pop(cursor)


@dataclass
class Job:
    """A job and the snapshot that it reads."""

    id: str
    body: dict[str, Any]
    interval: tuple[int, int]
    submitted_at: int
    submitted_clock: float
    watermark: int
    outcome: str | None = None
    """The state in which it ended otherwise than by itself: FAILED, EXPIRED, CANCELLED."""
    heads: list[Head] | None = None


@dataclass
class Jobs:
    """All jobs of a sandbox, and their progress by its clock."""

    clock: Callable[[], float]
    run_seconds: float
    lifetime_seconds: float
    _jobs: dict[str, Job] = field(default_factory=dict)

    def add(self, body: dict[str, Any], interval: tuple[int, int], now: int, watermark: int) -> Job:
        """Take a job in."""
        job = Job(str(uuid.uuid4()), body, interval, now, self.clock(), watermark)
        self._jobs[job.id] = job
        return job

    def get(self, call: Call) -> Job:
        """Return the job that a request names, after what a fault does to it; ApiError 404 for an unknown one."""
        job = self._jobs.get(call.path_params["job_id"])
        fate = call.effects.get("job")
        if job is not None and fate == "unknown":
            del self._jobs[job.id]
        if job is None or fate == "unknown":
            raise ApiError("not.found")
        if fate is not None:
            job.outcome = fate
        return job

    def state(self, job: Job) -> str:
        """Return the job's state by now."""
        if job.outcome is not None:
            return job.outcome
        elapsed = self.clock() - job.submitted_clock
        if elapsed < self.run_seconds / 3:
            return "QUEUED"
        if elapsed < self.run_seconds:
            return "PENDING"
        return "FULFILLED" if elapsed < self.run_seconds + self.lifetime_seconds else "EXPIRED"
