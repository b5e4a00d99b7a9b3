"""What a database is of: a small table of facts in it, and the moments at which whoever opens it compares them.

Belongs here: the table, and the protocol of those who compare. Which facts there are, and when a difference is refused,
is the business of whoever hands `Pins` to a `Database`.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import duckdb

from genesys_assets.warehouse.table import CATALOGUE, Table, exists, literal, quoted

SCHEMA = "genesys_assets"
FACTS = "pinned_facts"

_TABLE = quoted(CATALOGUE, SCHEMA, FACTS)


class Pins(Protocol):
    """Compares what a database is of with what the process at hand is of."""

    def look(self, connection: duckdb.DuckDBPyConnection) -> object:
        """Returns what of the database `judge` wants to know."""

    def judge(self, seen: object, label: str) -> None:
        """Refuses a database by raising; called once, with the database closed, so that the network may be asked."""

    def settle(self, connection: duckdb.DuckDBPyConnection, label: str) -> None:
        """Compares again at the begin of each transaction that stores, and pins in it what is not pinned yet."""

    def stored(self, connection: duckdb.DuckDBPyConnection, table: Table, keys: Sequence[str] | None) -> None:
        """Records in the same transaction how the partitions `keys` of a table were made, now that they are stored."""


def facts(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Returns the facts that are pinned; none in a database that is of nothing yet."""
    if not exists(connection, SCHEMA, FACTS):
        return {}
    return dict(connection.execute(f"SELECT fact, value FROM {_TABLE}").fetchall())


def pin(connection: duckdb.DuckDBPyConnection, wanted: Mapping[str, str]) -> None:
    """Puts these facts in the place of those that are pinned, as part of the connection's transaction."""
    if exists(connection, SCHEMA, FACTS):
        connection.execute(f"DELETE FROM {_TABLE}")
    else:
        # Of two that do so at once in a lake one is refused when it commits, and compares when it tries again.
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(CATALOGUE, SCHEMA)}")
        connection.execute(f"CREATE TABLE {_TABLE} (fact VARCHAR, value VARCHAR)")
    rows = ", ".join(f"({literal(fact)}, {literal(value)})" for fact, value in sorted(wanted.items()))
    connection.execute(f"INSERT INTO {_TABLE} VALUES {rows}")
