"""A database that a service keeps (MotherDuck, `md:...`), and what a lake has in common with it.

Belongs here: that others write at the same time, so that a commit may be refused; that the connection may be lost; and
that nothing secret of a location is ever repeated. What is DuckLake's own is in `lake`. MotherDuck is not tested here.
"""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import duckdb

from genesys_assets.secrecy import redacted
from genesys_assets.warehouse.engines.engine import full_disk, unclaimed
from genesys_assets.warehouse.errors import (
    DatabaseBusyError,
    DatabaseConflictError,
    DatabaseUnreachableError,
    DatabaseUnreadableError,
    WarehouseError,
)
from genesys_assets.warehouse.table import CATALOGUE, Claim, Dialect, literal
from genesys_assets.warehouse.waiting import Wait

LAKE, SERVICE = "ducklake:", "md:"

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

    def stamp(self) -> None:
        """Return None: only a query to the service could tell."""

    def config(self) -> Mapping[str, Any]:
        """Return no settings."""
        return {}

    def prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Do nothing: DuckDB itself loads the extension that the database's name asks for."""

    def attached(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Do nothing: the service has the credentials of its storage."""

    def queued(self, wait: Wait, *, read_only: bool) -> AbstractContextManager[None]:
        """Keep nobody out."""
        return contextlib.nullcontext()

    def attach_sql(self, *, read_only: bool, row_group_rows: int) -> str:
        """Return the statement that attaches the database."""
        return f"ATTACH {literal(self._location)} AS {CATALOGUE}" + (" (READ_ONLY)" if read_only else "")

    def otherwise(self, error: duckdb.Error, *, read_only: bool) -> str | None:
        """Return None: a service's database is created at the service."""
        return None

    def is_busy(self, error: duckdb.Error) -> bool:
        """Return False: a failure to attach to a service does not pass by waiting."""
        return False

    def holder(self, error: duckdb.Error | None = None) -> str:
        """Return "others": a service does not say who they are."""
        return "others"

    def busy(self, wait: Wait, error: duckdb.Error | None = None) -> DatabaseBusyError:
        """Return the error that says that others held the database for too long."""
        return DatabaseBusyError(
            f"The database {self.label} was held by {self.holder(error)} for longer than the {wait.seconds:g} seconds "
            f"that the warehouse waits: {wait.remedy}, or let fewer runs write at a time, then run this step again."
        )

    def refused(self, error: duckdb.Error) -> WarehouseError:
        """Return the error that says why the database cannot be attached."""
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
    ) -> AbstractContextManager[Callable[[], None]]:
        """Keep nobody away."""
        return contextlib.nullcontext(unclaimed)

    def meaning(self, error: duckdb.Error) -> Exception:
        """Return the error to raise for an error in a transaction, without secrets."""
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
        shown = self.redacted(text)
        return full_disk(self.label, error) or (error if shown == text else type(error)(shown))

    def redacted(self, text: str) -> str:
        """Return the text without passwords, tokens and the connection string."""
        without = text.replace(self._location, self.label).replace(self._location.removeprefix(LAKE), self.label)
        return redacted(without)
