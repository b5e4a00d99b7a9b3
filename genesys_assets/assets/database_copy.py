"""exports/database_copy: the copy for readers, who may keep it open for as long as they like.

What belongs here: when the copy is made, of which tables, and what Dagster records of it. How it is made is
`genesys_assets.exports`.
"""

import inspect
import time
from collections.abc import Iterator

import dagster as dg

from genesys_assets.assets.declared import OWNERS
from genesys_assets.assets.exports import Exports, claimed, link
from genesys_assets.assets.recorded import PARTITION, RANGE_START
from genesys_assets.assets.retries import WRITE_AGAIN
from genesys_assets.data_model import TABLES
from genesys_assets.exports import COPY_PATH, copy_tables
from genesys_assets.failures import with_failures
from genesys_assets.names import PLAIN, Names
from genesys_assets.warehouse import LockTiming, WarehouseIOManager

COPIED_SCHEMAS = ("marts", "directory", "genesys_assets")
KEY = dg.AssetKey(["exports", "database_copy"])
FRESH_SECONDS = 900.0
"""While runs of days are queued, the copy is made at most once in this time, and by the last of them."""

_OF_DAYS = (PARTITION, RANGE_START)
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
_LOOKED_AT = 20
"""How many of the newest runs are looked at: one of them is enough."""


def database_copy(names: Names = PLAIN) -> dg.AssetsDefinition:
    """Return the asset of the copy for readers."""
    copied = tuple(f"{schema}." for schema in COPIED_SCHEMAS)
    asset: dg.AssetsDefinition = dg.asset(
        key=names.key(KEY),
        deps=[names.key(table.split(".")) for table in TABLES if table.startswith(copied)],
        group_name=names.name("exports"),
        owners=OWNERS,
        kinds={"duckdb"},
        retry_policy=WRITE_AGAIN,
        code_version="2",
        output_required=False,
        op_tags={"dagster/priority": "-2"},  # after the report of its run, since nothing waits for the copy
    )(with_failures(names.own(copy_for_readers)))
    return asset


def copy_for_readers(
    context: dg.AssetExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager], exports: Exports
) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
    """Copy the marts and the directory to one read-only DuckDB file, which notebooks and BI tools may keep open.

    What has not changed is taken from the previous copy. The run of a day leaves the copy to a later run that has not
    begun it, unless the copy is older than 15 minutes: a backfill refreshes it now and then, and at its end.
    """
    later = later_run(context)
    if later is not None:
        context.log.info("Run %s, which follows this one, will refresh the copy for readers.", later[:8])
        return
    timing, (destination, _) = LockTiming(), claimed(exports, io_manager.database, Names.of(context.asset_key))
    began_at = time.monotonic()
    with destination.replacing(COPY_PATH) as file:
        before = destination.at_hand(COPY_PATH)
        copied = copy_tables(io_manager.database, file, COPIED_SCHEMAS, comments(), before=before, timing=timing)
        size = (file if file.exists() else before or file).stat().st_size
    seconds = time.monotonic() - began_at
    context.log.info(
        "Refreshed the copy for readers: %d changed pieces in %.1f s; the database was locked for %.1f s of them.",
        copied.changed,
        seconds,
        timing.held_seconds,
    )
    yield dg.MaterializeResult(
        metadata={
            "file": link(destination.address(COPY_PATH)),
            "bytes": size,
            "tables": len(copied.rows),
            "changed_pieces": copied.changed,
            "copy_seconds": round(seconds, 3),
            "dagster/row_count": sum(copied.rows.values()),
            "lock_wait_seconds": round(timing.waited_seconds, 3),
            "lock_hold_seconds": round(timing.held_seconds, 3),
        }
    )


def later_run(context: dg.AssetExecutionContext) -> str | None:
    """Return the id of a later run that will make the copy; None when this run has to make it.

    Only a run counts that was created later and has not begun its copy: it will see what this one has stored. So two
    runs never leave the copy to each other, and the last one makes it.
    """
    run, instance = context.run, context.instance
    own = instance.get_run_record_by_id(run.run_id)
    if own is None or not any(tag in run.tags for tag in _OF_DAYS) or not _is_fresh(instance, context.asset_key):
        return None
    step = context.op_execution_context.get_step_execution_context().step.key
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNDER_WAY), limit=_LOOKED_AT):
        if record.storage_id > own.storage_id and _will_copy(context, record.dagster_run, step):
            return str(record.dagster_run.run_id)
    return None


def _is_fresh(instance: dg.DagsterInstance, key: dg.AssetKey) -> bool:
    made = instance.get_latest_materialization_event(key)
    return made is not None and time.time() - made.timestamp < FRESH_SECONDS


def _will_copy(context: dg.AssetExecutionContext, run: dg.DagsterRun, step: str) -> bool:
    chosen = run.asset_selection is None or context.asset_key in run.asset_selection
    includes = chosen and (run.step_keys_to_execute is None or step in run.step_keys_to_execute)
    if run.job_name != context.run.job_name or not includes or not any(tag in run.tags for tag in _OF_DAYS):
        return False
    begun = context.instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.STEP_START).records
    return all(record.event_log_entry.step_key != step for record in begun)


def comments() -> dict[str, str]:
    """Return the comments of the copy's tables and columns, from their declared schemas."""
    texts: dict[str, str] = {}
    for table, schema in TABLES.items():
        texts[table] = inspect.getdoc(schema) or ""
        texts.update({f"{table}.{name}": column.description or "" for name, column in schema.columns().items()})
    return texts
