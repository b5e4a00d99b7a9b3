"""What was purged stays away when its day is fetched again.

Belongs here: leaving out of fetched documents what the record of purges names. Genesys Cloud may still have the
conversation: who is to be forgotten there is to be forgotten there too.
"""

from __future__ import annotations

from hashlib import sha256

import polars as pl

from genesys_assets.purge.erase import purged_digests
from genesys_assets.warehouse import Database


def without_purged(documents: pl.LazyFrame, database: Database) -> tuple[pl.LazyFrame, int]:
    """Return the documents without those of purged conversations, and the number of those left out.

    Args:
        documents: Rows with a conversation_id; all columns stay.
        database: The database with the record of purges.

    Raises:
        WarehouseError: The database is busy or cannot be opened.
    """
    with database.reading() as connection:
        digests = purged_digests(connection)
    if not digests:
        return documents, 0
    ids = documents.select("conversation_id").collect()["conversation_id"]
    purged = [each for each in ids if sha256(each.encode()).hexdigest() in digests]
    if not purged:
        return documents, 0
    return documents.filter(~pl.col("conversation_id").is_in(purged)), len(purged)
