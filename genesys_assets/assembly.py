"""Everything that Dagster loads for an organisation, put together on this page and nowhere else.

What belongs here: the assembly. `build_defs` makes the whole from one object, and again with other resources (a test's,
a command's). Whose organisation it is, is the business of whoever calls: `definitions` takes the environment's.
"""

from collections.abc import Mapping, Sequence

import dagster as dg

from genesys_assets.assets.checks import CHECKS
from genesys_assets.assets.database_copy import database_copy
from genesys_assets.assets.directory import DIRECTORY
from genesys_assets.assets.exports import exports, exports_of
from genesys_assets.assets.marts import MARTS
from genesys_assets.assets.options import OPTION_CHECKS
from genesys_assets.assets.possible import POSSIBLE
from genesys_assets.assets.raw import conversations
from genesys_assets.assets.reports import daily
from genesys_assets.assets.staging import staging
from genesys_assets.automation.jobs import jobs
from genesys_assets.automation.purge import purge
from genesys_assets.automation.retention import forget_runs
from genesys_assets.automation.schedules import schedules
from genesys_assets.automation.sensors import sensors
from genesys_assets.databases import warehouse_of
from genesys_assets.organisation import Organisation
from genesys_assets.partitions import Daily, daily_partitions
from genesys_assets.resources import figures_of, genesys_of, privacy_of, work_of
from genesys_assets.warehouse import Warehouse, refuse_collisions
from genesys_assets.whose import pinned_warehouse

Assets = Sequence[dg.AssetsDefinition | dg.AssetSpec]

OF_DAYS = [conversations, staging, *MARTS, daily]
CHECKS_OF_DAYS = [*CHECKS, *POSSIBLE, *OPTION_CHECKS]


def build_defs(
    organisation: Organisation, *, resources: Mapping[str, object] | None = None, assets: Assets = ()
) -> dg.Definitions:
    """Return all definitions of an organisation.

    Args:
        organisation: Whose.
        resources: Some in place of the organisation's own, by key: genesys, io_manager, exports, figures, privacy,
            work.
        assets: Further ones, beside the organisation's own.

    Raises:
        SettingsError: The organisation exports what is no table.
        DeclarationError: Two assets would share a table.
    """
    days = daily_partitions(organisation.start_date)
    made = [*build_assets(organisation, days), *assets]
    refuse_collisions(made)
    return dg.Definitions(
        assets=made,
        asset_checks=[check(days) for check in CHECKS_OF_DAYS],
        jobs=[*jobs(organisation), purge, forget_runs(organisation)],
        schedules=schedules(organisation, days),
        sensors=sensors(organisation, days),
        resources=build_resources(organisation, resources or {}),
        executor=dg.in_process_executor,  # a chain of assets gains nothing from a process for each step
    )


def build_assets(organisation: Organisation, days: Daily) -> list[dg.AssetsDefinition]:
    """Return the assets of an organisation, those of days with these partitions."""
    return [*(make(days) for make in (*OF_DAYS, *exports(organisation))), *DIRECTORY, database_copy]


def build_resources(organisation: Organisation, others: Mapping[str, object]) -> dict[str, object]:
    """Return the resources of an organisation, with others in place of some."""
    made: dict[str, object] = {
        "genesys": genesys_of(organisation),
        "io_manager": warehouse_of(organisation),
        "figures": figures_of(organisation),
        "exports": exports_of(organisation),
        "privacy": privacy_of(organisation),
        "work": work_of(organisation),
        **others,
    }
    if isinstance(made["io_manager"], Warehouse):
        made |= {"warehouse": made["io_manager"], "io_manager": pinned_warehouse}
    return made
