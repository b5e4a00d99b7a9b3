"""Whether the service level's switches are set as in Genesys Cloud: told by what it makes of a day's own counts.

What belongs here: this one finding of `doctor`. Which settings fit is `marts.fitting`.
"""

import polars as pl

from genesys_assets.assets.comparisons import asked, frame_of, switches
from genesys_assets.genesys import ForbiddenError, GenesysCloud, PermanentError
from genesys_assets.marts import (
    MARTS,
    SERVICE_LEVEL_INPUTS,
    STATISTICS,
    Comparison,
    ServiceLevelOptions,
    fitting,
    metrics_of,
)
from genesys_assets.windows import Interval


async def switches_that_fit(cloud: GenesysCloud, *, day: Interval, now: ServiceLevelOptions) -> str:
    """Return that the switches fit; of a day without a service level, and without the permission, that nothing tells.

    Raises:
        PermanentError: Others fit, or none do.
    """
    comparison = MARTS["queue_performance"].comparisons[0]
    made_of = {figure: STATISTICS[figure] for figure in ("service_level", *sorted(SERVICE_LEVEL_INPUTS))}
    try:
        told = frame_of(await asked(cloud, comparison, day, metrics_of(made_of.values())), comparison)
    except ForbiddenError:
        return "Without the permission for the aggregates nothing says whether the switches are set as there."
    levels = told.filter(pl.col("metric") == "oServiceLevel").select(pl.len()).collect().item()
    if not levels:
        return f"Genesys Cloud tells no service level of {day}: nothing says whether the switches are set as there."
    fit = fitting(counts(told, comparison), told, comparison, now)
    if now not in fit:
        raise PermanentError(f"Of {day}:{switches([fit], now)}")
    return f"The switches of the service level fit all {levels} that Genesys Cloud tells of {day}."


def counts(told: pl.LazyFrame, comparison: Comparison) -> pl.LazyFrame:
    """Return what a service level is made of, as Genesys Cloud itself counts it, in the columns of the mart."""
    figures = [
        pl.col("count").filter(pl.col("metric") == STATISTICS[figure].metrics[0]).sum().alias(figure)
        for figure in sorted(SERVICE_LEVEL_INPUTS)
    ]
    return told.group_by([*comparison.by]).agg(figures).with_columns(service_level=pl.lit(None, dtype=pl.Float64))
