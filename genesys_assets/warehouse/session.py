"""What DuckDB is told in every connection of the warehouse, and in one that only copies rows.

Belongs here: settings that hold whatever the database is. What one kind of database needs belongs to its engine.
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
"""What every connection is told."""


def bulk_settings() -> dict[str, Any]:
    """Return the settings of a connection that only copies rows.

    DuckDB would use up to 80 % of the machine to keep blocks that nobody reads again; a copy does as well with little.
    """
    threads = os.cpu_count() or 1
    return {"memory_limit": f"{100 + 75 * threads}MB"}
