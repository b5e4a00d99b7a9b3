"""A stored day, as the evidence reads it: the marts that are compared, and the documents, decoded anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from genesys_assets.assets.recorded import COMPARISONS
from genesys_assets.tables.decode import decode
from genesys_assets.tables.schema_drift import SchemaDrift
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets.warehouse import Database, copy_out, stored
from genesys_assets.windows import Interval, window_of

RAW = "raw.conversations"


@dataclass(frozen=True)
class StoredDay:
    """A day of the database.

    Attributes:
        day: The day.
        zone: The time zone of its days.
        marts: The rows of the marts that are compared, by name.
        tables: The rows of staging's tables, by name ('staging.segments').
        drift: How the documents differ from the tables.
    """

    day: date
    zone: ZoneInfo
    marts: Mapping[str, pl.LazyFrame]
    tables: Mapping[str, pl.LazyFrame]
    drift: SchemaDrift

    @property
    def window(self) -> Interval:
        """Return the time of the day."""
        return window_of(self.day, self.zone)


def stored_day(database: Database, day: date, zone: ZoneInfo, folder: Path) -> StoredDay:
    """Read a day.

    Args:
        database: Where it is stored.
        day: The day.
        zone: The time zone of its days.
        folder: Where its rows are kept, which must outlive what is returned.

    Raises:
        NotStoredError: The day is not in the database, or has lost rows.
    """
    folder.mkdir(parents=True)
    files = {table: folder / f"{table}.parquet" for table in (RAW, *(f"marts.{name}" for name in COMPARISONS))}
    with database.reading() as connection:
        for table, file in files.items():
            stored.refuse_incomplete(connection, table, "partition_date", [str(day)], database.label)
            copy_out(connection, f"SELECT * FROM {table} WHERE partition_date = DATE '{day}'", file)
    scans = {table: pl.scan_parquet(file, glob=False, hive_partitioning=False) for table, file in files.items()}
    decoded = decode(scans[RAW], folder / "staging", CONVERSATION)
    marts = {name: scans[f"marts.{name}"] for name in COMPARISONS}
    return StoredDay(day, zone, marts, decoded.tables, decoded.drifts.get(day, SchemaDrift()))
