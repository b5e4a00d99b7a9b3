"""What the Dagster instance has recorded of a day: how it was read, and the results of the checks of its data.

What belongs here: reading those records, also those of a run over a range of days, whose checks are evaluated once for
all its days; and the form of a check's metadata that are read here. What follows from them belongs to the checks and
the report.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import dagster as dg
import polars as pl
from dagster import EventLogEntry

from genesys_assets.dagster_internals import (
    AssetCheckExecutionRecord,
    AssetCheckExecutionRecordStatus,
    PartitionKeyFilter,
)
from genesys_assets.marts import MARTS, STATISTICS, Mart
from genesys_assets.names import PLAIN, Names
from genesys_assets.reports import CheckNote, Comparison, DataNotes, Difference

RAW = dg.AssetKey(["raw", "conversations"])
QUEUE_PERFORMANCE = dg.AssetKey(["marts", "queue_performance"])


def comparison_of(mart: Mart) -> dg.AssetCheckKey:
    """Return the key of the check that a mart's figures equal Genesys Cloud's."""
    return dg.AssetCheckKey(dg.AssetKey(["marts", mart.name]), "matches_genesys_aggregates")


COMPARISONS = {name: comparison_of(mart) for name, mart in MARTS.items() if mart.comparisons}
"""The checks that figures equal Genesys Cloud's, by the mart."""
PARTITION = "dagster/partition"
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
STATE, COMPLETE, PROVISIONAL = "state", "complete", "provisional"
"""Metadata of a day's materialisation, and its values: whether Genesys Cloud had the whole day when it was read."""
FAILED_DAYS = "failed_days"
"""Metadata of a check over a range of days: the days on which it failed."""
LOOKED_AT = 20
"""How many evaluations of a check are looked at: Dagster orders them by the start of their runs."""
_EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


def is_provisional(instance: dg.DagsterInstance, day: date, names: Names = PLAIN) -> bool:
    """Tell whether the day was read before Genesys Cloud's data lake had the whole of it."""
    _, metadata = _last_read(instance, names.key(RAW), str(day))
    return metadata.get(STATE) == PROVISIONAL


def is_complete(record: dg.EventLogRecord) -> bool:
    """Tell whether a materialisation of raw/conversations holds a day of which Genesys Cloud had the whole."""
    state = record.asset_materialization.metadata.get(STATE) if record.asset_materialization else None
    return state is not None and state.value == COMPLETE


def latest(instance: dg.DagsterInstance, key: dg.AssetKey, day: str) -> dg.EventLogRecord | None:
    """Return the latest materialisation of a day of an asset; None when there is none."""
    of_day = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[day])
    return next(iter(instance.fetch_materializations(of_day, limit=1).records), None)


def stored_days(instance: dg.DagsterInstance, key: dg.AssetKey = RAW) -> set[date]:
    """Return the days of an asset that are materialised, including those without rows."""
    return {date.fromisoformat(day) for day in instance.get_materialized_partitions(key)}


def data_notes(
    instance: dg.DagsterInstance, checks: list[dg.AssetCheckKey], day: str, names: Names = PLAIN
) -> DataNotes:
    """Return how the data of a day came about.

    Args:
        instance: The Dagster instance.
        checks: The checks of the data, by their keys without a prefix.
        day: Partition key.
        names: How the organisation's definitions are called.
    """
    checks = [names.check(key) for key in checks]
    read_at, metadata = _last_read(instance, names.key(RAW), day)
    made = {asset: _made_at(instance, asset, day) for asset in {key.asset_key for key in checks}}
    since = {asset: max(at or 0.0, read_at.timestamp() if read_at else 0.0) for asset, at in made.items()}
    found = {key: outcome for key in checks if (outcome := _outcome(instance, key, day, since[key.asset_key]))}
    return DataNotes(
        source=_text(metadata.get("source")),
        complete=state == COMPLETE if (state := _text(metadata.get(STATE))) else None,
        read_at=read_at,
        conversations=_number(metadata.get("conversations")),
        open_conversations=_number(metadata.get("open_conversations")),
        checks=tuple(_check_note(outcome, day) for outcome in found.values()),
        comparison=_comparison([found.get(names.check(key)) for key in COMPARISONS.values()], day),
    )


def comparison_metadata(
    shown: pl.DataFrame, differing: Mapping[str, int], provisional: Sequence[date]
) -> dict[str, dg.MetadataValue]:
    """Return the metadata of the comparison with Genesys Cloud, for people and for the report.

    Args:
        shown: The first differences of each day: `partition_date` and the columns of `marts.differences`.
        differing: How many figures differ, by the days on which some do.
        provisional: Days that were read before Genesys Cloud had the whole of them.
    """
    records = [dg.TableRecord({name: _written(value) for name, value in row.items()}) for row in shown.to_dicts()]
    return {
        "differences": dg.MetadataValue.int(sum(differing.values())),
        FAILED_DAYS: dg.MetadataValue.json(dict(differing)),
        "provisional": dg.MetadataValue.json(list(map(str, provisional))),
        **({"table": dg.MetadataValue.table(records)} if records else {}),
    }


def _written(value: Any) -> Any:
    """Return a number without a fraction as a whole one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _made_at(instance: dg.DagsterInstance, key: dg.AssetKey, day: str) -> float | None:
    """Return when a day of a mart was last materialised, in seconds since 1970; None for other assets."""
    made = latest(instance, key, day) if key.path[-2] == "marts" else None
    return made.timestamp if made else None


def _outcome(instance: dg.DagsterInstance, key: dg.AssetCheckKey, day: str, since: float) -> EventLogEntry | None:
    """Return the latest evaluation of a check of a day; None when it has not run since its asset was materialised."""
    return next((entry for entry in evaluations_of_day(instance, key, day) if entry.timestamp >= since), None)


def evaluations_of_day(instance: dg.DagsterInstance, key: dg.AssetCheckKey, day: str) -> list[EventLogEntry]:
    """Return the last evaluations of a check of a day, the latest first, also those over ranges that hold the day."""
    history = partial(
        instance.event_log_storage.get_asset_check_execution_history, key, limit=LOOKED_AT, status=_EVALUATED
    )
    records = [
        *history(partition_filter=PartitionKeyFilter(key=day)),
        *(each for each in history(partition_filter=PartitionKeyFilter(key=None)) if _covers(instance, each, day)),
    ]
    entries = [record.event for record in records if record.event and record.event.dagster_event]
    return sorted(entries, key=lambda entry: entry.timestamp, reverse=True)


def failed_on(evaluation: dg.AssetCheckEvaluation, day: str) -> bool:
    """Tell whether a check failed on a day, also where it was evaluated over a range of days."""
    days = evaluation.metadata.get(FAILED_DAYS)
    return not evaluation.passed and (days is None or day in _listed(days.value))


def is_serious(evaluation: dg.AssetCheckEvaluation, day: str) -> bool:
    """Tell whether the failure of a check is an error on a day, where others of its range may be provisional."""
    provisional = evaluation.metadata.get("provisional")
    is_error: bool = evaluation.severity == dg.AssetCheckSeverity.ERROR
    return is_error and not (provisional is not None and day in _listed(provisional.value))


def _covers(instance: dg.DagsterInstance, record: AssetCheckExecutionRecord, day: str) -> bool:
    run = instance.get_run_by_id(record.run_id)
    return run is not None and day in days_of(run)


def days_of(run: dg.DagsterRun) -> set[str]:
    """Return the days of a run: one, a range, or none."""
    if RANGE_START in run.tags:
        first, last = map(date.fromisoformat, (run.tags[RANGE_START], run.tags[RANGE_END]))
        return {str(first + timedelta(days=number)) for number in range((last - first).days + 1)}
    return {run.tags[PARTITION]} if PARTITION in run.tags else set()


def _last_read(instance: dg.DagsterInstance, key: dg.AssetKey, day: str) -> tuple[datetime | None, dict[str, Any]]:
    """Return when raw/conversations of a day was last materialised, and its metadata; None and no metadata if never."""
    record = latest(instance, key, day)
    if record is None or not (materialisation := record.asset_materialization):
        return None, {}
    metadata = {name: value.value for name, value in materialisation.metadata.items()}
    return datetime.fromtimestamp(record.timestamp, UTC), metadata


def _check_note(entry: EventLogEntry, day: str) -> CheckNote:
    evaluation = entry.get_dagster_event().asset_check_evaluation_data
    return CheckNote(
        "/".join(evaluation.asset_key.path),
        evaluation.check_name,
        passed=not failed_on(evaluation, day),
        serious=is_serious(evaluation, day),
        description=evaluation.description or "",
    )


def _comparison(entries: Sequence[EventLogEntry | None], day: str) -> Comparison | None:
    """Return how a day's figures compare with Genesys Cloud's; None unless those of every mart were compared."""
    found = [_compared(entry, day) for entry in entries if entry]
    made = [each for each in found if each]
    if len(made) < len(entries):
        return None
    return Comparison(sum(each.differences for each in made), tuple(row for each in made for row in each.shown))


def _compared(entry: EventLogEntry, day: str) -> Comparison | None:
    """Return how the figures of one mart compare; None where Genesys Cloud refused to tell its own."""
    evaluation = entry.get_dagster_event().asset_check_evaluation_data
    if "differences" not in evaluation.metadata:
        return None
    if not failed_on(evaluation, day):
        return Comparison(0)
    table, days = evaluation.metadata.get("table"), evaluation.metadata.get(FAILED_DAYS)
    records = table.records if isinstance(table, dg.TableMetadataValue) else []
    mart = evaluation.asset_key.path[-1]
    shown = tuple(_difference(mart, record.data) for record in records if record.data["partition_date"] == day)
    return Comparison(_listed(days.value).get(day, 0) if days else len(shown), shown)


def _difference(mart: str, row: Mapping[str, Any]) -> Difference:
    columns = [column for each in MARTS[mart].comparisons for column in each.by if row.get(column)]
    names = {column: str(row.get(MARTS[mart].name_columns.get(column, "")) or row[column]) for column in columns}
    media = names.pop("media_type", "")
    figure, at = str(row["figure"]), row.get("interval_start")
    return Difference(
        of=", ".join(names.values()),
        media=media,
        figure=f"{figure}, interval {at}" if at else figure,
        metric=str(STATISTICS.get(figure, "")),
        ours=row["ours"],
        genesys=row["genesys"],
    )


def _listed(value: object) -> dict[str, int]:
    """Return days and the number recorded for each, from metadata that may be anything."""
    if isinstance(value, dict):
        return value
    return dict.fromkeys(value, 0) if isinstance(value, list) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
