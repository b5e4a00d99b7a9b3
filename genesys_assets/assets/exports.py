"""exports/*: the results as files, for those who do not read the database.

What belongs here: which tables are exported, and what Dagster records of a file. How a file is made and put in place is
`genesys_assets.exports`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import OWNERS, OfDays
from genesys_assets.assets.retries import WRITE_AGAIN
from genesys_assets.assets.standing import LAST, notes_of_day, wait_for_checks
from genesys_assets.data_model import TABLES
from genesys_assets.exports import (
    LATEST_PATH,
    Destination,
    Owner,
    claim,
    destination_of,
    export_day,
    latest_day,
    publish_latest,
)
from genesys_assets.failures import with_failures
from genesys_assets.names import PLAIN, Names
from genesys_assets.organisation import Organisation
from genesys_assets.partitions import Daily, day_of
from genesys_assets.pinning import Identity, directory_ids, organisation_of
from genesys_assets.resources import DEFAULTS, FigureOptions, by_name
from genesys_assets.setting import SettingsError
from genesys_assets.variables import variable_of
from genesys_assets.warehouse import Database, WarehouseIOManager


class Exports(dg.ConfigurableResource):  # type: ignore[type-arg]  # Dagster's own documentation leaves it bare
    """Where results go as files, and how their times are shown.

    Attributes:
        url: A folder, or an s3://, gs:// or az:// URL.
        report_timezone: Name of the reports' time zone.
    """

    url: str = DEFAULTS.export_url
    report_timezone: str = DEFAULTS.timezone

    @property
    def destination(self) -> Destination:
        """Return the destination of the files.

        Raises:
            ExportError: The URL cannot be used.
        """
        return destination_of(self.url)

    @property
    def zone(self) -> ZoneInfo:
        """Return the reports' time zone."""
        return ZoneInfo(self.report_timezone)


def exports_of(organisation: Organisation) -> Exports:
    """Return where an organisation's results go as files."""
    timezone = "timezone" if organisation.report_timezone is None else "report_timezone"
    return Exports(url=by_name(organisation, "export_url"), report_timezone=by_name(organisation, timezone))


def claimed(exports: Exports, database: Database, names: Names = PLAIN) -> tuple[Destination, Identity | None]:
    """Claim the files' destination for the organisation whose data the database holds; return both.

    Raises:
        ExportError: Another organisation's files are there; they are left as they are.
    """
    destination, organisation = exports.destination, organisation_of(database)
    if organisation is not None:
        owner = Owner(organisation.organisation_id, organisation.name, names.prefix)
        claim(destination, owner, organisation.earlier_ids, partial(directory_ids, database, "queues"))
    return destination, organisation


def link(address: str) -> dg.MetadataValue:
    """Return the file's address as metadata that the UI links or lets copy."""
    if address.startswith(("https://", "http://")):
        return dg.MetadataValue.url(address)
    return dg.MetadataValue.path(address)


def exported_tables(asked: str) -> list[str]:
    """Return the tables that a list of names such as 'marts, staging.sessions' means, in the order of `TABLES`.

    Args:
        asked: Names of tables, or of schemas for all their tables, separated by commas.

    Raises:
        SettingsError: A name is that of no table with daily partitions.
    """
    daily = [table for table, schema in TABLES.items() if "partition_date" in schema.columns()]
    names = [name.strip() for name in asked.split(",") if name.strip()]
    for name in names:
        if not any(_asks_for(name, table) for table in daily):
            raise SettingsError(
                f"{variable_of('export_tables')}: {name!r} is not a table with daily partitions: write marts, "
                "staging or raw, or the full name of a table such as staging.sessions."
            )
    return [table for table in daily if any(_asks_for(name, table) for name in names)]


def daily_file(
    key: list[str], *, code_version: str = "1", **options: Any
) -> Callable[[Callable[..., Any]], OfDays[dg.AssetsDefinition]]:
    """Return a decorator that declares an asset whose days are written as files.

    Args:
        key: The asset's key, without a prefix; its first part is its group.
        code_version: Raised when the code makes a different file of the same input.
        options: Other arguments of `@dg.asset`: ins, kinds, description, ...
    """

    def decorate(make: Callable[..., Any]) -> OfDays[dg.AssetsDefinition]:
        def of_days(days: Daily, names: Names = PLAIN) -> dg.AssetsDefinition:
            asset: dg.AssetsDefinition = dg.asset(
                key=names.key(key),
                partitions_def=days,
                group_name=names.name(key[0]),
                owners=OWNERS,
                retry_policy=WRITE_AGAIN,
                code_version=code_version,
                **names.options(options),
            )(with_failures(names.own(make)))
            return asset

        return of_days

    return decorate


def parquet(table: str) -> OfDays[dg.AssetsDefinition]:
    """Declare the asset of a table's Parquet files, one for each day."""
    schema, name = table.split(".")

    @daily_file(
        ["exports", schema, name],
        ins={"rows": dg.AssetIn([schema, name])},
        kinds={"parquet", "polars"},
        description=f"{table} as Parquet: {schema}/{name}/partition_date=YYYY-MM-DD/part-0.parquet, replaced whole.",
    )
    def files_of_days(
        context: dg.AssetExecutionContext,
        rows: pl.LazyFrame,
        exports: Exports,
        io_manager: dg.ResourceParam[WarehouseIOManager],
    ) -> dg.MaterializeResult:  # type: ignore[type-arg]
        destination, organisation = claimed(exports, io_manager.database, Names.of(context.asset_key))
        name = organisation.name if organisation else None
        for day in context.partition_keys:
            exported = export_day(destination, table, day_of(day), rows, organisation=name)
            facts = {
                "dagster/partition_row_count": exported.rows,
                "bytes": exported.bytes,
                "file": link(exported.address),
            }
            context.add_asset_metadata(facts, partition_key=day)
        return dg.MaterializeResult()

    return files_of_days


@daily_file(
    ["exports", "queue_performance_latest"],
    ins={"queue_performance": dg.AssetIn(["marts", "queue_performance"])},
    kinds={"json", "polars"},
    code_version="2",
    op_tags=LAST,
)
def latest(
    context: dg.AssetExecutionContext,
    queue_performance: pl.LazyFrame,
    exports: Exports,
    figures: FigureOptions,
    io_manager: dg.ResourceParam[WarehouseIOManager],
) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Write the last closed day by queue as a small JSON that a Genesys Architect data action or a dashboard can read.

    A day that is materialised again does not replace a later day's file.
    """
    wait_for_checks(context)
    day = day_of(max(context.partition_keys))
    notes = notes_of_day(context, str(day))
    destination, organisation = claimed(exports, io_manager.database, Names.of(context.asset_key))
    document = latest_day(
        queue_performance,
        day,
        service_level=figures.service_level,
        organisation=organisation.name if organisation else None,
        now=datetime.now(UTC),
        state=notes.standing,
    )
    replaced = publish_latest(destination, document)
    if not replaced:
        context.log.info("%s was not replaced: it holds a later day than %s.", destination.address(LATEST_PATH), day)
    return dg.MaterializeResult(
        metadata={"file": link(destination.address(LATEST_PATH)), "replaced": replaced, "queues": len(document.queues)}
    )


def _asks_for(name: str, table: str) -> bool:
    return table == name or table.startswith(f"{name}.")


def exports(organisation: Organisation) -> list[OfDays[dg.AssetsDefinition]]:
    """Return the exports of an organisation that have daily partitions.

    Raises:
        SettingsError: The settings name a table to export that does not exist.
    """
    return [*map(parquet, exported_tables(organisation.export_tables)), latest]
