"""The schedules; nothing runs until it is switched on. Which days they request is decided in `planning`."""

from collections.abc import Iterable, Iterator

import dagster as dg

from genesys_assets import settings
from genesys_assets.automation.jobs import AHEAD_OF_BACKFILLS, copy_database, day, refresh_directory
from genesys_assets.automation.planning import run_keys_of_days_back
from genesys_assets.automation.retention import forget_runs
from genesys_assets.partitions import DAILY

Requests = Iterator[dg.RunRequest | dg.SkipReason]


@dg.schedule(
    name="daily",
    job=day,
    cron_schedule=f"0 {settings.DAILY_HOUR.integer()} * * *",
    execution_timezone="UTC",
    description="The last closed day at a fixed hour (UTC), for those who want that instead of the sensor.",
)
def daily(context: dg.ScheduleEvaluationContext) -> Requests:
    """Request yesterday."""
    yield from _days_back(context, (1,))


@dg.schedule(
    name="settlement",
    job=day,
    cron_schedule="15 4 * * *",
    execution_timezone="UTC",
    description="Reads the days again that Genesys Cloud may have reprocessed; each shows the rows that this changed.",
)
def settlement(context: dg.ScheduleEvaluationContext) -> Requests:
    """Request the closed days of `GENESYS_ASSETS_SETTLEMENT_DAYS`."""
    yield from _days_back(context, settings.SETTLEMENT_DAYS.integers())


def _days_back(context: dg.ScheduleEvaluationContext, days_back: Iterable[int]) -> Requests:
    tick = context.scheduled_execution_time
    run_keys = run_keys_of_days_back(tick.date(), days_back, DAILY.get_partition_keys(current_time=tick))
    if not run_keys:
        yield dg.SkipReason("None of the days to read is a partition yet.")
    for partition_key, run_key in run_keys.items():
        yield dg.RunRequest(run_key=run_key, partition_key=partition_key, tags=AHEAD_OF_BACKFILLS)


directory = dg.ScheduleDefinition(
    name="directory",
    job=refresh_directory,
    cron_schedule="45 1 * * *",
    execution_timezone="UTC",
    tags=AHEAD_OF_BACKFILLS,
    description="Names of queues, users, ... each night, before the days are read.",
)

database_copy = dg.ScheduleDefinition(
    name="database_copy",
    job=copy_database,
    cron_schedule="30 7 * * *",
    execution_timezone="UTC",
    description="The read-only copy for BI tools, each morning, when the days have been read.",
)

run_history = dg.ScheduleDefinition(
    name="run_history",
    job=forget_runs,
    cron_schedule="0 12 * * 0",
    execution_timezone="UTC",
    description="Each Sunday at noon, when little else is going on: Dagster's old runs, which it would keep for ever.",
)

SCHEDULES = [daily, settlement, directory, database_copy, run_history]
