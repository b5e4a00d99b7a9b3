"""A copy of some tables as a DuckDB file of its own, which BI tools may hold open for as long as they like.

What belongs here: making that file from a connection to the warehouse. Opening the warehouse belongs to it, and so does
waiting for it; putting the file in place is `place`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genesys_assets.warehouse.paths import attachable

if TYPE_CHECKING:
    import duckdb

COPY_PATH = "contact_centre.duckdb"
"""Where the copy for readers stands, beside the other exports."""

_COPY = "published"
_STORAGE_VERSION = "v1.5.0"  # what the drivers of BI tools can read


@dataclass(frozen=True)
class CopiedTable:
    """A table of the copy.

    Attributes:
        name: 'schema.name'.
        rows: Its rows.
    """

    name: str
    rows: int


def copy_tables(
    connection: duckdb.DuckDBPyConnection,
    file: Path,
    schemas: Sequence[str],
    comments: Mapping[str, str] | None = None,
) -> list[CopiedTable]:
    """Makes a DuckDB file of the tables that stand in these schemas.

    It is read through the connection, never byte by byte: a process that opens the live file by other means loses
    its lock.

    Args:
        connection: The warehouse's, as its default catalogue; reading is enough.
        file: The file to make; there is none yet.
        schemas: Their tables are copied.
        comments: Comments for the copy by 'schema.table' or 'schema.table.column'; those of absent ones are left out.

    Returns:
        The tables, sorted; empty when nothing has been stored yet.
    """
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() "
        "WHERE database_name = current_catalog() AND list_contains($schemas, schema_name) ORDER BY ALL",
        {"schemas": list(schemas)},
    ).fetchall()
    with attachable(file) as made:
        connection.execute(f"ATTACH {_literal(str(made))} AS {_COPY} (STORAGE_VERSION '{_STORAGE_VERSION}')")
        try:
            copied = [_copy(connection, schema, table) for schema, table in tables]
            _comment(connection, comments or {})
        finally:
            connection.execute(f"DETACH {_COPY}")
    file.chmod(0o444)  # a session that could write would keep all others out, and leave a log beside the next copy
    return copied


def _copy(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> CopiedTable:
    name = f"{_quoted(schema)}.{_quoted(table)}"
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_COPY}.{_quoted(schema)}")
    counted = connection.execute(f"CREATE TABLE {_COPY}.{name} AS FROM {name}").fetchall()
    return CopiedTable(name=f"{schema}.{table}", rows=counted[0][0])


def _comment(connection: duckdb.DuckDBPyConnection, comments: Mapping[str, str]) -> None:
    columns = connection.execute(
        f"SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = '{_COPY}'"
    ).fetchall()
    for table in {names[:2] for names in columns}:
        if text := comments.get(".".join(table)):
            connection.execute(f"COMMENT ON TABLE {_in_copy(table)} IS {_literal(text)}")
    for column in columns:
        if text := comments.get(".".join(column)):
            connection.execute(f"COMMENT ON COLUMN {_in_copy(column)} IS {_literal(text)}")


def _in_copy(names: Sequence[str]) -> str:
    return ".".join([_COPY, *map(_quoted, names)])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
