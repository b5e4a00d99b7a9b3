"""One database, opened for a moment: found, locked, waited for, in UTC, in one transaction, and closed again.

Belongs here: everything about opening and letting go that is the same for every kind of database; nothing about tables,
frames and runs. What differs is asked of the `engine`. The database is attached to an in-memory one under a fixed name,
so that a file and a lake take the same way and no connection's settings clash with those of another one in the same
process.
"""

import atexit
import contextlib
import functools
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from genesys_assets import files
from genesys_assets.warehouse.duckdb_settings import LARGEST_ROW_GROUP, most_joins
from genesys_assets.warehouse.engines.choice import engine_at
from genesys_assets.warehouse.engines.duckdb_errors import full_disk
from genesys_assets.warehouse.errors import DatabaseConflictError, WarehouseError
from genesys_assets.warehouse.facts import Pins
from genesys_assets.warehouse.spool import Spool, temporary_folder
from genesys_assets.warehouse.started import Started, started
from genesys_assets.warehouse.table import CATALOGUE, EVERY_TABLE, AdvisoryLock, Dialect, Table
from genesys_assets.warehouse.waiting import Patience, Pauses, Wait

T = TypeVar("T")

_MOST_ATTEMPTS = 10
"""How often a transaction is tried that meets conflicts. After the first, its table's other writers wait for it."""


@dataclass
class Hold:
    """How long a database was waited for, and then held; and what other writers did to the transaction."""

    waited_seconds: float = 0.0
    held_seconds: float = 0.0
    conflicts: int = 0
    retries: int = 0


class Database:
    """A DuckDB file, or a lake.

    Args:
        location: A path, or `ducklake:...`.
        data_path: Where a lake's files are: a folder or an s3:// URL.
        lock_timeout_seconds: How long to wait for others before giving up.
        settings: DuckDB settings (`{"memory_limit": "2GB"}`).
        spool: Where what does not fit in memory goes; by default to a folder of its own, which a killed process leaves
            behind.
        clock: Seconds that only go forward.
        sleep: Waits for so many seconds.
        tell: Is given a sentence that names who is waited for, after five seconds and each minute again.
        remedy: What the error of a wait in vain advises.

    Raises:
        DeclarationError: The location is one that cannot be kept: `:memory:`, nothing, or one of another kind.
    """

    def __init__(  # noqa: PLR0913 - each is of its own
        self,
        location: str | os.PathLike[str],
        *,
        data_path: str | None = None,
        lock_timeout_seconds: float = 600.0,
        settings: Mapping[str, Any] | None = None,
        spool: Spool | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], object] = Patience.tell,
        remedy: str = Patience.remedy,
    ) -> None:
        self._engine = engine_at(os.fspath(location), data_path)
        self._patience = Patience(lock_timeout_seconds, clock, sleep, tell, remedy)
        self._settings = dict(settings or {})
        self._spool = spool
        self._pins: Pins | None = None
        self._is_judged = False
        self._clock = clock
        self._left: object = None
        self._others = 0

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
    def notices_others(self) -> bool:
        """Return whether writes by others can be detected."""
        return self._engine.fingerprint() is not None

    @property
    def mark(self) -> int | None:
        """Return a number that changes once others are seen to have written; None where this cannot be detected."""
        return None if self._left is None else self._others

    def is_at(self, mark: int | None) -> bool:
        """Return whether nobody but this object has written since `mark` was the mark."""
        self._look()
        return mark is not None and mark == self.mark

    def _look(self) -> None:
        """Begin a new mark when the database is not as this object left it."""
        seen = self._engine.fingerprint()
        if seen != self._left:
            self._others += 1
            self._left = seen

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
        with self._open(Hold(), self._patience.wait(), read_only=True) as (connection, _):
            seen = self._pins.look(connection)
        self._pins.judge(seen, self.label)
        self._is_judged = True

    def record(self, connection: duckdb.DuckDBPyConnection, table: Table, keys: Sequence[str] | None) -> None:
        """Record, in the connection's transaction, how the partitions just stored were made."""
        if self._pins is not None:
            self._pins.stored(connection, table, keys)

    @contextlib.contextmanager
    def reading(self, hold: Hold | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a read-only connection; a database that does not exist yet reads as an empty one.

        Raises:
            DatabaseBusyError: Somebody else held the database for longer than the lock timeout.
            DatabaseUnreadableError: The database cannot be opened.
            DatabaseUnreachableError: It does not answer.
        """
        self.judge()
        with self._open(hold or Hold(), self._patience.wait(), read_only=True) as (connection, _):
            yield connection

    def transact(
        self,
        work: Callable[[duckdb.DuckDBPyConnection], T],
        hold: Hold | None = None,
        *,
        table: Table | None = None,
        keys: Sequence[str] | None = None,
        row_group_rows: int = LARGEST_ROW_GROUP,
    ) -> T:
        """Run `work` in a transaction and return its result; on a conflict with others' changes try again in a new one.

        Args:
            work: Receives the connection. It may be called several times, and only the last call counts.
            hold: Records how long the database was waited for and held, and conflicts.
            table: The table that is written; in a lake, writers of the same partition of it wait for one another.
                Without a table this waits for all other writers.
            keys: The partitions that are written; None for all of the table.
            row_group_rows: How many rows are compressed and written together; see `rows_in_group`.

        Raises:
            DatabaseConflictError: Others' changes conflicted with it every time.
            DatabaseBusyError: Waiting for others took longer, in all attempts together, than the lock timeout.
            WarehouseError: As `writing`.
        """
        hold = hold or Hold()
        wait, pauses = self._patience.wait(), Pauses(self._patience.sleep)
        for attempt in range(_MOST_ATTEMPTS):
            advisory_locks = table.advisory_locks(keys, whole_table=attempt > 0) if table else (EVERY_TABLE,)
            try:
                with self._writing(hold, wait, row_group_rows, advisory_locks) as connection:
                    result = work(connection)
            except DatabaseConflictError:
                hold.conflicts += 1
                if attempt + 1 == _MOST_ATTEMPTS:
                    raise
                hold.retries += 1
                pauses.pause()
            else:
                return result
        raise AssertionError  # the last attempt has returned or raised

    @contextlib.contextmanager
    def writing(
        self,
        hold: Hold | None = None,
        *,
        row_group_rows: int = LARGEST_ROW_GROUP,
        advisory_locks: Sequence[AdvisoryLock] = (),
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection in one transaction, committed at the end of the block and rolled back when it raises.

        Args:
            hold: Records how long the database was waited for and held.
            row_group_rows: How many rows are compressed and written together; see `rows_in_group`.
            advisory_locks: What other writers of a lake must not write meanwhile.

        Raises:
            DatabaseBusyError: Somebody else held the database for longer than the lock timeout.
            DatabaseUnreadableError: The database cannot be opened or written.
            DatabaseUnreachableError: It does not answer.
            DatabaseConflictError: Somebody else changed the same data; nothing was changed. `transact` tries again.
            DiskFullError: There is no room for what is written; nothing was changed.
        """
        with self._writing(hold or Hold(), self._patience.wait(), row_group_rows, advisory_locks) as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(
        self, hold: Hold, wait: Wait, row_group_rows: int, advisory_locks: Sequence[AdvisoryLock]
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        self.judge()
        with self._open(hold, wait, row_group_rows=row_group_rows, advisory_locks=advisory_locks) as (
            connection,
            confirm,
        ):
            connection.execute("BEGIN TRANSACTION")
            try:
                if self._pins is not None:
                    self._pins.settle(connection, self.label)
                yield connection
                confirm()
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _open(
        self,
        hold: Hold,
        wait: Wait,
        *,
        read_only: bool = False,
        row_group_rows: int = LARGEST_ROW_GROUP,
        advisory_locks: Sequence[AdvisoryLock] = (),
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, Callable[[], None]]]:
        config = {**self._config(), "max_vacuum_tasks": most_joins(row_group_rows)}
        held_at = None
        # The engine is started before the lock is asked for.
        with started(config, self._spill()) as engine:
            connection = engine.connection
            with self._opening():
                self._engine.prepare(connection)
            waited_before = wait.waited
            try:
                with (
                    files.private(),
                    self._engine.file_lock(wait, read_only=read_only),
                    self._let_go(engine, read_only=read_only),
                ):
                    self._look()
                    statement = self._engine.attach_sql(read_only=read_only, row_group_rows=row_group_rows)
                    self._attach(connection, statement, wait, read_only=read_only)
                    with self._opening():
                        self._engine.after_attach(connection)
                    with (
                        self._named(),
                        self._engine.advisory_locks(connection, advisory_locks, wait) as confirm,
                        wait.over(),
                    ):
                        held_at = self._clock()
                        hold.waited_seconds += wait.waited - waited_before
                        yield connection, confirm
            finally:
                if held_at is not None:
                    hold.held_seconds += self._clock() - held_at

    @contextlib.contextmanager
    def _let_go(self, engine: Started, *, read_only: bool) -> Iterator[None]:
        """Close the database at the end of the block, while others are kept out of it.

        What cannot be moved from the log into the file now, as on a full disk, is safe in the log.
        """
        try:
            yield
        except BaseException:
            engine.end()
            raise
        else:
            engine.detach(CATALOGUE)
        finally:
            if self.path is None:
                engine.end()
            if not read_only:
                self._left = self._engine.fingerprint()

    def _config(self) -> dict[str, Any]:
        return {"custom_user_agent": "dagster", **self._settings, **self._engine.config()}

    def _spill(self) -> Path:
        """Return a new folder for what does not fit in memory; engines sharing one would use the same file names."""
        if self._spool is not None:
            return self._spool.spill()
        if self.path is None:
            return _spool_of(os.getpid()).spill()
        return Path(f"{self.path}.tmp-{os.getpid()}-{secrets.token_hex(4)}").absolute()

    def _attach(self, connection: duckdb.DuckDBPyConnection, statement: str, wait: Wait, *, read_only: bool) -> None:
        while True:
            try:
                connection.execute(f"{statement}; USE {CATALOGUE}")
            except duckdb.Error as error:
                instead = self._engine.fallback_sql(error, read_only=read_only)
                if instead is not None:
                    statement = instead
                    continue
                if not self._engine.is_busy(error):
                    raise self._refusal(error) from None
                if wait.left <= 0:
                    raise self._engine.busy_error(wait, error) from None
                wait.pause(functools.partial(self._held, error))
            else:
                return

    def _held(self, error: duckdb.Error) -> str:
        return f"{self.label}, held by {self._engine.holder(error)}"

    @contextlib.contextmanager
    def _opening(self) -> Iterator[None]:
        """Turn DuckDB's errors into the one that says why the database cannot be opened."""
        try:
            yield
        except duckdb.Error as error:
            raise self._refusal(error) from None

    def _refusal(self, error: duckdb.Error) -> WarehouseError:
        return full_disk(self.label, error) or self._engine.open_error(error)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Turn DuckDB's errors in a transaction into the ones that tell the caller what happened."""
        try:
            yield
        except duckdb.Error as error:
            meaning = self._engine.translate_error(error)
            if meaning is error:
                raise
            raise meaning from None


@functools.cache
def _spool_of(process: int) -> Spool:
    """Return the process's spool for databases without a spool or a folder of their own; it closes with the process."""
    spool = Spool(temporary_folder())
    atexit.register(lambda: spool.close() if os.getpid() == process else None)  # a fork inherits this
    return spool
