"""The partitions: closed UTC days and their keys, and nothing else.

Every partitioned asset, check, job and schedule takes `DAILY` from here; how a day's interval is asked of an API does
not belong here.
"""

from datetime import date

import dagster as dg

from genesys_assets.settings import START_DATE

DAILY = dg.DailyPartitionsDefinition(start_date=START_DATE.text() or "", timezone="UTC")
"""One partition a day, from the start date on; a day's partition appears when the day is over (UTC).

The start date is read once, when the code location loads: partition keys must not change while it runs.
"""


def day_of(partition_key: str) -> date:
    """Return the UTC day of a partition."""
    return date.fromisoformat(partition_key)
