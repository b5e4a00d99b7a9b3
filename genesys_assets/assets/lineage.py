"""Which columns a column is made of, as the Dagster UI draws it: derived from the tables' own declarations.

What belongs here: how a column's origin follows from the tables that a mart reads, and from what its column tells.
Tables that are filled from Genesys Cloud have no lineage: nothing here was before them.
"""

import dagster as dg

from genesys_assets.data_model import TABLES
from genesys_assets.marts import MARTS, Mart
from genesys_assets.names import PLAIN, Names
from genesys_assets.sources import TREES

Origins = list[tuple[str, str]]
"""Columns that another is made of: the table ('schema.name') and the column of each."""

DOCUMENTS = {node.table: table for table, tree in TREES.items() for node in tree.walk()}
"""From which table of documents each of staging's tables is decoded."""
TAKEN_OVER = {"partition_date", "fetched_at"}
"""What staging has from raw as it stands; every other column is read from the document."""

METRICS: Origins = [("staging.session_metrics", column) for column in ("name", "value", "emit_date")]
"""What every measure is summed of, and every ratio divided."""


def column_lineage(table: str, names: Names = PLAIN, mart: Mart | None = None) -> dg.TableColumnLineage:
    """Return what the columns of a table are made of; columns that come from nowhere else are left out.

    Args:
        table: 'schema.name', as in `TABLES`.
        names: How the organisation's definitions are called.
        mart: The mart whose table it is, if it is one of a host project's own.
    """
    mart = mart or MARTS.get(table.removeprefix("marts."))
    origins = (
        {column: _origins_in_mart(mart, column) for column in mart.schema.column_names()}
        if mart
        else {column: _origins(table, column) for column in TABLES[table].column_names()}
    )
    deps = {column: [_dep(names, *each) for each in made_of] for column, made_of in origins.items() if made_of}
    return dg.TableColumnLineage(deps)


def _dep(names: Names, table: str, column: str) -> dg.TableColumnDep:
    return dg.TableColumnDep(asset_key=names.key(table.split(".")), column_name=column)


def _origins(table: str, column: str) -> Origins:
    if table not in DOCUMENTS:
        return []
    return [(DOCUMENTS[table], column if column in TAKEN_OVER else "document")]


def _origins_in_mart(mart: Mart, column: str) -> Origins:
    if column in mart.figures:
        return METRICS
    return _as_told(mart, column) or _named_by(mart, column) or _taken_from(mart, column)


def _as_told(mart: Mart, column: str) -> Origins:
    """Return what the column's own declaration says that it is made of."""
    told = mart.schema.columns()[column].metadata or {}
    pairs = (each.split(".") for each in told.get("made_of", ()))
    return [(f"staging.{table}", name) for table, name in pairs]


def _named_by(mart: Mart, column: str) -> Origins:
    """Return the directory's columns, for a name beside an id: 'last_queue_name', 'user_names'."""
    table = mart.names.get(column)
    return [(table, "id"), (table, "name")] if table else []


def _taken_from(mart: Mart, column: str) -> Origins:
    """Return the same column in the first of the mart's staging tables that has it."""
    return [(f"staging.{table}", column) for table, columns in mart.inputs.items() if column in columns][:1]
