"""The checks of the options: which stored days were made with other options than today's, and how to make them again.

What belongs here: which options concern which table, and what the checks say. How a day's options are recorded is
`genesys_assets.pinning`.
"""

from collections.abc import Collection, Mapping
from typing import Any

import dagster as dg

from genesys_assets.assets.declared import daily_check
from genesys_assets.partitions import day_of
from genesys_assets.pinning import Differing, days_made_otherwise
from genesys_assets.resources import FigureOptions, Privacy
from genesys_assets.warehouse import Database, WarehouseIOManager
from genesys_assets.whose import figure_options, privacy_options

RAW, FIGURES = "raw.conversations", "marts.queue_performance"
ANEW = {
    RAW: "materialise them with the job day, which reads them from Genesys Cloud again",
    FIGURES: "materialise them with the job restate_marts, which requests nothing from Genesys Cloud",
}


def option_facts(database: Database, table: str, options: Mapping[str, str], keys: Collection[str]) -> dict[str, Any]:
    """Return the metadata of days that are being made: today's options, and the other days that differ, if any do.

    Args:
        database: The database.
        table: 'schema.name'.
        options: Today's options of the table.
        keys: The days that are being made.
    """
    differing = days_made_otherwise(database, table, options, without={day_of(key) for key in keys})
    facts = {"options": dict(options)}
    return {**facts, "days_by_other_options": differing.named()} if differing.days else facts


@daily_check(FIGURES, description="Every stored day was computed with today's options for the figures.")
def same_options_for_all_days(
    context: dg.AssetCheckExecutionContext,
    io_manager: dg.ResourceParam[WarehouseIOManager],
    figures: FigureOptions,
) -> dg.AssetCheckResult:
    """Warn of days whose figures were computed with other options: they cannot be compared with the others."""
    return result(FIGURES, days_made_otherwise(io_manager.database, FIGURES, figure_options(figures)))


@daily_check(RAW, description="Every stored day was stored with today's options for privacy.")
def same_privacy_for_all_days(
    context: dg.AssetCheckExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager], privacy: Privacy
) -> dg.AssetCheckResult:
    """Warn of days that were stored with other options for privacy: they may hold what today's would leave out."""
    return result(RAW, days_made_otherwise(io_manager.database, RAW, privacy_options(privacy)))


def result(table: str, differing: Differing) -> dg.AssetCheckResult:
    """Return the result of a check: the days that differ, and what to do about them."""
    said = "Every stored day whose options are recorded was made with today's."
    if differing.days:
        options = ", ".join(
            f"{name} {' or '.join(value or '(none)' for value in values)}"
            for name, values in (differing.options or {}).items()
        )
        count = f"{len(differing.days)} days were" if len(differing.days) > 1 else "1 day was"
        said = (
            f"{count} made with other options ({options}): {differing.named()}. To make all days alike, {ANEW[table]}."
        )
    return dg.AssetCheckResult(
        passed=not differing.days,
        severity=dg.AssetCheckSeverity.WARN,
        description=said,
        metadata={"days": len(differing.days)},
    )


OPTION_CHECKS = [same_options_for_all_days, same_privacy_for_all_days]
