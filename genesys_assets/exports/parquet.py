"""A table's day as one Parquet file in a hive-partitioned layout.

What belongs here: the layout and the file's form. Where it goes is `destination`; which tables are exported, the assets
say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from genesys_assets.exports.destination import Destination

PARTITION_COLUMN = "partition_date"


@dataclass(frozen=True)
class ExportedDay:
    """A file that was written.

    Attributes:
        address: Its absolute path or URL.
        rows: Its rows.
        bytes: Its size.
    """

    address: str
    rows: int
    bytes: int


def day_path(table: str, day: date) -> str:
    """Return the path of a table's day: `marts/queue_performance/partition_date=2026-11-22/part-0.parquet`.

    Args:
        table: 'schema.name'.
        day: The day.
    """
    return f"{table.replace('.', '/')}/{PARTITION_COLUMN}={day.isoformat()}/part-0.parquet"


def export_day(
    to: Destination, table: str, day: date, rows: pl.LazyFrame, *, organisation: str | None = None
) -> ExportedDay:
    """Write one day of a table; a day without rows is a file without rows, so that a new export also removes rows.

    The column `partition_date` is left out of the file: its folder's name says it, and Athena and BigQuery refuse a
    table that has a column twice.

    Args:
        to: Where the exports go.
        table: 'schema.name'.
        day: The day.
        rows: The table's rows, of this day or of more; the others are left out.
        organisation: Name of the organisation, for the file's key-value metadata.

    Raises:
        ExportError: The file could not be written; the one before it is as it was.
    """
    path = day_path(table, day)
    of_day = rows.filter(pl.col(PARTITION_COLUMN) == day).drop(PARTITION_COLUMN)
    with to.replacing(path) as file:
        metadata = {"organisation": organisation} if organisation else None
        of_day.sink_parquet(file, compression="zstd", statistics=True, metadata=metadata)
        count = pl.scan_parquet(file, glob=False, hive_partitioning=False).select(pl.len()).collect().item()
        size = file.stat().st_size
    return ExportedDay(address=to.address(path), rows=count, bytes=size)
