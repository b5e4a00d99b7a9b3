"""Rows on their way out of a table: copied to a file, so that the database can be closed before anybody computes.

Belongs here: the copy, and the typed empty frame of what is not there yet.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from genesys_assets.warehouse.errors import DeclarationError
from genesys_assets.warehouse.spool import ROW_GROUP_ROWS, full_disk_named
from genesys_assets.warehouse.table import Table, literal, stored_columns


def copied(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    keys: Sequence[str] | None,
    columns: Sequence[str] | None,
    folder: Path,
) -> pl.LazyFrame:
    """Copy the stored rows to a file, and return a scan of it.

    Args:
        connection: A connection to the database.
        table: The declared table; columns that are not stored are null, and a table never stored has no rows.
        keys: The partitions; None for all rows.
        columns: The columns to read; None for all that are declared.
        folder: Where the copy is put; it must outlive the frame.

    Raises:
        DeclarationError: A column is asked for that is not declared.
        DiskFullError: There is no room for the copy.
    """
    schema = selected(table, columns)
    stored = stored_columns(connection, table)
    if not stored:
        return pl.LazyFrame(schema=schema)
    file = folder / "rows.parquet"
    values = ", ".join(table.value_sql(name, stored) for name in schema)
    copy_out(connection, f"SELECT {values} FROM {table.identifier}{table.where(keys)}", file)
    return pl.scan_parquet(file, glob=False, hive_partitioning=False)


def copy_out(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    """Copy what `query` selects to a Parquet file, in row groups that bound the memory of its writer and readers.

    Raises:
        DiskFullError: There is no room for the copy.
    """
    with full_disk_named(file.parent):
        connection.execute(
            f"COPY ({query}) TO {literal(file)} "
            f"(FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE {ROW_GROUP_ROWS}, ROW_GROUP_SIZE_BYTES '8MB')"
        )


def selected(table: Table, columns: Sequence[str] | None) -> pl.Schema:
    """Return the columns to read, with their types.

    Raises:
        DeclarationError: A column is asked for that is not declared.
    """
    declared = table.polars_schema
    unknown = [name for name in columns or () if name not in declared]
    if unknown:
        message = (
            f"{table.label} declares no column {', '.join(unknown)}, which the input's metadata 'columns' asks for."
        )
        raise DeclarationError(message)
    return pl.Schema({name: declared[name] for name in columns or declared})
