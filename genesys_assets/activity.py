"""What "active on a day" means: the definition that reading, storing, checking and counting share.

A conversation belongs to a day when it lived on it, or when it emitted a metric on it:

- It lived on the day if it began before the day's end and did not end before the day's start; an end exactly at the
  start counts. The clocks of Genesys Cloud's services differ, so an end before the conversation's start counts as the
  start.
- For the same reason a metric may be emitted some milliseconds after the conversation's end, on the next day, where
  Genesys Cloud counts it. So a conversation that lived within `NEAR` of the day belongs to it if it emitted a metric on
  the day.

`NEAR` is a minute: ten thousand times the largest difference observed, and only 1/720 more time to request. A metric
that is emitted on another day, later than that, is in no day's figures; the check `every_metric_counts` reports it.
"""

from datetime import datetime, timedelta

NEAR = timedelta(minutes=1)


def lived(start: datetime, end: datetime | None, since: datetime, until: datetime) -> bool:
    """Tell whether a conversation with this start and end (None: still open) lived between `since` and `until`."""
    return start < until and (end is None or max(start, end) >= since)
