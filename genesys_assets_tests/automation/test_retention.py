"""What is left of old runs, on real instances: SQLite's files, and (slow) PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.storage.event_log import SqliteEventLogStorage

from genesys_assets.automation import retention
from genesys_assets.automation.retention import FORGET_RUNS, Forgotten, forget
from genesys_assets.definitions import defs
from genesys_assets_tests.postgres import postgres

DAYS = dg.DailyPartitionsDefinition("2026-01-01")
QUIET = {"telemetry": {"enabled": False}}
LATER = datetime.now(UTC) + timedelta(days=1)
"""Everything is older than that."""


@dg.asset(partitions_def=DAYS)
def conversations(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    context.log.info("A step says something.")
    if context.run.tags.get("fails"):
        raise dg.Failure("It went wrong.")
    return dg.MaterializeResult(metadata={"run": context.run.run_id})


@dg.asset(partitions_def=DAYS)
def figures() -> None: ...


@dg.asset
def queues() -> None: ...


@dg.asset_check(asset=queues)
def volume() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


def _local(folder: Path) -> Iterator[dg.DagsterInstance]:
    (folder / "dagster.yaml").write_text(yaml.safe_dump(QUIET))
    with dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


def _on_postgres(folder: Path) -> Iterator[dg.DagsterInstance]:
    with postgres() as server:
        server.create("dagster")
        database = {"hostname": server.host, "port": server.port, "username": server.user, "password": server.password}
        storage = {"postgres_db": {**database, "db_name": "dagster", "scheme": "postgresql+psycopg2"}}
        (folder / "dagster.yaml").write_text(yaml.safe_dump({**QUIET, "storage": {"postgres": storage}}))
        with dg.DagsterInstance.from_config(str(folder)) as instance:
            yield instance


@pytest.fixture(params=[_local, pytest.param(_on_postgres, marks=pytest.mark.slow)], ids=["sqlite", "postgres"])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    yield from request.param(tmp_path)


def run(instance: dg.DagsterInstance, *assets: object, day: str | None = None, **tags: str) -> str:
    """Materialises; the run's id."""
    result = dg.materialize(list(assets), partition_key=day, instance=instance, raise_on_error=False, tags=tags)  # type: ignore[arg-type]
    return result.run_id


def runs(instance: dg.DagsterInstance) -> set[str]:
    return {each.run_id for each in instance.get_runs()}


def log_files(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """The files that the SQLite instance has of a run."""
    root = Path(instance.root_directory)
    return [str(path.relative_to(root)) for path in root.rglob("*") if run_id in str(path) and path.is_file()]


def test_a_run_goes_when_others_have_made_anew_all_that_it_made(instance: dg.DagsterInstance) -> None:
    first = run(instance, conversations, figures, day="2026-01-01")
    again = run(instance, conversations, figures, day="2026-01-01")
    assert forget(instance, LATER) == Forgotten(deleted=1, shortened=1)
    assert runs(instance) == {again}
    assert first not in runs(instance)
    assert instance.get_materialized_partitions(conversations.key) == {"2026-01-01"}
    if isinstance(instance.event_log_storage, SqliteEventLogStorage):
        assert log_files(instance, first) == []


def test_what_still_holds_keeps_its_metadata_and_its_days(instance: dg.DagsterInstance) -> None:
    ids = {day: run(instance, conversations, day=day) for day in ("2026-01-01", "2026-01-02")}
    assert forget(instance, LATER) == Forgotten(deleted=0, shortened=2)
    assert instance.get_materialized_partitions(conversations.key) == set(ids)
    for day, run_id in ids.items():
        wanted = dg.AssetRecordsFilter(asset_key=conversations.key, asset_partitions=[day])
        (record,) = instance.fetch_materializations(wanted, limit=5).records
        assert record.asset_materialization
        assert record.asset_materialization.metadata["run"].value == run_id
        kept = instance.get_run_by_id(run_id)
        assert kept
        assert kept.is_success
        entries = instance.all_logs(run_id)
        assert "A step says something." not in [entry.user_message for entry in entries]
        left = {entry.dagster_event.event_type_value for entry in entries if entry.dagster_event}
        assert {"ASSET_MATERIALIZATION", "PIPELINE_START", "PIPELINE_SUCCESS"} <= left
        assert {"STEP_START", "STEP_OUTPUT", "STEP_SUCCESS"} & left == set()


def test_one_asset_of_one_day_holds_a_run(instance: dg.DagsterInstance) -> None:
    both = run(instance, conversations, figures, day="2026-01-01")
    run(instance, conversations, day="2026-01-01")
    forget(instance, LATER)
    assert both in runs(instance)


def test_the_latest_outcome_of_a_check_holds_a_run_and_older_ones_do_not(instance: dg.DagsterInstance) -> None:
    checked = [run(instance, queues, volume) for _ in range(2)]
    only_checked = dg.materialize([queues, volume], selection=dg.AssetSelection.checks(volume), instance=instance)
    forget(instance, LATER)
    assert runs(instance) == {checked[1], only_checked.run_id}
    (latest,) = instance.event_log_storage.get_latest_asset_check_execution_by_key([volume.check_key]).values()
    assert latest.run_id == only_checked.run_id


def test_failed_runs_go_and_young_or_unfinished_ones_stay(instance: dg.DagsterInstance) -> None:
    failed = run(instance, conversations, day="2026-01-01", fails="yes")
    under_way = instance.create_run_for_job(dg.job(name="idle")(lambda: None), status=dg.DagsterRunStatus.STARTED)
    assert forget(instance, LATER - timedelta(days=2)) == Forgotten(0, 0)
    assert forget(instance, LATER) == Forgotten(deleted=1, shortened=0)
    assert runs(instance) == {under_way.run_id}
    assert failed not in runs(instance)


def test_what_has_been_shortened_is_not_done_again(instance: dg.DagsterInstance) -> None:
    run(instance, queues)
    assert forget(instance, LATER) == Forgotten(deleted=0, shortened=1)
    assert forget(instance, LATER) == Forgotten(deleted=0, shortened=0)


def test_more_days_than_one_question_asks_for_all_hold(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_A_TIME", 2)
    days = [f"2026-01-0{day}" for day in range(1, 6)]
    held = {run(instance, figures, day=day) for day in days}
    assert forget(instance, LATER).deleted == 0
    assert runs(instance) == held


def test_the_job_leaves_what_the_setting_says_and_tells_what_it_did(instance: dg.DagsterInstance) -> None:
    young = run(instance, conversations, day="2026-01-01", fails="yes")
    done = defs.resolve_job_def(FORGET_RUNS).execute_in_process(instance=instance)
    assert done.success
    assert young in runs(instance)
    (output,) = [event for event in done.all_events if event.event_type_value == "STEP_OUTPUT"]
    told = {name: value.value for name, value in output.step_output_data.metadata.items()}
    assert told == {"deleted": 0, "shortened": 0}
