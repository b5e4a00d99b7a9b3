"""The check that as many conversations are stored of a day as Genesys Cloud's query counts, in all.

What belongs here: the total of a day, and what its failure says. Each slice was held against its own total when the day
was read; this looks at what has become of them: interactions, and conversations that had not ended.
"""

from datetime import date
from functools import partial

import dagster as dg

from genesys_assets.assets.checks import names_in
from genesys_assets.assets.comparisons import SEVERITIES
from genesys_assets.assets.declared import daily_check
from genesys_assets.assets.recorded import FAILED_DAYS, is_provisional
from genesys_assets.assets.retries import TRY_AGAIN
from genesys_assets.genesys import began
from genesys_assets.partitions import day_of, zone_of
from genesys_assets.pool import API_POOL
from genesys_assets.purge import purged_digests
from genesys_assets.resources import Genesys
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.warehouse import Database, WarehouseIOManager, stored
from genesys_assets.windows import Interval, window_of

_BEGAN = """
SELECT count(i.conversation_id), count(*) FILTER (i.conversation_id IS NULL)
FROM staging.conversations c LEFT JOIN marts.interactions i USING (partition_date, conversation_id)
WHERE partition_date = $day AND c.conversation_start >= $start AND c.conversation_start < $end
"""


@daily_check(
    "marts.interactions",
    pool=API_POOL,
    retry_policy=TRY_AGAIN,
    description="Of the conversations that began on the day, interactions and those that had not ended are as many as "
    "the query counts.",
)
def matches_genesys_totals(
    context: dg.AssetCheckExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager], genesys: Genesys
) -> dg.AssetCheckResult:
    """Fail when fewer conversations that began on a day are stored than the query counts.

    Where the query has totals of whole days of UTC only, and the day is none, nothing is compared. What was purged may
    be missing, and what the settings tolerate.
    """
    days = {day: window_of(day, zone_of(context)) for day in map(day_of, context.partition_keys)}
    said, short = list[str](), dict[date, int]()
    for day, window in days.items():
        total = genesys.run(partial(began, source=CONVERSATIONS, window=window))
        if total is None:
            said.append(f"{day}: the query has no total of exactly this day")
            continue
        ended, others, purged = counted(io_manager.database, day, window)
        said.append(f"{day}: {total} began by the query's count; {ended} ended on the day, {others} did not")
        if not genesys.extraction.is_enough(ended + others + purged, total):
            short[day] = total - ended - others
    certain = [day for day in short if not is_provisional(context.instance, day, names_in(context))]
    return dg.AssetCheckResult(
        passed=not short,
        severity=SEVERITIES[genesys.mismatch] if certain else dg.AssetCheckSeverity.WARN,
        description=f"{'; '.join(said)}.{' Materialise the day again, from raw/conversations on.' if short else ''}",
        metadata={FAILED_DAYS: dg.MetadataValue.json({str(day): missing for day, missing in short.items()})},
    )


def counted(database: Database, day: date, window: Interval) -> tuple[int, int, int]:
    """Return how many conversations that began on a day ended on it, and did not, and how many were ever purged."""
    with database.reading() as connection:
        for table in ("staging.conversations", "marts.interactions"):
            stored.refuse_incomplete(connection, table, "partition_date", [str(day)], database.label)
        parameters = {"day": day, "start": window.start, "end": window.end}
        [(ended, others)] = connection.execute(_BEGAN, parameters).fetchall()
        return ended, others, len(purged_digests(connection))
