"""Whether the rows of a table can be trusted to be what they say: unique keys, parents that exist, days that fit.

Belongs here: counting rows that break a rule, as pure polars. What follows from a broken rule is the checks' business.
"""

from collections.abc import Sequence
from datetime import timedelta

import polars as pl


def duplicates(rows: pl.LazyFrame, key: Sequence[str]) -> pl.LazyFrame:
    """The keys that stand more than once, with `rows`, their number."""
    return rows.group_by(key).len("rows").filter(pl.col("rows") > 1)


def orphans(children: pl.LazyFrame, parents: pl.LazyFrame, key: Sequence[str]) -> pl.LazyFrame:
    """The child rows whose parent, by the parent's key, is not there."""
    return children.select(key).join(parents.select(key), on=key, how="anti")


def strangers(conversations: pl.LazyFrame) -> pl.LazyFrame:
    """The conversations that were not active on their `partition_date` (a UTC day).

    Active is what began before the day's end and had not ended before its start; one that ended at its very start is
    active, since metrics are emitted at a conversation's end.
    """
    midnight = pl.col("partition_date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    began = pl.col("conversation_start") < midnight + timedelta(days=1)
    lasted = pl.col("conversation_end").is_null() | (pl.col("conversation_end") >= midnight)
    return conversations.filter(~(began & lasted))
