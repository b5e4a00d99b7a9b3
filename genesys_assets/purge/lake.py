"""A lake's files without the bytes of deleted rows.

Belongs here: writing anew those files of a lake that hold deleted rows, and removing them and the snapshots by which
they could still be read. DuckLake only notes beside a file which of its rows are deleted, and keeps both for as long as
there is a snapshot from before.
"""

from __future__ import annotations

from genesys_assets.purge.sizes import Rewritten
from genesys_assets.warehouse import CATALOGUE, WHOLE, Database

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
"""Each in a transaction of its own: it sees what the one before has done. Of snapshots the last one always stays, and
others go though a clock was ahead when they were made."""
_UNKNOWN = f"CALL ducklake_delete_orphaned_files('{CATALOGUE}', cleanup_all => true, dry_run => true)"


def is_lake(database: Database) -> bool:
    """Return whether the database is a lake that exists; a file or a service is none."""
    if database.path is not None or not database.dialect.partitioning:
        return False
    with database.reading() as connection:
        return connection.execute(_KIND).fetchall() == [(1,)]


def rewrite_lake(database: Database) -> Rewritten:
    """Rewrite the files of a lake that hold deleted rows, and remove the old ones with all snapshots but the last.

    Raises:
        WarehouseError: The lake is busy or cannot be opened; run again, this goes on where it stopped.
    """
    (before,) = _asked(database, _SIZE)
    for step in _STEPS:
        _asked(database, step)
    (after,) = _asked(database, _SIZE)
    return Rewritten(int(str(before)), int(str(after)))


def unknown_files(database: Database) -> int:
    """Return how many files in a lake's folder are none of its own: those of killed writers, or of others.

    They may be another lake's, so nobody but a person can tell whether they may be removed.
    """
    return len(_asked(database, _UNKNOWN))


def _asked(database: Database, statement: str) -> list[object]:
    with database.writing(claims=(WHOLE,)) as connection:
        return [row[0] for row in connection.execute(statement).fetchall()]
