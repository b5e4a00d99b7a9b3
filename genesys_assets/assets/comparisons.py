"""The checks that the figures equal Genesys Cloud's own, one for each mart that says how it is compared.

What belongs here: asking for the aggregates, and what a difference means and says. By what a mart is compared is its
declaration's business, finding the differences that of `marts.formulas.reconciliation`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import dagster as dg
import polars as pl

from genesys_assets.assets.checks import names_in
from genesys_assets.assets.declared import DailyCheck, daily_check
from genesys_assets.assets.recorded import COMPARISONS, comparison_metadata, comparison_of, is_provisional
from genesys_assets.assets.retries import TRY_AGAIN
from genesys_assets.genesys import AGGREGATES, Aggregate, ForbiddenError, GenesysCloud, aggregates
from genesys_assets.marts import (
    MARTS,
    Comparison,
    Mart,
    ServiceLevelOptions,
    differences,
    fitting,
    metrics_of,
    of_their_own,
)
from genesys_assets.partitions import day_of, zone_of
from genesys_assets.pool import API_POOL
from genesys_assets.resources import FigureOptions, Genesys
from genesys_assets.setting import text_of
from genesys_assets.variables import variable_of
from genesys_assets.windows import INTERVAL_MINUTES, Interval, window_of

SHOWN_DIFFERENCES = 50
GRANULARITY = timedelta(minutes=min(INTERVAL_MINUTES))
"""The buckets that are asked for. The days of every zone begin with one, and longer intervals are made of them."""


def compared_with_genesys(mart: Mart) -> DailyCheck:
    """Return the check of a mart that its figures equal Genesys Cloud's own."""
    key = comparison_of(mart)

    @daily_check(
        f"marts.{mart.name}",
        name=key.name,
        pool=API_POOL,
        retry_policy=TRY_AGAIN,
        description=f"The figures equal those of Genesys Cloud's own aggregates, {mart.comparisons[0].words}.",
    )
    def matches_genesys_aggregates(
        context: dg.AssetCheckExecutionContext, rows: pl.LazyFrame, genesys: Genesys, figures: FigureOptions
    ) -> dg.AssetCheckResult:
        return compared(context, mart, rows, genesys, figures.service_level)

    return matches_genesys_aggregates


def compared(
    context: dg.AssetCheckExecutionContext,
    mart: Mart,
    rows: pl.LazyFrame,
    genesys: Genesys,
    service_level: ServiceLevelOptions,
) -> dg.AssetCheckResult:
    """Fail with a table of the differences between a day's figures and the aggregates API's for the same day.

    The failure is an error when a complete day differs, unless the settings say that such a difference is known, and a
    warning when all days that differ are provisional, or when the role of the OAuth client may not ask.
    """
    days = [day_of(key) for key in context.partition_keys]
    provisional = [day for day in days if is_provisional(context.instance, day, names_in(context))]
    zone = zone_of(context)
    try:
        found = [differences_of(day, window_of(day, zone), mart, rows, genesys, service_level) for day in days]
    except ForbiddenError as error:
        return dg.AssetCheckResult(
            passed=False, severity=dg.AssetCheckSeverity.WARN, description=f"Nothing was compared. {error}"
        )
    table = pl.concat((each.differences for each in found), how="diagonal")
    differing = dict(table.group_by("partition_date", maintain_order=True).len().iter_rows())
    certain = set(differing) - set(map(str, provisional))
    shown = table.group_by("partition_date", maintain_order=True).head(max(5, SHOWN_DIFFERENCES // len(days)))
    says = agreement(table.height, provisional, is_certain=bool(certain))
    return dg.AssetCheckResult(
        passed=table.is_empty(),
        severity=SEVERITIES[genesys.mismatch] if certain else dg.AssetCheckSeverity.WARN,
        description=says + switches([each.fitting for each in found if each.fitting is not None], service_level),
        metadata=comparison_metadata(shown, differing, provisional),
    )


@dataclass(frozen=True)
class Found:
    """How a day's figures differ from Genesys Cloud's.

    Attributes:
        differences: As `marts.differences` has them, with the day and names.
        fitting: The settings of the service level's switches that fit; None: nothing but them needs to be looked for.
        levels: Genesys Cloud's service levels, and by what they are compared; None: the mart has none.
    """

    differences: pl.DataFrame
    fitting: Sequence[ServiceLevelOptions] | None = None
    levels: tuple[pl.LazyFrame, Comparison] | None = None


def differences_of(
    day: date, window: Interval, mart: Mart, rows: pl.LazyFrame, genesys: Genesys, options: ServiceLevelOptions
) -> Found:
    """Ask Genesys Cloud for a day, and return how the mart's figures of it differ."""
    of_day = rows.filter(pl.col("partition_date") == day)
    found = list[pl.DataFrame]()
    told_levels: tuple[pl.LazyFrame, Comparison] | None = None
    for comparison, statistics in mart.compared:
        ask = partial(asked, comparison=comparison, window=window, metrics=metrics_of(statistics.values()))
        told = frame_of(genesys.run(ask), comparison)
        found.append(differences(of_day, told, comparison, statistics, service_level=options).collect())
        if "service_level" in statistics:
            told_levels = told, comparison
    table = pl.concat(found, how="diagonal")
    fit: Sequence[ServiceLevelOptions] | None = None
    if told_levels:
        table = of_their_own(table, [*told_levels[1].by])
        if "service_level" in table["figure"]:
            fit = fitting(of_day, *told_levels, options)
    table = (
        _named(table.lazy(), of_day, mart)
        .select(pl.lit(str(day)).alias("partition_date"), pl.all())
        .with_columns(pl.col("interval_start").dt.to_string("%Y-%m-%dT%H:%MZ"))
        .collect()
    )
    return Found(table, fit, told_levels)


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


NUMBERS = ("count", "sum", "numerator", "denominator")
"""What is told of a metric."""


def frame_of(told: Sequence[Aggregate], comparison: Comparison) -> pl.LazyFrame:
    """Return aggregates as `marts.differences` takes them."""
    rows = [
        (*map(row.group.get, comparison.by.values()), row.start, row.metric, *(getattr(row, name) for name in NUMBERS))
        for row in told
    ]
    columns = dict.fromkeys(comparison.by, pl.String())
    numbers = dict.fromkeys(NUMBERS, pl.Int64())
    instant = pl.Datetime("us", "UTC")
    return pl.LazyFrame(rows, {**columns, "interval_start": instant, "metric": pl.String(), **numbers}, orient="row")


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


def switches(fit: Sequence[Sequence[ServiceLevelOptions]], now: ServiceLevelOptions) -> str:
    """Return what is to be said of the service level's switches, of the days whose service levels differ; "" of none.

    Args:
        fit: For each day, the settings that fit.
        now: Today's setting.
    """
    if not fit:
        return ""
    of_all = [each for each in fit[0] if all(each in others for others in fit)]
    if not of_all:
        return " No setting of the three switches gives Genesys Cloud's service level."
    ways = [
        ", ".join(f"{variable_of(switch)}={text_of(on)}" for switch, on in each.changed(now).items()) for each in of_all
    ]
    return f" The service level is Genesys Cloud's with {' or with '.join(ways)}: set it, and run restate_marts."


COMPARED = [compared_with_genesys(MARTS[name]) for name in COMPARISONS]
