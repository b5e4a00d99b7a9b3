"""What an asset's definition metadata declares about its table, and the SQL that follows from it.

Belongs here: the declared contract (`Table`), quoting, and what makes the stored table follow its declaration. Knows
SQL, and neither lock nor frame nor file; a connection, to which the database is attached as `CATALOGUE`, is handed in.
"""

from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

import dagster as dg
import duckdb
import polars as pl
from duckdb.sqltypes import DuckDBPyType

from genesys_assets.warehouse import types
from genesys_assets.warehouse.errors import DeclarationError, SchemaRefusedError
from genesys_assets.warehouse.names import folded, repeated

CATALOGUE = "warehouse"
"""The name under which the database is attached, whatever engine it is."""
IGNORED, IGNORED_FORMERLY = "columns_ignored_in_changes", "volatile_columns"
"""The metadata that names the columns in which a row may differ without having changed; by its old name, too."""


def quoted(*names: str) -> str:
    """Return the names as one quoted, dotted SQL identifier."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(text: str | Path) -> str:
    """Return the text as an SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


class Dialect(NamedTuple):
    """What an engine's DDL can say of a table beyond columns and types.

    Attributes:
        compression: Follows a column that is to be compressed.
        partitioning: Whether rows are put into files by partition.
    """

    compression: str = ""
    partitioning: bool = False


class AdvisoryLock(NamedTuple):
    """An advisory lock, exclusive or shared."""

    name: str
    shared: bool = False


EVERY_TABLE = AdvisoryLock("every table")
"""The lock of a writer that may write to any table."""


@dataclass(frozen=True)
class Column:
    """A declared column."""

    name: str
    type: DuckDBPyType
    required: bool
    compressed: bool

    def ddl(self, dialect: Dialect) -> str:
        """Return the column's definition for CREATE TABLE and ALTER TABLE.

        NOT NULL is not part of it, because DuckDB cannot add such a column to a table that has rows. The writer checks
        every row instead, before it touches the table.
        """
        return f"{quoted(self.name)} {self.type}" + (dialect.compression if self.compressed else "")


@dataclass(frozen=True)
class Table:
    """One asset's table, as the asset's definition metadata declares it."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    partition_column: str | None
    key: tuple[str, ...]
    ignored_in_changes: tuple[str, ...] = ()
    left_out_by: tuple[str, str] | None = None
    is_recorded: bool = False

    @classmethod
    def declared(cls, schema: str, name: str, metadata: Mapping[str, Any], *, partitioned: bool) -> Self:
        """Return the table that `metadata` declares.

        Args:
            schema: The database schema.
            name: The table's name.
            metadata: The asset's definition metadata: `dagster/column_schema` (a `TableSchema` whose types are
                DuckDB's), `partition_expr` (the column that holds the partition key), `primary_key`,
                `compressed_columns`, `columns_ignored_in_changes` (a row that differs in these alone has not changed),
                `left_out_by` (a column, and `schema.table.column` of SHA-256 digests of values that are not stored),
                `recorded` (whether a partition that was never stored is an error when it is loaded).
            partitioned: Whether the asset has partitions.

        Raises:
            DeclarationError: The metadata do not describe a table.
        """
        label = f"{schema}.{name}"
        declared = getattr(metadata.get("dagster/column_schema"), "schema", metadata.get("dagster/column_schema"))
        if not isinstance(declared, dg.TableSchema) or not declared.columns:
            raise DeclarationError(
                f"{label} declares no columns: give the asset the metadata 'dagster/column_schema', a TableSchema with "
                "DuckDB's types."
            )
        partition_column = metadata.get("partition_expr") if partitioned else None
        if partitioned and not isinstance(partition_column, str):
            raise DeclarationError(
                f"{label} is partitioned and declares no partition column: give the asset the metadata "
                "'partition_expr', the column that holds the partition key."
            )
        key = tuple(metadata.get("primary_key") or ())
        compressed = tuple(metadata.get("compressed_columns") or ())
        ignored = tuple(metadata.get(IGNORED) or metadata.get(IGNORED_FORMERLY) or ())
        left_out_by = tuple(metadata["left_out_by"]) if metadata.get("left_out_by") else None
        named = {*key, *compressed, *ignored, *filter(None, [partition_column]), *(left_out_by or ())[:1]}
        _refuse_columns(label, [column.name for column in declared.columns], named, ignored)
        columns = tuple(
            Column(
                name=column.name,
                type=types.parse(column.type),
                required=not column.constraints.nullable or column.name == partition_column,
                compressed=column.name in compressed,
            )
            for column in declared.columns
        )
        recorded = bool(metadata.get("recorded"))
        return cls(schema, name, columns, partition_column, key, ignored, left_out_by, recorded)

    @property
    def label(self) -> str:
        """Return the name that users write: `schema.table`."""
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> str:
        """Return the quoted name, with catalogue and schema."""
        return quoted(CATALOGUE, self.schema, self.name)

    @property
    def content(self) -> tuple[str, ...]:
        """Return the names of the columns by which it is decided whether a row of the same key has changed."""
        return tuple(column.name for column in self.columns if column.name not in self.ignored_in_changes)

    @cached_property
    def polars_schema(self) -> pl.Schema:
        """Return the polars types of the declared columns."""
        return pl.Schema({column.name: types.polars_type(column.type) for column in self.columns})

    def where(self, keys: Sequence[str] | None) -> str:
        """Return the WHERE clause that selects the partitions `keys`; an empty one, for all rows, when None.

        A partition's rows are those whose partition column holds the partition's key, so no timestamp is ever compared
        in some session's time zone.
        """
        if keys is None or self.partition_column is None:
            return ""
        if not keys:
            return " WHERE false"
        wanted = ", ".join(f"{literal(key)}::{self._partition_type}" for key in keys)
        return f" WHERE {quoted(self.partition_column)} IN ({wanted})"

    def advisory_locks(self, keys: Sequence[str] | None, *, whole_table: bool) -> list[AdvisoryLock]:
        """Return the locks of a writer of the partitions `keys`: on these, or on the whole table (also if None)."""
        others, label = AdvisoryLock(EVERY_TABLE.name, shared=True), folded(self.label)
        if keys is None or whole_table:
            return [others, AdvisoryLock(label)]
        return [others, AdvisoryLock(label, shared=True), *(AdvisoryLock(f"{label} {key}") for key in sorted(keys))]

    @property
    def partition_sql(self) -> str:
        """Return the expression for a row's partition key; NULL in a table without partitions."""
        return quoted(self.partition_column) if self.partition_column else "NULL::VARCHAR"

    @property
    def _partition_type(self) -> DuckDBPyType:
        return next(column.type for column in self.columns if column.name == self.partition_column)

    def value_sql(self, name: str, available: Container[str]) -> str:
        """Return the expression for the column `name`, typed as declared; null when it is not `available`."""
        kind = next(column.type for column in self.columns if column.name == name)
        return f"{quoted(name) if name in available else 'NULL'}::{kind} AS {quoted(name)}"


def _refuse_columns(label: str, declared: Sequence[str], named: Set[str], ignored: Sequence[str]) -> None:
    """Refuse columns that share a name, are named without being declared, or are all ignored in changes.

    Raises:
        DeclarationError: There are such columns.
    """
    if same := repeated(declared):
        raise DeclarationError(
            f"{label} declares columns that DuckDB takes for one ({', '.join(same)}): it does not distinguish upper "
            "from lower case. Give them other names."
        )
    if unknown := named - set(declared):
        raise DeclarationError(
            f"{label} names columns that it does not declare ({', '.join(sorted(unknown))}): correct partition_expr, "
            "primary_key, compressed_columns, columns_ignored_in_changes or left_out_by, or declare them in "
            "'dagster/column_schema'."
        )
    if set(declared) <= set(ignored):
        raise DeclarationError(
            f"{label} declares all of its columns in columns_ignored_in_changes, so that no row could ever count as "
            "changed: leave out those that say something."
        )


def exists(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Return whether there is such a table in the database, as the database compares names."""
    # Callers ask this before they use a table: in DuckDB 2.0 a statement about a missing table ends the transaction.
    found = connection.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
        "WHERE database_name = ? AND lower(table_name) = lower(?)",
        [CATALOGUE, name],
    )
    return folded(f"{schema}.{name}") in {folded(label) for (label,) in found.fetchall()}


def stored_columns(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, DuckDBPyType]:
    """Return the names and types of the columns in the database; none when there is no such table."""
    return stored_types(connection, table.schema, table.name)


def stored_types(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> dict[str, DuckDBPyType]:
    """Return the names and types of a stored table's columns; none when there is no such table."""
    if not exists(connection, schema, name):
        return {}
    described = connection.execute(f"DESCRIBE {quoted(CATALOGUE, schema, name)}").fetchall()
    return {column: types.parse(kind) for column, kind, *_ in described}


def ensure(connection: duckdb.DuckDBPyConnection, table: Table, dialect: Dialect) -> None:
    """Create the schema and the table, or add declared columns and fields and widen integers to DOUBLE.

    Args:
        connection: A connection to the database.
        table: The declared table.
        dialect: Which DDL the database understands.

    Raises:
        SchemaRefusedError: The stored table differs from the declared one by more than additions.
    """
    stored = stored_columns(connection, table)
    if not stored:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(CATALOGUE, table.schema)}")
        columns = ", ".join(column.ddl(dialect) for column in table.columns)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table.identifier} ({columns})")
        if dialect.partitioning and table.partition_column:
            connection.execute(f"ALTER TABLE {table.identifier} SET PARTITIONED BY ({quoted(table.partition_column)})")
        return
    for statement in _alterations(table, stored, dialect):
        connection.execute(statement)


def _alterations(table: Table, stored: Mapping[str, DuckDBPyType], dialect: Dialect) -> list[str]:
    declared = {column.name for column in table.columns}
    refused = [f"column {name} is stored and no longer declared" for name in stored if name not in declared]
    statements = []
    for column in table.columns:
        if column.name not in stored:
            statements.append(f"ALTER TABLE {table.identifier} ADD COLUMN {column.ddl(dialect)}")
            continue
        if types.widens(stored[column.name], column.type):
            altered = f"ALTER COLUMN {quoted(column.name)} SET DATA TYPE {column.type}"
            statements.append(f"ALTER TABLE {table.identifier} {altered}")
            continue
        try:
            for path, kind in types.additions((column.name,), stored[column.name], column.type):
                statements.append(f"ALTER TABLE {table.identifier} ADD COLUMN {quoted(*path)} {kind}")
        except TypeError:
            refused.append(f"column {column.name} is stored as {stored[column.name]} and declared as {column.type}")
    if refused:
        raise SchemaRefusedError(
            f"{table.label} was left as it is, because its schema changes by more than added columns "
            f"({'; '.join(refused)}): restore the declaration, change the stored table yourself with ALTER TABLE, or "
            "give the asset a new name."
        )
    return statements
