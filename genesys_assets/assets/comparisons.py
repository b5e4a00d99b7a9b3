"""The checks that the figures equal Genesys Cloud's own, one for each mart that says how it is compared.

What belongs here: asking for the aggregates, and what a difference means and says. By what a mart is compared is its
declaration's business, finding the differences that of `marts.formulas.reconciliation`.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import dagster as dg
import polars as pl

from genesys_assets.assets.checks import names_in
from genesys_assets.assets.declared import DailyCheck, daily_check
from genesys_assets.assets.recorded import COMPARISONS, comparison_metadata, is_provisional
from genesys_assets.assets.retries import TRY_AGAIN
from genesys_assets.genesys import AGGREGATES, Aggregate, ForbiddenError, GenesysCloud, aggregates
from genesys_assets.marts import MARTS, Comparison, Mart, differences, metrics_of
from genesys_assets.partitions import day_of, zone_of
from genesys_assets.pool import API_POOL
from genesys_assets.resources import Genesys
from genesys_assets.variables import variable_of
from genesys_assets.windows import INTERVAL_MINUTES, Interval, window_of

SHOWN_DIFFERENCES = 50
GRANULARITY = timedelta(minutes=min(INTERVAL_MINUTES))
"""The buckets that are asked for. The days of every zone begin with one, and longer intervals are made of them."""


def compared_with_genesys(mart: Mart) -> DailyCheck:
    """Return the check of a mart that its figures equal Genesys Cloud's own."""
    key = COMPARISONS[mart.name]

    @daily_check(
        f"marts.{mart.name}",
        name=key.name,
        pool=API_POOL,
        retry_policy=TRY_AGAIN,
        description=f"The figures equal those of Genesys Cloud's own aggregates, {mart.comparisons[0].words}.",
    )
    def matches_genesys_aggregates(
        context: dg.AssetCheckExecutionContext, rows: pl.LazyFrame, genesys: Genesys
    ) -> dg.AssetCheckResult:
        return compared(context, mart, rows, genesys)

    return matches_genesys_aggregates


def compared(
    context: dg.AssetCheckExecutionContext, mart: Mart, rows: pl.LazyFrame, genesys: Genesys
) -> dg.AssetCheckResult:
    """Fail with a table of the differences between a day's figures and the aggregates API's for the same day.

    The failure is an error when a complete day differs, unless the settings say that such a difference is known, and a
    warning when all days that differ are provisional, or when the role of the OAuth client may not ask.
    """
    days = [day_of(key) for key in context.partition_keys]
    provisional = [day for day in days if is_provisional(context.instance, day, names_in(context))]
    zone = zone_of(context)
    try:
        found = pl.concat(
            (differences_of(day, window_of(day, zone), mart, rows, genesys) for day in days), how="diagonal"
        )
    except ForbiddenError as error:
        return dg.AssetCheckResult(
            passed=False, severity=dg.AssetCheckSeverity.WARN, description=f"Nothing was compared. {error}"
        )
    differing = dict(found.group_by("partition_date", maintain_order=True).len().iter_rows())
    certain = set(differing) - set(map(str, provisional))
    shown = found.group_by("partition_date", maintain_order=True).head(max(5, SHOWN_DIFFERENCES // len(days)))
    return dg.AssetCheckResult(
        passed=found.is_empty(),
        severity=SEVERITIES[genesys.mismatch] if certain else dg.AssetCheckSeverity.WARN,
        description=agreement(found.height, provisional, is_certain=bool(certain)),
        metadata=comparison_metadata(shown, differing, provisional),
    )


def differences_of(day: date, window: Interval, mart: Mart, rows: pl.LazyFrame, genesys: Genesys) -> pl.DataFrame:
    """Return the figures of a day that differ from Genesys Cloud's, as `marts.differences` has them, with the day."""
    of_day = rows.filter(pl.col("partition_date") == day)
    found = list[pl.LazyFrame]()
    for comparison, statistics in mart.compared:
        ask = partial(asked, comparison=comparison, window=window, metrics=metrics_of(statistics.values()))
        told = genesys.run(ask)
        found.append(_named(differences(of_day, frame_of(told, comparison), comparison, statistics), of_day, mart))
    return (
        pl.concat(found, how="diagonal")
        .select(pl.lit(str(day)).alias("partition_date"), pl.all())
        .with_columns(pl.col("interval_start").dt.to_string("%Y-%m-%dT%H:%MZ"))
        .collect()
    )


async def asked(
    cloud: GenesysCloud, comparison: Comparison, window: Interval, metrics: Sequence[str]
) -> list[Aggregate]:
    """Return what Genesys Cloud tells of a day, by what a mart is compared."""
    granularity = GRANULARITY if comparison.by_interval else None
    query, by = AGGREGATES[comparison.of], [*comparison.by.values()]
    told = [
        await aggregates(cloud, query, part, metrics, by=by, granularity=granularity)
        for part in comparison.parts(window)
    ]
    return [row for rows in told for row in rows]


def frame_of(told: Sequence[Aggregate], comparison: Comparison) -> pl.LazyFrame:
    """Return aggregates as `marts.differences` takes them."""
    rows = [
        (*(row.group.get(dimension) for dimension in comparison.by.values()), row.start, row.metric, row.count, row.sum)
        for row in told
    ]
    columns = dict.fromkeys(comparison.by, pl.String())
    numbers = {"metric": pl.String(), "count": pl.Int64(), "sum": pl.Int64()}
    return pl.LazyFrame(rows, {**columns, "interval_start": pl.Datetime("us", "UTC"), **numbers}, orient="row")


def _named(differing: pl.LazyFrame, rows: pl.LazyFrame, mart: Mart) -> pl.LazyFrame:
    """Put the names that the mart's rows have before the ids that differ."""
    for column in differing.collect_schema().names():
        if name := mart.name_columns.get(column):
            names = rows.group_by(column).agg(pl.col(name).drop_nulls().first())
            differing = differing.join(names, on=column, how="left", nulls_equal=True, maintain_order="left")
            differing = differing.select(name, pl.exclude(name))
    return differing


SEVERITIES = {"error": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}
"""How severe a difference on a complete day is, by the setting."""


def agreement(differences: int, provisional: Sequence[date], *, is_certain: bool) -> str:
    """Return the result of the comparison in words, with what to do about it.

    Args:
        differences: How many figures differ.
        provisional: The days that are provisional.
        is_certain: Whether some of the differences are on a complete day.
    """
    named = ", ".join(map(str, provisional))
    is_are = "is" if len(provisional) == 1 else "are"
    says_so = f" {named} {is_are} provisional: read before Genesys Cloud had the whole day." if provisional else ""
    if not differences:
        return f"Every figure equals Genesys Cloud's.{says_so}"
    if provisional:
        says_so += " Materialise it again when Genesys Cloud has it: the sensor conversations_available does so."
    if is_certain:
        says_so += (
            " Genesys Cloud reprocesses days for some time: materialise a complete day again in a few days. "
            "If it still differs, compare the divisions that the OAuth client may see with those of the view; a "
            f"difference that is known and explained is no error with {variable_of('mismatch')}=warning."
        )
    return f"{differences} figures differ from Genesys Cloud's.{says_so}"


COMPARED = [compared_with_genesys(MARTS[name]) for name in COMPARISONS]
