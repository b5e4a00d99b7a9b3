"""operations.purges: the record of what was purged, which is also the list of what is not to be stored again.

Belongs here: the table, and leaving out of fetched documents what it names. Genesys Cloud may still have a purged
record and send it when its day is read again: it has to be deleted there, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import sha256

import duckdb
import polars as pl

from genesys_assets.warehouse import CATALOGUE, Database, literal

RECORD = "operations.purges"
"""The table: a row for each purged record, and table and partition in which it was."""

PURGED = f"{RECORD}.conversation_sha256"
"""Where the warehouse finds which records are not to be stored again."""

_RECORD_DDL = """
    CREATE SCHEMA IF NOT EXISTS operations;
    CREATE TABLE IF NOT EXISTS operations.purges (
        purged_at TIMESTAMP WITH TIME ZONE,
        run_id VARCHAR,
        requested VARCHAR,
        requested_sha256 VARCHAR,
        conversation_sha256 VARCHAR,
        table_name VARCHAR,
        partition_date DATE,
        rows_removed BIGINT
    )
"""
# Ids are random UUIDs: who has one can compute its digest, and nobody can compute the id from the digest.
_COMMENTS = {
    None: "What the job purge has removed: a row for each record, table and partition. Holds no id.",
    "requested": "What was asked for, such as 'conversation' or 'external_contact'.",
    "requested_sha256": "SHA-256 of the id that was asked for, in hexadecimal.",
    "conversation_sha256": "SHA-256 of the id of the conversation, or of the other record.",
}


def begin_record(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table where there is none, and say in the database what its columns hold."""
    connection.execute(_RECORD_DDL)
    for column, comment in _COMMENTS.items():
        what = f"COLUMN {RECORD}.{column}" if column else f"TABLE {RECORD}"
        connection.execute(f"COMMENT ON {what} IS {literal(comment)}")


def purged_digests(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the SHA-256 digest of every id that a purge was asked for or removed; none before the first purge."""
    exists = "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND concat_ws('.', schema_name, table_name) = ?"
    if not connection.execute(exists, [CATALOGUE, RECORD]).fetchall():
        return frozenset()
    digests = f"SELECT conversation_sha256 FROM {RECORD} UNION SELECT requested_sha256 FROM {RECORD}"
    return frozenset(digest for (digest,) in connection.execute(digests).fetchall())


def suppressed(ids: Iterable[str], digests: Collection[str]) -> list[str]:
    """Return those of these ids whose digest is among the `digests`."""
    return [each for each in ids if sha256(each.encode()).hexdigest() in digests]


def without_purged(documents: pl.LazyFrame, key: str, database: Database) -> tuple[pl.LazyFrame, int]:
    """Return the documents without those of purged records, and the number of those left out.

    Args:
        documents: The rows; all columns stay.
        key: Their column with the record's id.
        database: The database with the record of purges.

    Raises:
        WarehouseError: The database is busy or cannot be opened.
    """
    with database.reading() as connection:
        digests = purged_digests(connection)
    if not digests:
        return documents, 0
    purged = suppressed(documents.select(key).collect()[key], digests)
    if not purged:
        return documents, 0
    return documents.filter(~pl.col(key).is_in(purged)), len(purged)
