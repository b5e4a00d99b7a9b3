"""What is different from one kind of database to the next.

Belongs here: the questions that `database` asks of an engine, and what two engines answer alike. The answers are in
`file` (a DuckDB file) and `lake` (DuckLake, and MotherDuck). Knows SQL for attaching; neither tables nor frames.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import duckdb
import filelock

from genesys_assets import files
from genesys_assets.warehouse import damage, locks
from genesys_assets.warehouse.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseUnreadableError,
    DiskFullError,
    WarehouseError,
)
from genesys_assets.warehouse.spool import FULL
from genesys_assets.warehouse.table import CATALOGUE, Claim, Dialect
from genesys_assets.warehouse.waiting import Wait

NOTHING = f"ATTACH ':memory:' AS {CATALOGUE}"
"""Attaches an empty database in the place of one that does not exist yet."""


_LONGEST_REASON = 300
_LOST = re.compile(
    r"Input/output error|Stale (NFS )?file handle|Read-only file system|Transport endpoint is not connected|"
    r"No such device|Cannot open file|Host is down"
)


def unclaimed() -> None:
    """Do nothing: where nothing is claimed, no claim can be lost."""


class Engine(Protocol):
    """A kind of database, at one location.

    Attributes:
        label: A name for messages, without what may be secret.
        dialect: What its DDL can say.
        optimistic: Whether writers work side by side, and learn of a conflict when they commit.
    """

    label: str
    dialect: Dialect
    optimistic: bool

    @property
    def path(self) -> Path | None:
        """Return the database's file; None when it is not one file."""

    def stamp(self) -> object:
        """Return a value that differs after anybody has written; None where this cannot be told cheaply."""

    def config(self) -> Mapping[str, Any]:
        """Return the DuckDB settings for each connection."""

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Enable DuckDB to attach such a database."""

    def attached(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Enable DuckDB to read from storage that only the attached database itself names."""

    def queued(self, wait: Wait, *, read_only: bool) -> AbstractContextManager[None]:
        """Keep others out of the whole database during the block, where the engine needs that."""

    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Return the statement that attaches the database as `CATALOGUE`."""

    def otherwise(self, error: duckdb.Error, *, read_only: bool) -> str | None:
        """Return the SQL that helps when attaching failed, as when nothing is there yet; None when none does."""

    def is_busy(self, error: duckdb.Error) -> bool:
        """Return whether attaching failed only because somebody else is using the database at the moment."""

    def holder(self, error: duckdb.Error | None = None) -> str:
        """Return who holds the database, as far as this can be told: "process 4711 (python)"."""

    def busy(self, wait: Wait, error: duckdb.Error | None = None) -> DatabaseBusyError:
        """Return the error that says who held the database for too long."""

    def refused(self, error: duckdb.Error) -> WarehouseError:
        """Return the error that says why the database cannot be attached."""

    def claimed(
        self, connection: duckdb.DuckDBPyConnection, claims: Sequence[Claim], wait: Wait
    ) -> AbstractContextManager[Callable[[], None]]:
        """Keep other writers away from what is claimed during the block, where the engine needs that.

        Yields a function to call just before the commit; it raises `DatabaseConflictError` when a claim was lost.
        """

    def meaning(self, error: duckdb.Error) -> Exception:
        """Return the error to raise for an error in a transaction; the same one when there is nothing to add."""


@contextlib.contextmanager
def queued_at(path: Path, engine: Engine, wait: Wait, *, read_only: bool) -> Iterator[None]:
    """Hold the lock file beside `path` during the block, so that writers and readers of one file take turns.

    A reader of a file that does not exist waits for nobody.

    Raises:
        DatabaseBusyError: Others held the lock file for longer than the wait.
        DatabaseUnreadableError: There can be no file at that path, or nothing can be written in its folder.
        DatabaseDamagedError: The file's end is missing.
    """
    if reason := locks.refusal(path):
        raise DatabaseUnreadableError(
            f"The database {engine.label} can never be one ({reason}): set the path of a file, or of one that is to be."
        )
    if read_only and not path.exists():
        yield
        return
    lock = _turn(path, engine, wait, read_only=read_only)
    try:
        if lock is not None and (missing := damage.missing_bytes(path)):
            raise cut(engine.label, missing)
        yield
    finally:
        if lock is not None:
            lock.release()


def _turn(path: Path, engine: Engine, wait: Wait, *, read_only: bool) -> filelock.BaseFileLock | None:
    # The lock file is beside the file itself, so that processes that open it by a link queue with the others.
    try:
        files.folder(path.parent)
        return locks.take(Path(f"{path.resolve()}.lock"), wait, lambda: f"{engine.label}, held by {engine.holder()}")
    except TimeoutError:
        raise engine.busy(wait) from None
    except OSError as error:
        if not read_only:
            raise DatabaseUnreadableError(
                f"The database {engine.label} cannot be written ({error.strerror or error}: {error.filename}): "
                "give this process the right to write in that folder, or set another path."
            ) from error
        return None  # this user may not write in the folder: DuckDB's own lock must suffice


def cut(label: str, missing: int) -> DatabaseDamagedError:
    """Return the error for a file that lacks its end."""
    return DatabaseDamagedError(
        f"The database {label} is corrupt and was left as it is: {missing:,} bytes of what is stored in it are missing "
        f"at its end, as after a copy that was broken off: {damage.RESTORE}."
    )


def damaged(label: str, error: duckdb.Error) -> DatabaseDamagedError | None:
    """Return the error for a corrupt file when that is what `error` reports; None otherwise."""
    if not damage.is_told_by(error):
        return None
    return DatabaseDamagedError(
        f"The database {label} is corrupt, and nothing was changed ({_reason(error)}): materialise the day anew, which "
        f"puts new rows in its place without reading those; where that fails too, drop the table, or {damage.RESTORE}."
    )


def lost_disk(label: str, error: duckdb.Error) -> DatabaseUnreadableError | None:
    """Return the error for a disk that has failed or is gone when that is what `error` reports; None otherwise."""
    if not isinstance(error, duckdb.Error) or not _LOST.search(str(error)):
        return None
    return DatabaseUnreadableError(
        f"The disk of the database {label} has failed, is gone or cannot be written ({_reason(error)}); what is stored "
        "is whole, the rows of before or the new ones: put the disk back, and run this step again."
    )


def _reason(error: duckdb.Error) -> str:
    """Return the start of DuckDB's message, as one line without a full stop."""
    return " ".join(str(error).split("\n\n")[0].split())[:_LONGEST_REASON].rstrip(".")


def full_disk(label: str, error: duckdb.Error) -> DiskFullError | None:
    """Return the error for a full disk when that is what `error` reports; None otherwise."""
    if not FULL.search(str(error)):
        return None
    return DiskFullError(
        f"The database {label} could not grow, and its rows are as they were: free space on its disk and run this "
        "step again."
    )
