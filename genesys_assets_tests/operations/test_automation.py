"""A schedule and the alerts of failed runs under the real daemon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorState, ScheduleInstigatorData

from genesys_assets.sandbox import Sandbox, serve
from genesys_assets_tests.automation.webhook import Hook, listening
from genesys_assets_tests.operations.deployment import Deployment, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening() as hook:
        yield hook


@pytest.fixture
def deployment(tmp_path: Path, hook: Hook) -> Iterator[Deployment]:
    """Webserver and daemon, whose OAuth client the organisation does not know."""
    with serve(Sandbox(conversations_per_day=30, requests_per_minute=None)) as url:
        settings = {
            "GENESYSCLOUD_OAUTHCLIENT_ID": "wrong",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sandbox",
            "GENESYSCLOUD_API_URL": url,
            "GENESYSCLOUD_LOGIN_URL": url,
            "GENESYS_ASSETS_ALERT_WEBHOOK": hook.url,
            "GENESYS_ASSETS_DAGSTER_URL": "https://dagster.example.org",
        }
        with Deployment(tmp_path, settings) as deployment:
            deployment.start_webserver()
            yield deployment


def state(deployment: Deployment, name: str, kind: InstigatorType) -> InstigatorState:
    """What the instance knows of a sensor or schedule that has been switched on."""
    (found,) = [each for each in deployment.instance.all_instigator_state(instigator_type=kind) if each.name == name]
    return found


def switch_on_since_yesterday(deployment: Deployment, schedule: str) -> None:
    """Switches a schedule on as if a day ago: the daemon makes up for the tick that it has missed."""
    deployment.switch_on_schedule(schedule)
    switched_on = state(deployment, schedule, InstigatorType.SCHEDULE)
    data = switched_on.instigator_data
    assert isinstance(data, ScheduleInstigatorData)
    a_day_ago = datetime.now(UTC) - timedelta(days=1)
    since = ScheduleInstigatorData(data.cron_schedule, start_timestamp=a_day_ago.timestamp())
    deployment.instance.update_instigator_state(switched_on.with_data(since))


def test_a_scheduled_run_that_fails_is_told_at_the_webhook(deployment: Deployment, hook: Hook) -> None:
    deployment.switch_on_sensor("failed_runs")
    deployment.start_daemon()
    looks = state(deployment, "failed_runs", InstigatorType.SENSOR)
    wait_until(
        "the sensor has looked for the first time",
        lambda: deployment.instance.get_ticks(looks.instigator_origin_id, looks.selector_id),
        120,
    )
    deployment.stop("daemon")
    switch_on_since_yesterday(deployment, "directory")
    deployment.start_daemon()

    failed = dg.DagsterRunStatus.FAILURE
    run = wait_until("the schedule's run has failed", lambda: deployment.runs(failed), 180)[-1]
    assert run.tags["dagster/schedule_name"] == "directory"
    wait_until("the failure is told", lambda: hook.texts, 120)
    first, sentence, link = hook.texts[0].splitlines()
    assert first.startswith("Failed: refresh_directory in directory__")
    assert "check GENESYSCLOUD_OAUTHCLIENT_ID" in sentence
    assert link == f"Run https://dagster.example.org/runs/{run.run_id}"
