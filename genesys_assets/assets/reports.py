"""reports/*: what people look at, made from the marts.

What belongs here: gathering a report's data from the warehouse and from the Dagster instance, and what Dagster records
of the report. What the report shows is `genesys_assets.reports`.
"""

from datetime import UTC, date, datetime

import dagster as dg
import polars as pl

from genesys_assets.assets.exports import Exports, claimed, daily_file, link
from genesys_assets.assets.recorded import QUEUE_PERFORMANCE, stored_days
from genesys_assets.assets.standing import LAST, notes_of_day, wait_for_checks
from genesys_assets.data_model import TABLES
from genesys_assets.exports import Destination
from genesys_assets.names import Names
from genesys_assets.partitions import day_of, zone_of
from genesys_assets.reports import (
    ReportData,
    comparison_days,
    daily_report,
    headline,
    targets_of,
)
from genesys_assets.resources import FigureOptions
from genesys_assets.warehouse import Database, WarehouseIOManager, stored
from genesys_assets.windows import window_of

REPORTED_MARTS = ("queue_performance", "agent_performance", "wrapup_performance", "flow_performance")


@daily_file(
    ["reports", "daily"],
    ins={
        **{mart: dg.AssetIn(["marts", mart]) for mart in REPORTED_MARTS},
        "queues": dg.AssetIn(["directory", "queues"]),
    },
    kinds={"html", "altair"},
    op_tags=LAST,
)
def daily(
    context: dg.AssetExecutionContext,
    exports: Exports,
    figures: FigureOptions,
    io_manager: dg.ResourceParam[WarehouseIOManager],
    **frames: pl.LazyFrame,
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Write the report of a day as one HTML file that needs nothing else: reports/daily/YYYY-MM-DD.html.

    Earlier days, for comparison, are read as they are stored. They are not upstream of this day: reports can be made in
    any order, even when an earlier day has failed.
    """
    wait_for_checks(context)
    targets = targets_of(frames.pop("queues").collect())
    names = Names.of(context.asset_key)
    known = stored_days(context.instance, names.key(QUEUE_PERFORMANCE))
    for key in context.partition_keys:
        day = day_of(key)
        marts = {name: frame.filter(pl.col("partition_date") == day) for name, frame in frames.items()}
        history, earlier = history_of(io_manager.database, [each for each in comparison_days(day) if each in known])
        destination, organisation = claimed(exports, io_manager.database, names)
        data = ReportData(
            day=day,
            window=window_of(day, zone_of(context)),
            **marts,
            history=history,
            history_days=earlier,
            targets=targets,
            notes=notes_of_day(context, key),
            made_at=datetime.now(UTC),
            zone=exports.zone,
            service_level=figures.service_level,
            organisation=organisation.name if organisation else None,
            is_sandbox=organisation is not None and organisation.is_sandbox,
        )
        address = publish(destination, data)
        numbers = headline(data.queue_performance, service_level=data.service_level).numbers()
        context.add_asset_metadata({"report": link(address), **numbers}, partition_key=key)
    return dg.MaterializeResult()


def publish(destination: Destination, data: ReportData) -> str:
    """Write the report of a day to its destination.

    Returns:
        Its absolute path or URL.
    """
    path = f"reports/daily/{data.day}.html"
    destination.write(path, daily_report(data).encode())
    return destination.address(path)


def history_of(database: Database, days: list[date]) -> tuple[pl.LazyFrame, list[date]]:
    """Return marts.queue_performance of those of these days that the database has, and these days."""
    keys = list(map(str, days))
    with database.reading() as connection:
        there = stored.present(connection, "marts.queue_performance", "partition_date", keys)
        days = [day for day in days if str(day) in there]
        found = connection.sql("FROM marts.queue_performance WHERE partition_date IN (SELECT unnest(?))", params=[days])
        rows = pl.DataFrame(found)
    declared = TABLES["marts.queue_performance"].create_empty().schema
    return rows.lazy().select(declared.names()).cast(dict(declared.items())), days
