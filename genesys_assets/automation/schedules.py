"""The schedules; each runs only when it is switched on. Which days they request is decided in `planning`."""

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

import dagster as dg

from genesys_assets.automation.jobs import AHEAD_OF_BACKFILLS, COPY_DATABASE, DAY, REFRESH_DIRECTORY
from genesys_assets.automation.planning import run_keys_of_days_back
from genesys_assets.automation.retention import FORGET_RUNS
from genesys_assets.names import names_of
from genesys_assets.organisation import Organisation
from genesys_assets.partitions import Daily
from genesys_assets.windows import day_at

Requests = Iterator[dg.RunRequest | dg.SkipReason]


def daily(organisation: Organisation, days: Daily) -> dg.ScheduleDefinition:
    """Return the schedule that requests the last closed day."""
    names = names_of(organisation)

    @dg.schedule(
        name=names.name("daily"),
        job_name=names.name(DAY),
        cron_schedule=f"0 {organisation.daily_hour} * * *",
        execution_timezone=organisation.timezone,
        description="Reads the last closed day at a fixed hour: an alternative to the sensor.",
    )
    def yesterday(context: dg.ScheduleEvaluationContext) -> Requests:
        yield from _days_back(context, days, (1,))

    return yesterday


def settlement(organisation: Organisation, days: Daily) -> dg.ScheduleDefinition:
    """Return the schedule that reads the organisation's settlement days again, for late-arriving data."""
    names = names_of(organisation)

    @dg.schedule(
        name=names.name("settlement"),
        job_name=names.name(DAY),
        cron_schedule="15 4 * * *",
        execution_timezone=organisation.timezone,
        description="Re-reads days whose data arrives late or is reprocessed by Genesys Cloud; each partition shows "
        "which rows changed.",
    )
    def late_days(context: dg.ScheduleEvaluationContext) -> Requests:
        yield from _days_back(context, days, organisation.settlement_days)

    return late_days


def _days_back(context: dg.ScheduleEvaluationContext, days: Daily, days_back: Iterable[int]) -> Requests:
    tick = context.scheduled_execution_time
    run_keys = run_keys_of_days_back(
        day_at(tick, ZoneInfo(days.timezone)), days_back, days.get_partition_keys(current_time=tick)
    )
    if not run_keys:
        yield dg.SkipReason("None of the days to read is a partition yet.")
    for partition_key, run_key in run_keys.items():
        yield dg.RunRequest(run_key=run_key, partition_key=partition_key, tags=AHEAD_OF_BACKFILLS)


def directory(organisation: Organisation) -> dg.ScheduleDefinition:
    """Return the schedule that refreshes the directory."""
    names = names_of(organisation)
    return dg.ScheduleDefinition(
        name=names.name("directory"),
        job_name=names.name(REFRESH_DIRECTORY),
        cron_schedule="45 1 * * *",
        execution_timezone=organisation.timezone,
        tags=AHEAD_OF_BACKFILLS,
        description="Refreshes the names of queues, users and so on each night, before the days are read.",
    )


def database_copy(organisation: Organisation) -> dg.ScheduleDefinition:
    """Return the schedule that refreshes the copy for readers."""
    names = names_of(organisation)
    return dg.ScheduleDefinition(
        name=names.name("database_copy"),
        job_name=names.name(COPY_DATABASE),
        cron_schedule="30 7 * * *",
        execution_timezone=organisation.timezone,
        description="Refreshes the read-only copy for BI tools each morning, after the days have been read.",
    )


def run_history(organisation: Organisation) -> dg.ScheduleDefinition:
    """Return the schedule that deletes Dagster's old runs."""
    names = names_of(organisation)
    return dg.ScheduleDefinition(
        name=names.name("run_history"),
        job_name=names.name(FORGET_RUNS),
        cron_schedule="0 12 * * 0",
        execution_timezone=organisation.timezone,
        description="Deletes Dagster's old runs, which it would keep for ever, each Sunday at noon, when little else "
        "runs.",
    )


def schedules(organisation: Organisation, days: Daily) -> list[dg.ScheduleDefinition]:
    """Return every schedule of an organisation; their hours are those of its time zone."""
    of_days = [daily(organisation, days), settlement(organisation, days)]
    return [*of_days, *(make(organisation) for make in (directory, database_copy, run_history))]
