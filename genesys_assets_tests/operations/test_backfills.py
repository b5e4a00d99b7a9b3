"""Backfills under the real daemon, while workers, the daemon, the whole host and the disk fail under them."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from os import kill
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from genesys_assets.sandbox import Sandbox, serve
from genesys_assets_tests.operations.deployment import CONVERSATIONS, Deployment, wait_until

pytestmark = pytest.mark.slow

DAYS = [f"2026-10-{day:02}" for day in range(1, 5)]
DISK_MEGABYTES = 24


@pytest.fixture
def sandbox() -> Sandbox:
    """A small contact centre whose jobs take their time, so that there is a middle in which to fail."""
    return Sandbox(conversations_per_day=60, job_seconds=3, requests_per_minute=None)


@pytest.fixture
def deployment(tmp_path: Path, sandbox: Sandbox) -> Iterator[Deployment]:
    """Webserver and daemon on that contact centre."""
    with serve(sandbox) as url:
        settings = {
            "GENESYSCLOUD_OAUTHCLIENT_ID": "sandbox",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sandbox",
            "GENESYSCLOUD_API_URL": url,
            "GENESYSCLOUD_LOGIN_URL": url,
        }
        with Deployment(tmp_path, settings) as deployment:
            deployment.start_webserver()
            deployment.start_daemon()
            yield deployment


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own with little room, mounted on a folder; the test is skipped where that is not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"A disk can be filled only where one can be mounted: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def started(deployment: Deployment, day: str, event: str = "STEP_START") -> dg.DagsterRun | None:
    """The run of a day that is under way, once it has logged that event."""
    for run in deployment.runs(dg.DagsterRunStatus.STARTED):
        events = [entry.dagster_event for entry in deployment.instance.all_logs(run.run_id)]
        if run.tags.get("dagster/partition") == day and any(each and each.event_type_value == event for each in events):
            return run
    return None


def kill_worker(deployment: Deployment, day: str) -> str:
    run = wait_until(f"{day} is being read", lambda: started(deployment, day), 120, every=0.2)
    kill(deployment.worker_of(run), signal.SIGKILL)
    ended = (dg.DagsterRunStatus.FAILURE,)
    wait_until("the killed run is seen", lambda: run.run_id in {each.run_id for each in deployment.runs(*ended)}, 60)
    return str(run.run_id)


def assert_every_day_is_right(deployment: Deployment, sandbox: Sandbox, days: list[str]) -> None:
    """Raw holds each day's conversations once, as the sandbox tells them, and Dagster shows each day as stored."""
    with duckdb.connect(str(deployment.database), read_only=True) as connection:
        for day in days:
            rows = connection.execute(
                "SELECT conversation_id FROM raw.conversations WHERE partition_date = ?", [day]
            ).fetchall()
            assert sorted(row[0] for row in rows) == sorted(sandbox.conversations(date.fromisoformat(day))), day
    assert deployment.stored_days() >= set(days)


def test_a_backfill_outlives_killed_workers_and_a_killed_daemon(deployment: Deployment, sandbox: Sandbox) -> None:
    backfill = deployment.launch_backfill(DAYS, [CONVERSATIONS])
    killed = kill_worker(deployment, DAYS[1])
    at = time.monotonic()
    wait_until("the killed day is tried again", lambda: started(deployment, DAYS[1]), 60, every=0.2)
    print(f"a killed worker's day was under way again after {time.monotonic() - at:.0f} s")
    deployment.kill("daemon", with_children=False)
    deployment.start_daemon()
    for _ in range(2):  # run_retries' two: then the day has failed
        killed = kill_worker(deployment, DAYS[1])
    wait_until("the backfill has ended", lambda: deployment.backfill_status(backfill) == "COMPLETED_FAILED", 180)
    failed = [run for run in deployment.runs(dg.DagsterRunStatus.FAILURE) if run.run_id == killed]
    assert failed[0].tags["dagster/partition"] == DAYS[1]
    assert deployment.stored_days() == {*DAYS} - {DAYS[1]}

    again = deployment.reexecute_backfill(backfill)
    wait_until("what failed is there", lambda: deployment.backfill_status(again) == "COMPLETED_SUCCESS", 180)
    assert_every_day_is_right(deployment, sandbox, DAYS)


def test_a_backfill_outlives_a_full_disk_and_a_reboot(tmp_path: Path, sandbox: Sandbox) -> None:
    with small_disk(tmp_path / "disk") as disk, serve(sandbox) as url:
        settings = {
            "GENESYSCLOUD_OAUTHCLIENT_ID": "sandbox",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sandbox",
            "GENESYSCLOUD_API_URL": url,
            "GENESYSCLOUD_LOGIN_URL": url,
            "GENESYS_ASSETS_DATABASE": str(disk / "genesys.duckdb"),
        }
        with Deployment(tmp_path / "dagster", settings) as deployment:
            deployment.start_webserver()
            deployment.start_daemon()
            first = deployment.launch_backfill(DAYS[:1], [CONVERSATIONS])
            wait_until("the first day", lambda: deployment.backfill_status(first) == "COMPLETED_SUCCESS", 180)

            ballast = disk / "ballast"
            fill(ballast)
            deployment.launch_backfill(DAYS[1:3], [CONVERSATIONS])
            wait_until("the disk is full", lambda: started(deployment, DAYS[1], "STEP_UP_FOR_RETRY"), 180)
            assert deployment.stored_days() == {DAYS[0]}
            deployment.kill("daemon", with_children=True)
            ballast.unlink()

            at = time.monotonic()
            deployment.start_daemon()
            wait_until("both days are there", lambda: deployment.stored_days() == set(DAYS[:3]), 180)
            print(f"the days of a killed host were there {time.monotonic() - at:.0f} s after its daemon was")
            wait_until("all runs have ended", deployment.is_idle, 60)
            assert_every_day_is_right(deployment, sandbox, DAYS[:3])


def fill(ballast: Path) -> None:
    """Writes until the disk is full."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
