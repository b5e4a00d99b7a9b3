"""One database, opened for a moment: found, locked, waited for, in UTC, in one transaction, and closed again.

Belongs here: everything about opening and letting go that is the same for every kind of database; nothing about tables,
frames and runs. What differs is asked of the `engine`. The database is attached to an in-memory one under a fixed name,
so that a file and a lake take the same way and no connection's settings clash with those of another one in the same
process.
"""

import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from genesys_assets.warehouse import row_groups
from genesys_assets.warehouse.engine import Engine
from genesys_assets.warehouse.errors import DatabaseConflictError, DeclarationError
from genesys_assets.warehouse.file import File
from genesys_assets.warehouse.lake import LAKE, SERVICE, Lake, Service
from genesys_assets.warehouse.table import CATALOGUE, Claim, Dialect, Table
from genesys_assets.warehouse.waiting import Wait

T = TypeVar("T")

SESSION = "; ".join(
    f"SET {setting}"
    for setting in (
        "TimeZone = 'UTC'",
        "python_enable_replacements = false",  # a table's name never means a Python variable
        "preserve_insertion_order = false",  # rows have no order; without one, an insertion takes half the time
        "enable_progress_bar = false",  # it would be drawn into the step's log
    )
)
"""What every connection is told."""

_MOST_ATTEMPTS = 10
"""How often a transaction is tried that meets conflicts. After the first, its table's other writers wait for it."""


def bulk_settings() -> dict[str, Any]:
    """Returns the settings of a connection that only copies rows.

    DuckDB would use up to 80 % of the machine to keep blocks that nobody reads again; a copy does as well with little.
    """
    threads = os.cpu_count() or 1
    return {"memory_limit": f"{100 + 75 * threads}MB"}


@dataclass
class Hold:
    """How long a database was waited for, and then held; and what other writers did to the transaction."""

    waited_seconds: float = 0.0
    held_seconds: float = 0.0
    conflicts: int = 0
    retries: int = 0


class Database:
    """A DuckDB file, or a service or lake that DuckDB attaches.

    Args:
        location: A path, `md:...` or `ducklake:...`.
        data_path: Where a lake's files are: a folder or an s3:// URL.
        lock_timeout_seconds: How long to wait for others before giving up.
        settings: DuckDB settings (`{"memory_limit": "2GB"}`).
        clock: Seconds that only go forward.
        sleep: Waits for so many seconds.

    Raises:
        DeclarationError: The location is one that cannot be kept: `:memory:`, or nothing.
    """

    def __init__(
        self,
        location: str | os.PathLike[str],
        *,
        data_path: str | None = None,
        lock_timeout_seconds: float = 600.0,
        settings: Mapping[str, Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine = _engine(os.fspath(location), data_path)
        self.lock_timeout_seconds = lock_timeout_seconds
        self._settings = dict(settings or {})
        self._clock = clock
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"Database({self.label!r})"

    @property
    def path(self) -> Path | None:
        """Returns the database file; None for a service or a lake."""
        return self._engine.path

    @property
    def label(self) -> str:
        """Returns a name for messages: the file's path, or the kind of service, without what may be secret."""
        return self._engine.label

    @property
    def dialect(self) -> Dialect:
        """Returns what the database's DDL can say."""
        return self._engine.dialect

    @property
    def has_conflicts(self) -> bool:
        """Whether writers work side by side here, so that a transaction may have to be tried again."""
        return self._engine.optimistic

    @contextlib.contextmanager
    def reading(self, hold: Hold | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yields a connection that can only read; a database that does not exist yet is an empty one.

        Raises:
            DatabaseBusyError: Somebody else held the database for longer than the lock timeout.
            DatabaseUnreadableError: The database cannot be opened.
            DatabaseUnreachableError: It does not answer.
        """
        with self._open(hold or Hold(), read_only=True) as connection:
            yield connection

    def transact(
        self,
        work: Callable[[duckdb.DuckDBPyConnection], T],
        hold: Hold | None = None,
        *,
        table: Table | None = None,
        keys: Sequence[str] | None = None,
        row_group_rows: int = row_groups.LARGEST,
    ) -> T:
        """Returns what `work` returned, called in one transaction; in a new one when others' changes conflict with it.

        Args:
            work: Is given the connection. It may be called several times, and only the last call counts.
            hold: Is told how long the database was waited for and held, and of conflicts.
            table: The table that is written; in a lake its writers of the same partition wait for one another.
            keys: The partitions that are written; None for all of the table.
            row_group_rows: How many rows are compressed and written together; see `row_groups`.

        Raises:
            DatabaseConflictError: Others' changes conflicted with it every time.
            WarehouseError: As `writing`.
        """
        hold = hold or Hold()
        pauses = Wait(self.lock_timeout_seconds, self._clock, self._sleep)
        for attempt in range(_MOST_ATTEMPTS):
            claims = table.claims(keys, alone=attempt > 0) if table else ()
            try:
                with self.writing(hold, row_group_rows=row_group_rows, claims=claims) as connection:
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
        row_group_rows: int = row_groups.LARGEST,
        claims: Sequence[Claim] = (),
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yields a connection in one transaction: committed at the end of the block, rolled back when it raises.

        Args:
            hold: Is told how long the database was waited for and held.
            row_group_rows: How many rows are compressed and written together; see `row_groups`.
            claims: What other writers of a lake are to keep away from.

        Raises:
            DatabaseBusyError: Somebody else held the database for longer than the lock timeout.
            DatabaseUnreadableError: The database cannot be opened or written.
            DatabaseUnreachableError: It does not answer.
            DatabaseConflictError: Somebody else changed the same; nothing was changed. `transact` tries again.
            DiskFullError: There is no room for what is written; nothing was changed.
        """
        opened = self._open(hold or Hold(), row_group_rows=row_group_rows, claims=claims)
        with opened as connection:
            connection.execute("BEGIN TRANSACTION")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    connection.execute("ROLLBACK")
                raise
            # Lets go of the file. What cannot be moved from the log into it now (a full disk) is safe in the log.
            with contextlib.suppress(duckdb.Error):
                connection.execute(f"USE memory; DETACH {CATALOGUE}")

    @contextlib.contextmanager
    def _open(
        self,
        hold: Hold,
        *,
        read_only: bool = False,
        row_group_rows: int = row_groups.LARGEST,
        claims: Sequence[Claim] = (),
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        # The engine is started before the lock is asked for: that takes 20 ms, as long as storing a small partition.
        config = {**self._config(), "max_vacuum_tasks": row_groups.most_joins(row_group_rows)}
        connection = duckdb.connect(":memory:", config=config)
        held_at = None
        try:
            connection.execute(SESSION)
            self._engine.prepare(connection)
            wait = Wait(self.lock_timeout_seconds, self._clock, self._sleep)
            with self._engine.queued(wait, read_only=read_only):
                try:
                    statement = self._engine.attach_sql(read_only=read_only, row_group_rows=row_group_rows)
                    self._attach(connection, statement, wait, read_only=read_only)
                    with self._named(), self._engine.claimed(connection, claims, wait):
                        held_at = self._clock()
                        hold.waited_seconds += wait.waited
                        yield connection
                finally:
                    connection.close()
        finally:
            connection.close()
            if held_at is not None:
                hold.held_seconds += self._clock() - held_at

    def _config(self) -> dict[str, Any]:
        # Two processes must not share a folder for what does not fit in memory: they would take the same file names.
        beside = self.path or Path(tempfile.gettempdir()) / CATALOGUE
        spill = f"{beside}.tmp-{os.getpid()}-{secrets.token_hex(4)}"
        own = {"custom_user_agent": "dagster", "temp_directory": spill, **self._settings}
        return {**own, **self._engine.config()}

    def _attach(self, connection: duckdb.DuckDBPyConnection, statement: str, wait: Wait, *, read_only: bool) -> None:
        while True:
            try:
                connection.execute(f"{statement}; USE {CATALOGUE}")
            except duckdb.Error as error:
                instead = self._engine.otherwise(error, read_only=read_only)
                if instead is not None:
                    statement = instead
                    continue
                if not self._engine.is_busy(error):
                    raise self._engine.refused(error) from None
                if wait.left <= 0:
                    raise self._engine.busy(wait, error) from None
            else:
                return
            wait.pause()

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Turns DuckDB's errors into what they are to the caller."""
        try:
            yield
        except duckdb.Error as error:
            meaning = self._engine.meaning(error)
            if meaning is error:
                raise
            raise meaning from None


def _engine(location: str, data_path: str | None) -> Engine:
    """Returns the engine of the database at `location`.

    Raises:
        DeclarationError: It is one that cannot be kept.
    """
    if not location.strip() or location.startswith(":memory:"):
        raise DeclarationError(
            "The database cannot be ':memory:' or empty, because every step opens it anew and would find nothing: "
            "give the path of a file, or 'md:...' or 'ducklake:...'."
        )
    if location.startswith(LAKE):
        return Lake(location, data_path)
    return Service(location) if location.startswith(SERVICE) else File(Path(location))
