"""The schedules; nothing runs until it is switched on. Which days settlement reads again is decided in `planning`."""

from collections.abc import Iterator

import dagster as dg

from genesys_assets import settings
from genesys_assets.automation.jobs import AHEAD_OF_BACKFILLS, day, refresh_directory
from genesys_assets.automation.planning import settlement_run_keys
from genesys_assets.partitions import DAILY

daily = dg.build_schedule_from_partitioned_job(
    day,
    name="daily",
    hour_of_day=settings.DAILY_HOUR.integer(),
    tags=AHEAD_OF_BACKFILLS,
    description="The last closed day at a fixed hour (UTC), for those who want that instead of the sensor.",
)
directory = dg.ScheduleDefinition(
    name="directory",
    job=refresh_directory,
    cron_schedule="45 1 * * *",
    execution_timezone="UTC",
    tags=AHEAD_OF_BACKFILLS,
    description="Names of queues, users, ... each night, before the days are read.",
)


@dg.schedule(
    name="settlement",
    job=day,
    cron_schedule="15 4 * * *",
    execution_timezone="UTC",
    description="Reads the days again that Genesys Cloud may have reprocessed; each shows the rows that this changed.",
)
def settlement(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Requests the closed days of `GENESYS_ASSETS_SETTLEMENT_DAYS` that are partitions."""
    tick = context.scheduled_execution_time
    run_keys = settlement_run_keys(
        tick.date(), settings.SETTLEMENT_DAYS.integers(), DAILY.get_partition_keys(current_time=tick)
    )
    if not run_keys:
        yield dg.SkipReason("None of the days to read again is a partition yet.")
    for partition_key, run_key in run_keys.items():
        yield dg.RunRequest(run_key=run_key, partition_key=partition_key, tags=AHEAD_OF_BACKFILLS)


SCHEDULES = [daily, settlement, directory]
