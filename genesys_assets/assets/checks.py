"""The checks of stored days: what must hold before anybody reads them, and what a person should look at.

What belongs here: which rule is checked on which table of raw, whether it blocks, and what its failure says. The rules
themselves are `genesys_assets.tables.integrity`. `staging` checks its own tables; the checks of the marts are
`possible` and `comparisons`. Nullability needs no check: the warehouse refuses a row that lacks what its table declares
as required, before anything is stored.

A blocking check that fails stops everything downstream in its run. Another one does not: an error is shown at its
asset, in the day's report and in an alert; a warning at its asset and in the report.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import DailyCheck, daily_check
from genesys_assets.assets.recorded import RAW as CONVERSATIONS
from genesys_assets.assets.recorded import stored_days
from genesys_assets.genesys import Source
from genesys_assets.names import Names
from genesys_assets.partitions import day_of, zone_of
from genesys_assets.sources import SOURCES, columns_of
from genesys_assets.tables.integrity import duplicates, out_of_window
from genesys_assets.warehouse import Database, WarehouseIOManager, copy_out, stored
from genesys_assets.work import WorkFolder

RAW = "raw.conversations"
WEEKS = 4
RECENT_DAYS = 7
FAR = 2
"""A day with less than half, or more than twice, the volume of the same weekdays is unusual."""


def each_record_once(table: str, source: Source) -> DailyCheck:
    """Return the check of a source's documents that a record is stored once in its day, and was active on it."""

    @daily_check(
        table,
        name=f"each_{source.name.replace(' ', '_')}_once",
        blocking=True,
        description=f"Each {source.name} is stored once in its day, and was active on it.",
    )
    def check(
        context: dg.AssetCheckExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager], work: WorkFolder
    ) -> dg.AssetCheckResult:
        days = [day_of(key) for key in context.partition_keys]
        with work.scoped_folder() as folder:
            rows = without_documents(io_manager.database, table, source, days, folder)
            twice = duplicates(rows, ["partition_date", "conversation_id"])
            elsewhere = out_of_window(rows, zone_of(context)).collect().height
        return dg.AssetCheckResult(
            passed=not twice and not elsewhere,
            description=f"{twice} {source.plural} are stored more than once, {elsewhere} were not active on their day.",
            metadata={"duplicates": twice, "not_active": elsewhere},
        )

    return check


def without_documents(
    database: Database, table: str, source: Source, days: Sequence[date], folder: Path
) -> pl.LazyFrame:
    """Return the key and bounds of the stored records of some days, under the names that those of conversations have.

    Their documents are a hundred times as large. The rows are read from a file in `folder`, which must outlive the
    frame: passed in memory, 300,000 of them left 50 MB behind in the process.
    """
    columns = columns_of(source)
    named = ", ".join(f"{column} AS conversation_{'id' if name == 'key' else name}" for name, column in columns.items())
    keys = [str(day) for day in days]
    of_days = ", ".join(f"DATE '{day}'" for day in days)
    file = folder / "records.parquet"
    with database.reading() as connection:
        stored.refuse_incomplete(connection, table, "partition_date", keys, database.label)
        copy_out(connection, f"SELECT partition_date, {named} FROM {table} WHERE partition_date IN ({of_days})", file)
    return pl.scan_parquet(file, glob=False, hive_partitioning=False)


@daily_check(
    "raw.conversations",
    description=f"The number of conversations is near that of the same weekday in the {WEEKS} weeks before.",
)
def volume(
    context: dg.AssetCheckExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager]
) -> dg.AssetCheckResult:
    """Warn when a day holds far fewer or far more conversations than the same weekdays before it, or none at all."""
    known = stored_days(context.instance, names_in(context).key(CONVERSATIONS))
    of_days = [volumes(io_manager.database, day_of(key), known) for key in context.partition_keys]
    warnings = [warning for of in of_days for warning in (unusual(of), lost(of)) if warning]
    return dg.AssetCheckResult(
        passed=not warnings,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(warnings) or "As many conversations as usual, or no day to compare with.",
    )


@dataclass(frozen=True)
class Volumes:
    """How many conversations a day has, and days before it that are stored.

    Attributes:
        day: The day.
        conversations: Its conversations.
        weekdays: Those of the same weekday in the weeks before.
        recent: Those of the days just before.
        lost: Days among these that Dagster has recorded as stored and the database does not have.
    """

    day: date
    conversations: int
    weekdays: Sequence[int]
    recent: Sequence[int]
    lost: Sequence[date] = ()


def volumes(database: Database, day: date, known: Collection[date]) -> Volumes:
    """Return the volumes of a day and of the days before it that Dagster has recorded as stored.

    Raises:
        NotStoredError: The day itself is not in the database.
    """
    weekdays = [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    recent = [day - timedelta(days=back) for back in range(1, RECENT_DAYS + 1)]
    keys = [str(past) for past in (*weekdays, *recent)]
    with database.reading() as connection:
        stored.refuse_missing(connection, RAW, "partition_date", [str(day)], database.label)
        there = {date.fromisoformat(key) for key in stored.present(connection, RAW, "partition_date", keys)}
        if not stored.is_begun(
            connection
        ):  # an older database does not record days without rows: only Dagster knows them
            there |= {*known}
        counted = connection.execute(
            "SELECT partition_date, count(*) FROM raw.conversations WHERE partition_date IN ? GROUP BY ALL",
            [[day, *weekdays, *recent]],
        ).fetchall()
    counts: dict[date, int] = dict(counted)
    of_weekdays, of_recent = (
        [counts.get(past, 0) for past in days if past in there and past in known] for days in (weekdays, recent)
    )
    gone = tuple(sorted(past for past in {*weekdays, *recent} & {*known} if past not in there))
    return Volumes(day, counts.get(day, 0), of_weekdays, of_recent, gone)


def lost(of: Volumes) -> str | None:
    """Return a warning of days that Dagster has recorded and the database does not have, None if there are none."""
    if not of.lost:
        return None
    return (
        f"Dagster has recorded {', '.join(map(str, of.lost))} as stored, and the database does not have them: restore "
        "the database that has them, or materialise them again."
    )


def unusual(of: Volumes) -> str | None:
    """Return a warning of a day's unusual volume, None if it is usual or there is nothing to compare it with."""
    usual = median(of.weekdays or (of.recent if not of.conversations else ()) or [0])
    if not usual:
        return None
    compared = "the same weekdays" if of.weekdays else "the days"
    if not of.conversations:
        return (
            f"{of.day} has no conversation, where {compared} before it had {usual:g}: has the OAuth client's role "
            "lost its access to the divisions?"
        )
    if usual / FAR <= of.conversations <= usual * FAR:
        return None
    return f"{of.day} has {of.conversations} conversations, where {compared} before it had {usual:g}."


def names_in(context: dg.AssetCheckExecutionContext) -> Names:
    """Return how the definitions are called of the organisation whose asset is checked."""
    return Names.of(context.check_specs[0].asset_key)


ONCE = [each_record_once(table, source) for table, source in SOURCES.items()]
CHECKS = [*ONCE, volume]
