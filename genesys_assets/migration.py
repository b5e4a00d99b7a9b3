"""Every table of one warehouse into another, day by day: from a file to a lake, or the other way.

Belongs here: what is copied, in which pieces, and how a piece is known to be the same on both sides. How a database is
opened and a partition is replaced belongs to the warehouse; printed lines belong to the command line.

A piece is a day of a table, or a whole table without partitions. It is the same on both sides when its rows agree in
number and each column agrees in the sum of its values' hashes, computed on each side by itself, whatever the order. So
copying again passes by what agrees, and repeats what does not.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from genesys_assets.warehouse import Database
from genesys_assets.warehouse.table import (
    CATALOGUE,
    Column,
    Table,
    ensure,
    literal,
    quoted,
    stored_columns,
    stored_types,
)

PARTITION_COLUMN = "partition_date"
Fingerprint = tuple[int, ...]
"""A piece's rows, and the sum of the hashes of each column's values."""


class MigrationError(RuntimeError):
    """The copy cannot be made, or is not the same; its text says what to do."""


class Outcome(StrEnum):
    """What became of a piece."""

    AGREED = "agreed already"
    COPIED = "copied"
    REMOVED = "removed, for the source has no such rows"


@dataclass(frozen=True)
class Piece:
    """A day of a table (`day` is None: the whole table), how many rows it has, and what became of it."""

    table: str
    day: str | None
    rows: int
    outcome: Outcome


def copy(source: Database, target: Database) -> Iterator[Piece]:
    """Copies every table, and yields each piece once both sides agree on it.

    Args:
        source: Is only read.
        target: Is made to hold the same; tables that only it has are left alone.

    Raises:
        MigrationError: There is nothing to copy, a table has another shape in the target, or a piece differs after it
            was copied.
        WarehouseError: A database could not be had.
    """
    tables = tables_of(source)
    if not tables:
        raise MigrationError(f"There is no table in {source.label}: name the database that holds them by --from.")
    for table in tables:
        yield from _copy_table(source, target, table)


def tables_of(database: Database) -> list[Table]:
    """Returns the stored tables, as they are."""
    with database.reading() as connection:
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL", [CATALOGUE]
        ).fetchall()
        return [_table(connection, schema, name) for schema, name in names]


def fingerprints(database: Database, table: Table) -> dict[str | None, Fingerprint]:
    """Returns the fingerprint of each piece of a table; none when it is not there or empty.

    Raises:
        MigrationError: The stored table has other columns or types.
    """
    with database.reading() as connection:
        stored = stored_columns(connection, table)
        declared = {column.name: str(column.type) for column in table.columns}
        if not stored:
            return {}
        if {name: str(kind) for name, kind in stored.items()} != declared:
            raise MigrationError(
                f"{table.label} has other columns or types in {database.label}: bring it to the source's shape with "
                "ALTER TABLE, or drop it there, and copy again."
            )
        return _fingerprints(connection, table, table.identifier)


def _copy_table(source: Database, target: Database, table: Table) -> Iterator[Piece]:
    wanted, held = fingerprints(source, table), fingerprints(target, table)
    if not wanted and not held:
        target.transact(lambda connection: ensure(connection, table, target.dialect), table=table)
        yield Piece(table.label, None, 0, Outcome.AGREED)
    for day in sorted({*wanted, *held}, key=str):
        rows = wanted[day][0] if day in wanted else 0
        if wanted.get(day) == held.get(day):
            yield Piece(table.label, day, rows, Outcome.AGREED)
            continue
        _copy_piece(source, target, table, day)
        yield Piece(table.label, day, rows, Outcome.COPIED if day in wanted else Outcome.REMOVED)


def _copy_piece(source: Database, target: Database, table: Table, day: str | None) -> None:
    """Replaces a piece of the target by the source's, in one transaction that ends only when both agree.

    The two are never open at once: the rows pass by way of a file, and what the target holds is held against what the
    source held when they were read.
    """
    keys = None if day is None else [day]
    with TemporaryDirectory(prefix="genesys-assets-copy-") as folder:
        file = literal(Path(folder) / "rows.parquet")
        with source.reading() as connection:
            connection.execute(
                f"COPY (FROM {table.identifier}{table.where(keys)}) TO {file} (FORMAT parquet, COMPRESSION lz4_raw)"
            )
            read = _fingerprints(connection, table, f"read_parquet({file})")
            if read != _fingerprints(connection, table, f"(FROM {table.identifier}{table.where(keys)})"):
                raise _differs(table, day, "the disk for temporary files")

        def replace(connection: duckdb.DuckDBPyConnection) -> None:
            ensure(connection, table, target.dialect)
            connection.execute(f"DELETE FROM {table.identifier}{table.where(keys)}")
            connection.execute(f"INSERT INTO {table.identifier} BY NAME FROM read_parquet({file})")
            stored = f"(FROM {table.identifier}{table.where(keys)})"
            if _fingerprints(connection, table, stored) != read:
                raise _differs(table, day, target.label)

        target.transact(replace, table=table, keys=keys)


def _fingerprints(connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> dict[str | None, Fingerprint]:
    sums = ", ".join(f"coalesce(sum(hash({quoted(column.name)})::HUGEINT), 0)" for column in table.columns)
    found = connection.execute(
        f"SELECT {table.partition_sql}::VARCHAR, count(*), {sums} FROM {rows} GROUP BY 1 HAVING count(*) > 0"
    ).fetchall()
    return {day: tuple(figures) for day, *figures in found}


def _table(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> Table:
    """Returns the declaration that the stored table follows."""
    types = stored_types(connection, schema, name)
    columns = [Column(column, kind, required=False, compressed=column == "document") for column, kind in types.items()]
    return Table(schema, name, tuple(columns), _partition_column(connection, schema, name, types), ())


def _partition_column(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, columns: Container[str]
) -> str | None:
    """Returns the column by which rows are told apart; None where it is missing, or null in some row."""
    if PARTITION_COLUMN not in columns:
        return None
    nulls = f"SELECT count(*) FROM {quoted(CATALOGUE, schema, name)} WHERE {quoted(PARTITION_COLUMN)} IS NULL"
    return PARTITION_COLUMN if connection.execute(nulls).fetchall() == [(0,)] else None


def _differs(table: Table, day: str | None, where: str) -> MigrationError:
    return MigrationError(
        f"{table.label}, {day or 'whole'}: what was copied is not the same in {where}, so it was not kept: copy again, "
        "and report it if it repeats."
    )
