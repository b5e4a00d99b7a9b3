"""DuckLake (`ducklake:...`): many processes write at once, and a commit may be refused.

A lake keeps its catalogue in PostgreSQL, or in a DuckDB or SQLite file, and its rows as Parquet in a folder or in
object storage. It sees that two transactions delete the same rows, and refuses the second; it does not see that two
insert the same day into a table that has none of it yet, and would keep both. So the writers of one partition queue for
it, on PostgreSQL's advisory locks, which end with the connection that took them; writers of other partitions pass by.
A catalogue in a file belongs to one machine, and its writers queue for all of it, as those of a DuckDB file do.

Belongs here: how a lake is found, made and attached, and who keeps whom from its partitions. What it shares with a
service is in `service`, where its files are in `storage`.
"""

import contextlib
import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import duckdb

from genesys_assets.warehouse.engines import extensions, storage
from genesys_assets.warehouse.engines.engine import NOTHING, queued_at, unclaimed
from genesys_assets.warehouse.engines.file import HELD_ELSEWHERE
from genesys_assets.warehouse.engines.service import LAKE, Service
from genesys_assets.warehouse.errors import (
    DatabaseBusyError,
    DatabaseConflictError,
    DeclarationError,
    WarehouseError,
)
from genesys_assets.warehouse.paths import refuse_impossible
from genesys_assets.warehouse.table import CATALOGUE, Claim, Dialect, literal
from genesys_assets.warehouse.waiting import Wait

_OPTIONS = {"parquet_compression": "zstd", "parquet_row_group_size_bytes": "24MB"}
"""What a new lake is told of its files: as small as a DuckDB file's, in groups that fit into a step's memory."""

_METADATA = f"__ducklake_metadata_{CATALOGUE}"
"""The name under which DuckLake attaches its catalogue."""

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


class Lake(Service):
    """The engine of a DuckLake.

    Args:
        location: `ducklake:postgres:<connection string>`, `ducklake:<file>` or `ducklake:sqlite:<file>`.
        data_path: Where its Parquet files are: a folder or an s3:// URL. A new lake needs it; an old one keeps its own.

    Raises:
        DeclarationError: The catalogue or the data path is of a kind that the warehouse does not know.
    """

    dialect = Dialect(partitioning=True)

    def __init__(self, location: str, data_path: str | None) -> None:
        super().__init__(location)
        self._data_path = storage.data_path(data_path)
        catalogue = location.removeprefix(LAKE)
        self._postgres = bool(_POSTGRES.match(catalogue))
        self._sqlite = catalogue.startswith("sqlite:")
        other = _OTHER_CATALOGUE.match(catalogue)
        if not catalogue or (other and not self._postgres and other.group(1) not in ("sqlite", "duckdb")):
            raise DeclarationError(
                f"A lake's catalogue cannot be {other.group(1) + ':...' if other else 'empty'}: write "
                "'ducklake:postgres:...' with a connection string, or 'ducklake:' and the path of a file."
            )
        file = catalogue.removeprefix("sqlite:").removeprefix("duckdb:")
        self._file = None if self._postgres else Path(file)
        if self._file is not None:
            refuse_impossible(file)

    def config(self) -> Mapping[str, Any]:
        """Return the settings for loading extensions; only the module `extensions` installs any."""
        return {**extensions.UNCHECKED, "autoinstall_known_extensions": False}

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Load the extensions of the lake, of its catalogue, and of its storage where that is given."""
        wanted = {"postgres_scanner": self._postgres, "sqlite_scanner": self._sqlite}
        extensions.load(connection, ["ducklake", *(name for name, is_wanted in wanted.items() if is_wanted)])
        if self._data_path:
            storage.prepare(connection, self._data_path)

    def attached(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Load the extensions for a storage that only the lake itself names."""
        if self._data_path is None:
            for (path,) in connection.execute(_ITS_DATA_PATH).fetchall():
                storage.prepare(connection, path)

    def queued(self, wait: Wait, *, read_only: bool) -> AbstractContextManager[None]:
        """Keep others out of a catalogue that is a file."""
        if self._file is None:
            return contextlib.nullcontext()
        return queued_at(self._file, self, wait, read_only=read_only)

    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Return the statement that attaches the lake if there is one."""
        return self._attach("READ_ONLY" if read_only else "CREATE_IF_NOT_EXISTS false")

    def otherwise(self, error: duckdb.Error, *, read_only: bool) -> str | None:
        """Return what creates a missing lake (or stands in for it), or attaches one that turns out to be in S3."""
        if _WANTS_S3.search(str(error)):
            return f"{extensions.load_sql('httpfs')}; {self.attach_sql(read_only=read_only, row_group_rows=0)}"
        if not _MISSING.search(str(error)):
            return None
        if read_only:
            return NOTHING
        options = "; ".join(f"CALL {CATALOGUE}.set_option('{name}', '{value}')" for name, value in _OPTIONS.items())
        return f"{self._attach('CREATE_IF_NOT_EXISTS true')}; {options}"

    def is_busy(self, error: duckdb.Error) -> bool:
        """Return whether somebody else has the catalogue's file open, or is creating the same lake at this moment."""
        return bool(HELD_ELSEWHERE.search(str(error)) or _MADE_BY_OTHERS.search(str(error)))

    def refused(self, error: duckdb.Error) -> WarehouseError:
        """Return the error that says why the lake cannot be attached."""
        if "data_path is not set" in str(error):
            return DeclarationError(
                f"There is no lake at {self.label} yet, and where its files go is not said: set data_path "
                "to a folder or an s3:// URL."
            )
        if "does not match existing data path" in str(error):
            return DeclarationError(
                f"The lake at {self.label} has its files at another place than data_path says ({str(error).strip()}): "
                "set data_path to the place where they are."
            )
        return super().refused(error)

    @contextlib.contextmanager
    def claimed(
        self, connection: duckdb.DuckDBPyConnection, claims: Sequence[Claim], wait: Wait
    ) -> Iterator[Callable[[], None]]:
        """Keep other writers away from what is claimed, by locks that PostgreSQL releases when this process dies.

        The locks end with their connection, which PostgreSQL (`idle_in_transaction_session_timeout`) or a person may
        end while the connection that writes goes on. So the function yielded checks that PostgreSQL still has them.

        Raises:
            DatabaseBusyError: Another writer held a claim for longer than the wait.
        """
        if not self._postgres or not claims:
            yield unclaimed
            return
        holder = connection.cursor()
        try:
            holder.execute("BEGIN TRANSACTION")
            for claim in claims:  # always in the same order, so that no two wait for each other
                self._take(holder, claim, wait)
            yield functools.partial(self._confirm, holder, len(claims))
        finally:
            with contextlib.suppress(duckdb.Error):
                holder.execute("ROLLBACK")
            holder.close()

    def _attach(self, *options: str) -> str:
        path = [f"DATA_PATH {literal(self._data_path)}"] if self._data_path else []
        # Small insertions would be kept in the catalogue, where all deletions in one table conflict with each other.
        chosen = ", ".join([*options, *path, "DATA_INLINING_ROW_LIMIT 0"])
        return f"ATTACH IF NOT EXISTS {literal(self._location)} AS {CATALOGUE} ({chosen})"

    def _take(self, holder: duckdb.DuckDBPyConnection, claim: Claim, wait: Wait) -> None:
        how = "pg_try_advisory_xact_lock" + ("_shared" if claim.shared else "")
        key = int.from_bytes(hashlib.blake2b(claim.name.encode(), digest_size=8).digest(), signed=True)
        ask = f"SELECT * FROM postgres_query('{_METADATA}', 'SELECT {how}({key})')"

        def held() -> str:
            return f"{claim.name} in {self.label}, held by {self._keeper(holder, key)}"

        while holder.execute(ask).fetchall() != [(True,)]:
            if wait.left <= 0:
                raise DatabaseBusyError(
                    f"{held()}, was not let go within the {wait.seconds:g} seconds that the warehouse waits: "
                    f"{wait.remedy}, then run this step again."
                )
            wait.pause(held)

    def _keeper(self, holder: duckdb.DuckDBPyConnection, key: int) -> str:
        """Return who holds a key, as PostgreSQL sees it: one of its own processes, and the address that this serves."""
        kept = (
            "SELECT a.pid, coalesce(a.client_addr::text, '') FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            f"WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32 | l.objid::bigint) = {key}"
        )
        with contextlib.suppress(duckdb.Error):
            ask = f"SELECT * FROM postgres_query('{_METADATA}', {literal(kept)})"
            for pid, address in holder.execute(ask).fetchall():
                return f"another writer (PostgreSQL's process {pid}{' for ' + address if address else ''})"
        return "another writer"

    def _confirm(self, holder: duckdb.DuckDBPyConnection, claims: int) -> None:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        ask = f"SELECT * FROM postgres_query('{_METADATA}', {literal(held)})"
        with contextlib.suppress(duckdb.Error):
            if holder.execute(ask).fetchall() == [(claims,)]:
                return
        raise DatabaseConflictError(
            f"The connection that kept other writers of {self.label} away was lost, and nothing was changed: run this "
            "step again, and see what ends idle connections to PostgreSQL (a timeout, a proxy) if it repeats."
        )
