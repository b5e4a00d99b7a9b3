"""A job for each thing that people launch; what a job computes belongs to the assets."""

import dagster as dg

RAW = dg.AssetSelection.groups("raw")
CHAIN = RAW | dg.AssetSelection.groups("staging", "marts")

AHEAD_OF_BACKFILLS = {"dagster/priority": "1"}
"""Tags of the runs that automation requests: the queue starts them before what a backfill of a quarter has left."""

day = dg.define_asset_job(
    "day",
    selection=CHAIN,
    description="A day of conversations, from Genesys Cloud to the figures.",
)
restate_marts = dg.define_asset_job(
    "restate_marts",
    selection=CHAIN - RAW,
    description="Staging and marts of a day anew from what is stored in raw; no request to Genesys Cloud.",
)
refresh_directory = dg.define_asset_job(
    "refresh_directory",
    selection=dg.AssetSelection.groups("directory"),
    description="Names of queues, users, wrap-up codes, ... as they are now.",
)

JOBS = [day, restate_marts, refresh_directory]
