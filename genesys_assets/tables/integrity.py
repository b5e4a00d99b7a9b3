"""Whether the rows of a table can be trusted to be what they say: unique keys, parents that exist, days that fit.

Belongs here: counting rows that break a rule, as pure polars. What follows from a broken rule is the checks' business.
"""

from collections.abc import Sequence

import polars as pl

from genesys_assets.windows.frames import lived_near


def duplicates(rows: pl.LazyFrame, key: Sequence[str]) -> int:
    """Count the keys that occur more than once."""
    hashes = _hashes(rows, key)
    if hashes.n_unique() == hashes.len():
        return 0
    return _count(rows.group_by(key).len("rows").filter(pl.col("rows") > 1))


def orphans(children: pl.LazyFrame, parents: pl.LazyFrame, key: Sequence[str]) -> int:
    """Count the child rows whose parent, by the parent's key, is not there."""
    if _hashes(children, key).is_in(_hashes(parents, key).implode()).all():
        return 0
    return _count(children.select(key).join(parents.select(key), on=key, how="anti"))


def strangers(conversations: pl.LazyFrame) -> pl.LazyFrame:
    """Return the conversations that cannot have been active on their `partition_date` (UTC), by `activity`'s rule.

    Which of those near the day emitted a metric on it is in their documents, and is not asked again here.
    """
    return conversations.filter(~lived_near("partition_date"))


def _hashes(rows: pl.LazyFrame, key: Sequence[str]) -> pl.Series:
    """Return a hash of each row's key: 30 MB for the four million metrics of a large day, where the keys take 500 MB.

    Rows of different keys that share a hash are told apart by the keys themselves, but for an orphan that has the hash
    of some parent: of a million, one in 18 million million.
    """
    return rows.select(pl.struct(key).hash()).collect().to_series()


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())
