"""What differs from one kind of database to the next, and what most kinds have in common.

Belongs here: the questions that `database` asks of an engine, and the answers that hold unless a kind of database has
another one: `file` (a DuckDB file) and `lake` (DuckLake). Knows SQL for attaching; neither tables nor frames.
"""

import contextlib
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb
import filelock

from genesys_assets import files
from genesys_assets.warehouse import damage, locks
from genesys_assets.warehouse.engines.duckdb_errors import cut_off
from genesys_assets.warehouse.errors import DatabaseBusyError, DatabaseUnreadableError, WarehouseError
from genesys_assets.warehouse.table import CATALOGUE, AdvisoryLock, Dialect
from genesys_assets.warehouse.waiting import Wait

ATTACH_NOTHING = f"ATTACH ':memory:' AS {CATALOGUE}"
"""Attaches an empty database in the place of one that does not exist yet."""

_HELD_ELSEWHERE = re.compile(
    r"Could not set lock on file|Unique file handle conflict|already attached|being used by another process"
)
"""What DuckDB says of a file that somebody else has open."""

_HOLDER = re.compile(r"held in (?:(?P<program>[^()]+) )?\(?PID (?P<pid>[1-9]\d*)\)?")


class Engine(ABC):
    """A kind of database, at one location.

    Attributes:
        label: A name for messages, without what may be secret.
        dialect: What its DDL can say.
        is_optimistic: Whether writers work side by side, and learn of a conflict when they commit.
        path: The database's file; None when it is not one file.
        queue_file: The file whose writers and readers take turns, by a lock file beside it; None where nobody has to.
    """

    label: str
    dialect = Dialect()
    is_optimistic = False
    path: Path | None = None
    queue_file: Path | None = None

    def fingerprint(self) -> object:
        """Return a value that differs after anybody has written; None where no cheap one is known."""
        return None

    def config(self) -> Mapping[str, Any]:
        """Return the DuckDB settings for each connection."""
        return {}

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:  # noqa: B027 - a file needs nothing
        """Enable DuckDB to attach such a database."""

    def after_attach(self, connection: duckdb.DuckDBPyConnection) -> None:  # noqa: B027 - a file needs nothing
        """Enable DuckDB to read from storage that only the attached database itself names."""

    @contextlib.contextmanager
    def file_lock(self, wait: Wait, *, read_only: bool) -> Iterator[None]:
        """Hold the lock file beside `queue_file` during the block, so that its writers and readers take turns.

        A reader of a file that does not exist waits for nobody.

        Raises:
            DatabaseBusyError: Others held the lock file for longer than the wait.
            DatabaseUnreadableError: There can be no file at that path, or nothing can be written in its folder.
            DatabaseDamagedError: The file's end is missing.
        """
        path = self.queue_file
        if path is None:
            yield
            return
        if reason := locks.refusal(path):
            raise DatabaseUnreadableError(
                f"The database {self.label} can never be one ({reason}): set the path of a file, or of one "
                "that is to be made."
            )
        if read_only and not path.exists():
            yield
            return
        lock = self._take_lock(path, wait, read_only=read_only)
        try:
            if lock is not None and (missing := damage.missing_bytes(path)):
                raise cut_off(self.label, missing)
            yield
        finally:
            if lock is not None:
                lock.release()

    def _take_lock(self, path: Path, wait: Wait, *, read_only: bool) -> filelock.BaseFileLock | None:
        try:
            files.folder(path.parent)
            return locks.take(_lock_file(path), wait, lambda: f"{self.label}, held by {self.holder()}")
        except TimeoutError:
            raise self.busy_error(wait) from None
        except OSError as error:
            if not read_only:
                raise DatabaseUnreadableError(
                    f"The database {self.label} cannot be written ({error.strerror or error}: {error.filename}): "
                    "give this process the right to write in that folder, or set another path."
                ) from error
            return None  # this user may not write in the folder: DuckDB's own lock must suffice

    @abstractmethod
    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Return the statement that attaches the database as `CATALOGUE`."""

    def fallback_sql(self, error: duckdb.Error, *, read_only: bool) -> str | None:
        """Return the SQL that helps when attaching failed, as when nothing is there yet; None when none does."""
        return None

    def is_busy(self, error: duckdb.Error) -> bool:
        """Return whether attaching failed only because somebody else is using the database at the moment."""
        return bool(_HELD_ELSEWHERE.search(str(error)))

    def holder(self, error: duckdb.Error | None = None) -> str:
        """Return the process that DuckDB names, or that has the file open, or that heads the queue.

        The process that heads the queue may itself wait for a program that does not queue, and it is that program which
        must close the file.
        """
        path = self.queue_file
        if path is None:
            return "others"
        return (
            holder_in(error) or locks.opener(path) or locks.holder(_lock_file(path)) or "a process that cannot be named"
        )

    def busy_error(self, wait: Wait, error: duckdb.Error | None = None) -> DatabaseBusyError:
        """Return the error that says who held the database for too long."""
        return DatabaseBusyError(
            f"The database {self.label} was held by {self.holder(error)} for longer than the {wait.seconds:g} seconds "
            f"that the warehouse waits: {wait.remedy}, then run this step again."
        )

    @abstractmethod
    def open_error(self, error: duckdb.Error) -> WarehouseError:
        """Return the error that says why the database cannot be attached."""

    def advisory_locks(
        self, connection: duckdb.DuckDBPyConnection, wanted: Sequence[AdvisoryLock], wait: Wait
    ) -> AbstractContextManager[Callable[[], None]]:
        """Hold advisory locks during the block, where writers work side by side.

        Yields a function to call just before the commit; it raises `DatabaseConflictError` when a lock was lost.
        """
        return contextlib.nullcontext(none_lost)

    @abstractmethod
    def translate_error(self, error: duckdb.Error) -> Exception:
        """Return the error to raise for an error in a transaction; the same one when there is nothing to add."""


def none_lost() -> None:
    """Do nothing: where no advisory lock is held, none can be lost."""


def holder_in(error: duckdb.Error | None) -> str | None:
    """Return the process that DuckDB's message names; None when it names none."""
    found = _HOLDER.search(str(error))
    if found:
        pid, program = int(found["pid"]), Path(found["program"] or "").name
        return f"process {pid} ({program})" if program else f"process {pid}"
    if "file handle" in str(error) or "current process" in str(error):
        return f"process {os.getpid()} ({locks.process_name()}), which is this one"
    return None


def _lock_file(path: Path) -> Path:
    """Return the lock file: beside the file itself, so that processes that open it by a link queue with the others."""
    return Path(f"{path.resolve()}.lock")
