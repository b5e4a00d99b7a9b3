"""staging/*: the documents of a day as flat, typed tables, decoded once.

What belongs here: which tables there are as assets. How a document becomes rows is `genesys_assets.tables`.
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from genesys_assets.assets.declared import declared
from genesys_assets.partitions import DAILY
from genesys_assets.tables import TABLES
from genesys_assets.tables.decode import decode
from genesys_assets.work import WorkFolder

DOCUMENT_COLUMNS = ["partition_date", "document", "fetched_at"]
STAGING = tuple(name for name in TABLES if name.startswith("staging."))


@dg.multi_asset(
    name="staging",
    outs={name.replace(".", "__"): dg.AssetOut(**declared(name), code_version="1") for name in STAGING},
    ins={"documents": dg.AssetIn(["raw", "conversations"], metadata={"columns": DOCUMENT_COLUMNS})},
    partitions_def=DAILY,
)
def staging(
    context: dg.AssetExecutionContext, documents: pl.LazyFrame, work: WorkFolder
) -> Iterator[dg.MaterializeResult[pl.LazyFrame]]:
    """Decodes the documents of the run's days into every staging table."""
    with work.passing() as folder:
        decoded = decode(documents, folder)
        for name in STAGING:
            yield dg.MaterializeResult(asset_key=name.split("."), value=decoded.tables[name])
