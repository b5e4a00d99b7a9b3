"""DuckLake (`ducklake:...`) and MotherDuck (`md:...`): many processes write at once, and a commit may be refused.

A lake keeps its catalogue in PostgreSQL, or in a DuckDB or SQLite file, and its rows as Parquet in a folder or in
object storage. It sees that two transactions delete the same rows, and refuses the second; it does not see that two
insert the same day into a table that has none of it yet, and would keep both. So the writers of one partition queue for
it, on PostgreSQL's advisory locks, which end with the connection that took them; writers of other partitions pass by.
A catalogue in a file belongs to one machine, and its writers queue for all of it, as those of a DuckDB file do.

MotherDuck takes the same way without these locks. It is not tested here.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from genesys_assets.warehouse import extensions
from genesys_assets.warehouse.engine import NOTHING, full_disk, queued_at
from genesys_assets.warehouse.errors import (
    DatabaseBusyError,
    DatabaseConflictError,
    DatabaseUnreachableError,
    DatabaseUnreadableError,
    DeclarationError,
    WarehouseError,
)
from genesys_assets.warehouse.file import HELD_ELSEWHERE
from genesys_assets.warehouse.table import CATALOGUE, Claim, Dialect, literal
from genesys_assets.warehouse.waiting import Wait

LAKE, SERVICE = "ducklake:", "md:"

_OPTIONS = {"parquet_compression": "zstd", "parquet_row_group_size_bytes": "24MB"}
"""What a new lake is told of its files: as small as a DuckDB file's, in groups that fit into a step's memory."""

_METADATA = f"__ducklake_metadata_{CATALOGUE}"
"""The name under which DuckLake attaches its catalogue."""

_POSTGRES = re.compile(r"postgres(ql)?:", re.IGNORECASE)
_OTHER_CATALOGUE = re.compile(r"(\w{2,}):")  # one letter is a disk
_SECRET = re.compile(r"((?:\w*password|\w*token|\w*secret\w*)\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&\"']+)", re.IGNORECASE)
_IN_URL = re.compile(r"(://[^:/@\s]*:)[^@\s]*@")
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


class Service:
    """The engine of a database that a service keeps, attached by a name that DuckDB knows."""

    dialect = Dialect()
    optimistic = True
    path = None

    def __init__(self, location: str) -> None:
        self.label = location.split(":", 1)[0] + ":..."
        self._location = location

    def config(self) -> Mapping[str, Any]:
        """Returns nothing to add."""
        return {}

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Does nothing: DuckDB loads what the name asks for."""

    def queued(self, wait: Wait, *, read_only: bool) -> AbstractContextManager[None]:
        """Keeps nobody out."""
        return contextlib.nullcontext()

    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Returns the statement that attaches the database."""
        return f"ATTACH {literal(self._location)} AS {CATALOGUE}" + (" (READ_ONLY)" if read_only else "")

    def otherwise(self, error: duckdb.Error, *, read_only: bool) -> str | None:
        """Returns None: a service's database is made there."""
        return None

    def is_busy(self, error: duckdb.Error) -> bool:
        """Whether attaching failed for what passes when somebody else is done."""
        return False

    def busy(self, wait: Wait, error: duckdb.Error | None = None) -> DatabaseBusyError:
        """Returns the error that says that others took too long."""
        return DatabaseBusyError(
            f"Others kept {self.label} for longer than the {wait.seconds:g} seconds that the warehouse waits: let "
            "fewer runs write at a time, or raise lock_timeout_seconds, and run this step again."
        )

    def refused(self, error: duckdb.Error) -> WarehouseError:
        """Returns the error that says why the database cannot be attached."""
        reason = self.redacted(" ".join(str(error).split()).rstrip("."))
        if _LOST.search(str(error)):
            return DatabaseUnreachableError(
                f"The database {self.label} cannot be reached ({reason}): check its address and credentials, and "
                "whether it runs, and run this step again."
            )
        return DatabaseUnreadableError(
            f"The database {self.label} cannot be opened by DuckDB {duckdb.__version__} and was left as it is "
            f"({reason}): check where the database and its data path are said to be."
        )

    def claimed(
        self, connection: duckdb.DuckDBPyConnection, claims: Sequence[Claim], wait: Wait
    ) -> AbstractContextManager[None]:
        """Keeps nobody away."""
        return contextlib.nullcontext()

    def meaning(self, error: duckdb.Error) -> Exception:
        """Returns what an error in a transaction is to its caller, without what may be secret."""
        text = str(error)
        reason = self.redacted(" ".join(text.split()).rstrip("."))
        if _LOST.search(text):
            return DatabaseUnreachableError(
                f"The connection to {self.label} was lost ({reason}); what is stored is whole, the rows of before or "
                "the new ones: run this step again."
            )
        if _CONFLICT.search(text):
            return DatabaseConflictError(
                f"Others changed in {self.label} what this transaction changes, and nothing was changed by it "
                f"({reason}): run this step again, or let fewer runs write at a time."
            )
        redacted = self.redacted(text)
        return full_disk(self.label, error) or (error if redacted == text else type(error)(redacted))

    def redacted(self, text: str) -> str:
        """Returns the text without passwords, tokens and the connection string."""
        without = text.replace(self._location, self.label).replace(self._location.removeprefix(LAKE), self.label)
        return _IN_URL.sub(r"\1...@", _SECRET.sub(r"\1...", without))


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
        self._data_path = _data_path(data_path)
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

    def config(self) -> Mapping[str, Any]:
        """Returns what loading extensions needs."""
        return extensions.UNCHECKED

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Loads the extensions of the lake, its catalogue and its storage, and tells the latter's credentials."""
        wanted = {"postgres_scanner": self._postgres, "sqlite_scanner": self._sqlite, "httpfs": self._is_remote}
        extensions.load(connection, ["ducklake", *(name for name, is_wanted in wanted.items() if is_wanted)])
        if self._is_remote:
            _tell_credentials(connection)

    def queued(self, wait: Wait, *, read_only: bool) -> AbstractContextManager[None]:
        """Keeps others out of a catalogue that is a file."""
        if self._file is None or (read_only and not self._file.exists()):
            return contextlib.nullcontext()
        return queued_at(self._file, self, wait, read_only=read_only)

    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Returns the statement that attaches the lake if there is one."""
        return self._attach("READ_ONLY" if read_only else "CREATE_IF_NOT_EXISTS false")

    def otherwise(self, error: duckdb.Error, *, read_only: bool) -> str | None:
        """Returns, where there is no lake yet, what reads as an empty one, or makes it."""
        if not _MISSING.search(str(error)):
            return None
        if read_only:
            return NOTHING
        options = "; ".join(f"CALL {CATALOGUE}.set_option('{name}', '{value}')" for name, value in _OPTIONS.items())
        return f"{self._attach('CREATE_IF_NOT_EXISTS true')}; {options}"

    def is_busy(self, error: duckdb.Error) -> bool:
        """Whether somebody else has the catalogue's file, or makes the same lake at this moment."""
        return bool(HELD_ELSEWHERE.search(str(error)) or _MADE_BY_OTHERS.search(str(error)))

    def refused(self, error: duckdb.Error) -> WarehouseError:
        """Returns the error that says why the lake cannot be attached."""
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
    def claimed(self, connection: duckdb.DuckDBPyConnection, claims: Sequence[Claim], wait: Wait) -> Iterator[None]:
        """Keeps other writers away from what is claimed, by locks that PostgreSQL frees when this process dies.

        Raises:
            DatabaseBusyError: Another writer kept it for longer than the wait.
        """
        if not self._postgres or not claims:
            yield
            return
        holder = connection.cursor()
        try:
            holder.execute("BEGIN TRANSACTION")
            for claim in claims:  # always in the same order, so that no two wait for each other
                self._take(holder, claim, wait)
            yield
        finally:
            with contextlib.suppress(duckdb.Error):
                holder.execute("ROLLBACK")
            holder.close()

    @property
    def _is_remote(self) -> bool:
        return self._data_path is not None and "://" in self._data_path

    def _attach(self, *options: str) -> str:
        path = [f"DATA_PATH {literal(self._data_path)}"] if self._data_path else []
        # Few rows would be kept in the catalogue, where deletions of one table conflict whatever their partition.
        chosen = ", ".join([*options, *path, "DATA_INLINING_ROW_LIMIT 0"])
        return f"ATTACH IF NOT EXISTS {literal(self._location)} AS {CATALOGUE} ({chosen})"

    def _take(self, holder: duckdb.DuckDBPyConnection, claim: Claim, wait: Wait) -> None:
        how = "pg_try_advisory_xact_lock" + ("_shared" if claim.shared else "")
        key = int.from_bytes(hashlib.blake2b(claim.name.encode(), digest_size=8).digest(), signed=True)
        ask = f"SELECT * FROM postgres_query('{_METADATA}', 'SELECT {how}({key})')"
        while holder.execute(ask).fetchall() != [(True,)]:
            if wait.left <= 0:
                raise DatabaseBusyError(
                    f"Another writer kept {claim.name} in {self.label} for longer than the {wait.seconds:g} seconds "
                    "that the warehouse waits: end it, or raise lock_timeout_seconds, and run this step again."
                )
            wait.pause()


def _data_path(given: str | None) -> str | None:
    """Returns the data path as DuckLake compares it: absolute, with a slash at its end."""
    if not given or not given.strip():
        return None
    scheme = given.split("://", 1)[0] if "://" in given else ""
    if scheme not in ("", "s3"):
        raise DeclarationError(f"A lake's files cannot be at {scheme}://: set data_path to a folder or an s3:// URL.")
    return (given if scheme else str(Path(given).absolute())).rstrip("/") + "/"


def _tell_credentials(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the S3 credentials of the environment, or those of the machine, known to the connection."""
    environment = os.environ
    if not environment.get("AWS_ACCESS_KEY_ID"):
        extensions.load(connection, ["aws"])
        connection.execute("CREATE SECRET (TYPE s3, PROVIDER credential_chain)")
        return
    endpoint = urlsplit(environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL") or "")
    told = {
        "KEY_ID": environment["AWS_ACCESS_KEY_ID"],
        "SECRET": environment.get("AWS_SECRET_ACCESS_KEY", ""),
        "SESSION_TOKEN": environment.get("AWS_SESSION_TOKEN", ""),
        "REGION": environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "us-east-1",
        **({"ENDPOINT": endpoint.netloc, "URL_STYLE": "path"} if endpoint.netloc else {}),
    }
    parameters = ", ".join(f"{name} {literal(value)}" for name, value in told.items() if value)
    connection.execute(f"CREATE SECRET (TYPE s3, {parameters}, USE_SSL {endpoint.scheme != 'http'})")
