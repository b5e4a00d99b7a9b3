"""marts/*: the figures, one asset for each Genesys Cloud view they answer.

What belongs here: how a declared mart becomes an asset. What is declared, and the formulas, are `genesys_assets.marts`.
"""

from typing import Any

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import OfDays, daily_table
from genesys_assets.assets.options import FIGURES, option_facts
from genesys_assets.assets.retries import FRESH, TRY_AGAIN
from genesys_assets.marts import MARTS, Mart, with_names
from genesys_assets.partitions import day_of, zone_of
from genesys_assets.reports.charts import queue_day_charts
from genesys_assets.reports.figures import headline
from genesys_assets.resources import FigureOptions
from genesys_assets.warehouse import WarehouseIOManager
from genesys_assets.whose import figure_options

CODE_VERSION = "2"
"""Raised when a formula changes: Dagster shows stored days as stale then."""
QUEUES = MARTS["queue_performance"]
"""The one mart that takes options, and whose days have headline figures and a picture."""


def inputs(mart: Mart) -> dict[str, dg.AssetIn]:
    """Return a mart's inputs: its staging tables and the directory that names its ids, with the columns it reads."""
    return {
        table: dg.AssetIn([group, table], metadata={"columns": list(columns)})
        for group, tables in (("staging", mart.inputs), ("directory", mart.directory))
        for table, columns in tables.items()
    }


def asset_of(mart: Mart) -> OfDays[dg.AssetsDefinition]:
    """Return the asset of one mart: its formula over the staging tables of the day, with the directory's names."""

    @daily_table(f"marts.{mart.name}", mart=mart, ins=inputs(mart), code_version=CODE_VERSION, retry_policy=TRY_AGAIN)
    def figures_of_day(context: dg.AssetExecutionContext, **frames: pl.LazyFrame) -> pl.LazyFrame:
        directory = {table: frames.pop(table) for table in mart.directory}
        return with_names(mart.compute(**frames, zone=zone_of(context)), **directory)

    return figures_of_day


@daily_table(
    f"marts.{QUEUES.name}",
    ins=inputs(QUEUES),
    code_version=CODE_VERSION,
    retry_policy=TRY_AGAIN,
    freshness_policy=FRESH,
)
def queue_performance(
    context: dg.AssetExecutionContext,
    session_metrics: pl.LazyFrame,
    figures: FigureOptions,
    io_manager: dg.ResourceParam[WarehouseIOManager],
    **directory: pl.LazyFrame,
) -> pl.DataFrame:
    """Compute the queues' figures, and for the day's metadata the whole centre's, as numbers and as a picture."""
    rows = QUEUES.formula(
        session_metrics,
        interval_minutes=figures.interval_minutes,
        service_level=figures.service_level,
        zone=zone_of(context),
    )
    named = with_names(rows, **directory).collect()
    made = option_facts(io_manager.database, FIGURES, figure_options(figures), context.partition_keys)
    context.add_output_metadata(made)
    days = {day: named.lazy().filter(pl.col("partition_date") == day) for day in map(day_of, context.partition_keys)}
    pictures = queue_day_charts(days, zone_of(context), service_level=figures.service_level)
    for day, rows in days.items():
        context.add_asset_metadata(headline_of(rows, pictures[day], figures), partition_key=str(day))
    return named


def headline_of(rows: pl.LazyFrame, picture: str | None, figures: FigureOptions) -> dict[str, Any]:
    """Return a day's headline figures, which the Dagster UI charts over partitions, and its picture if there is one."""
    numbers = headline(rows, service_level=figures.service_level).numbers()
    shown = f"![Offered, answered and service level]({picture})" if picture else "The picture could not be drawn."
    return {**numbers, "intervals": dg.MetadataValue.md(shown)}


MART_ASSETS = [queue_performance if mart is QUEUES else asset_of(mart) for mart in MARTS.values()]
