"""The record of which partitions were stored, with how many rows: a missing partition is not taken for an empty one.

Belongs here: the table `genesys_assets.stored_partitions`, which is written in the transaction that stores, and the
question whether a partition is there in full; beside it `genesys_assets.stored_tables`, which says which asset a table
belongs to. An older database has no record of what it held before: there, a partition with rows counts as stored.
Knows SQL over a connection that is handed in, and no file.
"""

from collections.abc import Iterable, Mapping, Sequence

import duckdb

from genesys_assets.warehouse.errors import NotStoredError, SchemaRefusedError
from genesys_assets.warehouse.names import folded
from genesys_assets.warehouse.table import CATALOGUE, Dialect, Table, exists, literal, quoted, stored_types

SCHEMA, NAME, OWNERS = "genesys_assets", "stored_partitions", "stored_tables"
RECORD = quoted(CATALOGUE, SCHEMA, NAME)
_OWNERS = quoted(CATALOGUE, SCHEMA, OWNERS)
PARTITION_COLUMN = "partition_key"
_NAMED = 5


def begin(connection: duckdb.DuckDBPyConnection, dialect: Dialect) -> None:
    """Create the record, unless it is there."""
    if is_begun(connection):
        return
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(CATALOGUE, SCHEMA)}")
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {RECORD} (table_name VARCHAR, {PARTITION_COLUMN} VARCHAR, stored_rows BIGINT)"
    )
    if dialect.partitioning:  # so that writers of different partitions do not conflict
        connection.execute(f"ALTER TABLE {RECORD} SET PARTITIONED BY ({PARTITION_COLUMN})")


def is_begun(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the record is there: something was stored, or the database was made to be stored in."""
    return exists(connection, SCHEMA, NAME)


def record_owner(connection: duckdb.DuckDBPyConnection, table: Table, key: str) -> None:
    """Record which asset a table belongs to, in the caller's transaction, the first time that it is stored in.

    Args:
        connection: A connection to the database.
        table: The table.
        key: The asset's key, `raw/calls`.

    Raises:
        SchemaRefusedError: The table belongs to another asset, which would lose its rows.
    """
    if not exists(connection, SCHEMA, OWNERS):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(CATALOGUE, SCHEMA)}")
        connection.execute(f"CREATE TABLE IF NOT EXISTS {_OWNERS} (table_name VARCHAR, asset_key VARCHAR)")
    label = folded(table.label)
    owners = connection.execute(f"SELECT asset_key FROM {_OWNERS} WHERE table_name = ?", [label]).fetchall()
    if not owners:
        connection.execute(f"INSERT INTO {_OWNERS} VALUES (?, ?)", [label, key])
    elif (key,) not in owners:
        raise SchemaRefusedError(
            f"{table.label} was left as it is: it holds the asset {owners[0][0]}, and {key} would be stored in its "
            "place, since DuckDB does not distinguish upper from lower case and only the last two parts of a key "
            "name the table. Give one of them another name, or another schema by the metadata 'schema'. If "
            f"{owners[0][0]} has become {key}: DELETE FROM {SCHEMA}.{OWNERS} WHERE table_name = {literal(label)}."
        )


def record(connection: duckdb.DuckDBPyConnection, label: str, rows: Mapping[str, int]) -> None:
    """Record how many rows the partitions of a table hold now, in the caller's transaction."""
    connection.execute(f"DELETE FROM {RECORD} WHERE table_name = ? AND {_among(rows)}", [label])
    for key, count in rows.items():
        connection.execute(f"INSERT INTO {RECORD} VALUES (?, ?, ?)", [label, key, count])


def record_removal(connection: duckdb.DuckDBPyConnection, removed: Mapping[tuple[str, str], int]) -> None:
    """Record that rows were removed on purpose, by table and partition, in the caller's transaction."""
    for (label, key), count in removed.items() if is_begun(connection) else ():
        connection.execute(
            f"UPDATE {RECORD} SET stored_rows = greatest(stored_rows - ?, 0) "
            f"WHERE table_name = ? AND {PARTITION_COLUMN} = ?",
            [count, label, key],
        )


def refuse_incomplete(
    connection: duckdb.DuckDBPyConnection, label: str, column: str, keys: Iterable[str], where: str
) -> None:
    """Refuse partitions that are not in the database, or that have lost rows.

    Args:
        connection: A connection to the database.
        label: The table, `schema.name`.
        column: Its partition column.
        keys: The partitions.
        where: A name of the database, for messages.

    Raises:
        NotStoredError: One of them was never stored, or holds fewer rows than were stored.
    """
    keys = list(keys)
    refuse_missing(connection, label, column, keys, where)
    there, recorded = _held(connection, label, column, keys), _recorded(connection, label, keys)
    short = [key for key in keys if there.get(key, 0) < recorded.get(key, 0)]
    if short:
        lacking = sum(recorded[key] - there.get(key, 0) for key in short)
        raise NotStoredError(
            f"{label} of {_listed(short)} lacks {lacking} of the {sum(recorded[key] for key in short)} rows that were "
            f"stored in the database {where}, so nothing was computed from it: somebody has removed "
            "them; materialise it again."
        )


def refuse_missing(
    connection: duckdb.DuckDBPyConnection, label: str, column: str, keys: Sequence[str], where: str
) -> None:
    """Refuse partitions that were never stored; arguments as in `refuse_incomplete`.

    Raises:
        NotStoredError: One of them was never stored.
    """
    missing = sorted({*keys} - present(connection, label, column, keys))
    if missing:
        raise NotStoredError(
            f"{label} of {_listed(missing)} is not in the database {where}, so nothing was computed from it: "
            "materialise it first, or, if it was stored, set the database to the one that has it or put that one back."
        )


def present(connection: duckdb.DuckDBPyConnection, label: str, column: str, keys: Iterable[str]) -> set[str]:
    """Return those of the partitions that were stored, including those without a row."""
    keys = list(keys)
    return {*_recorded(connection, label, keys), *_held(connection, label, column, keys)}


def _recorded(connection: duckdb.DuckDBPyConnection, label: str, keys: Sequence[str]) -> dict[str, int]:
    if not is_begun(connection):
        return {}
    query = f"SELECT {PARTITION_COLUMN}, stored_rows FROM {RECORD} WHERE table_name = ? AND {_among(keys)}"
    return dict(connection.execute(query, [label]).fetchall())


def _held(connection: duckdb.DuckDBPyConnection, label: str, column: str, keys: Sequence[str]) -> dict[str, int]:
    schema, name = label.split(".", 1)
    stored = stored_types(connection, schema, name)
    if column not in stored:
        return {}
    wanted = ", ".join(f"{literal(key)}::{stored[column]}" for key in keys) or "NULL"
    column = quoted(column)
    query = f"SELECT {column}::VARCHAR, count(*) FROM {quoted(CATALOGUE, schema, name)} WHERE {column} IN ({wanted})"
    return dict(connection.execute(f"{query} GROUP BY ALL").fetchall())


def _among(keys: Iterable[str]) -> str:
    return f"{PARTITION_COLUMN} IN ({', '.join(map(literal, keys)) or 'NULL'})"


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(keys[:_NAMED]) + (f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else "")
