"""The database's file without the bytes of deleted rows.

Belongs here: writing the file anew and putting it in the old one's place. DuckDB only marks deleted rows, and does not
overwrite what it frees: after DELETE, CHECKPOINT, VACUUM and even a new copy of the table, a deleted value can still be
found in the file (the tests show it, on 1.5 and 2.0). A copy of the live rows into a new file has none of it.
"""

from __future__ import annotations

import contextlib
import shutil
from glob import escape
from pathlib import Path

import duckdb

from genesys_assets import files
from genesys_assets.purge.erase import PurgeError
from genesys_assets.purge.lake import is_lake, rewrite_lake
from genesys_assets.purge.sizes import Rewritten
from genesys_assets.warehouse import CATALOGUE, STORAGE_VERSION, Database, damage, literal, quoted

_FRESH = "fresh"


class RewriteError(PurgeError):
    """The file could not be written anew: rows are removed, and their bytes are still in it."""


def rewrite(database: Database) -> Rewritten | None:
    """Rewrite the database's file or files, and return what that did; None for a service, or where there is none.

    Others wait for it as for a writer. Its folder needs room for a second copy of the live rows. Whatever happens, one
    whole file is there under the database's name.

    Raises:
        RewriteError: It could not be written; the file is as it was.
        DatabaseDamagedError: It could not be read.
        WarehouseError: The database is busy or cannot be opened.
    """
    if is_lake(database):
        return rewrite_lake(database)
    if database.path is None or not database.path.exists():
        return None
    path = database.path.resolve()  # a link stays a link
    fresh = path.with_name(f"{path.name}.rewriting")
    with database.writing():
        pass  # this moves into the file what a killed process has left in the log
    with database.reading() as connection:  # readers and writers queue on one lock: nobody else is in there
        before = path.stat().st_size
        for name in {path, database.path}:  # what stands beside a file stands beside the link by which it was opened
            _refuse_log(name, database.label)
            _remove_beside(name)
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
            if damage.is_told_by(error):
                raise  # the warehouse turns it into its own error
            raise RewriteError(
                f"The rows are removed, but {database.label} could not be written anew without their bytes (it takes "
                f"{before:,} bytes beside it; {type(error).__name__}): free space there, and run the purge again with "
                "the same ids."
            ) from error
        finally:
            fresh.unlink(missing_ok=True)
    return Rewritten(before, path.stat().st_size)


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


def _remove_beside(path: Path) -> None:
    """Remove what killed processes have left beside the file: a half-written one, and what did not fit in memory.

    Only a process that has the database open makes the latter, and none has.
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
