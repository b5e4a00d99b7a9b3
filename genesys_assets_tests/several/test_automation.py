"""Alerts, purge, forgetting and the sensor of one organisation leave what is another's alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.definitions.run_status_sensor_definition import RunStatusSensorCursor

from genesys_assets.assembly import build_defs
from genesys_assets.assets.recorded import PARTITION
from genesys_assets.automation.own_runs import own_of
from genesys_assets.automation.retention import forget
from genesys_assets.names import names_of
from genesys_assets.organisation import Organisation
from genesys_assets.resources import Genesys
from genesys_assets.sandbox import Faults, on
from genesys_assets_tests.automation.webhook import listening
from genesys_assets_tests.conftest import DAY
from genesys_assets_tests.several.conftest import APAC, EMEA, Project, defs_of, ids

LATER = datetime.now(UTC) + timedelta(days=1)
"""Everything is older than that."""


def posted(project: Project) -> dict[str, list[str]]:
    """What each organisation's sensor posts of all runs so far."""
    everything = RunStatusSensorCursor(record_id=-1).to_json()
    texts = {}
    for chain in (project.emea, project.apac):
        with listening() as hook:
            hook.refuses = "none of these"
            name = chain.folder.name
            sensor = defs_of(chain, alert_webhook=hook.url).resolve_sensor_def(f"{name}_failed_runs")
            sensor.evaluate_tick(dg.build_sensor_context(project.instance, everything))
            texts[name] = list(hook.texts)
    return texts


def test_a_failed_run_is_told_to_the_organisation_that_it_is_of(copy: Project) -> None:
    assert not copy.run("emea_purge").success
    texts = posted(copy)
    assert [text.splitlines()[0] for text in texts["emea"]] == [
        "Failed: emea_purge in emea_purge_conversations (PurgeError)"
    ]
    assert texts["apac"] == []


def test_of_a_run_of_both_only_the_one_whose_steps_failed_is_told(copy: Project) -> None:
    copy.apac.sandbox.faults = Faults(on("routing/queues", status=403))
    queues = [names.key(["directory", "queues"]) for names in (EMEA, APAC)]
    assert not copy.run("__ASSET_JOB", asset_selection=queues).success
    texts = posted(copy)
    assert texts["emea"] == []
    assert len(texts["apac"]) == 1
    assert "in apac__directory__queues" in texts["apac"][0]


def test_a_run_of_the_teams_own_is_told_to_nobody(copy: Project) -> None:
    @dg.job
    def nightly() -> None:
        dg.op(name="failing")(lambda: 1 / 0)()

    assert not nightly.execute_in_process(instance=copy.instance, raise_on_error=False).success
    assert posted(copy) == {"emea": [], "apac": []}


def test_an_organisation_forgets_its_own_runs_alone(copy: Project) -> None:
    runs = {name: copy.run(f"{name}_purge").run_id for name in ("emea", "apac")}
    own = own_of(["emea_purge"], [], [])
    assert forget(copy.instance, LATER, own).deleted == 1
    assert {run.run_id for run in copy.instance.get_runs()} == {runs["apac"]}


def test_a_purge_waits_for_its_own_runs_and_touches_its_own_checkpoints_alone(copy: Project) -> None:
    purged = min(ids(copy.emea))
    checkpoints = {}
    for name in ("emea", "apac"):
        checkpoints[name] = copy.emea.folder / "work" / "landings" / "run" / f"{name}-raw-conversations" / str(DAY)
        checkpoints[name].mkdir(parents=True)
        (checkpoints[name] / "part.unfinished").touch()
    config = {"ops": {"emea_purge_conversations": {"config": {"conversation_ids": [purged]}}}}
    for job, says in (("emea_day", "Nothing was removed, because other runs"), ("apac_day", "")):
        run = dg.DagsterRun(job, status=dg.DagsterRunStatus.STARTED)
        copy.instance.add_run(run)
        result = copy.run("emea_purge", run_config=config)
        failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
        assert result.success == (not says)
        assert all(says in str(failure.user_failure_data) for failure in failures)
        copy.instance.delete_run(run.run_id)
    assert purged not in ids(copy.emea)
    assert {name: folder.exists() for name, folder in checkpoints.items()} == {"emea": False, "apac": True}


def test_the_sensor_of_one_does_not_look_at_the_days_that_another_has_under_way() -> None:
    yesterday = str(datetime.now(UTC).date() - timedelta(days=1))
    organisation = Organisation(key_prefix="emea", sensor_days=1)
    defs = build_defs(organisation)
    requested = {}
    for job in ("apac_day", "emea_day"):
        with dg.DagsterInstance.ephemeral() as instance:
            instance.add_run(dg.DagsterRun(job, status=dg.DagsterRunStatus.STARTED, tags={PARTITION: yesterday}))
            resources = {names_of(organisation).resource("genesys"): Genesys()}
            context = dg.build_sensor_context(instance, repository_def=defs.get_repository_def(), resources=resources)
            result = defs.resolve_sensor_def("emea_conversations_available").evaluate_tick(context)
            requested[job] = [request.partition_key for request in result.run_requests or []]
    assert requested == {"apac_day": [yesterday], "emea_day": []}
