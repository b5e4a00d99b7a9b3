"""A fleet of processes on PostgreSQL, as compose.yaml describes it, that backfills days into one lake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from genesys_assets.definitions import defs
from genesys_assets.sandbox import Sandbox, serve
from genesys_assets.warehouse import Database
from genesys_assets_tests.deploy.fleet import Fleet, instance_environment
from genesys_assets_tests.lakes import NewLake
from genesys_assets_tests.operations.deployment import CONVERSATIONS, wait_until
from genesys_assets_tests.postgres import Postgres, postgres

pytestmark = pytest.mark.slow

CONVERSATIONS_PER_DAY = 50
DAYS = 12
POOL = 4
"""Runs that may read from Genesys Cloud at a time (compose/dagster.yaml)."""
FIGURES = dg.AssetKey(["marts", "queue_performance"])
EVALUATED = dg.DagsterEventType.ASSET_CHECK_EVALUATION
LONGEST_SECONDS = 900
"""On a machine that does much else; alone, two cores take a third of it."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as server:
        server.create("dagster")
        server.create("lake")
        yield server


@pytest.fixture
def lake(server: Postgres, tmp_path: Path) -> NewLake:
    return NewLake(f"ducklake:postgres:{server.connection_string('lake')}", str(tmp_path / "lake"))


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """A small contact centre with Genesys Cloud's rate limit."""
    return Sandbox(conversations_per_day=CONVERSATIONS_PER_DAY)


@pytest.fixture
def fleet(
    tmp_path: Path, server: Postgres, lake: NewLake, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Fleet]:
    for name, value in instance_environment(server).items():
        monkeypatch.setenv(name, value)
    with serve(sandbox) as url:
        settings = {
            "GENESYSCLOUD_OAUTHCLIENT_ID": "sandbox",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sandbox",
            "GENESYSCLOUD_API_URL": url,
            "GENESYSCLOUD_LOGIN_URL": url,
            "GENESYS_ASSETS_DATABASE": lake.location,
            "GENESYS_ASSETS_DATA_PATH": lake.data_path,
        }
        with Fleet(tmp_path, settings, postgres=server) as fleet:
            fleet.start_all()
            yield fleet


def test_a_backfill_of_twelve_days_is_right_on_every_day(fleet: Fleet, lake: NewLake, sandbox: Sandbox) -> None:
    last = datetime.now(UTC).date() - timedelta(days=2)
    days = [last - timedelta(days=back) for back in range(DAYS)]

    backfill(fleet, days)

    assert failures(fleet) == []
    assert {run.status for run in fleet.runs()} == {dg.DagsterRunStatus.SUCCESS}
    assert stored(lake.database) == {day: sorted(sandbox.conversations(day)) for day in days}
    assert failed_checks(fleet) == set()
    assert most_at_a_time(fleet) in range(2, POOL + 1)
    assert 429 not in {request.status for request in sandbox.requests}


def backfill(fleet: Fleet, days: list[date]) -> None:
    """Backfills from Genesys Cloud to queue performance, a run for each day, and waits for the runs."""
    graph = defs.resolve_asset_graph()
    staging = [key for key in graph.get_all_asset_keys() if key.path[0] == "staging"]
    keys = {str(day) for day in days}
    fleet.launch_backfill(keys, [CONVERSATIONS, *staging, FIGURES])
    wait_until(
        f"all of {len(days)} days are stored, or a run has failed",
        lambda: fleet.runs(dg.DagsterRunStatus.FAILURE) or (fleet.is_idle() and fleet.stored_days(FIGURES) >= keys),
        LONGEST_SECONDS,
        every=2.0,
    )


def stored(database: Database) -> dict[date, list[str]]:
    """The ids of each day's conversations, as often as they are stored."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT partition_date, list(conversation_id ORDER BY conversation_id) FROM raw.conversations GROUP BY ALL"
        ).fetchall()
    return dict(rows)


def failures(fleet: Fleet) -> list[str]:
    """What the steps and runs that failed said."""
    events = [entry.dagster_event for run in fleet.runs() for entry in fleet.instance.all_logs(run.run_id)]
    return [str(event.message) for event in events if event and (event.is_failure or event.is_step_failure)]


def failed_checks(fleet: Fleet) -> set[str]:
    """The checks that did not pass in some run."""
    events = [entry.dagster_event for run in fleet.runs() for entry in fleet.instance.all_logs(run.run_id)]
    checked = [event.asset_check_evaluation_data for event in events if event and event.event_type == EVALUATED]
    assert checked
    return {evaluation.check_name for evaluation in checked if not evaluation.passed}


def most_at_a_time(fleet: Fleet) -> int:
    """How many runs were under way together, at most."""
    records = fleet.instance.get_run_records()
    starts = [(record.start_time, 1) for record in records]
    ends = [(record.end_time, -1) for record in records]
    under_way, most = 0, 0
    for _, step in sorted((at, step) for at, step in [*starts, *ends] if at is not None):
        under_way += step
        most = max(most, under_way)
    return most
