"""A run's cache: its later steps load what it has stored from the files from which it was stored.

A day's chain loads everything that it stores, some of it five times over: of 28 s for 100,000 conversations, reading
them back from the database took 3. Belongs here: which rows may be taken from the cache, and how long: until the run
ends, somebody else writes to the database, or the run stores the same partitions again.
"""

from collections.abc import Sequence
from typing import NamedTuple

from genesys_assets.warehouse.database import Database
from genesys_assets.warehouse.parquet import ParquetRows
from genesys_assets.warehouse.table import Table


class _Stored(NamedTuple):
    rows: ParquetRows
    version: int | None


class RunCache:
    """The rows that a run has stored in a database, by table and partitions."""

    def __init__(self, database: Database) -> None:
        self._writes = database.external_writes
        self._stored: dict[tuple[str, tuple[str, ...] | None], _Stored] = {}

    def put(self, table: Table, keys: Sequence[str] | None, rows: ParquetRows) -> None:
        """Keep what the last transaction stored as the partitions `keys` of a table; forget what that replaced."""
        changed = set(keys or ())
        for label, others in list(self._stored):
            if label == table.label and (keys is None or others is None or changed & set(others)):
                del self._stored[label, others]
        self._stored[_name(table, keys)] = _Stored(rows, self._writes.version)

    def get(self, table: Table, keys: Sequence[str] | None) -> ParquetRows | None:
        """Return the rows that are stored in these partitions; None when they must be read from the database."""
        stored = self._stored.get(_name(table, keys))
        if stored is None or not self._writes.unchanged_since(stored.version):
            return None
        return stored.rows if all(file.exists() for file in stored.rows.files) else None  # gone if its step failed


def _name(table: Table, keys: Sequence[str] | None) -> tuple[str, tuple[str, ...] | None]:
    return table.label, None if keys is None else tuple(sorted(keys))
