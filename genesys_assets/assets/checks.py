"""The checks of stored days: what must hold before anybody reads them, and what a person should look at.

What belongs here: which rule is checked on which table, whether it blocks, and what its failure says. The rules
themselves are `genesys_assets.tables.integrity` and `genesys_assets.metrics.reconciliation`. The staging tables are
checked while they are in hand, in `staging`.

A check that blocks stops everything downstream in its run; the others warn.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

import dagster as dg
import polars as pl

from genesys_assets import metrics
from genesys_assets.assets.declared import daily_check
from genesys_assets.assets.raw import API_POOL, TRY_AGAIN
from genesys_assets.genesys import Interval, conversation_aggregates
from genesys_assets.metrics.reconciliation import METRICS
from genesys_assets.partitions import day_of
from genesys_assets.resources import Genesys
from genesys_assets.tables import TABLES
from genesys_assets.tables.integrity import duplicates, strangers
from genesys_assets.warehouse import Database, WarehouseIOManager

SHOWN_DIFFERENCES = 50
WEEKS = 4
FAR = 2
"""A day with less than half, or more than twice, of what the same weekdays had is worth a look."""


@daily_check(
    "raw.conversations",
    blocking=True,
    description="Each conversation stands once in its day, and was active on it.",
)
def each_conversation_once(
    context: dg.AssetCheckExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager]
) -> dg.AssetCheckResult:
    """Fails when a conversation stands twice in a day, or in a day on which it was not active."""
    heads = heads_of(io_manager.database, [day_of(key) for key in context.partition_keys])
    twice = duplicates(heads, TABLES["raw.conversations"].primary_key()).collect().height
    elsewhere = strangers(heads).collect().height
    return dg.AssetCheckResult(
        passed=not twice and not elsewhere,
        description=f"{twice} conversations stand more than once, {elsewhere} were not active on their day.",
        metadata={"duplicates": twice, "not_active": elsewhere},
    )


def heads_of(database: Database, days: Sequence[date]) -> pl.LazyFrame:
    """The stored conversations of some days without their documents, which are a hundred times as large."""
    with database.reading() as connection:
        heads = connection.sql(
            "SELECT partition_date, conversation_id, conversation_start, conversation_end FROM raw.conversations "
            "WHERE partition_date IN ?",
            params=[list(days)],
        )
        return pl.DataFrame(heads).lazy()


@daily_check(
    "raw.conversations",
    description=f"The number of conversations is near that of the same weekday in the {WEEKS} weeks before.",
)
def volume(
    context: dg.AssetCheckExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager]
) -> dg.AssetCheckResult:
    """Warns when a day holds far fewer or far more conversations than the same weekdays before it."""
    said = [unusual(*volumes(io_manager.database, day_of(key))) for key in context.partition_keys]
    warnings = [warning for warning in said if warning]
    return dg.AssetCheckResult(
        passed=not warnings,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(warnings) or "As many conversations as usual, or no day to compare with.",
    )


def volumes(database: Database, day: date) -> tuple[date, int, list[int]]:
    """The day, its conversations, and those of the same weekdays before it that are stored."""
    before = [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    with database.reading() as connection:
        counted = connection.execute(
            "SELECT partition_date, count(*) FROM raw.conversations WHERE partition_date IN ? GROUP BY ALL",
            [[day, *before]],
        ).fetchall()
    counts: dict[date, int] = dict(counted)
    return day, counts.get(day, 0), [counts[past] for past in before if past in counts]


def unusual(day: date, conversations: int, before: Sequence[int]) -> str | None:
    """What is unusual about a day's volume, None when nothing is or there is nothing to compare with."""
    usual = median(before) if before else 0
    if not usual:
        return None
    if not conversations:
        return (
            f"{day} has no conversation, where the same weekdays before it had {usual:g}: has the OAuth client's role "
            "lost its access to the divisions?"
        )
    if usual / FAR <= conversations <= usual * FAR:
        return None
    return f"{day} has {conversations} conversations, where the same weekdays before it had {usual:g}."


@daily_check(
    "marts.queue_performance",
    pool=API_POOL,
    retry_policy=TRY_AGAIN,
    description="The figures equal those of Genesys Cloud's own aggregates, by queue and media.",
)
def matches_genesys_aggregates(
    context: dg.AssetCheckExecutionContext, queue_performance: pl.LazyFrame, genesys: Genesys
) -> dg.AssetCheckResult:
    """Warns with a table of the differences between a day's figures and the aggregates API's for the same day."""
    days = [day_of(key) for key in context.partition_keys]
    differences = pl.concat(_differences(day, queue_performance, genesys) for day in days)
    return AGREE if differences.is_empty() else _disagree(differences)


AGREE = dg.AssetCheckResult(passed=True, description="Every figure equals Genesys Cloud's.")


def _differences(day: date, queue_performance: pl.LazyFrame, genesys: Genesys) -> pl.DataFrame:
    interval = Interval.of_day(day)
    aggregates = genesys.run(lambda cloud: conversation_aggregates(cloud, interval, METRICS))
    of_day = queue_performance.filter(pl.col("partition_date") == day)
    return metrics.differences(of_day, pl.LazyFrame(aggregates, schema=AGGREGATES)).collect()


AGGREGATES = {
    "queue_id": pl.String,
    "media_type": pl.String,
    "metric": pl.String,
    "count": pl.Int64,
    "sum": pl.Int64,
}


def _disagree(differences: pl.DataFrame) -> dg.AssetCheckResult:
    shown = differences.head(SHOWN_DIFFERENCES)
    records = [dg.TableRecord(row) for row in shown.iter_rows(named=True)]
    return dg.AssetCheckResult(
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        description=(
            f"{differences.height} figures differ from Genesys Cloud's. While the day is provisional, or is being "
            "reprocessed, that passes: materialise it again later. If it stays, compare the divisions that the OAuth "
            "client may see with those of the view."
        ),
        metadata={"differences": differences.height, "table": dg.MetadataValue.table(records)},
    )


CHECKS = [each_conversation_once, volume, matches_genesys_aggregates]
