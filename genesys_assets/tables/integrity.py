"""The rules that stored rows must keep: unique keys, parents that exist, and days in whose window the row falls.

Belongs here: finding the rows that break a rule, as pure polars. The asset checks decide what follows from it.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import polars as pl

from genesys_assets.windows.frames import lived_near


def duplicates(rows: pl.LazyFrame, key: Sequence[str]) -> int:
    """Count the keys that occur more than once."""
    hashes = _hashes(rows, key)
    if hashes.n_unique() == hashes.len():
        return 0
    return _count(rows.group_by(key).len("rows").filter(pl.col("rows") > 1))


def orphans(children: pl.LazyFrame, parents: pl.LazyFrame, key: Sequence[str]) -> int:
    """Count the child rows whose parent, by the parent's key, does not exist."""
    if _hashes(children, key).is_in(_hashes(parents, key).implode()).all():
        return 0
    return _count(children.select(key).join(parents.select(key), on=key, how="anti"))


def out_of_window(conversations: pl.LazyFrame, zone: ZoneInfo) -> pl.LazyFrame:
    """Return the conversations that cannot have been active on their `partition_date`, by `activity`'s rule.

    Conversations that lived within a minute of the day are not returned: whether they emitted a metric on it can be
    told from their documents only, and was decided when the day was read.
    """
    return conversations.filter(~lived_near("partition_date", zone))


def _hashes(rows: pl.LazyFrame, key: Sequence[str]) -> pl.Series:
    """Return a hash of each row's key: 30 MB for the four million metrics of a large day, where the keys take 500 MB.

    Callers compare the keys themselves where hashes collide. Only an orphan that has the hash of some parent is missed:
    with a million parents, one orphan in 18 million million.
    """
    return rows.select(pl.struct(key).hash()).collect().to_series()


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())
