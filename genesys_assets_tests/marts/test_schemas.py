"""What the formulas return is what the marts declare, and every mart and figure that there is has its place."""

import pkgutil

import pytest

from genesys_assets import marts
from genesys_assets.data_model import TABLES
from genesys_assets.marts import MARTS, reference, with_names
from genesys_assets.marts.formulas.measures import ADDITIVE, MEASURES, RATIOS, Measure
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.marts.staging import empty

NO_MARTS = {"columns", "formulas", "mart", "reference"}
"""What stands beside the marts in their folder."""


def test_every_file_of_a_mart_is_in_the_list_of_marts_under_its_name() -> None:
    files = {module.name for module in pkgutil.iter_modules(marts.__path__)}
    assert files - NO_MARTS == set(MARTS)
    assert all(mart.formula.__name__ == name == mart.name for name, mart in MARTS.items())


def test_every_mart_is_a_table_and_every_table_of_figures_a_mart() -> None:
    stored = {name: schema for name, schema in TABLES.items() if name.startswith("marts.")}
    assert stored == {f"marts.{name}": mart.schema for name, mart in MARTS.items()}


@pytest.mark.parametrize("mart", MARTS)
def test_every_number_of_a_mart_is_a_figure_that_the_page_explains(mart: str) -> None:
    declared = MARTS[mart]
    columns = declared.schema.columns().items()
    numbers = {name for name, column in columns if column.dtype.is_numeric()} - {"interval_minutes"}
    others = {name for name, *_ in reference.other_figures(declared)}
    assert numbers == {*declared.figures, *others}


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_the_page_names_the_marts_that_have_a_figure(measure: Measure) -> None:
    (row,) = [
        line for line in reference.page().splitlines() if line.startswith(f"| `{measure.name}` | {measure.how} of")
    ]
    told = row.strip("| ").split(" | ")[-1].split(", ")
    assert told == [name for name, mart in MARTS.items() if measure.name in mart.schema.column_names()]


def test_a_figure_that_a_mart_adds_up_or_divides_is_in_the_tables_of_figures() -> None:
    assert {measure for mart in MARTS.values() for measure in mart.measures} == set(MEASURES)
    assert {ratio for mart in MARTS.values() for ratio in mart.ratios} == set(RATIOS)
    assert {measure.name for measure in MEASURES} <= ADDITIVE


def test_what_a_mart_has_beside_its_measures_adds_up_too() -> None:
    assert {name for mart in MARTS.values() for name in mart.more} <= ADDITIVE


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_has_the_columns_and_types_of_its_table(mart: str) -> None:
    returned = with_names(every_mart(empty())[mart]).collect_schema()
    assert dict(returned) == dict(MARTS[mart].schema.create_empty().schema)


@pytest.mark.parametrize("mart", MARTS)
def test_a_day_without_conversations_is_an_empty_table(mart: str) -> None:
    day = with_names(every_mart(empty())[mart]).collect()
    assert day.is_empty()
    assert dict(day.schema) == dict(MARTS[mart].schema.create_empty().schema)


@pytest.mark.parametrize("mart", MARTS)
def test_a_table_tells_its_row_and_each_column(mart: str) -> None:
    schema = MARTS[mart].schema
    assert schema.__doc__ is not None
    assert schema.__doc__.startswith("One row per ")
    assert [name for name, column in schema.columns().items() if not column.description] == []
    assert set(schema.primary_key()) <= set(schema.column_names())
