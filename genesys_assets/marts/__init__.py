"""The marts: one file each, which says all of it; what their formulas have in common is `formulas`.

What belongs here: how a stored session metric becomes a figure that a Genesys Cloud Performance view shows, and how two
sets of figures are compared. What does not: reading or writing anything, Dagster, and how a document becomes a table.
Formulas are pure functions, LazyFrame in, LazyFrame out, and work per `partition_date`: a frame may hold one day or
several. A table of `MARTS` makes the asset, its checks, lineage, and the pages docs/metrics.md and docs/data-model.md.
"""

from collections.abc import Mapping

from genesys_assets.marts import (
    agent_performance,
    flow_performance,
    interactions,
    open_conversations,
    queue_performance,
    wrapup_performance,
)
from genesys_assets.marts.columns import MartRows
from genesys_assets.marts.formulas.days import emitted_on_its_day
from genesys_assets.marts.formulas.impossible import impossible
from genesys_assets.marts.formulas.measures import SERVICE_LEVEL_INPUTS, Measure, believed, measured, roll_up, total
from genesys_assets.marts.formulas.names import with_names
from genesys_assets.marts.formulas.reconciliation import Comparison, differences, fitting, of_their_own, unequal_levels
from genesys_assets.marts.formulas.service_level import ServiceLevelOptions
from genesys_assets.marts.formulas.statistics import STATISTICS, Quotient, Statistic, metrics_of
from genesys_assets.marts.formulas.uncounted import UNCOUNTED_REASONS, uncounted
from genesys_assets.marts.mart import Mart

MARTS: Mapping[str, Mart] = {
    module.MART.name: module.MART
    for module in (
        queue_performance,
        agent_performance,
        interactions,
        wrapup_performance,
        flow_performance,
        open_conversations,
    )
}
"""The marts by name, in the order of the pages. Another mart is another file, and its module here."""

__all__ = [
    "MARTS",
    "SERVICE_LEVEL_INPUTS",
    "STATISTICS",
    "UNCOUNTED_REASONS",
    "Comparison",
    "Mart",
    "MartRows",
    "Measure",
    "Quotient",
    "ServiceLevelOptions",
    "Statistic",
    "believed",
    "differences",
    "emitted_on_its_day",
    "fitting",
    "impossible",
    "measured",
    "metrics_of",
    "of_their_own",
    "roll_up",
    "total",
    "uncounted",
    "unequal_levels",
    "with_names",
]
