"""Which columns a column is made of, as the Dagster UI draws it: derived from the schemas and the figures' own tables.

What belongs here: how a column's origin follows from the tables that a mart reads, and the few origins that do not.
Tables that are filled from Genesys Cloud have no lineage: nothing here was before them.
"""

from collections.abc import Mapping

import dagster as dg

from genesys_assets.data_model import TABLES
from genesys_assets.marts.columns import DIRECTORY_COLUMNS, STAGING_COLUMNS
from genesys_assets.marts.formulas.measures import MEASURES, RATIOS
from genesys_assets.marts.formulas.names import name_column, table_of_ids
from genesys_assets.names import PLAIN, Names

Origins = list[tuple[str, str]]
"""Columns that another is made of: the table ('schema.name') and the column of each."""

RAW = "raw.conversations"
TAKEN_OVER = {"partition_date", "fetched_at"}
"""What staging has from raw as it stands; every other column is read from the document."""

FIGURES = {"service_level", *(each.name for each in MEASURES), *(each.name for each in RATIOS)}
"""What is summed from session metrics, or divided from such sums."""
METRICS: Origins = [("staging.session_metrics", column) for column in ("name", "value", "emit_date")]

MADE_OF: Mapping[str, Origins] = {
    "interval_start": [("staging.session_metrics", "emit_date")],
    "outcomes": [("staging.flow_outcomes", "flow_outcome_id")],
    "duration_ms": [("staging.conversations", "conversation_start"), ("staging.conversations", "conversation_end")],
    "age_ms": [("staging.conversations", "conversation_start"), ("staging.conversations", "fetched_at")],
    "min_mos": [("staging.conversations", "media_stats_min_conversation_mos")],
    "media_types": [("staging.sessions", "media_type")],
    "first_queue_id": [("staging.segments", "queue_id"), ("staging.segments", "segment_start")],
    "last_queue_id": [("staging.segments", "queue_id"), ("staging.segments", "segment_start")],
    "last_user_id": [("staging.participants", "user_id"), ("staging.segments", "segment_start")],
    "user_ids": [("staging.session_metrics", "user_id"), ("staging.session_metrics", "emit_date")],
    "agents": [("staging.session_metrics", "user_id")],
}
"""Columns of marts that are neither figures nor names, and stand under another name in staging."""


def column_lineage(table: str, names: Names = PLAIN) -> dg.TableColumnLineage:
    """Return what the columns of a table are made of; columns that come from nowhere else are left out.

    Args:
        table: 'schema.name', as in `TABLES`.
        names: How the organisation's definitions are called.
    """
    origins = {column: _origins(table, column) for column in TABLES[table].column_names()}
    deps = {column: [_dep(names, *each) for each in made_of] for column, made_of in origins.items() if made_of}
    return dg.TableColumnLineage(deps)


def _dep(names: Names, table: str, column: str) -> dg.TableColumnDep:
    return dg.TableColumnDep(asset_key=names.key(table.split(".")), column_name=column)


def _origins(table: str, column: str) -> Origins:
    group, name = table.split(".")
    if group == "staging":
        return [(RAW, column if column in TAKEN_OVER else "document")]
    if group == "marts":
        return _origins_in_mart(name, column)
    return []


def _origins_in_mart(mart: str, column: str) -> Origins:
    if column in FIGURES:
        return METRICS
    return MADE_OF.get(column) or _named_by(mart, column) or _taken_from(mart, column)


def _named_by(mart: str, column: str) -> Origins:
    """Return the directory's columns, for a name beside an id: 'last_queue_name', 'user_names'."""
    ids = (each for each in TABLES[f"marts.{mart}"].column_names() if column == name_column(each))
    table = next(filter(None, map(table_of_ids, ids)), "")
    return [(table, each) for each in DIRECTORY_COLUMNS[mart].get(table.partition(".")[2], ())]


def _taken_from(mart: str, column: str) -> Origins:
    """Return the same column in the first of the mart's staging tables that has it."""
    return [(f"staging.{table}", column) for table, columns in STAGING_COLUMNS[mart].items() if column in columns][:1]
