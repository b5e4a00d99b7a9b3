"""Whose data a database holds: a small table of facts in it, and the moments at which they are compared.

Belongs here: the table, and the protocol of whoever compares. Which facts there are, and when a difference is refused,
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
    """Compares whose data a database holds with whose data this process would store."""

    def look(self, connection: duckdb.DuckDBPyConnection) -> object:
        """Return what `judge` needs to know of the database."""

    def judge(self, seen: object, label: str) -> None:
        """Raise if the database must not be used; called once, while it is closed, so that the network may be used."""

    def settle(self, connection: duckdb.DuckDBPyConnection, label: str) -> None:
        """Compare again at the start of each transaction that stores, and pin in it what is not pinned yet."""

    def stored(self, connection: duckdb.DuckDBPyConnection, table: Table, keys: Sequence[str] | None) -> None:
        """Record, in the same transaction, how the partitions `keys` of a table were made, now that they are stored."""


def facts(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the pinned facts; none when nothing has been pinned yet."""
    if not exists(connection, SCHEMA, FACTS):
        return {}
    return dict(connection.execute(f"SELECT fact, value FROM {_TABLE}").fetchall())


def pin(connection: duckdb.DuckDBPyConnection, wanted: Mapping[str, str]) -> None:
    """Replace the pinned facts by these, as part of the connection's transaction."""
    if exists(connection, SCHEMA, FACTS):
        connection.execute(f"DELETE FROM {_TABLE}")
    else:
        # When two do so at once in a lake, one is refused at its commit, and compares when it tries again.
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(CATALOGUE, SCHEMA)}")
        connection.execute(f"CREATE TABLE {_TABLE} (fact VARCHAR, value VARCHAR)")
    rows = ", ".join(f"({literal(fact)}, {literal(value)})" for fact, value in sorted(wanted.items()))
    connection.execute(f"INSERT INTO {_TABLE} VALUES {rows}")
