"""Every metric by media type, purpose and direction: how often the records have it, and how often the aggregates do."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import polars as pl

from genesys_assets.evidence.stored_day import StoredDay
from genesys_assets.evidence.words import word
from genesys_assets.genesys import AGGREGATES, Aggregate, GenesysCloud, Interval, PermanentError, aggregates
from genesys_assets.marts import believed, emitted_on_its_day, total
from genesys_assets.sandbox.vocabulary import AGGREGATE_METRICS
from genesys_assets.tables.values import METRICS

BY = {"media_type": "mediaType", "purpose": "purpose", "direction": "direction"}
"""Columns of staging.session_metrics, each with the aggregates' dimension."""
_COLUMNS = {"name": pl.String(), **dict.fromkeys(BY, pl.String()), "genesys": pl.Int64(), "genesys_sum": pl.Int64()}
_SIDES = ("ours", "genesys")


async def metrics(cloud: GenesysCloud, day: StoredDay) -> dict[str, Any]:
    """Return the counts of both sides, and the metrics that the aggregates do not know.

    Those that the official SDK knows of records alone are not asked for.
    """
    official = [name for name in METRICS if name in AGGREGATE_METRICS]
    told, refused = await told_of(cloud, day.window, official, by=[*BY.values()])
    unknown = sorted({*METRICS} - {*official} | {*refused})
    rows = [(each.metric, *map(each.group.get, BY.values()), each.count, each.sum) for each in told]
    theirs = pl.DataFrame(rows, _COLUMNS, orient="row")
    return {"unknown_to_aggregates": unknown, "counts": both(recorded(day, [*BY]), theirs, unknown)}


def recorded(day: StoredDay, by: Sequence[str]) -> pl.DataFrame:
    """Return how often the records have each metric on the day: `name`, the columns of `by`, `ours`, `ours_sum`."""
    emitted = emitted_on_its_day(day.tables["staging.session_metrics"], day.zone)
    value = total(pl.when(believed()).then("value"))
    return (
        emitted.group_by("name", *by)
        .agg(occurrences=pl.len().cast(pl.Int64), ours_sum=value)
        .with_columns(ours=pl.when(pl.col("name").str.starts_with("n")).then("ours_sum").otherwise("occurrences"))
        .drop("occurrences")
        .collect()
    )


def both(ours: pl.DataFrame, theirs: pl.DataFrame, unknown: Sequence[str]) -> list[dict[str, Any]]:
    """Return both sides beside each other, sorted; of sums, which records' values are, only whether they differ."""
    keys = ["name", *BY]
    joined = ours.join(theirs, on=keys, how="full", coalesce=True, nulls_equal=True)
    compared = ~pl.col("name").is_in(list(unknown))
    is_timer = pl.col("name").str.starts_with("t")
    sums = pl.col("ours_sum").fill_null(0) != pl.col("genesys_sum").fill_null(0)
    return [
        {"metric": word(row.pop("name")), **{name: word(row.pop(name)) for name in BY}, **row}
        for row in joined.with_columns(pl.col(side).fill_null(0) for side in _SIDES)
        .with_columns(differs=compared & ((pl.col("ours") != pl.col("genesys")) | (is_timer & sums)))
        .sort(keys)
        .select(*keys, *_SIDES, "differs")
        .iter_rows(named=True)
    ]


async def told_of(
    cloud: GenesysCloud, window: Interval, names: Sequence[str], *, by: Sequence[str]
) -> tuple[list[Aggregate], list[str]]:
    """Return what the aggregates tell of metrics, and those metrics that they refuse.

    A query with a metric that they do not know is refused as a whole: it is asked again in halves.

    Raises:
        GenesysError: Genesys Cloud refused for another reason, or could not be reached.
    """
    try:
        return await aggregates(cloud, AGGREGATES["conversations"], window, names, by=by), []
    except PermanentError as error:
        if error.detail is None or error.detail.status != HTTPStatus.BAD_REQUEST:
            raise
    if len(names) == 1:
        return [], [*names]
    middle = len(names) // 2
    halves = [await told_of(cloud, window, part, by=by) for part in (names[:middle], names[middle:])]
    return [row for told, _ in halves for row in told], [name for _, refused in halves for name in refused]
