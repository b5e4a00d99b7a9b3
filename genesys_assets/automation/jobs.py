"""The jobs that compute assets, one for each thing that people launch. What a job computes belongs to the assets.

Each job has the in-process executor: a chain of assets gains nothing from a process for each step.
"""

from collections.abc import Iterable
from typing import Any

import dagster as dg

from genesys_assets.assets.database_copy import KEY as COPY
from genesys_assets.assets.recorded import COMPARISONS, comparison_of
from genesys_assets.assets.totals import matches_genesys_totals
from genesys_assets.databases import copies_with_each_day
from genesys_assets.marts import Mart
from genesys_assets.names import names_of
from genesys_assets.organisation import Organisation

DAY, RESTATE_MARTS, REFRESH_DIRECTORY, COPY_DATABASE = "day", "restate_marts", "refresh_directory", "copy_database"

ASKING = (*COMPARISONS.values(), matches_genesys_totals.key)
"""The checks that ask Genesys Cloud."""
AHEAD_OF_BACKFILLS = {"dagster/priority": "1"}
"""Tags of the runs that automation requests: the queue starts them before the many runs of a backfill."""


def jobs(organisation: Organisation, marts: Iterable[Mart] = ()) -> list[Any]:
    """Return the jobs of an organisation's assets.

    Args:
        organisation: Whose. Its `day` makes the copy for readers, unless that is made separately.
        marts: Those of a host project, which are made with the others.
    """
    names = names_of(organisation)
    asking = (*ASKING, *(comparison_of(mart) for mart in marts if mart.comparisons))

    def groups(*wanted: str) -> dg.AssetSelection:
        return dg.AssetSelection.groups(*map(names.name, wanted))

    chain = groups("raw", "staging", "marts", "exports", "reports")
    database_copy = dg.AssetSelection.assets(names.key(COPY))
    declared = [
        (
            DAY,
            chain if copies_with_each_day(organisation) else chain - database_copy,
            "A day of conversations, from Genesys Cloud to the figures, their files and the report.",
        ),
        (
            RESTATE_MARTS,
            groups("staging", "marts") - dg.AssetSelection.checks(*map(names.check, asking)),
            "Computes staging and marts of a day again from what is stored in raw, without asking Genesys Cloud.",
        ),
        (
            REFRESH_DIRECTORY,
            groups("directory"),
            "Refreshes the names of queues, users, wrap-up codes and so on.",
        ),
        (
            COPY_DATABASE,
            database_copy,
            "The marts and the directory as one read-only DuckDB file for notebooks and BI tools.",
        ),
    ]
    return [
        dg.define_asset_job(
            names.name(name), selection=selection, description=description, executor_def=dg.in_process_executor
        )
        for name, selection, description in declared
    ]
