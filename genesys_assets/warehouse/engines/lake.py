"""DuckLake (`ducklake:...`): many processes write at once, and a commit may be refused.

A lake keeps its catalogue in PostgreSQL or in a DuckDB file, and its rows as Parquet in a folder or in object storage.
It sees that two transactions delete the same rows, and refuses the second; it does not see that two insert the same day
into a table that has none of it yet, and would keep both. So the writers of one partition queue for it, on PostgreSQL's
advisory locks, which end with the connection that took them; writers of other partitions pass by. A catalogue in a file
belongs to one machine, and its writers queue for all of it, as those of a DuckDB file do.

Belongs here: how a lake is found, made and attached, and what DuckDB's errors about it mean, without anything secret.
Where its files are is in `storage`, the locks are in `postgres_locks`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb

from genesys_assets.secrecy import redacted
from genesys_assets.warehouse.engines import extensions, storage
from genesys_assets.warehouse.engines.duckdb_errors import full_disk
from genesys_assets.warehouse.engines.engine import ATTACH_NOTHING, Engine
from genesys_assets.warehouse.engines.postgres_locks import postgres_locks
from genesys_assets.warehouse.errors import (
    DatabaseBusyError,
    DatabaseConflictError,
    DatabaseUnreachableError,
    DatabaseUnreadableError,
    DeclarationError,
    WarehouseError,
)
from genesys_assets.warehouse.paths import refuse_impossible
from genesys_assets.warehouse.table import CATALOGUE, AdvisoryLock, Dialect, literal
from genesys_assets.warehouse.waiting import Wait

LAKE = "ducklake:"
"""Begins a lake's location."""

_OPTIONS = {"parquet_compression": "zstd", "parquet_row_group_size_bytes": "24MB"}
"""Options of a new lake: its files as small as a DuckDB file, in row groups that fit into a step's memory."""

_ITS_DATA_PATH = (
    f"SELECT value FROM ducklake_options('{CATALOGUE}') WHERE option_name = 'data_path' AND EXISTS "
    f"(FROM duckdb_databases() WHERE database_name = '{CATALOGUE}' AND type = 'ducklake')"
)

_POSTGRES = re.compile(r"postgres(ql)?:", re.IGNORECASE)
_OTHER_CATALOGUE = re.compile(r"(\w{2,}):")  # one letter is a disk
_WANTS_S3 = re.compile(r"extension '?httpfs")
_MISSING = re.compile(r"creating a new DuckLake is explicitly disabled|database does not exist")
_MADE_BY_OTHERS = re.compile(
    r"duplicate key value|already exists|could not serialize|database is locked|too many clients|connection slots"
)
_LOST = re.compile(
    r"server closed the connection|[Uu]nable to connect|terminating connection|connection to server|no connection to "
    r"the server|SSL connection has been closed|Could not (establish connection|connect to)|"
    r"HTTP (GET|PUT|POST|HEAD) error|HTTP 5\d\d|Failed to execute query \"(BEGIN|COMMIT|ROLLBACK)"
)
_CONFLICT = re.compile(
    r"conflict|Failed to commit DuckLake transaction|maximum retry count|could not serialize|deadlock detected",
    re.IGNORECASE,
)


class Lake(Engine):
    """The engine of a DuckLake.

    Args:
        location: `ducklake:postgres:<connection string>` or `ducklake:<file>`.
        data_path: Where its Parquet files are: a folder or an s3:// URL. A new lake needs it; an old one keeps its own.

    Raises:
        DeclarationError: The catalogue or the data path is of a kind that the warehouse does not know.
    """

    label = f"{LAKE}..."
    dialect = Dialect(partitioning=True)
    is_optimistic = True

    def __init__(self, location: str, data_path: str | None) -> None:
        self._location = location
        self._data_path = storage.data_path(data_path)
        catalogue = location.removeprefix(LAKE)
        self._is_in_postgres = bool(_POSTGRES.match(catalogue))
        other = _OTHER_CATALOGUE.match(catalogue)
        if not catalogue or (other and not self._is_in_postgres and other.group(1) != "duckdb"):
            raise DeclarationError(
                f"A lake's catalogue cannot be {other.group(1) + ':...' if other else 'empty'}: write "
                "'ducklake:postgres:...' with a connection string, or 'ducklake:' and the path of a file."
            )
        if not self._is_in_postgres:
            file = catalogue.removeprefix("duckdb:")
            refuse_impossible(file)
            self.queue_file = Path(file)

    def config(self) -> Mapping[str, Any]:
        """Return the settings for loading extensions; only the module `extensions` installs any."""
        return {**extensions.UNCHECKED, "autoinstall_known_extensions": False}

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Load the extensions of the lake, of its catalogue, and of its storage where that is given."""
        extensions.load(connection, ["ducklake", *(["postgres_scanner"] if self._is_in_postgres else [])])
        if self._data_path:
            storage.prepare(connection, self._data_path)

    def after_attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Load the extensions for a storage that only the lake itself names."""
        if self._data_path is None:
            for (path,) in connection.execute(_ITS_DATA_PATH).fetchall():
                storage.prepare(connection, path)

    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Return the statement that attaches the lake if there is one."""
        return self._attach("READ_ONLY" if read_only else "CREATE_IF_NOT_EXISTS false")

    def fallback_sql(self, error: duckdb.Error, *, read_only: bool) -> str | None:
        """Return what creates a missing lake (or stands in for it), or attaches one that turns out to be in S3."""
        if _WANTS_S3.search(str(error)):
            return f"{extensions.load_sql('httpfs')}; {self.attach_sql(read_only=read_only, row_group_rows=0)}"
        if not _MISSING.search(str(error)):
            return None
        if read_only:
            return ATTACH_NOTHING
        options = "; ".join(f"CALL {CATALOGUE}.set_option('{name}', '{value}')" for name, value in _OPTIONS.items())
        return f"{self._attach('CREATE_IF_NOT_EXISTS true')}; {options}"

    def is_busy(self, error: duckdb.Error) -> bool:
        """Return whether somebody else has the catalogue's file open, or is creating the same lake at this moment."""
        return super().is_busy(error) or bool(_MADE_BY_OTHERS.search(str(error)))

    def busy_error(self, wait: Wait, error: duckdb.Error | None = None) -> DatabaseBusyError:
        """Return the error that says that others held the lake for too long."""
        return DatabaseBusyError(
            f"The database {self.label} was held by {self.holder(error)} for longer than the {wait.seconds:g} seconds "
            f"that the warehouse waits: {wait.remedy}, or let fewer runs write at a time, then run this step again."
        )

    def open_error(self, error: duckdb.Error) -> WarehouseError:
        """Return the error that says why the lake cannot be attached."""
        if "data_path is not set" in str(error):
            return DeclarationError(
                f"There is no lake at {self.label} yet, and where its files go is not said: set data_path "
                "to a folder or an s3:// URL."
            )
        if "does not match existing data path" in str(error):
            return DeclarationError(
                f"The lake at {self.label} has its files at another place than data_path says ({self._reason(error)}): "
                "set data_path to the place where they are."
            )
        if _LOST.search(str(error)):
            return DatabaseUnreachableError(
                f"The database {self.label} cannot be reached ({self._reason(error)}): check its address and "
                "credentials, and whether it runs, and run this step again."
            )
        return DatabaseUnreadableError(
            f"The database {self.label} cannot be opened by DuckDB {duckdb.__version__} and was left as it is "
            f"({self._reason(error)}): check where the database and its data path are said to be."
        )

    def advisory_locks(
        self, connection: duckdb.DuckDBPyConnection, wanted: Sequence[AdvisoryLock], wait: Wait
    ) -> AbstractContextManager[Callable[[], None]]:
        """Hold advisory locks in the catalogue's PostgreSQL; writers of a catalogue in a file have queued already."""
        if not self._is_in_postgres or not wanted:
            return super().advisory_locks(connection, wanted, wait)
        return postgres_locks(connection, wanted, wait, self.label)

    def translate_error(self, error: duckdb.Error) -> Exception:
        """Return the error to raise for an error in a transaction, without secrets."""
        text = str(error)
        if _LOST.search(text):
            return DatabaseUnreachableError(
                f"The connection to {self.label} was lost ({self._reason(error)}); the partition holds either its old "
                "rows or all of the new ones: run this step again."
            )
        if _CONFLICT.search(text):
            return DatabaseConflictError(
                f"Others changed in {self.label} what this transaction changes, and nothing was changed by it "
                f"({self._reason(error)}): run this step again, or let fewer runs write at a time."
            )
        shown = self._without_secrets(text)
        return full_disk(self.label, error) or (error if shown == text else type(error)(shown))

    def _attach(self, *options: str) -> str:
        path = [f"DATA_PATH {literal(self._data_path)}"] if self._data_path else []
        # Small insertions would be kept in the catalogue, where all deletions in one table conflict with each other.
        chosen = ", ".join([*options, *path, "DATA_INLINING_ROW_LIMIT 0"])
        return f"ATTACH IF NOT EXISTS {literal(self._location)} AS {CATALOGUE} ({chosen})"

    def _reason(self, error: duckdb.Error) -> str:
        """Return DuckDB's message as one line, without a full stop and without secrets."""
        return self._without_secrets(" ".join(str(error).split()).rstrip("."))

    def _without_secrets(self, text: str) -> str:
        """Return the text without passwords, tokens and the connection string."""
        shown = text.replace(self._location, self.label).replace(self._location.removeprefix(LAKE), self.label)
        return redacted(shown)
