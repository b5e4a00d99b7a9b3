"""Assembles everything that Dagster loads for an organisation, here and nowhere else.

What belongs here: the assembly. `build_defs` makes everything from one object, if need be with other resources (a
test's, a command's). The caller says which organisation it is: `definitions` takes the environment's.
"""

from collections.abc import Mapping, Sequence

import dagster as dg

from genesys_assets.assets.checks import CHECKS
from genesys_assets.assets.comparisons import COMPARED, compared_with_genesys
from genesys_assets.assets.database_copy import database_copy
from genesys_assets.assets.directory import directories
from genesys_assets.assets.documents_recounted import equals_raw
from genesys_assets.assets.exports import exports, exports_of
from genesys_assets.assets.marts import MART_ASSETS, asset_of
from genesys_assets.assets.options import OPTION_CHECKS
from genesys_assets.assets.possible import POSSIBLE, possible
from genesys_assets.assets.raw import DOCUMENTS
from genesys_assets.assets.recounted import equals_staging
from genesys_assets.assets.reports import daily
from genesys_assets.assets.staging import STAGING
from genesys_assets.assets.totals import matches_genesys_totals
from genesys_assets.automation.jobs import jobs
from genesys_assets.automation.own_runs import own_of
from genesys_assets.automation.purge import PURGE, purge
from genesys_assets.automation.retention import FORGET_RUNS, forget_runs
from genesys_assets.automation.schedules import schedules
from genesys_assets.automation.sensors import sensors
from genesys_assets.databases import warehouse_of
from genesys_assets.marts import Mart
from genesys_assets.names import Names, names_of
from genesys_assets.organisation import Organisation
from genesys_assets.partitions import Daily, daily_partitions
from genesys_assets.pool import API_POOL
from genesys_assets.resources import Genesys, figures_of, genesys_of, privacy_of, work_of
from genesys_assets.warehouse import Warehouse, refuse_collisions
from genesys_assets.whose import pinned_warehouse

Assets = Sequence[dg.AssetsDefinition | dg.AssetSpec]

OF_DAYS = [*DOCUMENTS, *STAGING, *MART_ASSETS, daily]
CHECKS_OF_DAYS = [*CHECKS, *COMPARED, *POSSIBLE, equals_raw, equals_staging, matches_genesys_totals, *OPTION_CHECKS]


def build_defs(
    organisation: Organisation,
    *,
    resources: Mapping[str, object] | None = None,
    assets: Assets = (),
    marts: Sequence[Mart] = (),
) -> dg.Definitions:
    """Return all definitions of an organisation, which merge with a project's own and with another organisation's.

    Args:
        organisation: Whose.
        resources: Some in place of the organisation's own: genesys, io_manager, exports, figures, privacy, work. In
            Dagster they stand by keys that are the organisation's alone, as `Names.resource` makes them.
        assets: Further ones, beside the organisation's own; its alerts, its purge and its forgetting know of them.
        marts: Further ones, each of which gets an asset and its checks as the organisation's own marts have them.

    Raises:
        SettingsError: The organisation exports what is no table.
        DeclarationError: Two assets would share a table.
    """
    days = daily_partitions(organisation.start_date, organisation.zone)
    names = names_of(organisation)
    made = [*build_assets(organisation, days, names), *(asset_of(mart)(days, names) for mart in marts), *assets]
    refuse_collisions(made)
    of_marts = [*map(possible, marts), *(compared_with_genesys(mart) for mart in marts if mart.comparisons)]
    checks = [check(days, names) for check in (*CHECKS_OF_DAYS, *of_marts)]
    of_assets = jobs(organisation, marts)
    own = own_of([names.name(PURGE), names.name(FORGET_RUNS), *(job.name for job in of_assets)], made, checks)
    return dg.Definitions(
        assets=made,
        asset_checks=checks,
        jobs=[*of_assets, purge(names, own), forget_runs(organisation, own)],
        schedules=schedules(organisation, days),
        sensors=sensors(organisation, days, own),
        resources=build_resources(organisation, resources or {}, names),
    )


def build_assets(organisation: Organisation, days: Daily, names: Names) -> list[dg.AssetsDefinition]:
    """Return the assets of an organisation, those of days with these partitions."""
    of_days = [make(days, names) for make in (*OF_DAYS, *exports(organisation))]
    return [*of_days, *directories(names), database_copy(names)]


def build_resources(organisation: Organisation, others: Mapping[str, object], names: Names) -> dict[str, object]:
    """Return the resources of an organisation by its own keys, with others in place of some."""
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
        made |= {"warehouse": made["io_manager"], "io_manager": pinned_warehouse(names)}
    if isinstance(genesys := made["genesys"], Genesys) and names.prefix:
        made["genesys"] = genesys.in_pool(names.name(API_POOL))
    return {names.resource(name): resource for name, resource in made.items()}
