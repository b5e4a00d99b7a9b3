"""A run that is terminated in the UI, under the real daemon, while Genesys Cloud works on its job."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from genesys_assets.sandbox import Sandbox, serve
from genesys_assets_tests.operations.deployment import CONVERSATIONS, Deployment, wait_until

pytestmark = pytest.mark.slow

DAY = "2026-10-01"
TERMINATE = """mutation($it: String!) { terminateRun(runId: $it) {
    __typename ... on TerminateRunFailure { message } ... on PythonError { message } } }"""


def asked(sandbox: Sandbox, method: str) -> int:
    return sum(each.method == method and "/details/jobs" in each.path for each in sandbox.requests)


def test_a_terminated_run_is_canceled_with_its_jobs_and_never_comes_back(tmp_path: Path) -> None:
    sandbox = Sandbox(conversations_per_day=60, job_seconds=3_600, requests_per_minute=None)
    with serve(sandbox) as url:
        settings = {
            "GENESYSCLOUD_OAUTHCLIENT_ID": "sandbox",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sandbox",
            "GENESYSCLOUD_API_URL": url,
            "GENESYSCLOUD_LOGIN_URL": url,
            "GENESYS_ASSETS_JOBS_AT_ONCE": "4",  # dagster.yaml lets two runs share them: two for this one
        }
        with Deployment(tmp_path, settings) as deployment:
            deployment.start_webserver()
            deployment.start_daemon()
            deployment.launch_backfill([DAY], [CONVERSATIONS])
            wait_until("both halves of the day are under way", lambda: asked(sandbox, "POST") == 2, 120)
            (run,) = deployment.runs(dg.DagsterRunStatus.STARTED)
            deployment.ask(TERMINATE, run.run_id)
            wait_until("the run is canceled", lambda: deployment.runs(dg.DagsterRunStatus.CANCELED), 15)
            events = [entry.dagster_event for entry in deployment.instance.all_logs(run.run_id)]
            wait_until("nothing is under way", deployment.is_idle, 30)
    assert asked(sandbox, "DELETE") == asked(sandbox, "POST") == 2
    assert not [event for event in events if event and event.event_type_value == "STEP_UP_FOR_RETRY"]
    assert deployment.stored_days() == set()
