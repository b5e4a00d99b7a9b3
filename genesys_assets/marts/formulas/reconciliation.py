"""Our figures against Genesys's own: a pure comparison. Asking Genesys, and what follows from it, is not done here."""

from __future__ import annotations

import polars as pl

from genesys_assets.marts.formulas.measures import MEASURES, roll_up, total

COMPARED = {measure.name: measure for measure in MEASURES if measure.compared}
"""The figures of queue_performance that must equal Genesys Cloud's aggregates: `metric` and `statistic` say which."""

COMPARED_METRICS = tuple(sorted({measure.metric for measure in COMPARED.values()}))
"""The metrics to ask the aggregates API for."""

GROUP = ("queue_id", "media_type")


def differences(queue_performance: pl.LazyFrame, aggregates: pl.LazyFrame) -> pl.LazyFrame:
    """Compare queue_performance with conversation aggregates of the same time, by queue and media.

    A group or metric that one side does not have is zero there: the aggregates API leaves out what is empty. Aggregates
    on no queue are not compared, as queue_performance holds queues alone.

    Args:
        queue_performance: Rows of the mart, of the time that was asked for.
        aggregates: One row per group and metric: `queue_id`, `media_type`, `metric`, `count`, `sum` (null: absent).

    Returns:
        One row per difference, sorted: `queue_id`, `media_type`, `figure`, `genesys`, `ours`, `difference` (ours minus
        Genesys's). Empty when all figures are equal.

    Example:
        >>> ours = pl.LazyFrame({"queue_id": ["q1"], "media_type": ["voice"], "offered": [9]})
        >>> genesys = pl.LazyFrame({"queue_id": ["q1", "q2"], "media_type": ["voice", "chat"],
        ...     "metric": ["nOffered", "nOffered"], "count": [10, 3], "sum": [None, None]},
        ...     schema_overrides={"sum": pl.Int64})
        >>> for row in differences(ours, genesys).collect().rows():
        ...     print(row)
        ('q1', 'voice', 'offered', 10, 9, -1)
        ('q2', 'chat', 'offered', 3, 0, -3)
    """
    ours = _ours(queue_performance)
    genesys = _genesys(aggregates)
    return (
        ours.join(genesys, on=[*GROUP, "figure"], how="full", coalesce=True, nulls_equal=True, validate="1:1")
        .select(*GROUP, "figure", pl.col("genesys", "ours").fill_null(0))
        .with_columns(difference=pl.col("ours") - pl.col("genesys"))
        .filter(pl.col("difference") != 0)
        .sort(*GROUP, "figure")
    )


def _ours(queue_performance: pl.LazyFrame) -> pl.LazyFrame:
    by_group = roll_up(queue_performance, by=GROUP)
    figures = [figure for figure in COMPARED if figure in by_group.collect_schema()]
    return by_group.unpivot(figures, index=GROUP, variable_name="figure", value_name="ours")


def _genesys(aggregates: pl.LazyFrame) -> pl.LazyFrame:
    on_queues = aggregates.filter(pl.col("queue_id").is_not_null())
    figures = [
        on_queues.filter(pl.col("metric") == measure.metric)
        .group_by(GROUP)
        .agg(total(pl.col(measure.statistic)).alias("genesys"))
        .select(*GROUP, pl.lit(measure.name).alias("figure"), "genesys")
        for measure in COMPARED.values()
    ]
    return pl.concat(figures)
