"""Removes records from every table, and records it, in one transaction.

Belongs here: what is found and removed, in SQL over a connection that `warehouse.Database` opens. The record is
`suppression_list`; `rewriting` removes the bytes that are still in the file afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import duckdb

from genesys_assets.purge.request import Kind, PurgeError, Request
from genesys_assets.purge.suppression_list import RECORD, begin_record, purged_digests, suppressed
from genesys_assets.warehouse import CATALOGUE, Database, literal, quoted, stored

CHECKPOINTS = "landings"
"""What stands in the record for a table where a record was only in the checkpoint of an unfinished run."""


class NotFoundError(PurgeError):
    """An id that is to be purged was found nowhere; nothing was changed. The text names no id: alerts post it."""


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
        record_ids: The records of each kind, by its name.
        removed: Rows by table and partition.
        purged_before: Ids of the request that were found nowhere because an earlier purge has removed them.
    """

    record_ids: Mapping[str, frozenset[str]]
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
    """Remove the rows of the request's records from every table that has the column of their id, and record it.

    This is one transaction: an error leaves every row as it was.

    Args:
        database: The database.
        request: What is to be purged.
        run_id: The run, for the record.
        purged_at: The time, for the record.
        before: Is called in the transaction before anything is removed; it may raise to refuse.
        checkpointed: Records that were found in checkpoints, each with the requested id by which it was found.
            They are recorded too, so that they are not stored later.

    Raises:
        NotFoundError: An id was found nowhere.
        WarehouseError: The database is busy or cannot be opened.
    """

    def removed(connection: duckdb.DuckDBPyConnection) -> Purged:
        before()
        found = _found(connection, request, checkpointed or {})
        if any(found.record_ids.values()):  # otherwise an earlier purge has removed and recorded all of them
            _remove(connection, request, run_id, purged_at)
        return found

    return database.transact(removed)


def _remove(connection: duckdb.DuckDBPyConnection, request: Request, run_id: str, purged_at: datetime) -> None:
    """Remove what `_found` has found, and record it."""
    begin_record(connection)
    connection.execute(
        f"INSERT INTO {RECORD} SELECT ?, ?, requested, sha256(requested_id), sha256(record_id), table_name, "
        "partition_date, rows FROM temp.holdings ORDER BY ALL",
        [purged_at, run_id],
    )
    for kind in request.kinds:
        for table in _tables_with(connection, kind.key):
            connection.execute(
                f"DELETE FROM {table} WHERE {kind.key} IN (SELECT record_id FROM temp.wanted WHERE kind = ?)",
                [kind.name],
            )
    removed = connection.execute(
        "SELECT table_name, partition_date::VARCHAR, sum(rows)::BIGINT FROM temp.holdings "
        "WHERE partition_date IS NOT NULL GROUP BY ALL"
    ).fetchall()
    stored.record_removal(connection, {(table, day): rows for table, day, rows in removed})


def _found(connection: duckdb.DuckDBPyConnection, request: Request, checkpointed: Mapping[str, str]) -> Purged:
    """Return what is to be removed; leave it in temp.wanted (records) and temp.holdings (their rows, counted)."""
    _fill_wanted(connection, request, checkpointed)
    _fill_holdings(connection, request, checkpointed)
    found = dict(connection.execute("SELECT DISTINCT requested_id, requested FROM temp.found").fetchall())
    missing = request.every - found.keys()
    before = frozenset(suppressed(missing, purged_digests(connection)))
    if missing - before:
        raise NotFoundError(
            f"{len(missing - before)} of the {len(request.every)} ids to purge are in no table, and nothing was "
            "removed: correct them in the run's config, or leave out those that were never stored."
        )
    removed = connection.execute(
        "SELECT table_name, partition_date, sum(rows)::BIGINT FROM temp.holdings GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    ids = connection.execute("SELECT kind, record_id FROM temp.wanted").fetchall()
    by_kind = {kind.name: frozenset(each for name, each in ids if name == kind.name) for kind in request.kinds}
    return Purged(by_kind, [Removed(*row) for row in removed], before)


def _fill_wanted(connection: duckdb.DuckDBPyConnection, request: Request, checkpointed: Mapping[str, str]) -> None:
    connection.execute(
        "CREATE TEMP TABLE found (kind VARCHAR, record_id VARCHAR, requested VARCHAR, requested_id VARCHAR)"
    )
    for each, asked in checkpointed.items():
        kind, requested = request.asked_with(asked)
        connection.execute("INSERT INTO temp.found VALUES (?, ?, ?, ?)", [kind.name, each, requested, asked])
    for kind in request.kinds:
        _find_records(connection, kind, sorted(request.ids[kind.name]))
        if persons := sorted(request.ids[kind.person]):
            _find_persons(connection, kind, persons)
    connection.execute(
        "CREATE TEMP TABLE wanted AS SELECT kind, record_id, min(requested) AS requested, "
        "arg_min(requested_id, requested) AS requested_id FROM temp.found GROUP BY kind, record_id"
    )


def _find_records(connection: duckdb.DuckDBPyConnection, kind: Kind, ids: list[str]) -> None:
    for table in _tables_with(connection, kind.key):
        connection.execute(
            f"INSERT INTO temp.found SELECT DISTINCT $name, {kind.key}, $name, {kind.key} FROM {table} "
            f"WHERE {kind.key} IN (SELECT unnest($ids::VARCHAR[]))",
            {"name": kind.name, "ids": ids},
        )


def _find_persons(connection: duckdb.DuckDBPyConnection, kind: Kind, persons: list[str]) -> None:
    for table in _tables_with(connection, kind.key, kind.person_column):
        connection.execute(
            f"INSERT INTO temp.found SELECT DISTINCT $name, {kind.key}, $person, {kind.person_column} FROM {table} "
            f"WHERE {kind.person_column} IN (SELECT unnest($ids::VARCHAR[]))",
            {"name": kind.name, "person": kind.person, "ids": persons},
        )
    # The documents are searched as well: a day may be in raw and not in staging, or newer in raw than in staging.
    path = literal(f"$.{'[*].'.join(kind.person_path)}")
    named = f"json_extract_string(document, {path})" if len(kind.person_path) > 1 else f"[document ->> {path}]"
    for table in _tables_with(connection, kind.key, "document"):
        for person in persons:
            connection.execute(
                f"INSERT INTO temp.found SELECT DISTINCT $name, {kind.key}, $person, $id FROM {table} "
                f"WHERE contains(document, $id) AND list_contains({named}, $id)",
                {"name": kind.name, "person": kind.person, "id": person},
            )


def _fill_holdings(connection: duckdb.DuckDBPyConnection, request: Request, checkpointed: Mapping[str, str]) -> None:
    connection.execute(
        "CREATE TEMP TABLE holdings (record_id VARCHAR, requested VARCHAR, requested_id VARCHAR, "
        "table_name VARCHAR, partition_date DATE, rows BIGINT)"
    )
    for kind in request.kinds:
        partitioned = set(_tables_with(connection, kind.key, "partition_date"))
        for table in _tables_with(connection, kind.key):
            day = "partition_date" if table in partitioned else "NULL::DATE"
            name = literal(table.removeprefix(f"{quoted(CATALOGUE)}.").replace('"', ""))
            connection.execute(
                f"INSERT INTO temp.holdings SELECT record_id, requested, requested_id, {name}, {day}, count(*) "
                f"FROM {table} JOIN temp.wanted ON {kind.key} = record_id WHERE kind = ? GROUP BY ALL",
                [kind.name],
            )
    for each in checkpointed:
        connection.execute(
            f"INSERT INTO temp.holdings SELECT record_id, requested, requested_id, '{CHECKPOINTS}', NULL, 0 "
            "FROM temp.wanted WHERE record_id = ?",
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
