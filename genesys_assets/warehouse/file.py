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

from genesys_assets.warehouse import row_groups
from genesys_assets.warehouse.engine import NOTHING, full_disk, queued_at, unclaimed
from genesys_assets.warehouse.errors import DatabaseBusyError, DatabaseUnreadableError
from genesys_assets.warehouse.session import UNCACHED
from genesys_assets.warehouse.table import CATALOGUE, Claim, Dialect, literal
from genesys_assets.warehouse.waiting import Wait

STORAGE_VERSION = "v1.5.0"
"""New files are written so that DuckDB 1.5, and the tools built on it, can read them."""

HELD_ELSEWHERE = re.compile(
    r"Could not set lock on file|Unique file handle conflict|already attached|being used by another process"
)
"""What DuckDB says of a file that somebody else has open."""

_HOLDER = re.compile(r"\(PID (\d+)\)")


class File:
    """The engine of a DuckDB file."""

    dialect = Dialect(compression=" USING COMPRESSION ZSTD")
    optimistic = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label = str(path)

    def stamp(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Returns identity, size and time of the last change of the file and of its log."""
        return _stat(self.path), _stat(Path(f"{self.path}.wal"))

    def config(self) -> Mapping[str, Any]:
        """Returns what keeps the spool's files out of memory; there are no other files beside the database."""
        return UNCACHED

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Does nothing: DuckDB knows its own files."""

    def attached(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Does nothing: all of it is in the file."""

    def queued(self, wait: Wait, *, read_only: bool) -> AbstractContextManager[None]:
        """Holds the lock file, when the database is a file that exists or is about to."""
        if read_only and not self.path.exists():
            return contextlib.nullcontext()
        return queued_at(self.path, self, wait, read_only=read_only)

    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Returns the statement that attaches the file; an empty database for a reader when there is none."""
        file = literal(self.path.absolute())  # a relative one may begin with a ~, for which DuckDB has a meaning
        if not read_only:
            options = f"STORAGE_VERSION '{STORAGE_VERSION}', ROW_GROUP_SIZE {row_group_rows}"
            return f"ATTACH {file} AS {CATALOGUE} ({options})"
        options = f"READ_ONLY, ROW_GROUP_SIZE {row_groups.SMALLEST}"
        return f"ATTACH {file} AS {CATALOGUE} ({options})" if self.path.exists() else NOTHING

    def otherwise(self, error: duckdb.Error, *, read_only: bool) -> None:
        """Returns None: whether there is a file is known before."""

    def is_busy(self, error: duckdb.Error) -> bool:
        """Whether somebody else has the file open."""
        return bool(HELD_ELSEWHERE.search(str(error)))

    def busy(self, wait: Wait, error: duckdb.Error | None = None) -> DatabaseBusyError:
        """Returns the error that names the process which holds the file."""
        holder = _process(error) if error else self._holder()
        who = f"process {holder}" if holder else f"a process that holds {self.label}.lock"
        return DatabaseBusyError(
            f"The database {self.label} was held by {who} for longer than the {wait.seconds:g} seconds "
            "that the warehouse waits: end that process, or raise lock_timeout_seconds, and run this step again."
        )

    def refused(self, error: duckdb.Error) -> DatabaseUnreadableError:
        """Returns the error that says why the file cannot be opened."""
        reason = str(error).splitlines()[0].rstrip(".")
        return DatabaseUnreadableError(
            f"The database {self.label} cannot be opened by DuckDB {duckdb.__version__} and was left as it is "
            f"({reason}): restore it from a copy, or move it away and materialise the partitions again."
        )

    def claimed(
        self, connection: duckdb.DuckDBPyConnection, claims: Sequence[Claim], wait: Wait
    ) -> AbstractContextManager[Callable[[], None]]:
        """Does nothing: who is in the file is there alone."""
        return contextlib.nullcontext(unclaimed)

    def meaning(self, error: duckdb.Error) -> Exception:
        """Returns what an error in a transaction is to its caller."""
        return full_disk(self.label, error) or error

    def _holder(self) -> str | None:
        """Asks DuckDB who has the file open: the process at the head of the queue, or the one that it waits for."""
        try:
            with duckdb.connect(":memory:") as connection:
                connection.execute(self.attach_sql(read_only=True, row_group_rows=0))
        except duckdb.Error as error:
            return _process(error)
        return None


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _process(error: duckdb.Error) -> str | None:
    found = _HOLDER.search(str(error))
    return found.group(1) if found else (str(os.getpid()) if "file handle" in str(error) else None)
