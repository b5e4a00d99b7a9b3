"""Which columns a column is made of, as the Dagster UI draws it: derived from the schemas and the figures' own table.

What belongs here: staging's fields, which are the documents', and the figures that are sums of session metrics.
"""

import dagster as dg

from genesys_assets.metrics.measures import MEASURES
from genesys_assets.tables import TABLES
from genesys_assets.tables.columns import wire_fields
from genesys_assets.tables.nesting import STAGING

DOCUMENT = dg.TableColumnDep(asset_key=dg.AssetKey(["raw", "conversations"]), column_name="document")
METRIC = [
    dg.TableColumnDep(asset_key=dg.AssetKey(["staging", "session_metrics"]), column_name=column)
    for column in ("name", "value", "emit_date")
]
SUMMED = {measure.name for measure in MEASURES}


def column_lineage(table: str) -> dg.TableColumnLineage:
    """What the columns of a table are made of; columns that come from nowhere else are left out.

    Args:
        table: 'schema.name', as in `TABLES`.
    """
    schema = TABLES[table]
    if table in STAGING:
        return dg.TableColumnLineage({str(column.name): [DOCUMENT] for column in wire_fields(schema).values()})
    return dg.TableColumnLineage({name: METRIC for name in schema.column_names() if name in SUMMED})
