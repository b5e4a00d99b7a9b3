"""Staged rows: validated and counted before the database is opened, then inserted in place of the old ones.

Belongs here: everything that can be known of the new rows without the database, their insertion, and how they differ
from the rows that they replace. A row's digest is two hashes, of its key and of its content, computed by DuckDB: for
the replaced rows in one pass inside the lock, for the new ones after it when any were replaced, and then compared.
"""

import contextlib
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from genesys_assets.warehouse.duckdb_settings import UNCACHED, bulk_settings, rows_in_group
from genesys_assets.warehouse.errors import RowsLostError, RowsRefusedError
from genesys_assets.warehouse.instances import running_instance
from genesys_assets.warehouse.parquet import ParquetRows, rows_in
from genesys_assets.warehouse.spool import full_disk_errors
from genesys_assets.warehouse.table import CATALOGUE, Table, literal, quoted, stored_types

_NAMED_PARTITIONS = 5
_LONG = ("varchar", "blob", "list", "struct")
"""Types whose values are counted by their bytes; a value of any other type counts as 8 bytes, null or not."""


@dataclass(frozen=True)
class Changes:
    """What a partition holds now and how it got there.

    `changed` is None for a table without a declared key. All of `added`, `changed` and `removed` are None where the old
    rows could not be read.
    """

    rows: int
    added: int | None
    changed: int | None
    removed: int | None
    bytes: int

    def summary(self) -> str:
        """Return the counts in words, for a log."""
        if self.added is None:
            return f"{self.rows} rows (the old ones could not be read)"
        changed = "" if self.changed is None else f", {self.changed} changed"
        return f"{self.rows} rows ({self.added} added{changed}, {self.removed} removed)"


class StagedRows:
    """The rows of one output, ready to replace the rows of the partitions `keys` of a table.

    Args:
        rows: The rows.
        table: The table that they are stored in.
        keys: The partitions that they replace; None for a table without partitions.
        folder: An empty folder for intermediate files, which the caller removes.

    Raises:
        SchemaRefusedError: Their columns do not fit the declared ones.
        RowsRefusedError: Rows belong to other partitions, lack a required value or share a key.
        DiskFullError: The spool folder is full.
    """

    def __init__(self, rows: ParquetRows, table: Table, keys: Sequence[str] | None, folder: Path) -> None:
        self._table = table
        self._keys = keys
        self._rows = rows.sql
        self._new, self._old = (folder / f"{name}.parquet" for name in ("new", "old"))
        self._replaced: int | None = 0
        self._is_reading = False
        self._columns = rows.columns(table)
        self._stack = contextlib.ExitStack()
        config = {**bulk_settings(), **UNCACHED}
        self._connection = self._stack.enter_context(running_instance(config, folder / "tmp")).connection
        try:
            with full_disk_errors(folder):
                self._profile()
                self._count, self._bytes = self._validate()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Release DuckDB and the intermediate files."""
        self._stack.close()

    @property
    def row_group_rows(self) -> int:
        """Return how many of these rows should be compressed and written together."""
        return rows_in_group(self._count, self._bytes / self._count if self._count else 0.0)

    def left_out(self, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """Return the values in these rows that the database lists as not to be stored.

        This is called in the transaction that stores the rows: earlier, it would miss what is purged in between.
        """
        if self._table.left_out_by is None:
            return []
        column, digests = self._table.left_out_by
        schema, name, digest = digests.split(".")
        if digest not in stored_types(connection, schema, name):
            return []
        source = quoted(CATALOGUE, schema, name)
        found = connection.execute(
            f"SELECT value FROM (SELECT DISTINCT {quoted(column)}::VARCHAR AS value FROM {self._rows}) "
            f"WHERE sha256(value) IN (SELECT {quoted(digest)} FROM {source})"
        ).fetchall()
        return [value for (value,) in found]

    def replace(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Replace the rows of the partitions by these, in the caller's transaction.

        Raises:
            RowsLostError: The partitions do not hold exactly these rows.
        """
        table, where = self._table, self._table.where(self._keys)
        values = ", ".join(table.value_sql(name, self._columns) for name in self._columns)
        rows = f"SELECT {values} FROM {self._rows}"
        if self._replaced is not None:
            digests = _digests(table, _typed(table, table.polars_schema, f"{table.identifier}{where}"))
            copy = f"COPY ({digests}) TO {literal(self._old)} (FORMAT parquet)"
            self._is_reading = True
            (self._replaced,) = connection.execute(copy).fetchall()[0]
            self._is_reading = False
        connection.execute(f"DELETE FROM {table.identifier}{where}").fetchall()
        connection.execute(f"INSERT INTO {table.identifier} BY NAME {rows}").fetchall()
        (counted,) = connection.execute(f"SELECT count(*) FROM {table.identifier}{where}").fetchall()[0]
        if counted != self._count:
            raise RowsLostError(
                f"{table.label} would hold {counted} rows instead of {self._count}, so nothing was changed: run this "
                "step again, and report it if it repeats."
            )

    def leave_unread(self) -> bool:
        """Make `replace` skip reading the rows it replaces if that is where it failed; return whether it was.

        `changes` then says nothing of the replaced rows.
        """
        if self._is_reading:
            self._replaced = None
        return self._is_reading

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of rows for each partition that they replace."""
        found = self._connection.execute(
            f"SELECT partition::VARCHAR, count(*) FROM {rows_in(self._new)} GROUP BY ALL"
        ).fetchall()
        return {**dict.fromkeys(self._keys or (), 0), **{key: rows for key, rows in found if key is not None}}

    def changes(self) -> dict[str | None, Changes]:
        """Return what `replace` changed, by partition; under None for a table that has no partitions."""
        sizes = self._connection.execute(
            f"SELECT partition::VARCHAR, count(*), sum(bytes)::BIGINT FROM {rows_in(self._new)} GROUP BY ALL"
        ).fetchall()
        there = {partition: (rows, size) for partition, rows, size in sizes}
        differences = self._differences() if self._replaced else {}
        changes = {}
        for key in self._keys if self._keys is not None else [None]:
            rows, size = there.get(key, (0, 0))
            if self._replaced is None:
                changes[key] = Changes(rows, None, None, None, size)
                continue
            added, changed, removed = differences.get(key, (rows, 0, 0))
            changes[key] = Changes(rows, added, changed if self._table.key else None, removed, size)
        return changes

    def _differences(self) -> dict[str | None, tuple[int, int, int]]:
        """Return how many rows were added, changed and removed, by partition."""
        found = self._connection.execute(
            f"""
            WITH digests AS (
                SELECT *, 1 AS new, 0 AS old FROM ({_digests(self._table, self._typed_rows)})
                UNION ALL
                SELECT *, 0, 1 FROM {rows_in(self._old)}
            ), keys AS (
                SELECT partition, sum(new) AS news, sum(old) AS olds, bit_xor(content) <> 0 AS differs
                FROM digests GROUP BY partition, key
            )
            SELECT partition::VARCHAR, sum(greatest(news - olds, 0))::BIGINT,
                   count_if(news = 1 AND olds = 1 AND differs)::BIGINT, sum(greatest(olds - news, 0))::BIGINT
            FROM keys GROUP BY partition
            """
        ).fetchall()
        return {partition: (added, changed, removed) for partition, added, changed, removed in found}

    @property
    def _typed_rows(self) -> str:
        """Return the SQL for the spooled rows as the table will hold them."""
        return _typed(self._table, self._columns, self._rows)

    def _profile(self) -> None:
        """Write to a file each row's partition, key hash and bytes, and whether it lacks a required value."""
        table = self._table
        lacking = " OR ".join(f"{quoted(column.name)} IS NULL" for column in table.columns if column.required)
        given = [column for column in table.columns if column.name in self._columns]
        size = " + ".join(_size(quoted(column.name), column.type.id) for column in given)
        nothing = 8 * sum(column.type.id not in _LONG for column in table.columns if column not in given)
        measures = (
            f"SELECT {table.partition_sql} AS partition, {_key(table)} AS key, ({size} + {nothing})::BIGINT AS bytes, "
            f"({lacking or 'false'}) AS lacking FROM {self._typed_rows}"
        )
        self._connection.execute(f"COPY ({measures}) TO {literal(self._new)} (FORMAT parquet)").fetchall()

    def _validate(self) -> tuple[int, int]:
        """Refuse rows that may not be stored in these partitions; return their number and their bytes."""
        table = self._table
        rows, size, lacking, keys = self._connection.execute(
            "SELECT count(*), coalesce(sum(bytes), 0)::BIGINT, count_if(lacking), count(DISTINCT key) "
            f"FROM {rows_in(self._new)}"
        ).fetchall()[0]
        if lacking:
            raise RowsRefusedError(
                f"{table.label} was left as it is, because required values are missing in {self._lacking()}: "
                "fill them, or declare the column nullable."
            )
        if self._keys is not None:
            self._refuse_misplaced(self._keys)
        if table.key and keys < rows:
            self._refuse_repeated_keys(rows)
        return rows, size

    def _refuse_repeated_keys(self, rows: int) -> None:
        """Refuse rows that repeat a key; the keys themselves are counted, since two of them may have the same hash."""
        key = ", ".join(quoted(name) for name in self._table.key)
        (keys,) = self._connection.execute(
            f"SELECT count(*) FROM (SELECT DISTINCT {key} FROM {self._rows})"
        ).fetchall()[0]
        if keys < rows:
            raise RowsRefusedError(
                f"{self._table.label} was left as it is, because {rows - keys} of {rows} rows repeat the key of "
                f"another row ({', '.join(self._table.key)}): remove them, or declare a primary_key that tells them "
                "apart."
            )

    def _lacking(self) -> str:
        required = [column.name for column in self._table.columns if column.required]
        counts = ", ".join(f"count_if({quoted(name)} IS NULL)" for name in required)
        found = self._connection.execute(f"SELECT {counts} FROM {self._rows}").fetchall()[0]
        return ", ".join(f"{name} ({count} rows)" for name, count in zip(required, found, strict=True) if count)

    def _refuse_misplaced(self, keys: Sequence[str]) -> None:
        found = self._connection.execute(
            f"SELECT partition::VARCHAR AS named, count(*) FROM {rows_in(self._new)} "
            "GROUP BY partition HAVING named NOT IN (SELECT unnest(?::VARCHAR[])) ORDER BY named",
            [list(keys)],
        ).fetchall()
        if found:
            named = ", ".join(partition for partition, _ in found[:_NAMED_PARTITIONS])
            more = ", ..." if len(found) > _NAMED_PARTITIONS else ""
            raise RowsRefusedError(
                f"{self._table.label} was left as it is, because {sum(count for _, count in found)} rows belong to "
                f"partitions that this run does not write ({named}{more}, by {self._table.partition_column}): give "
                "the rows the run's own partition key, or leave them out."
            )


def _typed(table: Table, available: Container[str], source: str) -> str:
    """Return the SQL for the rows of `source` with each declared column as it is declared.

    A stored struct has its fields in the order in which they were added; in another order its hash would differ.
    """
    return f"(SELECT {', '.join(table.value_sql(name, available) for name in table.polars_schema)} FROM {source})"


def _digests(table: Table, source: str) -> str:
    """Return the SELECT of one digest for each row of `source`."""
    content = ", ".join(map(quoted, table.content))
    return f"SELECT {table.partition_sql} AS partition, {_key(table)} AS key, hash({content}) AS content FROM {source}"


def _key(table: Table) -> str:
    """Return the expression for the hash of a row's partition and key; without a key, of all of its content."""
    key = table.key or table.content
    return f"hash({', '.join(map(quoted, dict.fromkeys([*filter(None, [table.partition_column]), *key])))})"


def _size(column: str, kind: str) -> str:
    """Return the expression for a value's uncompressed bytes: those of its text, or 8."""
    match kind:
        case "varchar":
            return f"coalesce(strlen({column}), 0)"
        case "blob":
            return f"coalesce(octet_length({column}), 0)"
        case "list" | "struct":
            return f"coalesce(strlen({column}::VARCHAR), 0)"
        case _:
            return "8"
