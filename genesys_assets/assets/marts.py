"""marts/*: the figures, one asset for each Genesys Cloud view they answer.

What belongs here: which staging tables feed which mart, and the names beside the ids. The formulas are
`genesys_assets.marts`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import OfDays, daily_table
from genesys_assets.assets.options import FIGURES, option_facts
from genesys_assets.assets.retries import FRESH, TRY_AGAIN
from genesys_assets.marts import with_names
from genesys_assets.marts.agent_performance import agent_performance
from genesys_assets.marts.columns import DIRECTORY_COLUMNS, STAGING_COLUMNS
from genesys_assets.marts.flow_performance import flow_performance
from genesys_assets.marts.formulas.conversations import interactions, open_conversations
from genesys_assets.marts.formulas.parts import in_parts
from genesys_assets.marts.queue_performance import queue_performance as queues
from genesys_assets.marts.wrapup_performance import wrapup_performance
from genesys_assets.partitions import day_of
from genesys_assets.reports.charts import queue_day_charts
from genesys_assets.reports.figures import headline
from genesys_assets.resources import FigureOptions
from genesys_assets.warehouse import WarehouseIOManager
from genesys_assets.whose import figure_options

CODE_VERSION = "2"
"""Raised when a formula changes: Dagster shows stored days as stale then."""

Formula = Callable[..., pl.LazyFrame]


def inputs(name: str) -> dict[str, dg.AssetIn]:
    """Return a mart's inputs: its staging tables and the directory that names its ids, with the columns it reads."""
    rooms = (("staging", STAGING_COLUMNS[name]), ("directory", DIRECTORY_COLUMNS[name]))
    return {
        table: dg.AssetIn([room, table], metadata={"columns": list(columns)})
        for room, tables in rooms
        for table, columns in tables.items()
    }


def mart(name: str, formula: Formula) -> OfDays[dg.AssetsDefinition]:
    """Return the asset of one mart: its formula over the staging tables of the day, with the directory's names.

    Args:
        name: The mart.
        formula: Takes the staging tables by name.
    """

    @daily_table(f"marts.{name}", ins=inputs(name), code_version=CODE_VERSION, retry_policy=TRY_AGAIN)
    def figures_of_day(**frames: pl.LazyFrame) -> pl.LazyFrame:
        directory = {table: frames.pop(table) for table in DIRECTORY_COLUMNS[name]}
        return with_names(formula(**frames), **directory)

    return figures_of_day


@daily_table(
    "marts.queue_performance",
    ins=inputs("queue_performance"),
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
    rows = queues(session_metrics, interval_minutes=figures.interval_minutes, service_level=figures.service_level)
    named = with_names(rows, **directory).collect()
    made = option_facts(io_manager.database, FIGURES, figure_options(figures), context.partition_keys)
    context.add_output_metadata(made)
    days = {day: named.lazy().filter(pl.col("partition_date") == day) for day in map(day_of, context.partition_keys)}
    pictures = queue_day_charts(days, service_level=figures.service_level)
    for day, rows in days.items():
        context.add_asset_metadata(headline_of(rows, pictures[day], figures), partition_key=str(day))
    return named


def headline_of(rows: pl.LazyFrame, picture: str | None, figures: FigureOptions) -> dict[str, Any]:
    """Return a day's headline figures, which the Dagster UI charts over partitions, and its picture if there is one."""
    numbers = headline(rows, service_level=figures.service_level).numbers()
    shown = f"![Offered, answered and service level]({picture})" if picture else "The picture could not be drawn."
    return {**numbers, "intervals": dg.MetadataValue.md(shown)}


MARTS = [
    queue_performance,
    mart("agent_performance", agent_performance),
    mart("wrapup_performance", wrapup_performance),
    mart("flow_performance", flow_performance),
    mart("interactions", partial(in_parts, interactions)),
    mart("open_conversations", open_conversations),
]
