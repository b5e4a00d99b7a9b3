"""The jobs that compute assets, one for each thing that people launch. What a job computes belongs to the assets."""

from typing import Any

import dagster as dg

from genesys_assets.assets.recorded import COMPARISON
from genesys_assets.databases import copies_with_each_day
from genesys_assets.organisation import Organisation

DAY = "day"
RAW = dg.AssetSelection.groups("raw")
DATABASE_COPY = dg.AssetSelection.assets(["exports", "database_copy"])
FROM_RAW = dg.AssetSelection.groups("staging", "marts")
CHAIN = RAW | FROM_RAW | dg.AssetSelection.groups("exports", "reports")
ASKS_GENESYS = dg.AssetSelection.checks(COMPARISON)

AHEAD_OF_BACKFILLS = {"dagster/priority": "1"}
"""Tags of the runs that automation requests: the queue starts them before the many runs of a backfill."""

restate_marts = dg.define_asset_job(
    "restate_marts",
    selection=FROM_RAW - ASKS_GENESYS,
    description="Computes staging and marts of a day again from what is stored in raw, without asking Genesys Cloud.",
)
refresh_directory = dg.define_asset_job(
    "refresh_directory",
    selection=dg.AssetSelection.groups("directory"),
    description="Refreshes the names of queues, users, wrap-up codes and so on.",
)
copy_database = dg.define_asset_job(
    "copy_database",
    selection=DATABASE_COPY,
    description="The marts and the directory as one read-only DuckDB file for notebooks and BI tools.",
)


def jobs(organisation: Organisation) -> list[Any]:
    """Return the jobs of an organisation's assets; `day` makes the copy for readers, unless that is made separately."""
    day = dg.define_asset_job(
        DAY,
        selection=CHAIN if copies_with_each_day(organisation) else CHAIN - DATABASE_COPY,
        description="A day of conversations, from Genesys Cloud to the figures, their files and the report.",
    )
    return [day, restate_marts, refresh_directory, copy_database]
