"""A run of the whole pipeline in a process of its own, so that it can be killed at any instant.

What belongs here: how such a process is started, and what of its run Dagster has written down. It is made anew, which
costs seconds: polars' and DuckDB's threads do not outlive a fork.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import time
import uuid
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg

from genesys_assets.sandbox import Sandbox
from genesys_assets_tests.conftest import Chain, Hurried
from genesys_assets_tests.warehouse.support import quiet

SOURCES = ("query", "job")
LONGEST_SECONDS = 600
"""On a machine that does much else; alone, a run takes a hundredth of it."""
_fresh = mp.get_context("spawn")


@dataclass(frozen=True)
class Errand:
    """What a run is to do; `retry_of` is the run that it goes on for, as Dagster's retries do."""

    folder: Path
    url: str
    source: str
    job: str
    day: date | None
    run_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    retry_of: str | None = None


def instance_of(folder: Path) -> dg.DagsterInstance:
    """The Dagster instance of a folder, kept in files."""
    (folder / "home").mkdir(parents=True, exist_ok=True)
    return dg.DagsterInstance.from_config(str(folder / "home"))


def started(errand: Errand) -> tuple[Any, float]:
    """The process that does an errand, and the clock's time when its run began."""
    begins = _fresh.Event()
    process = _fresh.Process(target=_run, args=(errand, begins), daemon=True)
    process.start()
    assert begins.wait(LONGEST_SECONDS), "no process has begun"
    return process, time.time()


def step_times(instance: dg.DagsterInstance, run_id: str) -> dict[str, tuple[float, float]]:
    """When each step of a run began and ended; one that has not ended ends never."""
    times: dict[str, tuple[float, float]] = {}
    for entry in instance.all_logs(run_id):
        step, kind = entry.step_key, entry.dagster_event and entry.dagster_event.event_type_value
        if step and kind == "STEP_START":
            times[step] = (entry.timestamp, float("inf"))
        elif step in times and kind in {"STEP_SUCCESS", "STEP_FAILURE"}:
            times[step] = (times[step][0], entry.timestamp)
    return times


def _run(errand: Errand, begins: Any) -> None:
    with quiet(), instance_of(errand.folder) as instance:
        genesys = Hurried(
            client_id="sandbox",
            client_secret="sandbox",
            api_url=errand.url,
            login_url=errand.url,
            requests_per_minute=100_000,
            source=errand.source,
        )
        chain = Chain(errand.folder, genesys, instance, Sandbox())  # which is the parent's, by its URL
        dg.RetryPolicy.calculate_delay = lambda _policy, _attempt: 0  # type: ignore[method-assign]
        if errand.retry_of:
            origin = {"root_run_id": errand.retry_of, "parent_run_id": errand.retry_of}
            instance.create_run_for_job = partial(instance.create_run_for_job, **origin)  # type: ignore[method-assign]
        begins.set()
        made = chain.run(errand.job, errand.day, run_id=errand.run_id)
        os._exit(0 if made.success else 1)  # no thread is waited for
