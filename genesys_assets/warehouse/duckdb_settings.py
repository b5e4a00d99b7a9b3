"""DuckDB's settings: of every connection of the warehouse, of one that only copies rows, and for row groups.

Belongs here: settings that hold for every kind of database, with the measurements behind them. What only one kind
needs belongs to its engine.
"""

import os
from typing import Any

UNCACHED = {"enable_external_file_cache": False}
"""Keeps no Parquet file in memory: the spool's are read once or twice. A million rows take 40 MB less."""

SESSION = "; ".join(
    f"SET {setting}"
    for setting in (
        "TimeZone = 'UTC'",
        "python_enable_replacements = false",  # a table's name never means a Python variable
        "preserve_insertion_order = false",  # rows have no order; without one, an insertion takes half the time
        "enable_progress_bar = false",  # it would be drawn into the step's log
    )
)
"""Statements for every connection."""


def bulk_settings() -> dict[str, Any]:
    """Return the settings of a connection that only copies rows.

    DuckDB would use up to 80 % of the machine to keep blocks that nobody reads again; a copy does as well with little.
    """
    threads = os.cpu_count() or 1
    return {"memory_limit": f"{100 + 75 * threads}MB"}


LARGEST_ROW_GROUP = 122_880
"""DuckDB's default."""

SMALLEST_ROW_GROUP = 2_048
"""The fewest that DuckDB accepts. It divides a scan among its threads by the size that is set, not by the groups that
are stored: with the default it reads 100,000 documents with one thread, in 1.5 s instead of 0.8 s."""

_ROW_GROUP_BYTES = 24 * 2**20


def rows_in_group(rows: int, row_bytes: float) -> int:
    """Return how many of `rows` rows of about `row_bytes` bytes should be compressed and written together.

    By default DuckDB takes 122,880, however large they are, and writes a smaller insertion to its log first and then
    once more at the end. Measured with documents of 5.6 kB: 100,000 of them took 7.3 s and 1.7 GB in groups of 122,880,
    and 2.6 s and 0.5 GB in groups of 2,048 to 8,192; 10,000 of them took 0.7 s and 0.5 s.
    """
    if rows < SMALLEST_ROW_GROUP:
        return SMALLEST_ROW_GROUP
    fitting = int(_ROW_GROUP_BYTES / max(row_bytes, 1.0))
    return min(max(fitting - fitting % SMALLEST_ROW_GROUP, SMALLEST_ROW_GROUP), LARGEST_ROW_GROUP)


def most_joins(row_group_rows: int) -> int:
    """Return how often a writer with groups of that size may join row groups at a checkpoint.

    DuckDB joins the smaller groups of every table up to the writer's size: a writer of large groups would rewrite the
    documents that another has stored in small ones (6 s for 100,000, and ten days of 5,000 took 15 s instead of 8 s in
    a file a third larger). Without any, a year of days of 300 rows takes six times the room. So writers of small groups
    join, up to their own size.
    """
    return 100 if row_group_rows <= SMALLEST_ROW_GROUP else 0
