"""What a folder holds: of each partition of each table and export how many rows, and their sum.

What belongs here: comparing that with what undisturbed runs store. A partition is lost when it was there and is gone,
doubled when it has a row twice that is to be there once, halved when it is neither what it was nor what it is to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

from genesys_assets.data_model import TABLES
from genesys_assets.exports.local_folder import _WRITING
from genesys_assets.warehouse import Database
from genesys_assets.warehouse.table import literal, quoted

OF_THE_INSTANT = "open_conversations"
"""Its ages go by the instant at which the day was read, so that no two runs make the same rows of it."""
DAILY = [
    name
    for name, schema in TABLES.items()
    if "partition_date" in schema.column_names() and not name.endswith(OF_THE_INSTANT)
]
ROWS = "SELECT COLUMNS(name -> name <> 'fetched_at') FROM"
OUTCOMES = ("lost", "doubled", "halved")


class Rows(NamedTuple):
    """A partition's rows: how many, how many different ones, and the sum of their digests."""

    count: int
    different: int
    digests: int


Stored = dict[tuple[str, str], Rows]


def stored(folder: Path) -> Stored:
    """The partitions by table (or export's file) and day."""
    found: Stored = {}
    of_rows = "count(*), count(DISTINCT hash(each)), sum(hash(each))"
    with Database(folder / "genesys.duckdb").reading() as connection:
        tables = {
            f"{schema}.{name}"
            for schema, name in connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        }
        for table in tables.intersection(DAILY):
            days = f"SELECT partition_date, {of_rows} FROM ({ROWS} {quoted(*table.split('.'))}) each GROUP BY ALL"
            found |= {(table, str(day)): Rows(*told) for day, *told in connection.execute(days).fetchall()}
    for file in (folder / "exports").rglob("*.parquet"):
        if OF_THE_INSTANT in file.parts or _WRITING in file.parts:
            continue
        query = f"SELECT {of_rows} FROM ({ROWS} read_parquet({literal(file)})) each"
        told = duckdb.execute(query).fetchone()
        found[str(file.relative_to(folder)), ""] = Rows(*told)  # type: ignore[misc]
    return found


def judged(before: Stored, after: Stored, wholes: Iterable[Stored]) -> Counter[str]:
    """How many partitions are lost, doubled and halved after a run that was to make one of `wholes` of them."""
    outcomes: Counter[str] = Counter()
    wholes = list(wholes)
    for place in before.keys() | after.keys():
        may_be = {whole.get(place) for whole in wholes} | {before.get(place)}
        rows = after.get(place)
        may_be_empty = place not in before or any(place not in whole for whole in wholes)
        if rows in may_be and (rows is not None or may_be_empty):
            continue
        outcomes["lost" if rows is None else "doubled" if is_doubled(rows, may_be) else "halved"] += 1
    return outcomes


def is_doubled(rows: Rows, may_be: Iterable[Rows | None]) -> bool:
    """Whether there are more rows alike than in any that there may be."""
    return rows.count - rows.different > max((each.count - each.different for each in may_be if each), default=0)


def green_without_rows(green: Mapping[str, Iterable[str]], after: Stored, wholes: Iterable[Stored]) -> int:
    """How many partitions Dagster shows as materialised that have rows in every whole, and none here."""
    places = {(table, day) for table, days in green.items() for day in days}
    return sum(1 for place in places if place not in after and all(place in whole for whole in wholes))
