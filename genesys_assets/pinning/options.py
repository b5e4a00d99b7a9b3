"""The options with which each stored day was made, and the days that were made with other options than today's.

Belongs here: writing and reading the table `genesys_assets.day_options`. Which options a table has is decided in
`genesys_assets.whose`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from genesys_assets.warehouse import CATALOGUE, Database, exists, quoted
from genesys_assets.warehouse.facts import SCHEMA

DAY_OPTIONS = "day_options"
_TABLE = quoted(CATALOGUE, SCHEMA, DAY_OPTIONS)
_MOST_NAMED = 10


@dataclass(frozen=True)
class Differing:
    """Stored days of a table that were made with other options than today's.

    Attributes:
        days: The days, the earliest first.
        options: The values that differing options had on these days, by the name of the option.
    """

    days: tuple[date, ...] = ()
    options: Mapping[str, Sequence[str]] | None = None

    def named(self) -> str:
        """Return the days as ranges for a sentence, at most ten of them."""
        ranges = [str(first) if first == last else f"{first} to {last}" for first, last in _ranges(self.days)]
        more = f" and {len(ranges) - _MOST_NAMED} more ranges" if len(ranges) > _MOST_NAMED else ""
        return ", ".join(ranges[:_MOST_NAMED]) + more


def record(connection: duckdb.DuckDBPyConnection, table: str, days: Sequence[str], options: Mapping[str, str]) -> None:
    """Record, in the connection's transaction, the options with which these days of a table have just been made."""
    written = json.dumps(dict(sorted(options.items())))
    if not exists(connection, SCHEMA, DAY_OPTIONS):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(CATALOGUE, SCHEMA)}")
        connection.execute(f"CREATE TABLE {_TABLE} (table_name VARCHAR, partition_date DATE, options VARCHAR)")
    whose = "table_name = ? AND partition_date IN (SELECT unnest(?::VARCHAR[])::DATE)"
    same = connection.execute(
        f"SELECT count(*) FROM {_TABLE} WHERE {whose} AND options = ?", [table, list(days), written]
    ).fetchall()
    if same == [(len(days),)]:
        return
    connection.execute(f"DELETE FROM {_TABLE} WHERE {whose}", [table, list(days)])
    connection.execute(f"INSERT INTO {_TABLE} SELECT ?, unnest(?::VARCHAR[])::DATE, ?", [table, list(days), written])


def days_made_otherwise(
    database: Database, table: str, options: Mapping[str, str], *, without: Collection[date] = ()
) -> Differing:
    """Return the days of a table that are recorded as made with other options than today's.

    Args:
        database: The database.
        table: 'schema.name'.
        options: Today's options of the table.
        without: Days to leave out, since they are just being made again.

    Raises:
        WarehouseError: The database is busy or cannot be opened.
    """
    with database.reading() as connection:
        if not exists(connection, SCHEMA, DAY_OPTIONS):
            return Differing()
        rows = connection.execute(
            f"SELECT partition_date, options FROM {_TABLE} WHERE table_name = ? ORDER BY ALL", [table]
        ).fetchall()
    days: list[date] = []
    differing: dict[str, set[str]] = {}
    for day, written in rows:
        made_by = json.loads(written)
        other = {name: made_by.get(name, "") for name in options if made_by.get(name, "") != options[name]}
        if other and day not in without:
            days.append(day)
            for name, value in other.items():
                differing.setdefault(name, set()).add(value)
    return Differing(tuple(days), {name: sorted(values) for name, values in sorted(differing.items())})


def _ranges(days: Sequence[date]) -> list[tuple[date, date]]:
    """Return the days as ranges of consecutive days."""
    found: list[tuple[date, date]] = []
    for day in days:
        if found and (day - found[-1][1]).days == 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
