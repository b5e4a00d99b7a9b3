"""One database: read, or written in one transaction that is begun again when others' changes conflict with it.

Belongs here: transactions, and the comparison of whose data the database holds. How it is opened is in `opening`;
nothing about tables, frames and runs.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from genesys_assets.warehouse.duckdb_settings import LARGEST_ROW_GROUP
from genesys_assets.warehouse.engines import engine_at
from genesys_assets.warehouse.errors import DatabaseConflictError
from genesys_assets.warehouse.facts import Pins
from genesys_assets.warehouse.opening import ExternalWrites, Opener
from genesys_assets.warehouse.spool import Spool
from genesys_assets.warehouse.table import EVERY_TABLE, AdvisoryLock, Dialect, Table
from genesys_assets.warehouse.waiting import LockTiming, Pauses, Wait, WaitPolicy

T = TypeVar("T")

_MOST_ATTEMPTS = 10
"""How often a transaction is tried that meets conflicts. After the first, its table's other writers wait for it."""


class Database:
    """A DuckDB file, or a lake.

    Args:
        location: A path, or `ducklake:...`.
        data_path: Where a lake's files are: a folder or an s3:// URL.
        settings: DuckDB settings (`{"memory_limit": "2GB"}`).
        spool: Where what does not fit in memory goes; by default to a folder of its own, which a killed process leaves
            behind.
        wait_policy: How long to wait for others, and to whom a long wait is reported.

    Raises:
        DeclarationError: The location is one that cannot be kept: `:memory:`, nothing, or one of another kind.
    """

    def __init__(
        self,
        location: str | os.PathLike[str],
        *,
        data_path: str | None = None,
        settings: Mapping[str, Any] | None = None,
        spool: Spool | None = None,
        wait_policy: WaitPolicy | None = None,
    ) -> None:
        self._engine = engine_at(os.fspath(location), data_path)
        self._wait_policy = wait_policy or WaitPolicy()
        self._opener = Opener(self._engine, dict(settings or {}), spool, self._wait_policy.clock)
        self._pins: Pins | None = None
        self._is_judged = False

    def __repr__(self) -> str:
        return f"Database({self.label!r})"

    @property
    def path(self) -> Path | None:
        """Return the database file; None for a lake."""
        return self._engine.path

    @property
    def label(self) -> str:
        """Return a name for messages: the file's path, or the kind of database, without secrets."""
        return self._engine.label

    @property
    def dialect(self) -> Dialect:
        """Return which DDL the database understands."""
        return self._engine.dialect

    @property
    def has_conflicts(self) -> bool:
        """Return whether writers work side by side here, so that a transaction may have to be tried again."""
        return self._engine.is_optimistic

    @property
    def external_writes(self) -> ExternalWrites:
        """Return what detects writes by others."""
        return self._opener.external_writes

    def pin_with(self, pins: Pins) -> None:
        """Set the pins by which it is checked from now on whose data the database holds."""
        self._pins, self._is_judged = pins, False

    def judge(self) -> None:
        """Check once whose data the database holds; everything that reads or writes here calls this first.

        Raises:
            WarehouseError: Its data are somebody else's, or it is busy or cannot be opened.
        """
        if self._pins is None or self._is_judged:
            return
        with self._opener.open(LockTiming(), self._wait_policy.wait(), read_only=True) as opened:
            seen = self._pins.look(opened.connection)
        self._pins.judge(seen, self.label)
        self._is_judged = True

    def record(self, connection: duckdb.DuckDBPyConnection, table: Table, keys: Sequence[str] | None) -> None:
        """Record, in the connection's transaction, how the partitions just stored were made."""
        if self._pins is not None:
            self._pins.stored(connection, table, keys)

    @contextlib.contextmanager
    def reading(self, timing: LockTiming | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a read-only connection; a database that does not exist yet reads as an empty one.

        Raises:
            DatabaseBusyError: Somebody else held the database for longer than the lock timeout.
            DatabaseUnreadableError: The database cannot be opened.
            DatabaseUnreachableError: It does not answer.
        """
        self.judge()
        with self._opener.open(timing or LockTiming(), self._wait_policy.wait(), read_only=True) as opened:
            yield opened.connection

    def transact(
        self,
        work: Callable[[duckdb.DuckDBPyConnection], T],
        timing: LockTiming | None = None,
        *,
        table: Table | None = None,
        keys: Sequence[str] | None = None,
        row_group_rows: int = LARGEST_ROW_GROUP,
    ) -> T:
        """Run `work` in a transaction and return its result; on a conflict with others' changes try again in a new one.

        Args:
            work: Receives the connection. It may be called several times, and only the last call counts.
            timing: Records how long the database was waited for and held, and conflicts.
            table: The table that is written; in a lake, writers of the same partition of it wait for one another.
                Without a table this waits for all other writers.
            keys: The partitions that are written; None for all of the table.
            row_group_rows: How many rows are compressed and written together; see `rows_in_group`.

        Raises:
            DatabaseConflictError: Others' changes conflicted with it every time.
            DatabaseBusyError: Waiting for others took longer, in all attempts together, than the lock timeout.
            WarehouseError: As `writing`.
        """
        timing = timing or LockTiming()
        wait, pauses = self._wait_policy.wait(), Pauses(self._wait_policy.sleep)
        for attempt in range(_MOST_ATTEMPTS):
            locks = table.advisory_locks(keys, whole_table=attempt > 0) if table else (EVERY_TABLE,)
            try:
                with self.writing(timing, row_group_rows=row_group_rows, advisory_locks=locks, wait=wait) as connection:
                    result = work(connection)
            except DatabaseConflictError:
                timing.conflicts += 1
                if attempt + 1 == _MOST_ATTEMPTS:
                    raise
                timing.retries += 1
                pauses.pause()
            else:
                return result
        raise AssertionError  # the last attempt has returned or raised

    @contextlib.contextmanager
    def writing(
        self,
        timing: LockTiming | None = None,
        *,
        row_group_rows: int = LARGEST_ROW_GROUP,
        advisory_locks: Sequence[AdvisoryLock] = (),
        wait: Wait | None = None,
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection in one transaction, committed at the end of the block and rolled back when it raises.

        Args:
            timing: Records how long the database was waited for and held.
            row_group_rows: How many rows are compressed and written together; see `rows_in_group`.
            advisory_locks: What other writers of a lake must not write meanwhile.
            wait: The wait that this is an attempt of; by default a wait of its own.

        Raises:
            DatabaseBusyError: Somebody else held the database for longer than the lock timeout.
            DatabaseUnreadableError: The database cannot be opened or written.
            DatabaseUnreachableError: It does not answer.
            DatabaseConflictError: Somebody else changed the same data; nothing was changed. `transact` tries again.
            DiskFullError: There is no room for what is written; nothing was changed.
        """
        self.judge()
        with self._opener.open(
            timing or LockTiming(),
            wait or self._wait_policy.wait(),
            row_group_rows=row_group_rows,
            advisory_locks=advisory_locks,
        ) as (connection, confirm_locks):
            connection.execute("BEGIN TRANSACTION")
            try:
                if self._pins is not None:
                    self._pins.settle(connection, self.label)
                yield connection
                confirm_locks()
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    connection.execute("ROLLBACK")
                raise
