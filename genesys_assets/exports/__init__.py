"""Results as files, for those who do not read the database: Parquet, a small JSON, a DuckDB copy.

What belongs here: where a file goes, in what form, and that readers never see half of a file, nor an earlier day after
a later one. What the figures are, and when they are written, does not belong here. Imports no Dagster.
"""

from genesys_assets.exports.database_copy import COPY_PATH, Copied, copy_tables
from genesys_assets.exports.destination import Destination, DestinationUnreachableError, ExportError
from genesys_assets.exports.latest import LATEST_PATH, LatestDay, latest_day, publish_latest
from genesys_assets.exports.owner import OWNER_PATH, Owner, claim
from genesys_assets.exports.parquet import ExportedDay, export_day
from genesys_assets.exports.urls import destination_of

__all__ = [
    "COPY_PATH",
    "LATEST_PATH",
    "OWNER_PATH",
    "Copied",
    "Destination",
    "DestinationUnreachableError",
    "ExportError",
    "ExportedDay",
    "LatestDay",
    "Owner",
    "claim",
    "copy_tables",
    "destination_of",
    "export_day",
    "latest_day",
    "publish_latest",
]
