"""Copying every table of one warehouse into another, day by day: from a file to a lake, or the other way.

Belongs here: what is copied, in which pieces, and how two pieces are compared. The warehouse opens databases and
replaces partitions; the command line prints.

A piece is a day of a table, or a whole table without partitions. Two pieces are the same when the number of their rows
and the sum of the rows' hashes agree, in whatever order; each database computes its own. A piece is copied in one
transaction, so none is ever half copied, and copying again skips the pieces that agree. Rows that the target already
has may be newer than the source's, so a piece that differs is replaced only when that is asked for.
"""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import duckdb

from genesys_assets.errors import ProjectError
from genesys_assets.pinning import Identity
from genesys_assets.warehouse import (
    CATALOGUE,
    Column,
    Database,
    Spool,
    Table,
    copy_out,
    ensure,
    literal,
    quoted,
    rows_in,
    rows_in_group,
    stored,
    stored_columns,
    stored_types,
)
from genesys_assets.warehouse.facts import FACTS, SCHEMA, facts, pin

PARTITION_COLUMNS = ("partition_date", stored.PARTITION_COLUMN)
_MOST_NAMED = 5


class Fingerprint(NamedTuple):
    """The fingerprint of a piece: the number of its rows, and the sum of their hashes over all columns."""

    rows: int
    digest: int


Fingerprints = dict[str | None, Fingerprint]
"""The fingerprints of a table by day; None is the key of a whole table."""


class MigrationError(ProjectError):
    """The copy cannot be made, or differs from the source."""


class Outcome(StrEnum):
    """What happened to a piece."""

    AGREED = "agreed already"
    COPIED = "copied"
    REPLACED = "replaced"
    LEFT = "only in the target, left alone"


@dataclass(frozen=True)
class Piece:
    """A day of a table, or a whole table (`day` is None), with the number of its rows and what happened to it."""

    table: str
    day: str | None
    rows: int
    outcome: Outcome


def copy(source: Database, target: Database, spool: Spool, *, replace: bool = False) -> Iterator[Piece]:
    """Copy every table, and yield each piece once the target has it.

    Args:
        source: The database to copy, which is only read.
        target: The database to copy into. Tables and days that only it has are left alone.
        spool: The folder for the rows on their way.
        replace: Whether pieces of the target that differ from the source's may be replaced.

    Raises:
        MigrationError: There is nothing to copy, the target is another organisation's, a table has another shape in the
            target, a piece of the target differs and may not be replaced, a piece differs after it was copied, or the
            source changed meanwhile.
        WarehouseError: A database is busy or cannot be opened.
    """
    tables = tables_of(source)
    if not tables:
        raise MigrationError(f"There is no table in {source.label}: name the database that holds them by --from.")
    _claim(source, target)
    copied = []
    for table in tables:
        held = fingerprints(target, table)
        wanted = fingerprints(source, table)
        differing = [day for day in wanted if day in held and held[day] != wanted[day]]
        if differing and not replace:
            raise _refused(table, differing, target)
        copied.append((table, (yield from _copy_table(source, target, table, spool, wanted, held))))
    _refuse_changed(source, copied)


def tables_of(database: Database) -> list[Table]:
    """Return the tables as they are stored."""
    with database.reading() as connection:
        names = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL", [CATALOGUE]
        ).fetchall()
        names = [name for name in names if name != (SCHEMA, FACTS)]  # copied by `_claim`
        return [_table(connection, schema, name) for schema, name in names]


def _claim(source: Database, target: Database) -> None:
    """Make sure that the target belongs to the source's organisation, and pin it so if it is not pinned yet.

    Raises:
        MigrationError: It belongs to another organisation.
    """
    with source.reading() as connection:
        pinned = facts(connection)
    of_source = Identity.pinned(pinned)

    def compare(connection: duckdb.DuckDBPyConnection) -> None:
        of_target = Identity.pinned(facts(connection))
        if of_source and of_target and not of_target.is_same(of_source):
            raise MigrationError(
                f"{target.label} holds the data of {of_target.label}, and {source.label} those of {of_source.label}: "
                "nothing was copied. Name a database of its own by --to."
            )
        if of_source and not of_target:
            pin(connection, pinned)

    if of_source:
        target.transact(compare)


def fingerprints(database: Database, table: Table) -> Fingerprints:
    """Return the fingerprint of each piece of a table, {} if it is missing or empty.

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


def _copy_table(
    source: Database, target: Database, table: Table, spool: Spool, wanted: Fingerprints, held: Fingerprints
) -> Generator[Piece, None, Fingerprints]:
    """Yield each piece once the target has it, and return the fingerprints of those that the source has."""
    if not wanted and not held:
        target.transact(lambda connection: ensure(connection, table, target.dialect), table=table)
        yield Piece(table.label, None, 0, Outcome.AGREED)
    copied: Fingerprints = {}
    for day in sorted({*wanted, *held}, key=str):
        if day not in wanted:
            yield Piece(table.label, day, held[day].rows, Outcome.LEFT)
        elif wanted[day] == held.get(day):
            copied[day] = wanted[day]
            yield Piece(table.label, day, wanted[day].rows, Outcome.AGREED)
        else:
            with spool.scoped_folder() as folder:
                copied[day] = _copy_piece(source, target, table, day, held.get(day), folder / "rows.parquet")
            yield Piece(table.label, day, copied[day].rows, Outcome.REPLACED if day in held else Outcome.COPIED)
    return copied


def _copy_piece(
    source: Database, target: Database, table: Table, day: str | None, held: Fingerprint | None, file: Path
) -> Fingerprint:
    """Replace a piece in the target, in one transaction that is committed only if both agree.

    The two databases are never open at once: the rows go through a file, and the target's are compared with what the
    source had when they were read.
    """
    keys = None if day is None else [day]
    stored, spooled = f"(FROM {table.identifier}{table.where(keys)})", rows_in(file)
    with source.reading() as connection:
        copy_out(connection, f"FROM {table.identifier}{table.where(keys)}", file)
        read = _fingerprints(connection, table, spooled)
        if read != _fingerprints(connection, table, stored):
            raise _differs(table, day, "the disk for temporary files")
        (size,) = connection.execute(
            f"SELECT coalesce(sum(total_uncompressed_size), 0)::BIGINT FROM parquet_metadata({literal(file)})"
        ).fetchall()[0]
    copied = read.get(day, Fingerprint(0, 0))

    def replace(connection: duckdb.DuckDBPyConnection) -> None:
        ensure(connection, table, target.dialect)
        if _fingerprints(connection, table, stored).get(day) != held:
            raise _refused(table, [day], target)
        connection.execute(f"DELETE FROM {table.identifier}{table.where(keys)}")
        connection.execute(f"INSERT INTO {table.identifier} BY NAME FROM {spooled}")
        if _fingerprints(connection, table, stored) != read:
            raise _differs(table, day, target.label)

    row_group_rows = rows_in_group(copied.rows, size / max(copied.rows, 1))
    target.transact(replace, table=table, keys=keys, row_group_rows=row_group_rows)
    return copied


def _fingerprints(connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> Fingerprints:
    names = ", ".join(quoted(name) for name in sorted(column.name for column in table.columns))
    found = connection.execute(
        f"SELECT {table.partition_sql}::VARCHAR, count(*), sum(hash({names})::HUGEINT) FROM {rows} "
        "GROUP BY 1 HAVING count(*) > 0"
    ).fetchall()
    return {day: Fingerprint(count, digest) for day, count, digest in found}


def _refuse_changed(source: Database, copied: Sequence[tuple[Table, Fingerprints]]) -> None:
    """Make sure that the source still is what was copied.

    Raises:
        MigrationError: Tables or pieces of it have changed.
    """
    changed = sorted({table.label for table in tables_of(source)} - {table.label for table, _ in copied})
    for table, then in copied:
        now = fingerprints(source, table)
        changed += [_named(table, day) for day in sorted({*now, *then}, key=str) if now.get(day) != then.get(day)]
    if changed:
        raise MigrationError(
            f"{source.label} was changed while it was copied ({_listed(changed)}): stop what stores in it, and copy "
            "again with --replace."
        )


def _table(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> Table:
    """Return the declaration of a stored table."""
    types = stored_types(connection, schema, name)
    columns = [Column(column, kind, required=False, compressed=column == "document") for column, kind in types.items()]
    return Table(schema, name, tuple(columns), _partition_column(connection, schema, name, types), ())


def _partition_column(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, columns: Container[str]
) -> str | None:
    """Return the column of the partition, None if it is missing, or null in some row."""
    column = next((each for each in PARTITION_COLUMNS if each in columns), None)
    if column is None:
        return None
    nulls = f"SELECT count(*) FROM {quoted(CATALOGUE, schema, name)} WHERE {quoted(column)} IS NULL"
    return column if connection.execute(nulls).fetchall() == [(0,)] else None


def _differs(table: Table, day: str | None, where: str) -> MigrationError:
    return MigrationError(
        f"{_named(table, day)}: the copy in {where} differs from the source and was not kept. Copy again, and report "
        "it if it happens again."
    )


def _refused(table: Table, days: Sequence[str | None], target: Database) -> MigrationError:
    return MigrationError(
        f"{target.label} holds other rows than the source ({_listed([_named(table, day) for day in days])}), and they "
        "were left as they are. If they are older than the source's, copy again with --replace; if the target is in "
        "use already, there is nothing to copy."
    )


def _named(table: Table, day: str | None) -> str:
    return f"{table.label}, {day or 'whole'}"


def _listed(pieces: Sequence[str]) -> str:
    more = f"; and {len(pieces) - _MOST_NAMED} more" if len(pieces) > _MOST_NAMED else ""
    return "; ".join(pieces[:_MOST_NAMED]) + more
