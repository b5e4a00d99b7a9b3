"""The check that `marts.interactions` is what staging holds, counted a second time, in SQL.

What belongs here: the second count, and what its failure says. Genesys Cloud has no aggregates by conversation; what it
has of their metrics is compared by queue, agent, wrap-up code and flow (`comparisons`).
"""

from collections.abc import Mapping
from datetime import date

import dagster as dg
import duckdb

from genesys_assets.assets.declared import daily_check
from genesys_assets.assets.recorded import FAILED_DAYS
from genesys_assets.marts import MARTS, STATISTICS
from genesys_assets.partitions import day_of, zone_of
from genesys_assets.warehouse import WarehouseIOManager, stored
from genesys_assets.windows import Interval, window_of

INTERACTIONS = MARTS["interactions"]
LARGEST_VALUE = 10**12
"""The largest value of a metric that is added up: written a second time, too, as all of this is."""
FACTS = (
    "conversation_start", "conversation_end", "duration_ms", "originating_direction", "division_ids", "media_type",
    "media_types", "first_queue_id", "last_queue_id", "user_ids", "agents", "wrap_up_code", "min_mos",
)  # fmt: skip
"""The columns that are not made of metrics. A test requires that every column of the mart is counted, but names."""

_ENDED = """
SELECT conversation_id, conversation_start, conversation_end, originating_direction, division_ids,
    (epoch_us(greatest(conversation_start, conversation_end)) - epoch_us(conversation_start)) // 1000 AS duration_ms,
    media_stats_min_conversation_mos AS min_mos
FROM staging.conversations
WHERE partition_date = $day AND conversation_end IS NOT NULL
    AND greatest(conversation_start, conversation_end) >= $start
    AND greatest(conversation_start, conversation_end) < $end
"""
_OF_SESSIONS = """
SELECT conversation_id, arg_min(media_type, session_ordinal) AS media_type,
    list_sort(list(DISTINCT media_type)) AS media_types
FROM staging.sessions WHERE partition_date = $day AND media_type IS NOT NULL GROUP BY conversation_id
"""
_IN_TIME = "ORDER BY segment_start NULLS FIRST, session_ordinal, segment_ordinal"
_OF_CODES = f"""
SELECT conversation_id, last(wrap_up_code {_IN_TIME}) AS wrap_up_code
FROM staging.segments WHERE partition_date = $day AND wrap_up_code IS NOT NULL GROUP BY conversation_id
"""
_OF_QUEUES = f"""
SELECT conversation_id, first(queue_id {_IN_TIME}) AS first_queue_id, last(queue_id {_IN_TIME}) AS last_queue_id
FROM staging.segments WHERE partition_date = $day AND queue_id IS NOT NULL AND NOT EXISTS (
    FROM staging.participants p WHERE p.partition_date = $day AND p.conversation_id = segments.conversation_id
        AND p.participant_ordinal = segments.participant_ordinal AND p.purpose IN ('customer', 'external'))
GROUP BY conversation_id
"""


def _figure(name: str) -> str:
    """Return a figure in SQL, of what Genesys Cloud's own statistic of it is."""
    metric, statistic = STATISTICS[name]
    is_counted = statistic == "count" and str(metric).startswith("t")
    if is_counted:
        return f"count(*) FILTER (name = '{metric}') AS {name}"
    return f"sum(trunc(value)::HUGEINT) FILTER (name = '{metric}' AND value BETWEEN 0 AND {LARGEST_VALUE}) AS {name}"


def _of_metrics() -> str:
    handled = "FILTER (name = 'tHandle' AND user_id IS NOT NULL)"
    columns = [_figure(measure.name) for measure in INTERACTIONS.measures]
    users = f"count(DISTINCT user_id) {handled} AS agents, list_sort(list(DISTINCT user_id) {handled}) AS user_ids"
    return (
        f"SELECT conversation_id, {users}, {', '.join(columns)} FROM staging.session_metrics "
        "WHERE partition_date = $day GROUP BY conversation_id"
    )


def _counted() -> dict[str, str]:
    """Return every column that is counted, in SQL over what is joined of a conversation."""
    zero = ["agents", *(measure.name for measure in INTERACTIONS.measures)]
    lists = ["media_types", "user_ids"]
    counted = {name: name for name in FACTS} | {name: f"coalesce({name}, 0)" for name in zero}
    return counted | {name: f"coalesce({name}, [])" for name in lists}


def recount(connection: duckdb.DuckDBPyConnection, day: date, window: Interval) -> dict[str, int]:
    """Return how many conversations of a day stand otherwise in the mart than staging has them, by column.

    Args:
        connection: A connection to a database that holds `staging` and the mart.
        day: The day.
        window: Its window.

    Returns:
        The columns that differ; `missing` and `surplus` are the conversations that one side has alone.
    """
    counted, in_both = _counted(), "ours.conversation_id = told.conversation_id"
    differing = [f"count_if({in_both} AND ours.{name} IS DISTINCT FROM told.{name}) AS {name}" for name in counted]
    stored_as = {name: f"list_sort({name})" if each.endswith("[])") else name for name, each in counted.items()}
    found = connection.execute(
        f"""
        WITH told AS (
            SELECT conversation_id, {_named(counted)} FROM ({_ENDED})
            LEFT JOIN ({_OF_SESSIONS}) USING (conversation_id) LEFT JOIN ({_OF_CODES}) USING (conversation_id)
            LEFT JOIN ({_OF_QUEUES}) USING (conversation_id) LEFT JOIN ({_of_metrics()}) USING (conversation_id)
        ), ours AS (
            SELECT conversation_id, {_named(stored_as)} FROM marts.interactions WHERE partition_date = $day
        )
        SELECT count_if(ours.conversation_id IS NULL) AS missing, count_if(told.conversation_id IS NULL) AS surplus,
            {", ".join(differing)}
        FROM told FULL JOIN ours ON {in_both}
        """,
        {"day": day, "start": window.start, "end": window.end},
    )
    columns = [column[0] for column in found.description]
    return {name: rows for name, rows in zip(columns, found.fetchone() or (), strict=False) if rows}


def _named(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{each} AS {name}" for name, each in columns.items())


@daily_check(
    "marts.interactions",
    description="Every conversation that ended on the day is there once, with all that staging has of it.",
)
def equals_staging(
    context: dg.AssetCheckExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager]
) -> dg.AssetCheckResult:
    """Fail when a second count of the day, in SQL, comes to something else than the mart holds."""
    database, zone = io_manager.database, zone_of(context)
    days = [day_of(key) for key in context.partition_keys]
    with database.reading() as connection:
        for table in (*(f"staging.{name}" for name in INTERACTIONS.inputs), "marts.interactions"):
            stored.refuse_incomplete(connection, table, "partition_date", context.partition_keys, database.label)
        found = {str(day): differing for day in days if (differing := recount(connection, day, window_of(day, zone)))}
    said = "; ".join(
        f"{day}: {', '.join(f'{name} of {rows}' for name, rows in differing.items())}"
        for day, differing in found.items()
    )
    return dg.AssetCheckResult(
        passed=not found,
        description=f"marts.interactions and staging differ, by column and conversations: {said}. Materialise staging "
        "and the mart again (restate_marts); if they still differ, it is an error of this project: report it."
        if found
        else "Every interaction is what staging has of it.",
        metadata={FAILED_DAYS: dg.MetadataValue.json({day: sum(each.values()) for day, each in found.items()})},
    )
