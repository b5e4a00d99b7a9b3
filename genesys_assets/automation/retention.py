"""The job `forget_runs`: deletes old runs, which Dagster would keep for ever.

What belongs here: which runs are deleted, and what is kept of the others. A run is deleted when later ones have
replaced all that it made. A run whose materialisation or check result is still the latest is kept, so that no day looks
as if it had never been read; only the log of its steps is deleted. Dagster deletes old ticks itself (`retention` in
dagster.yaml).
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from genesys_assets.automation.own_runs import EVERY, Own
from genesys_assets.dagster_internals import (
    ASSET_CHECK_EVENTS,
    ASSET_EVENTS,
    PIPELINE_EVENTS,
    SqlEventLogStorage,
    SqlEventLogStorageTable,
    SqliteEventLogStorage,
)
from genesys_assets.failures import with_failures
from genesys_assets.names import names_of
from genesys_assets.organisation import Organisation
from genesys_assets.variables import variable_of
from genesys_assets.windows import day_at

FORGET_RUNS = "forget_runs"
FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
SHORTENED = "genesys_assets/log_forgotten"
"""Tag of a run whose steps' log has been deleted."""
KEPT = [each.value for each in ASSET_EVENTS | ASSET_CHECK_EVENTS | PIPELINE_EVENTS]
"""Events that are kept of a run: what it made, the results of its checks, when it began and ended."""
AT_A_TIME = 500
"""How many storage ids a query holds."""


@dataclass(frozen=True)
class Forgotten:
    """How many runs were forgotten.

    Attributes:
        deleted: Runs that were deleted, with all that Dagster kept of them.
        shortened: Runs that were kept without the log of their steps.
    """

    deleted: int
    shortened: int


def forget(instance: dg.DagsterInstance, before: datetime, own: Own = EVERY) -> Forgotten:
    """Delete finished runs from before a time, or only the log of their steps where what they made is still the latest.

    Args:
        instance: The Dagster instance.
        before: The time; later runs are left as they are.
        own: What is the organisation's own: runs in which others have a part are left as they are.
    """
    records = instance.get_run_records(dg.RunsFilter(statuses=FINISHED, created_before=before))
    holding = _holding(instance) if records else set()
    deleted = shortened = 0
    for run in (record.dagster_run for record in records if own.has_all_of(record.dagster_run)):
        if run.run_id not in holding and not _has_latest_check(instance, run.run_id):
            _delete(instance, run.run_id)
            deleted += 1
        elif SHORTENED not in run.tags:
            _shorten(instance, run.run_id)
            shortened += 1
    return Forgotten(deleted, shortened)


def _holding(instance: dg.DagsterInstance) -> set[str]:
    """Return the runs whose materialisation is the latest of an asset, or of one of its partitions."""
    storage, made = instance.event_log_storage, dg.DagsterEventType.ASSET_MATERIALIZATION
    held: set[str] = set()
    for key in instance.get_asset_keys():
        held |= {record.run_id for record in instance.fetch_materializations(key, limit=1).records}
        ids = list(storage.get_latest_storage_id_by_partition(key, made).values())
        for start in range(0, len(ids), AT_A_TIME):
            filtered = dg.AssetRecordsFilter(asset_key=key, storage_ids=ids[start : start + AT_A_TIME])
            held |= {record.run_id for record in instance.fetch_materializations(filtered, limit=AT_A_TIME).records}
    return held


def _has_latest_check(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Tell whether the latest result of a check is of this run."""
    events = [entry.dagster_event for entry in instance.all_logs(run_id, dg.DagsterEventType.ASSET_CHECK_EVALUATION)]
    keys = [event.asset_check_evaluation_data.asset_check_key for event in events if event]
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    return any(each.run_id == run_id for each in latest.values())


def _delete(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete a run, its events and its output, and the file of its events under SQLite, which Dagster leaves."""
    instance.delete_run(run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    if (file := _sqlite_file(instance, run_id)) is not None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{file}{ending}").unlink(missing_ok=True)


def _shorten(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete the log of a run's steps, and their output."""
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    storage, events = instance.event_log_storage, SqlEventLogStorageTable.c
    if isinstance(storage, SqlEventLogStorage):
        of_steps = events.dagster_event_type.is_(None) | events.dagster_event_type.not_in(KEPT)
        with storage.run_connection(run_id) as connection:
            connection.execute(SqlEventLogStorageTable.delete().where(events.run_id == run_id, of_steps))
    if (file := _sqlite_file(instance, run_id)) is not None:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM")
    instance.add_run_tags(run_id, {SHORTENED: str(day_at(datetime.now(UTC), UTC))})


def _sqlite_file(instance: dg.DagsterInstance, run_id: str) -> str | None:
    """Return the file of a run's events, None where there is none."""
    storage = instance.event_log_storage
    return storage.path_for_shard(run_id) if isinstance(storage, SqliteEventLogStorage) else None


def forget_runs(organisation: Organisation, own: Own = EVERY) -> dg.JobDefinition:
    """Return the job that forgets runs older than the organisation's run history, in one step.

    The next run continues what an interrupted one has left.
    """
    days, names = organisation.run_history_days, names_of(organisation)

    @dg.op(
        name=names.name("forget_old_runs"),
        description="Deletes old runs that later runs have replaced, and the step logs of the old runs that are kept.",
    )
    @with_failures
    def forget_old_runs(context: dg.OpExecutionContext) -> None:
        done = forget(context.instance, datetime.now(UTC) - timedelta(days=days), own)
        context.log.info(
            "Deleted %d runs older than %d days, and the step logs of %d more that are still needed.",
            done.deleted,
            days,
            done.shortened,
        )
        context.add_output_metadata({"deleted": done.deleted, "shortened": done.shortened})

    @dg.job(
        name=names.name(FORGET_RUNS),
        executor_def=dg.in_process_executor,
        description=f"Deletes what Dagster keeps of runs older than {variable_of('run_history_days')}, except for what "
        "is still needed: see docs/operations.md.",
    )
    def forgetting() -> None:
        forget_old_runs()

    return forgetting
