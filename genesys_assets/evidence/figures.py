"""The marts against Genesys Cloud's aggregates: how many figures differ, by what the checks of the marts find."""

from __future__ import annotations

from typing import Any

import polars as pl

from genesys_assets.assets.comparisons import Found, differences_of
from genesys_assets.evidence.stored_day import StoredDay
from genesys_assets.evidence.words import word
from genesys_assets.genesys import AGGREGATES, ForbiddenError
from genesys_assets.marts import MARTS, STATISTICS, Mart, ServiceLevelOptions, Statistic, unequal_levels
from genesys_assets.resources import Genesys

Section = dict[str, Any]


def figures(day: StoredDay, genesys: Genesys, now: ServiceLevelOptions) -> Section:
    """Return for each mart what was compared and how many figures differ, and of the service level which switches fit.

    Args:
        day: The day.
        genesys: Whom to ask.
        now: The switches as they are set.
    """
    told: Section = {}
    for name, rows in day.marts.items():
        mart = MARTS[name]
        compared = [
            {
                "by": [*each.by],
                "in_intervals": each.by_interval,
                "groups": _groups(rows, [*each.by]),
                "figures": [*what],
            }
            for each, what in mart.compared
        ]
        told[name] = {"compared": compared}
        try:
            found = differences_of(day.day, day.window, mart, rows, genesys, now)
        except ForbiddenError:
            told[name]["permission_missing"] = permission_for(mart)
            continue
        told[name]["differing"] = differing(found.differences)
        if found.levels:
            told[name]["service_level"] = switches(rows, found, now)
    return told


def permission_for(mart: Mart) -> str:
    """Return what a role of the OAuth client needs for a mart to be compared."""
    return AGGREGATES[mart.comparisons[0].of].permission


def differing(found: pl.DataFrame) -> list[Section]:
    """Return the differences of a mart as counts: by figure and media, and apart from one another whole days and parts.

    Totals are told of counts only: those of durations could be of one conversation.
    """
    if "media_type" not in found.columns:
        found = found.with_columns(media_type=pl.lit(None, dtype=pl.String))
    counted = (
        found.with_columns(in_intervals=pl.col("interval_start").is_not_null())
        .group_by("figure", "media_type", "in_intervals")
        .agg(
            groups=pl.len(),
            ours_more=(pl.col("difference") > 0).sum(),
            ours_fewer=(pl.col("difference") < 0).sum(),
            ours=pl.col("ours").sum().cast(pl.Int64, strict=False),
            genesys=pl.col("genesys").sum().cast(pl.Int64, strict=False),
        )
        .sort("figure", "media_type", "in_intervals")
    )
    return [_row(row) for row in counted.iter_rows(named=True)]


def _row(row: Section) -> Section:
    statistic = STATISTICS[row["figure"]]
    if not (isinstance(statistic, Statistic) and statistic.name == "count"):
        row = {name: value for name, value in row.items() if name not in {"ours", "genesys"}}
    return {**row, "media_type": word(row["media_type"]), "metric": str(statistic)}


def switches(rows: pl.LazyFrame, found: Found, now: ServiceLevelOptions) -> list[Section]:
    """Return the eight settings of the service level's switches, each with how many service levels differ with it."""
    if found.levels is None:
        return []
    unequal = unequal_levels(rows, *found.levels)
    return [{**vars(each), "is_set": each == now, "differing": count} for each, count in unequal.items()]


def _groups(rows: pl.LazyFrame, by: list[str]) -> int:
    return rows.select(by).unique().collect().height
