"""What a materialisation says about the rows that were stored, and about the time that this took.

Belongs here: the names and figures in Dagster's metadata, and the log line of each partition.
"""

from collections.abc import Mapping

import dagster as dg

from genesys_assets.warehouse.staged import Changes
from genesys_assets.warehouse.table import Table
from genesys_assets.warehouse.waiting import LockTiming

_SHOWN = ("dagster/column_schema", "dagster/column_lineage")
"""Declared metadata that the UI looks for on a materialisation."""


def store_figures(timing: LockTiming, store_seconds: float, *, has_conflicts: bool) -> dict[str, float]:
    """Return the figures on storing: the time for all of it, and the time of waiting and of holding as its parts."""
    figures = {
        "store_seconds": round(store_seconds, 3),
        "lock_wait_seconds": round(timing.waited_seconds, 3),
        "lock_hold_seconds": round(timing.held_seconds, 3),
    }
    return {**figures, "conflicts": timing.conflicts, "conflict_retries": timing.retries} if has_conflicts else figures


def add_metadata(
    context: dg.OutputContext, table: Table, figures: Mapping[str, float], changes: Mapping[str | None, Changes]
) -> None:
    """Add the step's figures to the output, and each partition's own to that partition.

    Dagster repeats an output's metadata on every day of a range, so these hold only what is true of all days.
    """
    declared = context.definition_metadata
    context.add_output_metadata(
        {
            "dagster/table_name": table.label,
            **{name: declared[name] for name in _SHOWN if name in declared},
            **figures,
        }
    )
    for partition, change in changes.items():
        count = "dagster/row_count" if partition is None else "dagster/partition_row_count"
        counted = {
            count: change.rows,
            "rows_added": change.added,
            "rows_changed": change.changed,
            "rows_removed": change.removed,
            "bytes": change.bytes,
        }
        known = {name: figure for name, figure in counted.items() if figure is not None}
        context.log.info("Stored %s, %s: %s.", table.label, partition or "all of it", change.summary())
        context.step_context.add_asset_metadata(known, asset_key=context.asset_key, partition_key=partition)
