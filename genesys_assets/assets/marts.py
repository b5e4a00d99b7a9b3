"""marts/*: the figures, one asset for each Genesys Cloud view they answer.

What belongs here: which staging tables feed which mart, and the names beside the ids. The formulas are
`genesys_assets.metrics`.
"""

from collections.abc import Callable
from functools import partial

import dagster as dg
import polars as pl

from genesys_assets import metrics
from genesys_assets.assets.declared import daily_table
from genesys_assets.resources import FigureOptions

Formula = Callable[..., pl.LazyFrame]

DIRECTORY = ("queues", "users", "wrapup_codes")


def mart(name: str, formula: Callable[[FigureOptions], Formula], *staging: str) -> dg.AssetsDefinition:
    """The asset of one mart: its formula over the staging tables of the day, with the directory's names.

    Args:
        name: The mart.
        formula: Gives the formula, which takes the staging tables by name, for the organisation's options.
        staging: Names of these tables.
    """
    inputs = {table: dg.AssetIn(["staging", table]) for table in staging}
    names = {table: dg.AssetIn(["directory", table]) for table in DIRECTORY}

    @daily_table(f"marts.{name}", ins={**inputs, **names})
    def figures_of_day(figures: FigureOptions, **frames: pl.LazyFrame) -> pl.LazyFrame:
        directory = {table: frames.pop(table) for table in DIRECTORY}
        return metrics.with_names(formula(figures)(**frames), **directory)

    return figures_of_day


def _queue_performance(figures: FigureOptions) -> Formula:
    return partial(
        metrics.queue_performance,
        interval_minutes=figures.interval_minutes,
        service_level=figures.service_level,
    )


CONVERSATION = ("conversations", "participants", "sessions", "segments")

MARTS = [
    mart("queue_performance", _queue_performance, "session_metrics"),
    mart("agent_performance", lambda _: metrics.agent_performance, "session_metrics"),
    mart("wrapup_performance", lambda _: metrics.wrapup_performance, "session_metrics", "segments"),
    mart("flow_performance", lambda _: metrics.flow_performance, "session_metrics", "flows", "flow_outcomes"),
    mart("interactions", lambda _: metrics.interactions, *CONVERSATION, "session_metrics"),
    mart("open_conversations", lambda _: metrics.open_conversations, *CONVERSATION),
]
