"""What the Dagster instance has recorded of a day: how it was read, and how the checks of its data came out.

What belongs here: reading those records. What is made of them belongs to the checks and to the report.
"""

from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from genesys_assets.reports import CheckNote, DataNotes

RAW = dg.AssetKey(["raw", "conversations"])
_EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


def is_provisional(instance: dg.DagsterInstance, day: date) -> bool:
    """Whether the day was read before Genesys Cloud's data lake had the whole of it."""
    _, told = _last_read(instance, str(day))
    return told.get("state") == "provisional"


def stored_days(instance: dg.DagsterInstance, key: dg.AssetKey = RAW) -> set[date]:
    """The days of an asset that are materialised, those without a single row too."""
    return {date.fromisoformat(day) for day in instance.get_materialized_partitions(key)}


def data_notes(instance: dg.DagsterInstance, checks: list[dg.AssetCheckKey], day: str) -> DataNotes:
    """How the data of a day came about.

    Args:
        instance: The Dagster instance.
        checks: The checks of the data.
        day: Partition key.
    """
    read_at, told = _last_read(instance, day)
    results = tuple(note for key in checks if (note := _check_note(instance, key, day, since=read_at)))
    return DataNotes(
        source=_text(told.get("source")),
        state=_text(told.get("state")),
        read_at=read_at,
        conversations=_number(told.get("conversations")),
        open_conversations=_number(told.get("open_conversations")),
        checks=results,
    )


def _last_read(instance: dg.DagsterInstance, day: str) -> tuple[datetime | None, dict[str, Any]]:
    """When raw/conversations of a day was last materialised, and its metadata; None and nothing: never."""
    of_day = dg.AssetRecordsFilter(asset_key=RAW, asset_partitions=[day])
    records = instance.fetch_materializations(of_day, limit=1).records
    if not records or not (materialisation := records[0].asset_materialization):
        return None, {}
    told = {name: value.value for name, value in materialisation.metadata.items()}
    return datetime.fromtimestamp(records[0].timestamp, UTC), told


def _check_note(
    instance: dg.DagsterInstance, key: dg.AssetCheckKey, day: str, *, since: datetime | None
) -> CheckNote | None:
    """The latest result of a check of a day; None when it has not run, or not since the day was read."""
    history = instance.event_log_storage.get_asset_check_execution_history(
        key, limit=1, status=_EVALUATED, partition_filter=PartitionKeyFilter(key=day)
    )
    entry = history[0].event if history else None
    event = entry.dagster_event if entry else None
    if entry is None or event is None or (since and entry.timestamp < since.timestamp()):
        return None
    evaluation = event.asset_check_evaluation_data
    return CheckNote(
        "/".join(key.asset_key.path),
        key.name,
        passed=evaluation.passed,
        serious=evaluation.severity == dg.AssetCheckSeverity.ERROR,
        description=evaluation.description or "",
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
