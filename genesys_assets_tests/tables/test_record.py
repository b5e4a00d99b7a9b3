"""Every field of the record, as the SDK describes it, has a column."""

import polars as pl
import pytest

from genesys_assets.data_model import PARENTS, TABLES
from genesys_assets.tables.columns import known_values, wire_fields, wire_name
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets_tests.tables.record import CLASSES, METRIC_NAMES, PLACES, Place, kind_of, snake

DTYPES = {
    "str": pl.String(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "datetime": pl.Datetime("us", "UTC"),
    "list[str]": pl.List(pl.String),
    "list[int]": pl.List(pl.Int64),
}
LEAVES = [
    (place, field, kind_of(field, place.model), told[1:])
    for place in PLACES.values()
    for field, told in CLASSES[place.model].items()
    if told[0] in DTYPES
]
STAGING = [(node.table, node.schema) for node in CONVERSATION.walk()]
NESTED = {"attributes", *PLACES} - {""}


def test_every_field_is_a_leaf_or_leads_to_a_table() -> None:
    others = {field for told in CLASSES.values() for field, kind in told.items() if kind[0] not in DTYPES}
    assert others == NESTED


@pytest.mark.parametrize(
    ("place", "field", "kind", "values"), LEAVES, ids=[f"{leaf[0].table}.{leaf[1]}" for leaf in LEAVES]
)
def test_every_leaf_is_stored_with_its_type_under_its_name(
    place: Place, field: str, kind: str, values: list[str]
) -> None:
    column = TABLES[place.table].columns()[snake(field)]
    assert bool(known_values(column)) == bool(values) or column.name == "name"
    assert wire_name(snake(field)) == field
    assert column.dtype == DTYPES[kind]


@pytest.mark.parametrize(
    ("place", "field", "values"),
    [(leaf[0], leaf[1], leaf[3]) for leaf in LEAVES if leaf[3]],
    ids=[f"{leaf[0].table}.{leaf[1]}" for leaf in LEAVES if leaf[3]],
)
def test_every_documented_set_of_values_is_known(place: Place, field: str, values: list[str]) -> None:
    assert sorted(known_values(TABLES[place.table].columns()[snake(field)]) or ()) == values


def test_every_documented_metric_is_known() -> None:
    assert sorted(known_values(TABLES["staging.session_metrics"].columns()["name"]) or ()) == METRIC_NAMES


def test_no_column_claims_a_field_that_the_record_has_not() -> None:
    models = {place.table: place.model for place in PLACES.values()}
    claimed = {(t, field) for t, schema in STAGING for field in wire_fields(schema)}
    assert claimed <= {(table, field) for table, model in models.items() for field in CLASSES[model]}


def test_every_place_has_a_table_of_its_own() -> None:
    assert len(dict(STAGING)) == len(STAGING) == len(PLACES) + 1  # and the attributes


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_described(table: str) -> None:
    assert all(column.description for column in TABLES[table].columns().values())
    assert (TABLES[table].__doc__ or "").startswith("One row per ")


@pytest.mark.parametrize("table", [table for table, _ in STAGING])
def test_every_staging_table_begins_with_its_key(table: str) -> None:
    columns, key = TABLES[table].column_names(), TABLES[table].primary_key()
    assert columns[:2] == key[:2] == ["partition_date", "conversation_id"]


@pytest.mark.parametrize(("child", "parent"), PARENTS.items())
def test_every_child_has_its_parents_key(child: str, parent: str) -> None:
    ours, theirs = TABLES[child].columns(), TABLES[parent].columns()
    for name in TABLES[parent].primary_key():
        assert ours[name].dtype == theirs[name].dtype
        assert not ours[name].nullable
