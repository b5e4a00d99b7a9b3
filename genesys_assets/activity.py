"""What "active on a day" means: the one definition that reading, storing, checking and counting share.

A conversation belongs to a day when it lived on it, or when it emitted a metric on it:

- It lived on the day when it began before the day's end and had not ended before the day's start; one that ended at
  the very start did. Clocks differ: an end before the start counts as the start.
- Clocks differ about metrics too: a flow's time that is emitted 6 ms after the conversation's end may be the next
  day's, and counts there as it does in Genesys Cloud. So a conversation that lived within `NEAR` of the day belongs to
  it as well if it emitted something on it.

`NEAR` is a minute: ten thousand times what has been seen, and 1/720 more time to ask Genesys Cloud for. A metric that
is emitted later than that on another day is in no day's figures; the check `every_metric_counts` reports it.

Belongs here: that rule. How it is asked of an API or of a table does not.
"""

from datetime import datetime, timedelta

NEAR = timedelta(minutes=1)


def lived(start: datetime, end: datetime | None, since: datetime, until: datetime) -> bool:
    """Tell whether a conversation of that start and end (None: open) lived in the time from `since` up to `until`."""
    return start < until and (end is None or max(start, end) >= since)
