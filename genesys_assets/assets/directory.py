"""directory/*: names and settings of what conversations only know by id, as they are now.

What belongs here: the asset of a listing. Which listings there are, how an entity becomes a row, and what becomes of
one that is listed no more, is `genesys_assets.directory`; how a listing is paged is `genesys_assets.genesys`.
"""

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import snapshot_table
from genesys_assets.assets.retries import TRY_AGAIN
from genesys_assets.directory import LISTINGS, listed, merged
from genesys_assets.genesys import entities
from genesys_assets.names import PLAIN, Names
from genesys_assets.pool import API_POOL
from genesys_assets.resources import Genesys
from genesys_assets.warehouse import CATALOGUE, Database, WarehouseIOManager, exists, quoted


def directory(table: str, names: Names = PLAIN) -> dg.AssetsDefinition:
    """Return the asset of one directory table: its listing, and what earlier listings had that this one lacks."""
    listing = LISTINGS[table]

    @snapshot_table(table, names=names, pool=API_POOL, retry_policy=TRY_AGAIN)
    def entities_now(
        context: dg.AssetExecutionContext, genesys: Genesys, io_manager: dg.ResourceParam[WarehouseIOManager]
    ) -> pl.DataFrame:
        io_manager.database.judge()  # before anything is fetched that the database would refuse
        now = genesys.run(lambda cloud: entities(cloud, listing), context.log.info)
        return merged(table, listed(table, now), stored(io_manager.database, table))

    return entities_now


def stored(database: Database, table: str) -> pl.DataFrame | None:
    """Return the rows of a table, None when there is no such table yet."""
    schema, name = table.split(".")
    with database.reading() as connection:
        if not exists(connection, schema, name):
            return None
        return pl.DataFrame(connection.sql(f"FROM {quoted(CATALOGUE, schema, name)}"))


def directories(names: Names = PLAIN) -> list[dg.AssetsDefinition]:
    """Return the assets of all directory tables."""
    return [directory(table, names) for table in LISTINGS]
