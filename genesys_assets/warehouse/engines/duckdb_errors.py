"""What DuckDB says of a database that it cannot use, as the warehouse's errors.

Belongs here: the errors that more than one kind of database meets. What only one kind meets belongs to its engine.
"""

import re

import duckdb

from genesys_assets.warehouse import damage
from genesys_assets.warehouse.errors import DatabaseDamagedError, DatabaseUnreadableError, DiskFullError
from genesys_assets.warehouse.spool import FULL

_LONGEST_REASON = 300
_LOST_DISK = re.compile(
    r"Input/output error|Stale (NFS )?file handle|Read-only file system|Transport endpoint is not connected|"
    r"No such device|Cannot open file|Host is down"
)


def cut_off(label: str, missing_bytes: int) -> DatabaseDamagedError:
    """Return the error for a file that lacks its end."""
    return DatabaseDamagedError(
        f"The database {label} is corrupt and was left as it is: {missing_bytes:,} bytes of what is stored in it are "
        f"missing at its end, as after a copy that was broken off: {damage.RESTORE}."
    )


def damaged(label: str, error: duckdb.Error) -> DatabaseDamagedError | None:
    """Return the error for a corrupt file when that is what `error` reports; None otherwise."""
    if not damage.reports_damage(error):
        return None
    return DatabaseDamagedError(
        f"The database {label} is corrupt, and nothing was changed ({_reason(error)}): materialise the day anew, which "
        f"puts new rows in its place without reading those; where that fails too, drop the table, or {damage.RESTORE}."
    )


def lost_disk(label: str, error: duckdb.Error) -> DatabaseUnreadableError | None:
    """Return the error for a disk that has failed or is gone when that is what `error` reports; None otherwise."""
    if not _LOST_DISK.search(str(error)):
        return None
    return DatabaseUnreadableError(
        f"The disk of the database {label} has failed, is gone or cannot be written ({_reason(error)}); the partition "
        "holds either its old rows or all of the new ones: put the disk back, and run this step again."
    )


def full_disk(label: str, error: duckdb.Error) -> DiskFullError | None:
    """Return the error for a full disk when that is what `error` reports; None otherwise."""
    if not FULL.search(str(error)):
        return None
    return DiskFullError(
        f"The database {label} could not grow, and its rows are as they were: free space on its disk and run this "
        "step again."
    )


def _reason(error: duckdb.Error) -> str:
    """Return the start of DuckDB's message, as one line without a full stop."""
    return " ".join(str(error).split("\n\n")[0].split())[:_LONGEST_REASON].rstrip(".")
