"""The partitions: closed UTC days and their keys.

What belongs here: the one partitions definition of all partitioned assets, checks, jobs and schedules of an
organisation. How a day's interval is requested from an API does not belong here.
"""

from datetime import date

import dagster as dg

Daily = dg.DailyPartitionsDefinition


def daily_partitions(first_day: date) -> Daily:
    """Return one partition a day from the first day on; a day's partition appears when the day is over (UTC)."""
    return dg.DailyPartitionsDefinition(start_date=str(first_day), timezone="UTC")


def day_of(partition_key: str) -> date:
    """Return the UTC day of a partition."""
    return date.fromisoformat(partition_key)
