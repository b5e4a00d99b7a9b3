"""Removes the bytes of deleted rows from the database's file, or from a lake's files.

Belongs here: writing those files anew. DuckDB only marks deleted rows, and does not overwrite what it frees: after
DELETE, CHECKPOINT, VACUUM and even a new copy of the table, a deleted value can still be found in the file (the tests
show it, on 1.5 and 2.0). A copy of the live rows into a new file has none of it. DuckLake notes beside a file which of
its rows are deleted, and keeps both for as long as there is a snapshot from before.
"""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import duckdb

from genesys_assets import files
from genesys_assets.purge.request import PurgeError
from genesys_assets.warehouse import CATALOGUE, EVERY_TABLE, STORAGE_VERSION, Database, damage, literal, quoted

_FRESH = "fresh"
_KIND = f"SELECT count(*) FROM duckdb_databases() WHERE database_name = '{CATALOGUE}' AND type = 'ducklake'"
_SIZE = (
    "SELECT coalesce(sum(file_size_bytes + coalesce(delete_file_size_bytes, 0)), 0)::BIGINT "
    f"FROM ducklake_table_info('{CATALOGUE}')"
)
_STEPS = (
    f"CALL ducklake_rewrite_data_files('{CATALOGUE}', delete_threshold => 0)",
    f"CALL ducklake_expire_snapshots('{CATALOGUE}', older_than => TIMESTAMPTZ '9999-12-31')",
    f"CALL ducklake_cleanup_old_files('{CATALOGUE}', cleanup_all => true)",
)
"""Each in a transaction of its own, since it has to see what the one before has done. The last snapshot always stays;
`older_than` lies so far ahead that all others go, even those made by a computer whose clock was ahead."""
_UNKNOWN = f"CALL ducklake_delete_orphaned_files('{CATALOGUE}', cleanup_all => true, dry_run => true)"


class RewriteError(PurgeError):
    """The file could not be written anew: rows are removed, and their bytes are still in it."""


@dataclass(frozen=True)
class Rewritten:
    """The size of the file, or of a lake's files, before and after."""

    bytes_before: int
    bytes_after: int


def rewrite(database: Database) -> Rewritten | None:
    """Rewrite the database's file or files, and return what that did; None where there is none.

    Others wait for it as for a writer. Its folder needs space for a second copy of the live rows. Whatever happens, one
    complete file stands under the database's name.

    Raises:
        RewriteError: The file could not be written; it is as it was.
        DatabaseDamagedError: The file could not be read.
        WarehouseError: The database is busy or cannot be opened.
    """
    if is_lake(database):
        return _rewrite_lake(database)
    if database.path is None or not database.path.exists():
        return None
    path = database.path.resolve()  # a link stays a link
    fresh = path.with_name(f"{path.name}.rewriting")
    with database.writing():
        pass  # opening it to write moves into the file what a killed process has left in the log
    with database.reading() as connection:  # readers and writers wait for one lock: nobody else has the file open
        before = path.stat().st_size
        for name in {path, database.path}:  # a file that was opened by a link has its log beside the link
            _refuse_log(name, database.label)
            _remove_temporary_files(name)
        try:
            _copy(connection, fresh)
            files.keep_rights(fresh, path)
            connection.execute(f"USE memory; DETACH {CATALOGUE}")
            fresh.replace(path)
        except PermissionError as error:
            raise RewriteError(
                f"The rows are removed, but {database.label} could not be written anew without their bytes "
                f"({error.strerror}): run the purge again, with the same ids, as the user whose file it is and who may "
                "write in its folder."
            ) from error
        except (duckdb.Error, OSError) as error:
            if damage.reports_damage(error):
                raise  # the warehouse turns it into its own error
            raise RewriteError(
                f"The rows are removed, but {database.label} could not be written anew without their bytes (it takes "
                f"{before:,} bytes beside it; {type(error).__name__}): free space there, and run the purge again with "
                "the same ids."
            ) from error
        finally:
            fresh.unlink(missing_ok=True)
    return Rewritten(before, path.stat().st_size)


def is_lake(database: Database) -> bool:
    """Return whether the database is a lake that exists."""
    if database.path is not None:
        return False
    with database.reading() as connection:
        return connection.execute(_KIND).fetchall() == [(1,)]


def _rewrite_lake(database: Database) -> Rewritten:
    """Rewrite the files of a lake that hold deleted rows, and remove the old ones with all snapshots but the last.

    Raises:
        WarehouseError: The lake is busy or cannot be opened; another call continues where this one stopped.
    """
    (before,) = _asked(database, _SIZE)
    for step in _STEPS:
        _asked(database, step)
    (after,) = _asked(database, _SIZE)
    return Rewritten(int(str(before)), int(str(after)))


def unknown_files(database: Database) -> int:
    """Return how many files in a lake's folder belong to no table of it: killed writers have left them, or others have.

    They may be another lake's, so only a person can tell whether they may be removed.
    """
    return len(_asked(database, _UNKNOWN))


def _asked(database: Database, statement: str) -> list[object]:
    with database.writing(advisory_locks=(EVERY_TABLE,)) as connection:
        return [row[0] for row in connection.execute(statement).fetchall()]


def _refuse_log(path: Path, label: str) -> None:
    """Refuse a file with a log beside it, which would be taken for the new file's and bring its rows twice.

    Raises:
        RewriteError: There is a log.
    """
    if path.with_name(f"{path.name}.wal").exists():
        raise RewriteError(
            f"The rows are removed, but the log beside {label} could not be moved into it, and its bytes are still "
            "there: free space on its disk, and run the purge again with the same ids."
        )


def _remove_temporary_files(path: Path) -> None:
    """Remove what killed processes have left beside the file: a half-written copy, and what did not fit in memory.

    No living process needs the latter, since none has the database open.
    """
    for left in path.parent.glob(f"{escape(path.name)}.*"):
        kind = left.name.removeprefix(path.name)
        if kind.startswith(".tmp-"):
            shutil.rmtree(left, ignore_errors=True)
        elif kind.startswith((".rewriting", ".wal.")):
            left.unlink()


def _copy(connection: duckdb.DuckDBPyConnection, fresh: Path) -> None:
    connection.execute(f"ATTACH {literal(fresh)} AS {_FRESH} (STORAGE_VERSION '{STORAGE_VERSION}')")
    try:
        connection.execute(f"COPY FROM DATABASE {CATALOGUE} TO {_FRESH}")
        if _counts(connection, CATALOGUE) != _counts(connection, _FRESH):
            raise duckdb.DataError("the copy does not hold the same rows")  # handled as DuckDB's own
    except duckdb.Error:
        with contextlib.suppress(duckdb.Error):  # its own error would hide the first one
            connection.execute(f"DETACH {_FRESH}")
        raise
    connection.execute(f"DETACH {_FRESH}")


def _counts(connection: duckdb.DuckDBPyConnection, catalogue: str) -> dict[tuple[str, str], int]:
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?", [catalogue]
    ).fetchall()
    return {
        table: connection.execute(f"SELECT count(*) FROM {quoted(catalogue, *table)}").fetchall()[0][0]
        for table in tables
    }
