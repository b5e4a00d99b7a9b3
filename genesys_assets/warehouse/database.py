"""One database, opened for a moment: found, locked, waited for, in UTC, in one transaction, and closed again.

Belongs here: everything about opening and letting go; nothing about tables, frames and runs. The database is attached
to an in-memory one under a fixed name, so that a file and a lake take the same way and no connection's settings clash
with those of another one in the same process.

DuckDB lets one process write a file, or several read it. Here writers and readers of a file queue on a lock file beside
it (`<database>.lock`), each for as long as a bulk copy takes, so that none of them meets DuckDB's own refusal. A
process that does not queue (DuckDB's command line, a BI tool) is waited for with jitter, and named when it does not let
go.
"""

import contextlib
import os
import random
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import filelock

from genesys_assets.warehouse.errors import DatabaseBusyError, DatabaseUnreadableError, DeclarationError, DiskFullError
from genesys_assets.warehouse.table import CATALOGUE, literal

STORAGE_VERSION = "v1.5.0"
"""New files are written so that DuckDB 1.5, and the tools built on it, can read them."""

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

LARGEST_ROW_GROUP = 122_880
_SMALLEST_ROW_GROUP = 2_048
_ROW_GROUP_BYTES = 24 * 2**20
_SERVICES = ("md:", "ducklake:")
_POLL_SECONDS = 0.01
_LONGEST_WAIT_SECONDS = 1.0
_BUSY = re.compile(
    r"Could not set lock on file|Unique file handle conflict|already attached|being used by another process"
)
_HOLDER = re.compile(r"\(PID (\d+)\)")
_FULL = re.compile(
    r"No space left on device|File too large|[Dd]isk quota|Could not write all bytes|not enough space", re.IGNORECASE
)


def row_group_of(row_bytes: float) -> int:
    """Returns how many rows of about `row_bytes` bytes should be compressed and written together.

    DuckDB takes 122,880, whatever they weigh, and puts a smaller insertion into its log first, to write it once more at
    the end. Measured with documents of 5.6 kB: 100,000 of them took 7.3 s and 1.7 GB in groups of 122,880, and 2.6 s
    and 0.5 GB in groups of 2,048 to 8,192; 10,000 of them took 0.7 s and 0.5 s.
    """
    rows = int(_ROW_GROUP_BYTES / max(row_bytes, 1.0))
    return min(max(rows - rows % _SMALLEST_ROW_GROUP, _SMALLEST_ROW_GROUP), LARGEST_ROW_GROUP)


def bulk_settings() -> dict[str, Any]:
    """Returns the settings of a connection that only copies rows.

    DuckDB would use up to 80 % of the machine to keep blocks that nobody reads again; a copy does as well with little.
    """
    threads = os.cpu_count() or 1
    return {"memory_limit": f"{200 + 100 * threads}MB"}


@dataclass
class Hold:
    """How long a database was waited for, and then held."""

    waited_seconds: float = 0.0
    held_seconds: float = 0.0


class Database:
    """A DuckDB file, or a service or lake that DuckDB attaches.

    Args:
        location: A path, `md:...` or `ducklake:...`.
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
        lock_timeout_seconds: float = 600.0,
        settings: Mapping[str, Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._location = os.fspath(location)
        if not self._location.strip() or self._location.startswith(":memory:"):
            raise DeclarationError(
                "The database cannot be ':memory:' or empty, because every step opens it anew and would find nothing: "
                "give the path of a file, or 'md:...' or 'ducklake:...'."
            )
        self.lock_timeout_seconds = lock_timeout_seconds
        self._settings = dict(settings or {})
        self._clock = clock
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"Database({self.label!r})"

    @property
    def path(self) -> Path | None:
        """Returns the database file; None for a service or a lake."""
        return None if self._location.startswith(_SERVICES) else Path(self._location)

    @property
    def label(self) -> str:
        """Returns a name for messages: the file's path, or the kind of service, without what may be secret."""
        return str(self.path) if self.path else self._location.split(":", 1)[0] + ":..."

    @contextlib.contextmanager
    def reading(self, hold: Hold | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yields a connection that can only read; a database that does not exist yet is an empty one.

        Raises:
            DatabaseBusyError: Somebody else held the database for longer than the lock timeout.
            DatabaseUnreadableError: The database cannot be opened.
        """
        with self._open(self._attach_read_only_sql(), hold or Hold(), read_only=True) as connection:
            yield connection

    @contextlib.contextmanager
    def writing(
        self, hold: Hold | None = None, *, row_group_rows: int = LARGEST_ROW_GROUP
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yields a connection in one transaction: committed at the end of the block, rolled back when it raises.

        Args:
            hold: Is told how long the database was waited for and held.
            row_group_rows: How many rows are compressed and written together; see `row_group_of`.

        Raises:
            DatabaseBusyError: Somebody else held the database for longer than the lock timeout.
            DatabaseUnreadableError: The database cannot be opened or written.
            DiskFullError: There is no room for what is written; nothing was changed.
        """
        attach = self._attach_sql(row_group_rows)
        with self._open(attach, hold or Hold()) as connection, self._full_disk_named():
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
    def _open(self, attach: str, hold: Hold, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        # The engine is started before the lock is asked for: that takes 20 ms, as long as storing a small partition.
        connection = duckdb.connect(":memory:", config=self._config())
        asked_at = self._clock()
        deadline = asked_at + self.lock_timeout_seconds
        held_at = None
        try:
            connection.execute(SESSION)
            with self._queued(deadline, read_only=read_only):
                try:
                    self._attach(connection, attach, deadline)
                    held_at = self._clock()
                    hold.waited_seconds += held_at - asked_at
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
        return {"custom_user_agent": "dagster", "temp_directory": spill, **self._settings}

    @contextlib.contextmanager
    def _queued(self, deadline: float, *, read_only: bool) -> Iterator[None]:
        """Holds the lock file during the block, when the database is a file that exists or is about to."""
        path = self.path
        if path is None or (read_only and not path.exists()):
            yield
            return
        # Beside the file itself, so that those who come by a link queue with the others.
        lock = filelock.FileLock(f"{path.resolve()}.lock", poll_interval=_POLL_SECONDS)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=max(0.0, deadline - self._clock()))
        except filelock.Timeout:
            raise self._busy(self._holder()) from None
        except OSError as error:
            if not read_only:
                raise DatabaseUnreadableError(
                    f"The database {self.label} cannot be written ({error.strerror or error}: {error.filename}): "
                    "give this process the right to write in that folder, or set another path."
                ) from error
            # A folder that only others may write: DuckDB's own lock has to do.
        try:
            yield
        finally:
            lock.release()

    def _attach(self, connection: duckdb.DuckDBPyConnection, statement: str, deadline: float) -> None:
        pause = 0.02
        while True:
            try:
                connection.execute(f"{statement}; USE {CATALOGUE}")
            except duckdb.Error as error:
                if not _BUSY.search(str(error)):
                    raise self._unreadable(error) from None
                if self._clock() >= deadline:
                    raise self._busy(_process(error)) from None
            else:
                return
            jittered = pause * random.uniform(0.5, 1.0)  # noqa: S311  # not a secret
            self._sleep(min(jittered, max(0.0, deadline - self._clock())))
            pause = min(2 * pause, _LONGEST_WAIT_SECONDS)

    def _attach_sql(self, row_group_rows: int) -> str:
        path = self.path
        if path is None:
            return f"ATTACH {literal(self._location)} AS {CATALOGUE}"
        options = f"STORAGE_VERSION '{STORAGE_VERSION}', ROW_GROUP_SIZE {row_group_rows}"
        return f"ATTACH {literal(path)} AS {CATALOGUE} ({options})"

    def _attach_read_only_sql(self) -> str:
        path = self.path
        if path is not None and not path.exists():
            return f"ATTACH ':memory:' AS {CATALOGUE}"
        return f"ATTACH {literal(path or self._location)} AS {CATALOGUE} (READ_ONLY)"

    def _holder(self) -> str | None:
        """Asks DuckDB who has the file open: the process at the head of the queue, or the one that it waits for."""
        try:
            with duckdb.connect(":memory:") as connection:
                connection.execute(self._attach_read_only_sql())
        except duckdb.Error as error:
            return _process(error)
        return None

    def _busy(self, holder: str | None) -> DatabaseBusyError:
        who = f"process {holder}" if holder else f"a process that holds {self.label}.lock"
        return DatabaseBusyError(
            f"The database {self.label} was held by {who} for longer than the {self.lock_timeout_seconds:g} seconds "
            "that the warehouse waits: end that process, or raise lock_timeout_seconds, and run this step again."
        )

    def _unreadable(self, error: duckdb.Error) -> DatabaseUnreadableError:
        # What DuckDB says of a lake may repeat the connection string, and a password in it.
        reason = str(error).splitlines()[0].rstrip(".") if self.path else type(error).__name__
        return DatabaseUnreadableError(
            f"The database {self.label} cannot be opened by DuckDB {duckdb.__version__} and was left as it is "
            f"({reason}): restore it from a copy, or move it away and materialise the partitions again."
        )

    @contextlib.contextmanager
    def _full_disk_named(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            if not _FULL.search(str(error)):
                raise
            raise DiskFullError(
                f"The database {self.label} could not grow, and its rows are as they were: free space on its disk and "
                "run this step again."
            ) from error


def _process(error: duckdb.Error) -> str | None:
    found = _HOLDER.search(str(error))
    return found.group(1) if found else (str(os.getpid()) if "file handle" in str(error) else None)
