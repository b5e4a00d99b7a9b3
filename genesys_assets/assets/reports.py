"""reports/*: what people look at, made from the marts.

What belongs here: gathering a report's material from the warehouse and from the Dagster instance, and telling Dagster
what came of it. What the report shows is `genesys_assets.reports`.
"""

from datetime import UTC, date, datetime

import dagster as dg
import polars as pl
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from genesys_assets.assets.checks import CHECKS
from genesys_assets.assets.declared import OWNERS
from genesys_assets.assets.exports import TRY_AGAIN, Exports, export_failures, link
from genesys_assets.assets.staging import staging
from genesys_assets.partitions import DAILY, day_of
from genesys_assets.reports import (
    CheckNote,
    DataNotes,
    Material,
    comparison_days,
    daily_report,
    headline,
    targets_of,
)
from genesys_assets.resources import FigureOptions
from genesys_assets.tables import TABLES
from genesys_assets.warehouse import Database, WarehouseIOManager

RAW = dg.AssetKey(["raw", "conversations"])
CHECKED = sorted(key for checks in (*CHECKS, staging) for key in checks.check_keys)
"""The checks of the data that a report is made of; a run knows only those that it runs itself."""

MARTS = ("queue_performance", "agent_performance", "wrapup_performance", "flow_performance")
_EVALUATED = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}


@dg.asset(
    key=["reports", "daily"],
    ins={
        **{mart: dg.AssetIn(["marts", mart]) for mart in MARTS},
        "queues": dg.AssetIn(["directory", "queues"]),
    },
    partitions_def=DAILY,
    group_name="reports",
    owners=OWNERS,
    kinds={"html", "altair"},
    retry_policy=TRY_AGAIN,
    code_version="1",
)
def daily(
    context: dg.AssetExecutionContext,
    exports: Exports,
    figures: FigureOptions,
    io_manager: dg.ResourceParam[WarehouseIOManager],
    **frames: pl.LazyFrame,
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """The report of a day as one HTML file that needs nothing else: reports/daily/YYYY-MM-DD.html.

    Earlier days, for comparison, are read as they stand: they are no upstream of this day, whose report can be made in
    any order and although one of them failed.
    """
    targets = targets_of(frames.pop("queues").collect())
    for key in context.partition_keys:
        day = day_of(key)
        marts = {name: frame.filter(pl.col("partition_date") == day) for name, frame in frames.items()}
        material = Material(
            day=day,
            **marts,
            history=stored_days(io_manager.database, comparison_days(day)),
            targets=targets,
            notes=data_notes(context.instance, CHECKED, key),
            made_at=datetime.now(UTC),
            zone=exports.zone,
            service_level=figures.service_level,
        )
        address = publish(exports, material)
        numbers = headline(material.queue_performance, service_level=material.service_level).numbers()
        context.add_asset_metadata({"report": link(address), **numbers}, partition_key=key)
    return dg.MaterializeResult()


def publish(exports: Exports, material: Material) -> str:
    """Puts the report of a day in place.

    Returns:
        Its absolute path or URL.
    """
    path, place = f"reports/daily/{material.day}.html", exports.place
    with export_failures():
        place.write(path, daily_report(material).encode())
    return place.address(path)


def stored_days(database: Database, days: list[date]) -> pl.LazyFrame:
    """marts.queue_performance of those of the days that are stored."""
    with database.reading() as connection:
        found = connection.sql("FROM marts.queue_performance WHERE partition_date IN (SELECT unnest(?))", params=[days])
        rows = pl.DataFrame(found)
    declared = TABLES["marts.queue_performance"].create_empty().schema
    return rows.lazy().select(declared.names()).cast(dict(declared.items()))


def data_notes(instance: dg.DagsterInstance, checks: list[dg.AssetCheckKey], day: str) -> DataNotes:
    """How the data of a day came about, as the instance recorded it.

    Args:
        instance: The Dagster instance.
        checks: The checks of the data.
        day: Partition key.
    """
    of_day = dg.AssetRecordsFilter(asset_key=RAW, asset_partitions=[day])
    records = instance.fetch_materializations(of_day, limit=1).records
    results = [note for key in checks if (note := check_note(instance, key, day))]
    if not records or not (materialisation := records[0].asset_materialization):
        return DataNotes(checks=tuple(results))
    told = {name: value.value for name, value in materialisation.metadata.items()}
    return DataNotes(
        source=_text(told.get("source")),
        state=_text(told.get("state")),
        read_at=datetime.fromtimestamp(records[0].timestamp, UTC),
        conversations=_number(told.get("conversations")),
        open_conversations=_number(told.get("open_conversations")),
        checks=tuple(results),
    )


def check_note(instance: dg.DagsterInstance, key: dg.AssetCheckKey, day: str) -> CheckNote | None:
    """The latest result of a check of a day; None when it has not run."""
    history = instance.event_log_storage.get_asset_check_execution_history(
        key, limit=1, status=_EVALUATED, partition_filter=PartitionKeyFilter(key=day)
    )
    entry = history[0].event if history else None
    event = entry.dagster_event if entry else None
    if event is None:
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


REPORTS = [daily]
