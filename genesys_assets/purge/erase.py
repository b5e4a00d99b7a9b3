"""Removes conversations from every table, and records it, in one transaction.

Belongs here: what is found and removed, in SQL over a connection that `warehouse.Database` opens. The record is
`suppression_list`; `rewriting` removes the bytes that are still in the file afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import duckdb

from genesys_assets.errors import ProjectError
from genesys_assets.purge.suppression_list import RECORD, begin_record, purged_digests, suppressed
from genesys_assets.warehouse import CATALOGUE, Database, literal, quoted, stored

CHECKPOINTS = "landings"
"""What stands in the record for a table where a conversation was only in the checkpoint of an unfinished run."""


class PurgeError(ProjectError):
    """Nothing can be removed, or not as it was asked for."""


class NotFoundError(PurgeError):
    """An id that is to be purged was found nowhere; nothing was changed. The text names no id: alerts post it."""


@dataclass(frozen=True)
class Request:
    """What is to be purged.

    Attributes:
        conversation_ids: Conversations.
        external_contact_ids: External contacts, with all conversations in which they took part.
    """

    conversation_ids: frozenset[str] = frozenset()
    external_contact_ids: frozenset[str] = frozenset()

    @classmethod
    def of(cls, conversation_ids: Iterable[str] = (), external_contact_ids: Iterable[str] = ()) -> Request:
        """Return the request for these ids, without white space around them.

        Raises:
            PurgeError: There is no id, or one is empty.
        """
        request = cls(*(frozenset(each.strip() for each in ids) for ids in (conversation_ids, external_contact_ids)))
        if not request.conversation_ids | request.external_contact_ids:
            raise PurgeError("There is nothing to purge: give conversation_ids, external_contact_ids, or both.")
        if "" in request.conversation_ids | request.external_contact_ids:
            raise PurgeError("One of the ids to purge is empty: take it out, or write the id.")
        return request


@dataclass(frozen=True)
class Removed:
    """Rows of some partition of a table; `partition_date` is None where a table has no partitions."""

    table: str
    partition_date: date | None
    rows: int


@dataclass(frozen=True)
class Purged:
    """What was removed, or would be.

    Attributes:
        conversation_ids: The conversations.
        removed: Rows by table and partition.
        purged_before: Ids of the request that were found nowhere because an earlier purge has removed them.
    """

    conversation_ids: frozenset[str]
    removed: list[Removed]
    purged_before: frozenset[str] = field(default_factory=frozenset)

    @property
    def rows(self) -> int:
        """Return the number of rows in all tables."""
        return sum(each.rows for each in self.removed)


def preview(database: Database, request: Request, checkpointed: Mapping[str, str] | None = None) -> Purged:
    """Return what `purge` would remove, and change nothing. The arguments are those of `purge`.

    Raises:
        NotFoundError: An id was found nowhere.
        WarehouseError: The database is busy or cannot be opened.
    """
    with database.reading() as connection:
        return _found(connection, request, checkpointed or {})


def purge(
    database: Database,
    request: Request,
    *,
    run_id: str,
    purged_at: datetime,
    before: Callable[[], None] = lambda: None,
    checkpointed: Mapping[str, str] | None = None,
) -> Purged:
    """Remove the rows of the request's conversations from every table that has a conversation_id, and record it.

    This is one transaction: an error leaves every row as it was.

    Args:
        database: The database.
        request: What is to be purged.
        run_id: The run, for the record.
        purged_at: The time, for the record.
        before: Is called in the transaction before anything is removed; it may raise to refuse.
        checkpointed: Conversations that were found in checkpoints, each with the requested id by which it was found.
            They are recorded too, so that they are not stored later.

    Raises:
        NotFoundError: An id was found nowhere.
        WarehouseError: The database is busy or cannot be opened.
    """

    def removed(connection: duckdb.DuckDBPyConnection) -> Purged:
        before()
        found = _found(connection, request, checkpointed or {})
        if found.conversation_ids:  # otherwise an earlier purge has removed and recorded all of them
            _remove(connection, run_id, purged_at)
        return found

    return database.transact(removed)


def _remove(connection: duckdb.DuckDBPyConnection, run_id: str, purged_at: datetime) -> None:
    """Remove what `_found` has found, and record it."""
    begin_record(connection)
    connection.execute(
        f"INSERT INTO {RECORD} SELECT ?, ?, requested, sha256(requested_id), sha256(conversation_id), table_name, "
        "partition_date, rows FROM temp.holdings ORDER BY ALL",
        [purged_at, run_id],
    )
    for table in _tables_with(connection, "conversation_id"):
        connection.execute(f"DELETE FROM {table} WHERE conversation_id IN (SELECT conversation_id FROM temp.wanted)")
    removed = connection.execute(
        "SELECT table_name, partition_date::VARCHAR, sum(rows)::BIGINT FROM temp.holdings "
        "WHERE partition_date IS NOT NULL GROUP BY ALL"
    ).fetchall()
    stored.record_removal(connection, {(table, day): rows for table, day, rows in removed})


def _found(connection: duckdb.DuckDBPyConnection, request: Request, checkpointed: Mapping[str, str]) -> Purged:
    """Return what is to be removed; leave it in temp.wanted (conversations) and temp.holdings (their rows, counted)."""
    _fill_wanted(connection, request, checkpointed)
    _fill_holdings(connection, checkpointed)
    found = dict(connection.execute("SELECT DISTINCT requested_id, requested FROM temp.found").fetchall())
    missing = (request.conversation_ids | request.external_contact_ids) - found.keys()
    before = frozenset(suppressed(missing, purged_digests(connection)))
    if missing - before:
        asked = len(request.conversation_ids | request.external_contact_ids)
        raise NotFoundError(
            f"{len(missing - before)} of the {asked} ids to purge are in no table, and nothing was removed: correct "
            "them in the run's config, or leave out those that were never stored."
        )
    removed = connection.execute(
        "SELECT table_name, partition_date, sum(rows)::BIGINT FROM temp.holdings GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    ids = connection.execute("SELECT conversation_id FROM temp.wanted").fetchall()
    return Purged(frozenset(each for (each,) in ids), [Removed(*row) for row in removed], before)


def _fill_wanted(connection: duckdb.DuckDBPyConnection, request: Request, checkpointed: Mapping[str, str]) -> None:
    conversations, contacts = sorted(request.conversation_ids), sorted(request.external_contact_ids)
    connection.execute("CREATE TEMP TABLE found (conversation_id VARCHAR, requested VARCHAR, requested_id VARCHAR)")
    for each, asked in checkpointed.items():
        kind = "external_contact" if asked in request.external_contact_ids else "conversation"
        connection.execute("INSERT INTO temp.found VALUES (?, ?, ?)", [each, kind, asked])
    for table in _tables_with(connection, "conversation_id"):
        connection.execute(
            f"INSERT INTO temp.found SELECT DISTINCT conversation_id, 'conversation', conversation_id FROM {table} "
            "WHERE conversation_id IN (SELECT unnest(?::VARCHAR[]))",
            [conversations],
        )
    for table in _tables_with(connection, "conversation_id", "external_contact_id") if contacts else ():
        connection.execute(
            f"INSERT INTO temp.found SELECT DISTINCT conversation_id, 'external_contact', external_contact_id "
            f"FROM {table} WHERE external_contact_id IN (SELECT unnest(?::VARCHAR[]))",
            [contacts],
        )
    # The documents are searched as well: a day may be in raw and not in staging, or newer in raw than in staging.
    for table in _tables_with(connection, "conversation_id", "document") if contacts else ():
        for contact in contacts:
            connection.execute(
                f"INSERT INTO temp.found SELECT DISTINCT conversation_id, 'external_contact', $contact FROM {table} "
                "WHERE contains(document, $contact) AND list_contains("
                "json_extract_string(document, '$.participants[*].externalContactId'), $contact)",
                {"contact": contact},
            )
    connection.execute(
        "CREATE TEMP TABLE wanted AS SELECT conversation_id, min(requested) AS requested, "
        "arg_min(requested_id, requested) AS requested_id FROM temp.found GROUP BY conversation_id"
    )


def _fill_holdings(connection: duckdb.DuckDBPyConnection, checkpointed: Mapping[str, str]) -> None:
    connection.execute(
        "CREATE TEMP TABLE holdings (conversation_id VARCHAR, requested VARCHAR, requested_id VARCHAR, "
        "table_name VARCHAR, partition_date DATE, rows BIGINT)"
    )
    partitioned = set(_tables_with(connection, "conversation_id", "partition_date"))
    for table in _tables_with(connection, "conversation_id"):
        day = "partition_date" if table in partitioned else "NULL::DATE"
        name = literal(table.removeprefix(f"{quoted(CATALOGUE)}.").replace('"', ""))
        connection.execute(
            f"INSERT INTO temp.holdings SELECT conversation_id, requested, requested_id, {name}, {day}, count(*) "
            f"FROM {table} JOIN temp.wanted USING (conversation_id) GROUP BY ALL"
        )
    for each in checkpointed:
        connection.execute(
            f"INSERT INTO temp.holdings SELECT *, '{CHECKPOINTS}', NULL, 0 FROM temp.wanted WHERE conversation_id = ?",
            [each],
        )


def _tables_with(connection: duckdb.DuckDBPyConnection, *columns: str) -> list[str]:
    """Return the stored tables, quoted, that have all of these columns; views show what their tables hold."""
    rows = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_columns() JOIN duckdb_tables() USING "
        "(database_name, schema_name, table_name) WHERE database_name = ? AND column_name IN (SELECT unnest(?)) "
        "GROUP BY ALL HAVING count(DISTINCT column_name) = ? ORDER BY ALL",
        [CATALOGUE, list(columns), len(columns)],
    ).fetchall()
    return [quoted(CATALOGUE, *row) for row in rows]
