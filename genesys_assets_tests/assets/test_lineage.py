from __future__ import annotations

import dagster as dg
import pytest

from genesys_assets.assets.lineage import column_lineage
from genesys_assets.data_model import TABLES
from genesys_assets.definitions import defs

GRAPH = defs.resolve_asset_graph()
DERIVED = [table for table in TABLES if table.startswith(("staging.", "marts."))]
FROM_NOWHERE = {"interval_minutes": "a setting"}
"""Columns without lineage, and where they come from instead."""


def origins(table: str, column: str) -> set[tuple[str, str]]:
    """Table and name of the columns that a column is made of."""
    deps = column_lineage(table).deps_by_column[column]
    return {(".".join(dep.asset_key.path), dep.column_name) for dep in deps}


@pytest.mark.parametrize("table", DERIVED)
def test_every_column_is_made_of_columns_or_is_listed_with_a_reason(table: str) -> None:
    made = column_lineage(table).deps_by_column
    assert set(TABLES[table].column_names()) - set(made) <= set(FROM_NOWHERE)
    assert all(made.values())


@pytest.mark.parametrize("table", DERIVED)
def test_a_column_is_made_of_columns_that_the_asset_reads(table: str) -> None:
    parents = GRAPH.get(dg.AssetKey(table.split("."))).parent_keys
    for deps in column_lineage(table).deps_by_column.values():
        assert {dep.asset_key for dep in deps} <= parents
        assert all(dep.column_name in TABLES[".".join(dep.asset_key.path)].column_names() for dep in deps)


@pytest.mark.parametrize(
    ("table", "column", "made_of"),
    [
        ("staging.participant_attributes", "value", {("raw.conversations", "document")}),
        ("staging.conversations", "partition_date", {("raw.conversations", "partition_date")}),
        ("marts.queue_performance", "queue_id", {("staging.session_metrics", "queue_id")}),
        ("marts.queue_performance", "queue_name", {("directory.queues", "id"), ("directory.queues", "name")}),
        ("marts.interactions", "user_names", {("directory.users", "id"), ("directory.users", "name")}),
        ("marts.interactions", "conversation_id", {("staging.conversations", "conversation_id")}),
        ("marts.interactions", "media_type", {("staging.sessions", "media_type")}),
        ("marts.flow_performance", "flow_name", {("staging.flows", "flow_name")}),
        (
            "marts.open_conversations",
            "age_ms",
            {("staging.conversations", "conversation_start"), ("staging.conversations", "fetched_at")},
        ),
        (
            "marts.queue_performance",
            "average_handle_time_ms",
            {("staging.session_metrics", column) for column in ("name", "value", "emit_date")},
        ),
    ],
)
def test_what_a_column_is_made_of(table: str, column: str, made_of: set[tuple[str, str]]) -> None:
    assert origins(table, column) == made_of
