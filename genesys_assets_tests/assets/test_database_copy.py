"""The copy for readers: made with each day, left to later runs, and read while the pipeline writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run

from genesys_assets.assets import database_copy as module
from genesys_assets.assets.database_copy import database_copy
from genesys_assets.assets.exports import Exports
from genesys_assets.databases import copies_with_each_day
from genesys_assets.organisation import Organisation
from genesys_assets.warehouse import Warehouse
from genesys_assets_tests.conftest import DAY, Chain

OF_A_DAY = {"dagster/partition": str(DAY)}


@pytest.fixture
def job(tmp_path: Path) -> dg.JobDefinition:
    """A job that only makes the copy, of a warehouse that holds nothing."""
    return dg.Definitions(
        assets=[database_copy()],
        jobs=[dg.define_asset_job("day", selection=[module.KEY])],
        resources={
            "io_manager": Warehouse(database=str(tmp_path / "genesys.duckdb")),
            "exports": Exports(url=str(tmp_path / "exports")),
        },
        executor=dg.in_process_executor,
    ).resolve_job_def("day")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def executed(job: dg.JobDefinition, run: dg.DagsterRun, instance: dg.DagsterInstance) -> bool:
    """Executes a run that was made before; returns whether it has made the copy, or looked at it."""
    result = execute_run(InMemoryJob(job), run, instance)
    assert result.success
    return bool([event for event in result.all_events if event.is_step_materialization])


def requested(job: dg.JobDefinition, instance: dg.DagsterInstance, tags: dict[str, str] = OF_A_DAY) -> dg.DagsterRun:
    return instance.create_run_for_job(job, tags=tags)


def test_of_days_that_wait_for_one_another_the_last_makes_the_copy(
    job: dg.JobDefinition, instance: dg.DagsterInstance
) -> None:
    runs = [requested(job, instance) for _ in range(4)]
    assert [executed(job, run, instance) for run in runs] == [
        True,
        False,
        False,
        True,
    ]


def test_an_old_copy_is_made_anew_although_later_days_wait(
    job: dg.JobDefinition, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRESH_SECONDS", 0.0)
    runs = [requested(job, instance) for _ in range(3)]
    assert [executed(job, run, instance) for run in runs] == [True, True, True]


def test_a_later_run_that_is_at_its_copy_already_is_left_nothing(
    job: dg.JobDefinition, instance: dg.DagsterInstance
) -> None:
    first, earlier, later = (requested(job, instance) for _ in range(3))
    assert executed(job, first, instance)
    instance.report_run_canceling(later)  # ends; its copy may be of before
    assert executed(job, earlier, instance)


def test_whoever_asks_for_the_copy_alone_gets_it(job: dg.JobDefinition, instance: dg.DagsterInstance) -> None:
    runs = [requested(job, instance, tags) for tags in (OF_A_DAY, {}, OF_A_DAY)]
    assert executed(job, runs[0], instance)
    assert executed(job, runs[1], instance)


@pytest.mark.parametrize(
    ("database", "setting", "copies"),
    [
        ("data/genesys.duckdb", None, True),
        ("data/genesys.duckdb", "false", False),
        ("ducklake:postgres:host=db", None, False),
        ("ducklake:lake.duckdb", "true", True),
    ],
)
def test_the_job_day_makes_the_copy_of_a_file_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, database: str, setting: str | None, copies: bool
) -> None:
    monkeypatch.setenv("GENESYS_ASSETS_DATABASE", database)
    if setting:
        monkeypatch.setenv("GENESYS_ASSETS_COPY_WITH_EACH_DAY", setting)
    assert copies_with_each_day(Organisation.from_environment()) is copies


NOTEBOOK = """
import sys, duckdb
first = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
reads = 0
while True:
    rows = first.execute("SELECT count(*) FROM marts.queue_performance").fetchall()
    with duckdb.connect(sys.argv[1], read_only=True) as again:
        assert again.execute("SELECT count(*) FROM marts.queue_performance").fetchall()[0][0] >= rows[0][0]
    reads += 1
    print(reads, flush=True)
"""


@pytest.mark.slow
def test_a_notebook_reads_the_copy_during_a_whole_day_and_neither_fails(chain: Chain) -> None:
    copy = chain.folder / "exports" / "contact_centre.duckdb"
    assert chain.run("day", DAY).success
    with subprocess.Popen(
        [sys.executable, "-c", NOTEBOOK, str(copy)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as notebook:
        assert notebook.stdout is not None
        assert notebook.stdout.readline() == "open\n"
        before = copy.stat().st_ino
        assert chain.run("day", DAY.replace(day=DAY.day - 1)).success
        assert notebook.poll() is None, notebook.stderr and notebook.stderr.read()
        notebook.kill()
        reads = len(notebook.stdout.read().splitlines())
    print(f"{reads} reads")
    assert reads > 0
    assert copy.stat().st_ino != before
    with duckdb.connect(copy, read_only=True) as connection:
        days = connection.execute("SELECT count(DISTINCT partition_date) FROM marts.queue_performance").fetchall()
    assert days == [(2,)]
