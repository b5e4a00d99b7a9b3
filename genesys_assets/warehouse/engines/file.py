"""A DuckDB file.

DuckDB lets one process write a file, or several read it. Here writers and readers queue on a lock file beside it
(`<database>.lock`), each for as long as a bulk copy takes, so that none of them meets DuckDB's own refusal. A process
that does not queue (DuckDB's command line, a BI tool) is waited for with jitter, and named when it does not let go.

Belongs here: how a file is attached, who holds it, and what DuckDB's words about it mean. What is done in it does not.
"""

import contextlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb

from genesys_assets.warehouse import damage, locks
from genesys_assets.warehouse.duckdb_settings import SMALLEST_ROW_GROUP, UNCACHED
from genesys_assets.warehouse.engines.engine import NOTHING, damaged, full_disk, lost_disk, queued_at, unclaimed
from genesys_assets.warehouse.errors import DatabaseBusyError, DatabaseDamagedError, DatabaseUnreadableError
from genesys_assets.warehouse.table import CATALOGUE, Claim, Dialect, literal
from genesys_assets.warehouse.waiting import Wait

STORAGE_VERSION = "v1.5.0"
"""New files are written so that DuckDB 1.5, and the tools built on it, can read them."""

OWN_KIND = "TYPE duckdb"
"""Else DuckDB looks into the file, and for one of SQLite's downloads an extension by plain HTTP."""

HELD_ELSEWHERE = re.compile(
    r"Could not set lock on file|Unique file handle conflict|already attached|being used by another process"
)
"""What DuckDB says of a file that somebody else has open."""

_HOLDER = re.compile(r"held in (?:(?P<program>[^()]+) )?\(?PID (?P<pid>[1-9]\d*)\)?")


class File:
    """The engine of a DuckDB file."""

    dialect = Dialect(compression=" USING COMPRESSION ZSTD")
    optimistic = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label = str(path)

    def stamp(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Return identity, size and time of the last change of the file and of its log."""
        return _stat(self.path), _stat(Path(f"{self.path}.wal"))

    def config(self) -> Mapping[str, Any]:
        """Return what keeps the spool's files out of memory; DuckDB reads no other files beside the database."""
        return UNCACHED

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Do nothing: DuckDB knows its own files."""

    def attached(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Do nothing: everything is in the file."""

    def queued(self, wait: Wait, *, read_only: bool) -> AbstractContextManager[None]:
        """Hold the lock file beside the database during the block; a reader holds none when there is no database."""
        return queued_at(self.path, self, wait, read_only=read_only)

    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Return the statement that attaches the file, or an empty database for a reader when there is no file."""
        file = literal(self.path.absolute())  # DuckDB would expand a ~ that begins a relative path
        if not read_only:
            options = f"{OWN_KIND}, STORAGE_VERSION '{STORAGE_VERSION}', ROW_GROUP_SIZE {row_group_rows}"
            return f"ATTACH {file} AS {CATALOGUE} ({options})"
        options = f"{OWN_KIND}, READ_ONLY, ROW_GROUP_SIZE {SMALLEST_ROW_GROUP}"
        return f"ATTACH {file} AS {CATALOGUE} ({options})" if self.path.exists() else NOTHING

    def otherwise(self, error: duckdb.Error, *, read_only: bool) -> None:
        """Return None: whether there is a file is known before attaching it."""

    def is_busy(self, error: duckdb.Error) -> bool:
        """Return whether somebody else has the file open."""
        return bool(HELD_ELSEWHERE.search(str(error)))

    def holder(self, error: duckdb.Error | None = None) -> str:
        """Return the process that DuckDB names, or that has the file open, or that heads the queue.

        The process that heads the queue may itself wait for a program that does not queue, and it is that program which
        must close the file.
        """
        queue = Path(f"{self.path.resolve()}.lock")
        return holder_in(error) or locks.opener(self.path) or locks.holder(queue) or "a process that cannot be named"

    def busy(self, wait: Wait, error: duckdb.Error | None = None) -> DatabaseBusyError:
        """Return the error that names the process which holds the file."""
        return DatabaseBusyError(
            f"The database {self.label} was held by {self.holder(error)} for longer than the {wait.seconds:g} seconds "
            f"that the warehouse waits: {wait.remedy}, then run this step again."
        )

    def refused(self, error: duckdb.Error) -> DatabaseUnreadableError:
        """Return the error that says why the file cannot be opened."""
        reason = str(error).splitlines()[0].rstrip(".")
        told = f"cannot be opened by DuckDB {duckdb.__version__} and was left as it is ({reason}): {damage.RESTORE}."
        if damage.is_told_by(error):
            return DatabaseDamagedError(f"The database {self.label} is corrupt, {told}")
        return DatabaseUnreadableError(f"The database {self.label} {told}")

    def claimed(
        self, connection: duckdb.DuckDBPyConnection, claims: Sequence[Claim], wait: Wait
    ) -> AbstractContextManager[Callable[[], None]]:
        """Do nothing: whoever writes the file is the only one in it."""
        return contextlib.nullcontext(unclaimed)

    def meaning(self, error: duckdb.Error) -> Exception:
        """Return the error to raise for an error in a transaction; the same one when there is nothing to add."""
        known = (full_disk, damaged, lost_disk)
        return next((meant for each in known if (meant := each(self.label, error))), error)


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def holder_in(error: duckdb.Error | None) -> str | None:
    """Return the process that DuckDB's message names; None when it names none."""
    found = _HOLDER.search(str(error))
    if found:
        pid, program = int(found["pid"]), Path(found["program"] or "").name
        return f"process {pid} ({program})" if program else f"process {pid}"
    if "file handle" in str(error) or "current process" in str(error):
        return f"process {os.getpid()} ({locks.process_name()}), which is this one"
    return None
