"""The partitions: closed days of an organisation's time zone, and their keys.

What belongs here: the one partitions definition of all partitioned assets, checks, jobs and schedules of an
organisation. How a day's interval is requested from an API does not belong here.
"""

from datetime import date
from zoneinfo import ZoneInfo

import dagster as dg

Daily = dg.DailyPartitionsDefinition


def daily_partitions(first_day: date, zone: ZoneInfo) -> Daily:
    """Return one partition a day from the first day on; a day's partition appears when the day is over in its zone."""
    return dg.DailyPartitionsDefinition(start_date=str(first_day), timezone=zone.key)


def day_of(partition_key: str) -> date:
    """Return the day of a partition."""
    return date.fromisoformat(partition_key)


def zone_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> ZoneInfo:
    """Return the time zone of the days that a step works on."""
    return ZoneInfo(str(context.partition_time_window.start.tzinfo))
