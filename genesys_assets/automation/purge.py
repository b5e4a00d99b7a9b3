"""The job `purge`: removes a person's records from everything that the project has stored.

Belongs here: what is refused, the order of the steps, and what the run reports. How rows, bytes and checkpoints are
removed is `genesys_assets.purge`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from genesys_assets.assets.exports import Exports
from genesys_assets.automation.own_runs import EVERY, Own
from genesys_assets.failures import with_failures
from genesys_assets.locations import sweep
from genesys_assets.names import PLAIN, Names
from genesys_assets.purge import (
    KINDS,
    Purged,
    PurgeError,
    Request,
    Rewritten,
    found_in_checkpoints,
    is_lake,
    preview,
    remove_checkpoints,
    rewrite,
    unknown_files,
)
from genesys_assets.purge import purge as erase
from genesys_assets.warehouse import Database, WarehouseIOManager
from genesys_assets.work import WorkFolder

RAW = "raw"
_AT_WORK = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


PURGE = "purge"


def _config_schema() -> dict[str, dg.Field]:
    """Return what can be purged: ids of each kind of record, and of the persons whose records they are."""
    described = {}
    for kind in KINDS:
        described[f"{kind.name}_ids"] = f"Ids of {kind.plural}."
        described[f"{kind.person}_ids"] = f"Ids of {kind.person.replace('_', ' ')}s: all {kind.plural} that name them."
    ids = {name: dg.Field([str], default_value=[], description=each) for name, each in described.items()}
    dry_run = dg.Field(bool, default_value=False, description="Only report what would be removed.")
    return {**ids, "dry_run": dry_run}


def purge(names: Names = PLAIN, own: Own = EVERY) -> dg.JobDefinition:
    """Return the job, in one step: a purge that was interrupted is done again from its start.

    Args:
        names: How the organisation's definitions are called.
        own: What is the organisation's own: the runs that must have ended, since they may store what is purged.
    """

    def purge_conversations(
        context: dg.OpExecutionContext,
        io_manager: dg.ResourceParam[WarehouseIOManager],
        work: WorkFolder,
        exports: Exports,
    ) -> None:
        purge_everywhere(Purging(context, names, own), io_manager, work, exports)

    op = dg.op(
        name=names.name("purge_conversations"),
        description="Removes conversations from every table and partition, and from the database's file.",
        config_schema=_config_schema(),
    )(with_failures(names.own(purge_conversations)))

    @dg.job(
        name=names.name(PURGE),
        executor_def=dg.in_process_executor,
        description="Removes conversations, or all conversations of external contacts, from every table and partition: "
        "docs/privacy.md. Figures that are already summed up stay.",
    )
    def purging() -> None:
        op()

    return purging


@dataclass(frozen=True)
class Purging:
    """A run of the job.

    Attributes:
        context: Its step's.
        names: How the organisation's definitions are called.
        own: What is the organisation's own.
    """

    context: dg.OpExecutionContext
    names: Names
    own: Own


def purge_everywhere(purging: Purging, io_manager: WarehouseIOManager, work: WorkFolder, exports: Exports) -> None:
    """Find, remove and record; then delete checkpoints and temporary files, and rewrite the database's file."""
    context = purging.context
    database, destination = io_manager.database, exports.destination
    dry_run, ids = context.op_config["dry_run"], {**context.op_config}
    request = Request.of(**{name: each for name, each in ids.items() if name != "dry_run"})
    in_checkpoints = found_in_checkpoints(work.checkpoints, request, of=_checkpoints_of(purging.names))
    if dry_run:
        _report(purging, preview(database, request, in_checkpoints.records), None, [])
        return
    _require_exclusive(purging)
    # Asked again in the transaction: a run that began meanwhile may have loaded a conversation before it.
    found = erase(
        database,
        request,
        run_id=context.run_id,
        purged_at=datetime.now(UTC),
        before=lambda: _require_exclusive(purging),
        checkpointed=in_checkpoints.records,
    )
    of = _checkpoints_of(purging.names)
    removed = frozenset[str]().union(*found.record_ids.values())
    checkpoints = found_in_checkpoints(work.checkpoints, request, removed, of=of).folders
    remove_checkpoints(checkpoints)
    _warn_of_others(context, sweep(io_manager.spool, work, destination))
    _report(purging, found, _rewritten(context, database), checkpoints)


def _checkpoints_of(names: Names) -> str:
    """Return the pattern of the folders in which the organisation's checkpoints are, below that of a run."""
    return "-".join([*names.key([RAW]).path, "*"])


def _require_exclusive(purging: Purging) -> None:
    """Require that no other run of the organisation is at work: it may hold a purged conversation, and store it next.

    Raises:
        PurgeError: There is one.
    """
    records = purging.context.instance.get_run_records(dg.RunsFilter(statuses=_AT_WORK))
    runs = [record.dagster_run for record in records if record.dagster_run.run_id != purging.context.run_id]
    others = sorted(run.run_id[:8] for run in runs if purging.own.has_part_in(run))
    if others:
        raise PurgeError(
            f"Nothing was removed, because other runs are at work ({', '.join(others[:5])}) and may store a purged "
            "conversation again: run the purge when they have ended."
        )


def _warn_of_others(context: dg.OpExecutionContext, living: int) -> None:
    if living:
        context.log.warning(
            "%d other processes have temporary files, in which a purged conversation may be: these files are deleted "
            "when the processes end. Run the purge again, with the same ids, when they have ended.",
            living,
        )


def _rewritten(context: dg.OpExecutionContext, database: Database) -> Rewritten | None:
    done = rewrite(database)
    if is_lake(database) and (unknown := unknown_files(database)):
        context.log.warning(
            "%d files in the lake's folder belong to no table: killed runs have left them, in which a purged "
            "conversation may be, or they are somebody else's. docs/privacy.md says how to list them: remove your own.",
            unknown,
        )
    return done


def _report(purging: Purging, found: Purged, done: Rewritten | None, checkpoints: list[Path]) -> None:
    """Report counts, tables and days; the ids are in the run's config and nowhere else."""
    context = purging.context
    verb = "would be removed" if context.op_config.get("dry_run") else "were removed"
    counts = {kind.plural.replace(" ", "_"): len(found.record_ids[kind.name]) for kind in KINDS}
    context.log.info("%d rows of %s %s.", found.rows, ", ".join(f"{n} {of}" for of, n in counts.items()), verb)
    context.add_output_metadata(
        {
            **counts,
            "rows": found.rows,
            "purged_before": len(found.purged_before),
            "removed": dg.TableMetadataValue(
                records=[
                    dg.TableRecord({"table": each.table, "partition": str(each.partition_date), "rows": each.rows})
                    for each in found.removed
                ],
                schema=_REMOVED,
            ),
            "exports_to_repeat": _exports(context.instance, found, purging.names),
            "checkpoints_removed": len(checkpoints),
            "file_bytes_before": done.bytes_before if done else None,
            "file_bytes_after": done.bytes_after if done else None,
        }
    )


_REMOVED = dg.TableSchema(
    columns=[
        dg.TableColumn("table", "string"),
        dg.TableColumn("partition", "string"),
        dg.TableColumn("rows", "int"),
    ]
)


def _exports(instance: dg.DagsterInstance, found: Purged, names: Names) -> list[str]:
    """Return the exports that still hold what was removed: days of tables' files, and exports without days."""
    repeat = []
    above = names.key(["exports"]).path
    for key in sorted(instance.get_asset_keys(prefix=above)) if found.rows else ():
        exported = instance.get_materialized_partitions(key)
        removed = {str(each.partition_date) for each in found.removed if each.table == ".".join(key.path[len(above) :])}
        repeat += [f"{key.to_user_string()} {day}" for day in sorted(exported & removed)]
        repeat += [] if exported else [key.to_user_string()]
    return repeat
