"""What the functions return is what the tables declare."""

import dataframely as dy
import pytest

from genesys_assets.assets.marts import MARTS
from genesys_assets.data_model import TABLES
from genesys_assets.marts import reference, with_names
from genesys_assets.marts.columns import DIRECTORY_COLUMNS, STAGING_COLUMNS
from genesys_assets.marts.formulas.measures import ADDITIVE, MEASURES, RATIOS, Measure
from genesys_assets_tests.conftest import DAILY
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.marts.staging import empty

SCHEMAS: dict[str, type[dy.Schema]] = {
    name.removeprefix("marts."): schema for name, schema in TABLES.items() if name.startswith("marts.")
}


def figures(mart: str) -> set[str]:
    """The numbers of a mart's table that are no key and no fact of its grain."""
    schema = SCHEMAS[mart]
    numbers = {name for name, column in schema.columns().items() if column.dtype.is_numeric()}
    return numbers - set(schema.primary_key()) - {"interval_minutes"}


def test_every_mart_of_the_registry_is_computed_and_stored_and_documented() -> None:
    stored = {mart(DAILY).key.path[-1] for mart in MARTS}
    documented = {name.removeprefix("marts.") for name in reference.MARTS}
    assert set(SCHEMAS) == set(every_mart(empty())) == set(STAGING_COLUMNS) == set(DIRECTORY_COLUMNS)
    assert set(SCHEMAS) == stored == documented


@pytest.mark.parametrize("mart", SCHEMAS)
def test_a_table_has_each_figure_of_its_formula_and_no_other(mart: str) -> None:
    """What is summed, divided or otherwise computed, by the tables of figures from which docs/metrics.md is made."""
    *_, summed = reference.MARTS[f"marts.{mart}"]
    names = {measure.name for measure in summed}
    ratios = {ratio.name for ratio in RATIOS if {ratio.numerator, ratio.denominator} <= names}
    if mart == "queue_performance":
        ratios.add("service_level")
    others = {name for name, _, _, marts in reference.OTHERS if mart in marts.split(", ")}
    if mart == "interactions":
        ratios = set()  # one conversation has no ratios
    assert figures(mart) == names | ratios | others


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_the_page_names_the_marts_that_have_a_figure(measure: Measure) -> None:
    (row,) = [
        line for line in reference.page().splitlines() if line.startswith(f"| `{measure.name}` | {measure.how} of")
    ]
    told = row.strip("| ").split(" | ")[-1].split(", ")
    assert set(told) == {mart for mart in SCHEMAS if measure.name in figures(mart)}


def test_a_figure_that_a_mart_adds_up_is_in_the_one_table_of_figures() -> None:
    used = {measure for *_, measures in reference.MARTS.values() for measure in measures}
    assert used == set(MEASURES)
    assert {measure.name for measure in used} <= ADDITIVE


@pytest.mark.parametrize("mart", SCHEMAS)
def test_a_mart_has_the_columns_and_types_of_its_table(mart: str) -> None:
    returned = with_names(every_mart(empty())[mart]).collect_schema()
    assert dict(returned) == dict(SCHEMAS[mart].create_empty().schema)


@pytest.mark.parametrize("mart", SCHEMAS)
def test_a_day_without_conversations_is_an_empty_table(mart: str) -> None:
    day = with_names(every_mart(empty())[mart]).collect()
    assert day.is_empty()
    assert dict(day.schema) == dict(SCHEMAS[mart].create_empty().schema)


@pytest.mark.parametrize("mart", SCHEMAS)
def test_a_table_tells_its_row_and_each_column(mart: str) -> None:
    schema = SCHEMAS[mart]
    assert schema.__doc__ is not None
    assert schema.__doc__.startswith("One row per ")
    assert [name for name, column in schema.columns().items() if not column.description] == []
    assert set(schema.primary_key()) <= set(schema.column_names())
