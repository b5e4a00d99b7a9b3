"""The comparison of a database with the current organisation and options, which the warehouse asks for.

Belongs here: what is refused, what is pinned, and the errors. The current organisation comes from callables, which are
called only when there is something to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import duckdb

from genesys_assets.pinning.identity import Identity
from genesys_assets.pinning.options import record
from genesys_assets.variables import variable_of
from genesys_assets.warehouse import CATALOGUE, Database, Table, WarehouseError, quoted, stored_types
from genesys_assets.warehouse.facts import facts, pin

SCHEMA_VERSION = "1"
STORED_SCHEMAS = ("raw", "staging", "marts", "directory", "operations")
"""The schemas that hold rows of an organisation."""
ENTITIES = ("queues", "divisions")
"""The tables of the directory whose ids identify an organisation."""

Ids = Mapping[str, frozenset[str]]
"""The ids in each table of the directory."""


class OtherOrganisationError(WarehouseError):
    """A database belongs to another organisation than the settings; nothing was read or changed."""


class ChangedMeanwhileError(WarehouseError):
    """Somebody stored in a database without facts after it was compared; another attempt compares it again."""

    transient = True


class Seen(NamedTuple):
    """What shows whose data a database holds: its facts or, without any, whether it has rows, and their ids."""

    facts: Mapping[str, str]
    has_rows: bool = False
    ids: Ids | None = None


class OrganisationPins:
    """The warehouse's `Pins` for the current settings.

    Args:
        identity: Returns the current organisation, given the one that the database is pinned to.
        listed: Returns the ids that the organisation's directory lists.
        options: The options with which the days of a table are made, by 'schema.table'.
        time_zone: Name of the time zone of the days.
    """

    def __init__(
        self,
        identity: Callable[[Identity | None], Identity],
        listed: Callable[[], Ids],
        options: Mapping[str, Mapping[str, str]],
        time_zone: str = "UTC",
    ) -> None:
        self._identity = identity
        self.listed = listed
        self._options = options
        self._time_zone = time_zone
        self._accepted: Seen | None = None
        self._at_hand: Identity | None = None

    @property
    def at_hand(self) -> Identity:
        """Return the organisation of the current settings."""
        if self._at_hand is None:
            self._at_hand = self._identity(None)
        return self._at_hand

    def look(self, connection: duckdb.DuckDBPyConnection) -> Seen:
        """Return the facts of the database or, when it has none, what shows whose data it holds."""
        return look(connection)

    def judge(self, seen: object, label: str) -> None:
        """Refuse a database that is, or may be, another organisation's."""
        assert isinstance(seen, Seen)  # noqa: S101 - what `look` has returned
        identity = self._at_hand = self._identity(Identity.pinned(seen.facts))
        if seen.facts:
            refuse_other(seen.facts, identity, label)
            refuse_other_days(seen.facts, self._time_zone, label)
        elif seen.has_rows and not agrees(seen.ids or {}, identity, self.listed):
            raise OtherOrganisationError(unknown(identity, label))
        self._accepted = seen

    def settle(self, connection: duckdb.DuckDBPyConnection, label: str) -> None:
        """Compare again in the transaction, and pin in it what is new."""
        identity, pinned = self.at_hand, facts(connection)
        if pinned:
            refuse_other(pinned, identity, label)
            refuse_other_days(pinned, self._time_zone, label)
        elif look(connection) != self._accepted:
            raise ChangedMeanwhileError(f"Somebody else has just begun to store in {label}: run this step again.")
        wanted = self.wanted(pinned)
        if wanted != pinned:
            pin(connection, wanted)

    def stored(self, connection: duckdb.DuckDBPyConnection, table: Table, keys: Sequence[str] | None) -> None:
        """Record the options with which the days were made."""
        if keys and table.label in self._options:
            record(connection, table.label, keys, self._options[table.label])

    def wanted(self, pinned: Mapping[str, str]) -> dict[str, str]:
        """Return the facts to pin: the pinned ones, updated by the current organisation and options."""
        known = Identity.pinned(pinned)
        merged = known.merged(self.at_hand) if known else self.at_hand
        options = {name: value for of_table in self._options.values() for name, value in of_table.items()}
        return {
            **pinned,
            **merged.facts(),
            "schema_version": SCHEMA_VERSION,
            "time_zone": self._time_zone,
            **options,
        }


def look(connection: duckdb.DuckDBPyConnection) -> Seen:
    """Return what shows whose data a database holds."""
    pinned = facts(connection)
    if pinned:
        return Seen(pinned)
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND list_contains(?, schema_name)",
        [CATALOGUE, list(STORED_SCHEMAS)],
    ).fetchall()
    has_rows = any(
        connection.execute(f"SELECT true FROM {quoted(CATALOGUE, *table)} LIMIT 1").fetchall() for table in tables
    )
    return Seen({}, has_rows, {table: _ids(connection, table) for table in ENTITIES} if has_rows else None)


def refuse_other(pinned: Mapping[str, str], identity: Identity, label: str) -> None:
    """Refuse pinned facts that do not agree with the current organisation, or with this version.

    Raises:
        OtherOrganisationError: They name another organisation or a later version.
    """
    known = Identity.pinned(pinned)
    if known and not known.is_same(identity):
        raise OtherOrganisationError(other(known, identity, label))
    if not pinned.get("schema_version", SCHEMA_VERSION).isdecimal() or int(pinned.get("schema_version", "1")) > int(
        SCHEMA_VERSION
    ):
        raise OtherOrganisationError(
            f"{label} was written by a later version of genesys-assets: nothing was read or changed. Install that "
            f"version, or name another database in {variable_of('database')}."
        )


def refuse_other_days(pinned: Mapping[str, str], time_zone: str, label: str) -> None:
    """Refuse a database whose days are those of another time zone: its rows would stand in other days than new ones.

    Raises:
        OtherOrganisationError: They are.
    """
    stored = pinned.get("time_zone", "UTC")
    if stored != time_zone:
        variable = variable_of("timezone")
        raise OtherOrganisationError(
            f"The days of {label} are days of {stored}, and {variable} is {time_zone}: nothing was read or changed. To "
            f"go on, set {variable}={stored}, or name another database in {variable_of('database')} and read the days "
            "anew."
        )


def other(known: Identity, identity: Identity, label: str) -> str:
    """Return the message for a database of another organisation."""
    credentials = (
        f"set {variable_of('client_id')} and {variable_of('client_secret')} of {known.name}"
        if not known.is_sandbox
        else "remove the sandbox's database if nobody needs it"
    )
    hint = (
        " Where Genesys Cloud refuses GET /api/v2/organizations/me, only the same OAuth client is known to be the "
        "same organisation."
        if not (known.is_disclosed and identity.is_disclosed)
        else ""
    )
    return (
        f"{label} holds the data of {known.label}, but the current credentials are those of {identity.label}: nothing "
        f"was read or changed. To go on, {credentials}, or name another database in {variable_of('database')}.{hint}"
    )


def unknown(identity: Identity, label: str) -> str:
    """Return the message for a database without facts, whose rows are not known to be this organisation's."""
    way_out = (
        "To go on, set the credentials of the organisation whose data they are, or name another database in "
        f"{variable_of('database')}."
        if identity.is_sandbox
        else f"If they are the data of {identity.name}, adopt the database by `genesys-assets adopt`; otherwise name "
        f"another one in {variable_of('database')}."
    )
    return (
        f"{label} holds rows from before organisations were recorded, and none of its queues and divisions is known "
        f"to {identity.label}: nothing was read or changed. {way_out}"
    )


def agrees(stored: Ids, identity: Identity, listed: Callable[[], Ids]) -> bool:
    """Return whether the stored ids of the directory show that a database belongs to the organisation that lists them.

    One id that both have is enough, because ids are unique worldwide. The sandbox must list all of them, because its
    ids may also be in an organisation's database, where nothing kept them out.
    """
    if not any(stored.values()):
        return False
    now = listed()
    known = [ids & now.get(table, frozenset()) for table, ids in stored.items()]
    return any(known) and (not identity.is_sandbox or known == list(stored.values()))


def directory_ids(database: Database, table: str) -> frozenset[str]:
    """Return the ids in a database's table of the directory.

    Raises:
        WarehouseError: The database is busy or cannot be opened.
    """
    with database.reading() as connection:
        return _ids(connection, table)


def _ids(connection: duckdb.DuckDBPyConnection, table: str) -> frozenset[str]:
    if "id" not in stored_types(connection, "directory", table):
        return frozenset()
    rows = connection.execute(f"SELECT id FROM {quoted(CATALOGUE, 'directory', table)}").fetchall()
    return frozenset(str(row[0]) for row in rows)
