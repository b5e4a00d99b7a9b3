"""marts/*: the figures, one asset for each Genesys Cloud view they answer.

What belongs here: which staging tables feed which mart, and the names beside the ids. The formulas are
`genesys_assets.metrics`.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import dagster as dg
import polars as pl

from genesys_assets import metrics
from genesys_assets.assets.declared import daily_table
from genesys_assets.partitions import day_of
from genesys_assets.reports.charts import queue_day_chart
from genesys_assets.reports.figures import headline
from genesys_assets.resources import FigureOptions

Formula = Callable[..., pl.LazyFrame]

DIRECTORY = ("queues", "users", "wrapup_codes")


CONVERSATION = ("conversations", "participants", "sessions", "segments")


def inputs(*staging: str) -> dict[str, dg.AssetIn]:
    """The staging tables of a mart, and the directory that names its ids."""
    tables = {table: dg.AssetIn(["staging", table]) for table in staging}
    names = {table: dg.AssetIn(["directory", table]) for table in DIRECTORY}
    return {**tables, **names}


def mart(name: str, formula: Formula, *staging: str) -> dg.AssetsDefinition:
    """The asset of one mart: its formula over the staging tables of the day, with the directory's names.

    Args:
        name: The mart.
        formula: Takes the staging tables by name.
        staging: Names of these tables.
    """

    @daily_table(f"marts.{name}", ins=inputs(*staging))
    def figures_of_day(**frames: pl.LazyFrame) -> pl.LazyFrame:
        directory = {table: frames.pop(table) for table in DIRECTORY}
        return metrics.with_names(formula(**frames), **directory)

    return figures_of_day


@daily_table("marts.queue_performance", ins=inputs("session_metrics"))
def queue_performance(
    context: dg.AssetExecutionContext, session_metrics: pl.LazyFrame, figures: FigureOptions, **directory: pl.LazyFrame
) -> pl.DataFrame:
    """The figures of the queues, and in the day's metadata those of the whole centre, as numbers and as a picture."""
    rows = metrics.queue_performance(
        session_metrics, interval_minutes=figures.interval_minutes, service_level=figures.service_level
    )
    named = metrics.with_names(rows, **directory).collect()
    for key in context.partition_keys:
        context.add_asset_metadata(headline_of(named, day_of(key), figures), partition_key=key)
    return named


def headline_of(mart: pl.DataFrame, day: date, figures: FigureOptions) -> dict[str, Any]:
    """A day's headline figures, which the Dagster UI charts over partitions, and its picture."""
    rows = mart.lazy().filter(pl.col("partition_date") == day)
    numbers = headline(rows, service_level=figures.service_level).numbers()
    picture = queue_day_chart(rows, day, service_level=figures.service_level)
    return {**numbers, "intervals": dg.MetadataValue.md(f"![Offered, answered and service level]({picture})")}


MARTS = [
    queue_performance,
    mart("agent_performance", metrics.agent_performance, "session_metrics"),
    mart("wrapup_performance", metrics.wrapup_performance, "session_metrics", "segments"),
    mart("flow_performance", metrics.flow_performance, "session_metrics", "flows", "flow_outcomes"),
    mart("interactions", metrics.interactions, *CONVERSATION, "session_metrics"),
    mart("open_conversations", metrics.open_conversations, *CONVERSATION),
]
