"""Rows in Parquet files, on their way into the database or out of it: written and read by polars and by DuckDB.

Belongs here: the files. When they are stored, and for how long they are kept, does not.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from genesys_assets.warehouse import types
from genesys_assets.warehouse.errors import DeclarationError, SchemaRefusedError
from genesys_assets.warehouse.spool import LONG_ROW_GROUP_ROWS, ROW_GROUP_ROWS, full_disk_errors
from genesys_assets.warehouse.table import Table, literal, stored_columns


@dataclass(frozen=True)
class ParquetRows:
    """Rows in files, in their table's own types; a column that a file lacks is null in it.

    Attributes:
        files: One file or more; nobody changes or removes them before the run is over.
    """

    files: tuple[Path, ...]

    def columns(self, table: Table) -> Sequence[str]:
        """Return the names of the columns that any file has, in declared order.

        Raises:
            SchemaRefusedError: A column is not declared, is of another type, or a required one is in no file.
        """
        merged: dict[str, pl.DataType] = {}
        for file in self.files:
            for name, kind in pl.read_parquet_schema(file).items():
                # When files differ in a column's type, keep the type that is not the declared one, to be refused.
                merged[name] = kind if merged.get(name) in (None, table.polars_schema.get(name)) else merged[name]
        return accepted(pl.Schema(merged), table, operator.eq)

    @property
    def sql(self) -> str:
        """Return the rows as DuckDB's FROM clause names them."""
        return rows_in(*self.files)

    def scan(self, table: Table) -> pl.LazyFrame:
        """Return the rows with all columns that `table` declares."""
        return pl.scan_parquet(
            list(self.files),
            schema=table.polars_schema,
            missing_columns="insert",
            glob=False,
            hive_partitioning=False,
        )


def without(rows: ParquetRows, table: Table, values: Sequence[str], folder: Path) -> ParquetRows:
    """Return the rows except those with one of the values in the column that decides what is left out.

    Raises:
        DiskFullError: There is no room in the folder.
    """
    assert table.left_out_by is not None  # noqa: S101  # without such a column no value is left out
    is_left_out = pl.col(table.left_out_by[0]).is_in(values).fill_null(value=False)
    return spooled(rows.scan(table).filter(~is_left_out), table, folder)


def rows_in(*files: Path) -> str:
    """Return the FROM item for the rows of Parquet files in a spool, which has the files' own columns and no more.

    A folder `purpose=agent` above them adds no column, and a spool's path holds no character that DuckDB misreads.
    """
    listed = ", ".join(map(literal, files))
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"


def spooled(frame: pl.LazyFrame, table: Table, folder: Path) -> ParquetRows:
    """Compute the rows of `frame`, write them to a file in `folder` in the table's types, and return them.

    Raises:
        SchemaRefusedError: The frame's columns do not fit the declared ones; it was not computed.
        DiskFullError: There is no room in the folder.
    """
    given, declared = frame.collect_schema(), table.polars_schema
    fitted = frame.select(
        pl.col(name) if given[name] == declared[name] else pl.col(name).cast(declared[name])
        for name in accepted(given, table, types.fits)
    )
    # In chunks of polars' own size (100,000 rows) computing and sinking a million documents takes twice the memory.
    rows_at_once = LONG_ROW_GROUP_ROWS if any(column.compressed for column in table.columns) else ROW_GROUP_ROWS
    file = folder / "rows.parquet"
    with full_disk_errors(folder), pl.Config(streaming_chunk_size=rows_at_once):
        fitted.sink_parquet(file, compression="lz4", row_group_size=rows_at_once, statistics=False)
    return ParquetRows((file,))


def accepted(given: pl.Schema, table: Table, fits: Callable[[pl.DataType, pl.DataType], bool]) -> Sequence[str]:
    """Return the names of the declared columns that are given, in declared order.

    Args:
        given: The columns.
        table: The table that they are for.
        fits: Whether a given type can be stored as a declared one.

    Raises:
        SchemaRefusedError: What is given is not declared, does not fit, or lacks what is required.
    """
    declared = table.polars_schema
    refused = [f"column {name} is not declared" for name in given if name not in declared]
    for column in table.columns:
        if column.name not in given:
            if column.required:
                refused.append(f"required column {column.name} is missing")
        elif not fits(given[column.name], declared[column.name]):
            refused.append(f"column {column.name} is {given[column.name]} and declared as {column.type}")
    if refused:
        raise SchemaRefusedError(
            f"{table.label} was left as it is, because the frame does not fit its declared schema "
            f"({'; '.join(refused)}): shape the frame as declared, or change the declaration."
        )
    return [column.name for column in table.columns if column.name in given]


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
    with full_disk_errors(file.parent):
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
