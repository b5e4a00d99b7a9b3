"""The partitions: closed UTC days and their keys, and nothing else.

Every partitioned asset, check, job and schedule of an organisation is given one partitions definition, which is made
here; how a day's interval is asked of an API does not belong here.
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
