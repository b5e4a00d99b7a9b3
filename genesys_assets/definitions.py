"""Everything that Dagster loads, put together on this page and nowhere else.

What belongs here: the assembly. `build_defs` makes the whole again with other resources (a test's, a command's);
`defs` is what `dagster dev` finds.
"""

from collections.abc import Mapping

import dagster as dg

from genesys_assets.assets.checks import CHECKS
from genesys_assets.assets.database_copy import database_copy
from genesys_assets.assets.directory import DIRECTORY
from genesys_assets.assets.exports import EXPORTS, Exports
from genesys_assets.assets.marts import MARTS
from genesys_assets.assets.options import OPTION_CHECKS
from genesys_assets.assets.possible import POSSIBLE
from genesys_assets.assets.raw import conversations
from genesys_assets.assets.reports import REPORTS
from genesys_assets.assets.staging import staging
from genesys_assets.automation.jobs import JOBS
from genesys_assets.automation.purge import purge
from genesys_assets.automation.retention import forget_runs
from genesys_assets.automation.schedules import SCHEDULES
from genesys_assets.automation.sensors import SENSORS
from genesys_assets.resources import (
    figures_from_environment,
    genesys_from_environment,
    privacy_from_environment,
    warehouse_from_environment,
    work_from_environment,
)
from genesys_assets.warehouse import Warehouse, refuse_collisions
from genesys_assets.whose import pinned_warehouse


def build_defs(*, resources: Mapping[str, object] | None = None) -> dg.Definitions:
    """Return all definitions, with some resources in place of the environment's.

    Args:
        resources: By key: genesys, io_manager, exports, figures, privacy, work.
    """
    made: dict[str, object] = {
        "genesys": genesys_from_environment(),
        "io_manager": warehouse_from_environment(),
        "figures": figures_from_environment(),
        "exports": Exports(),
        "privacy": privacy_from_environment(),
        "work": work_from_environment(),
        **(resources or {}),
    }
    if isinstance(made["io_manager"], Warehouse):
        made |= {"warehouse": made["io_manager"], "io_manager": pinned_warehouse}
    assets = [conversations, staging, *MARTS, *DIRECTORY, *EXPORTS, database_copy, *REPORTS]
    refuse_collisions(assets)
    return dg.Definitions(
        assets=assets,
        asset_checks=[*CHECKS, *POSSIBLE, *OPTION_CHECKS],
        jobs=[*JOBS, purge, forget_runs],
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources=made,
        executor=dg.in_process_executor,  # a chain of assets gains nothing from a process for each step
    )


defs = build_defs()
