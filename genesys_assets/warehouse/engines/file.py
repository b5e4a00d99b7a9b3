"""A DuckDB file.

DuckDB lets one process write a file, or several read it. Here writers and readers queue on a lock file beside it
(`<database>.lock`), each for as long as a bulk copy takes, so that none of them meets DuckDB's own refusal. A process
that does not queue (DuckDB's command line, a BI tool) is waited for with jitter, and named when it does not let go.

Belongs here: how a file is attached, how a write by others is detected, and what DuckDB's errors about a file mean.
What is done in it does not.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from genesys_assets.warehouse import damage
from genesys_assets.warehouse.duckdb_settings import SMALLEST_ROW_GROUP, UNCACHED
from genesys_assets.warehouse.engines.duckdb_errors import damaged, full_disk, lost_disk
from genesys_assets.warehouse.engines.engine import ATTACH_NOTHING, Engine
from genesys_assets.warehouse.errors import DatabaseDamagedError, DatabaseUnreadableError
from genesys_assets.warehouse.table import CATALOGUE, Dialect, literal

STORAGE_VERSION = "v1.5.0"
"""New files are written so that DuckDB 1.5, and the tools built on it, can read them."""

OWN_KIND = "TYPE duckdb"
"""Without it DuckDB looks into the file for its kind, and for one of SQLite downloads an extension by plain HTTP."""


class File(Engine):
    """The engine of a DuckDB file."""

    dialect = Dialect(compression=" USING COMPRESSION ZSTD")

    def __init__(self, path: Path) -> None:
        self.path: Path = path
        self.queue_file = path
        self.label = str(path)

    def fingerprint(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Return identity, size and time of the last change of the file and of its log."""
        return _stat(self.path), _stat(Path(f"{self.path}.wal"))

    def config(self) -> Mapping[str, Any]:
        """Return what keeps the spool's files out of memory; DuckDB reads no other files beside the database."""
        return UNCACHED

    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Return the statement that attaches the file, or an empty database for a reader when there is no file."""
        file = literal(self.path.absolute())  # DuckDB would expand a ~ that begins a relative path
        if not read_only:
            options = f"{OWN_KIND}, STORAGE_VERSION '{STORAGE_VERSION}', ROW_GROUP_SIZE {row_group_rows}"
            return f"ATTACH {file} AS {CATALOGUE} ({options})"
        options = f"{OWN_KIND}, READ_ONLY, ROW_GROUP_SIZE {SMALLEST_ROW_GROUP}"
        return f"ATTACH {file} AS {CATALOGUE} ({options})" if self.path.exists() else ATTACH_NOTHING

    def open_error(self, error: duckdb.Error) -> DatabaseUnreadableError:
        """Return the error that says why the file cannot be opened."""
        reason = str(error).splitlines()[0].rstrip(".")
        problem = f"cannot be opened by DuckDB {duckdb.__version__} and was left as it is ({reason}): {damage.RESTORE}."
        if damage.reports_damage(error):
            return DatabaseDamagedError(f"The database {self.label} is corrupt, {problem}")
        return DatabaseUnreadableError(f"The database {self.label} {problem}")

    def translate_error(self, error: duckdb.Error) -> Exception:
        """Return the error to raise for an error in a transaction; the same one when there is nothing to add."""
        known = (full_disk, damaged, lost_disk)
        return next((found for each in known if (found := each(self.label, error))), error)


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
