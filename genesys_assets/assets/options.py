"""The checks of the options: which stored days were made with other options than today's, and how to make them again.

What belongs here: which options concern which table, and what the checks say. How a day's options are recorded is
`genesys_assets.pinning`.
"""

from collections.abc import Collection, Mapping
from typing import Any

import dagster as dg

from genesys_assets.assets.declared import DailyCheck, daily_check
from genesys_assets.partitions import day_of
from genesys_assets.pinning import Differing, days_made_otherwise
from genesys_assets.resources import FigureOptions, Privacy
from genesys_assets.sources import SOURCES
from genesys_assets.warehouse import Database, WarehouseIOManager
from genesys_assets.whose import figure_options, privacy_options

FIGURES = "marts.queue_performance"
ANEW = {
    **dict.fromkeys(SOURCES, "materialise them with the job day, which reads them from Genesys Cloud again"),
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


def same_privacy_for_all_days(table: str) -> DailyCheck:
    """Return the check that warns of days of a source that were stored with other options for privacy.

    They may hold what today's would leave out.
    """

    @daily_check(
        table,
        name="same_privacy_for_all_days",
        description="Every stored day was stored with today's options for privacy.",
    )
    def check(
        context: dg.AssetCheckExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager], privacy: Privacy
    ) -> dg.AssetCheckResult:
        return result(table, days_made_otherwise(io_manager.database, table, privacy_options(privacy)))

    return check


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


OPTION_CHECKS = [same_options_for_all_days, *map(same_privacy_for_all_days, SOURCES)]
