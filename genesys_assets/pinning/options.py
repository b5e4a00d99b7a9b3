"""By which options each stored day of a table was made, and which days other options than today's have made.

What belongs here: the table `genesys_assets.day_options` and reading it. Which options a table has is the composition's
business.
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
    """Stored days of a table that other options than today's have made.

    Attributes:
        days: The days, the earliest first.
        options: The options that differ, by name: their values of these days.
    """

    days: tuple[date, ...] = ()
    options: Mapping[str, Sequence[str]] | None = None

    def named(self) -> str:
        """Return the days in words, to put in a sentence: as ranges, ten at most."""
        ranges = [str(first) if first == last else f"{first} to {last}" for first, last in _ranges(self.days)]
        more = f" and {len(ranges) - _MOST_NAMED} more ranges" if len(ranges) > _MOST_NAMED else ""
        return ", ".join(ranges[:_MOST_NAMED]) + more


def record(connection: duckdb.DuckDBPyConnection, table: str, days: Sequence[str], options: Mapping[str, str]) -> None:
    """Record, in the connection's transaction, by which options these days of a table have just been made."""
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
    """Return the days of a table that are recorded as made by other options than today's.

    Args:
        database: The database.
        table: 'schema.name'.
        options: Today's options of the table.
        without: Days that are just being made anew.

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
