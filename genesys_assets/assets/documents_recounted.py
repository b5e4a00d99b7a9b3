"""The check that `staging` holds as many records as the stored documents do, counted a second time, by DuckDB.

What belongs here: the second count of the tables that figures are made of, and what its failure says. How a document is
decoded is `tables`, which has no part in this count.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import dagster as dg
import duckdb

from genesys_assets.assets.declared import daily_check
from genesys_assets.assets.recorded import FAILED_DAYS
from genesys_assets.partitions import day_of
from genesys_assets.warehouse import WarehouseIOManager, stored

_SESSION = "$.participants[*].sessions[*]"
PLACES: Mapping[str, str] = MappingProxyType(
    {
        "staging.participants": "$.participants[*]",
        "staging.sessions": _SESSION,
        "staging.segments": f"{_SESSION}.segments[*]",
        "staging.session_metrics": f"{_SESSION}.metrics[*]",
    }
)
"""Where a document has the records of each table, as a path of JSON."""


def recount(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, tuple[int, int]]:
    """Return the tables that hold another number of a day's records than its documents.

    Args:
        connection: A connection to a database that holds `raw` and `staging`.
        day: The day.

    Returns:
        By table, how many records the documents have, and how many rows are stored.
    """
    objects = [
        f"coalesce(sum(len(list_filter(json_extract(document, '{path}'), lambda each: json_type(each) = 'OBJECT'))), 0)"
        for path in PLACES.values()
    ]
    told = connection.execute(
        f"SELECT count(*), {', '.join(objects)} FROM raw.conversations WHERE partition_date = $day", {"day": day}
    ).fetchone()
    tables = ["staging.conversations", *PLACES]
    rows = [f"(SELECT count(*) FROM {table} WHERE partition_date = $day)" for table in tables]
    ours = connection.execute(f"SELECT {', '.join(rows)}", {"day": day}).fetchone()
    pairs = zip(tables, map(int, told or ()), map(int, ours or ()), strict=True)
    return {table: (in_documents, in_rows) for table, in_documents, in_rows in pairs if in_documents != in_rows}


@daily_check(
    "staging.conversations",
    description="The tables that figures are made of hold as many records as the stored documents, counted by DuckDB.",
)
def equals_raw(
    context: dg.AssetCheckExecutionContext, io_manager: dg.ResourceParam[WarehouseIOManager]
) -> dg.AssetCheckResult:
    """Fail when a second count of the documents comes to something else than staging holds."""
    database = io_manager.database
    with database.reading() as connection:
        for table in ("raw.conversations", "staging.conversations", *PLACES):
            stored.refuse_incomplete(connection, table, "partition_date", context.partition_keys, database.label)
        found = {key: differing for key in context.partition_keys if (differing := recount(connection, day_of(key)))}
    said = "; ".join(
        f"{day}: {', '.join(f'{table} has {rows} of {records}' for table, (records, rows) in differing.items())}"
        for day, differing in found.items()
    )
    return dg.AssetCheckResult(
        passed=not found,
        description=f"staging does not hold what the documents have: {said}. Materialise staging again "
        "(restate_marts); if they still differ, it is an error of this project: report it."
        if found
        else "staging holds every record of the documents.",
        metadata={
            FAILED_DAYS: dg.MetadataValue.json(
                {day: sum(abs(records - rows) for records, rows in each.values()) for day, each in found.items()}
            )
        },
    )
