"""A copy of some tables as a DuckDB file of its own, which readers may hold open for as long as they like.

What belongs here: making that file from the warehouse and the previous copy. `warehouse` opens the database and waits
for it; `destination` puts the file in place.

Each copy is a new file, so that no value that was removed from the warehouse is left in its bytes. Partitions that
differ from the previous copy are read from the warehouse, which is locked only meanwhile; all others are read from the
previous copy afterwards. A partition differs when its number of rows or the sum of their hashes does. Both are computed
each time, so that any change of the warehouse (by a run, a purge, somebody's UPDATE) is noticed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb

from genesys_assets.exports.destination import ExportError
from genesys_assets.warehouse import (
    SESSION,
    STORAGE_VERSION,
    Database,
    LockTiming,
    attachable,
    bulk_settings,
    literal,
    quoted,
)

COPY_PATH = "contact_centre.duckdb"
"""Where the copy for readers is, among the other exports."""

_COPY, _BEFORE = "published", "published_before"
_DAY = "coalesce(partition_date::VARCHAR, '')"
_WHOLE = "whole"
"""The one piece of a table without partitions."""


class _Table(NamedTuple):
    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def quoted(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @property
    def piece(self) -> str:
        return _DAY if any(name == "partition_date" for name, _ in self.columns) else f"'{_WHOLE}'"


_Pieces = Mapping[_Table, Mapping[str, tuple[int, int]]]
"""Rows and sum of hashes of each day of each table."""


@dataclass(frozen=True)
class Copied:
    """What a copy holds, and what of it was read from the warehouse.

    Attributes:
        rows: Rows by table, 'schema.name'.
        changed: How many pieces (days of a table, or tables without days) differed from the previous copy.
    """

    rows: Mapping[str, int]
    changed: int


def copy_tables(
    database: Database,
    file: Path,
    schemas: Sequence[str],
    comments: Mapping[str, str] | None = None,
    *,
    before: Path | None = None,
    timing: LockTiming | None = None,
) -> Copied:
    """Create a DuckDB file of the tables in these schemas, unless the previous copy holds the same.

    Args:
        database: The warehouse; it is locked while what has changed is read.
        file: The file to create; it does not exist yet.
        schemas: Their tables are copied.
        comments: Comments by 'schema.table' or 'schema.table.column'; those of tables that are absent are ignored.
        before: The previous copy, if there is one.
        timing: Records how long the warehouse was waited for and locked.

    Raises:
        ExportError: The copy does not hold the rows that were copied.
        WarehouseError: The warehouse is busy or cannot be opened.
    """
    with _session() as session, attachable(file) as made:
        known = _attached_before(session, before, schemas)
        with database.reading(timing) as connection:
            pieces = _pieces(connection, "current_catalog()", "", schemas)
            if known is not None and pieces == known:
                return _copied(pieces, 0)
            changed = {table: _differing(days, (known or {}).get(table, {})) for table, days in pieces.items()}
            _begin(connection, made, pieces, changed)
        _complete(session, made, pieces, changed, comments or {})
    file.chmod(0o444)  # a session that could write would keep all others out, and leave a log beside the next copy
    return _copied(pieces, sum(map(len, changed.values())))


def _copied(pieces: _Pieces, changed: int) -> Copied:
    rows = {f"{table.schema}.{table.name}": sum(each for each, _ in days.values()) for table, days in pieces.items()}
    return Copied(dict(sorted(rows.items())), changed)


def _differing(days: Mapping[str, tuple[int, int]], before: Mapping[str, tuple[int, int]]) -> list[str]:
    return [day for day, digest in days.items() if before.get(day) != digest]


@contextlib.contextmanager
def _session() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:", config=bulk_settings()) as connection:
        connection.execute(SESSION)
        yield connection


def _attached_before(session: duckdb.DuckDBPyConnection, before: Path | None, schemas: Sequence[str]) -> _Pieces | None:
    """Attach the previous copy, and return what it holds; None when there is none that can be read."""
    if before is None:
        return None
    try:
        session.execute(f"ATTACH {literal(str(before))} AS {_BEFORE} (TYPE duckdb, READ_ONLY)")
        return _pieces(session, f"'{_BEFORE}'", f"{_BEFORE}.", schemas)
    except duckdb.Error:
        return None


def _pieces(connection: duckdb.DuckDBPyConnection, catalogue: str, prefix: str, schemas: Sequence[str]) -> _Pieces:
    found = connection.execute(
        "SELECT schema_name, table_name, list((column_name, data_type) ORDER BY column_index) FROM duckdb_columns() "
        "SEMI JOIN duckdb_tables() USING (database_name, schema_name, table_name) "
        f"WHERE database_name = {catalogue} AND list_contains($schemas, schema_name) GROUP BY ALL ORDER BY ALL",
        {"schemas": list(schemas)},
    ).fetchall()
    tables = [_Table(schema, name, tuple(map(tuple, columns))) for schema, name, columns in found]
    return {table: _digests(connection, table, prefix) for table in tables}


def _digests(connection: duckdb.DuckDBPyConnection, table: _Table, prefix: str) -> Mapping[str, tuple[int, int]]:
    names = ", ".join(quoted(name) for name, _ in table.columns)
    found = connection.execute(
        f"SELECT {table.piece}, count(*), sum(hash({names})::HUGEINT) FROM {prefix}{table.quoted} GROUP BY 1"
    ).fetchall()
    return {day: (rows, digest) for day, rows, digest in found}


def _begin(
    connection: duckdb.DuckDBPyConnection, made: Path, pieces: _Pieces, changed: Mapping[_Table, list[str]]
) -> None:
    """Create the tables, and copy into them what the previous copy does not hold.

    The database is read through the connection, since a process that opens the same file by other means loses its lock.
    """
    connection.execute(f"ATTACH {literal(str(made))} AS {_COPY} (STORAGE_VERSION '{STORAGE_VERSION}')")
    try:
        for table, days in pieces.items():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_COPY}.{quoted(table.schema)}")
            connection.execute(f"CREATE TABLE {_COPY}.{table.quoted} AS FROM {table.quoted} LIMIT 0")
            _insert(connection, table, "", changed[table], of=len(days))
    finally:
        connection.execute(f"DETACH {_COPY}")


def _complete(
    session: duckdb.DuckDBPyConnection,
    made: Path,
    pieces: _Pieces,
    changed: Mapping[_Table, list[str]],
    comments: Mapping[str, str],
) -> None:
    """Copy the rest from the previous copy, compare, and add the comments."""
    session.execute(f"ATTACH {literal(str(made))} AS {_COPY}")
    try:
        for table, days in pieces.items():
            kept = [day for day in days if day not in set(changed[table])]
            _insert(session, table, f"{_BEFORE}.", kept, of=None)
            if _digests(session, table, f"{_COPY}.") != days:
                raise ExportError(
                    f"The copy of {table.schema}.{table.name} does not hold the table's rows, and the previous copy "
                    "was left in place: run this step again, and report it if it happens again."
                )
        session.execute("BEGIN TRANSACTION")  # otherwise each of hundreds of comments would be flushed to disk
        _comment(session, comments)
        session.execute("COMMIT")
    finally:
        session.execute(f"DETACH {_COPY}")


def _insert(
    connection: duckdb.DuckDBPyConnection, table: _Table, prefix: str, days: Sequence[str], *, of: int | None
) -> None:
    if not days:
        return
    rows = f"INSERT INTO {_COPY}.{table.quoted} FROM {prefix}{table.quoted}"
    if len(days) == of:
        connection.execute(rows)
    else:
        connection.execute(f"{rows} WHERE list_contains($days, {table.piece})", {"days": list(days)})


def _comment(connection: duckdb.DuckDBPyConnection, comments: Mapping[str, str]) -> None:
    columns = connection.execute(
        f"SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = '{_COPY}'"
    ).fetchall()
    for table in {names[:2] for names in columns}:
        if text := comments.get(".".join(table)):
            connection.execute(f"COMMENT ON TABLE {_in_copy(table)} IS {literal(text)}")
    for column in columns:
        if text := comments.get(".".join(column)):
            connection.execute(f"COMMENT ON COLUMN {_in_copy(column)} IS {literal(text)}")


def _in_copy(names: Sequence[str]) -> str:
    return quoted(_COPY, *names)
