"""docs/metrics.md says what the functions do."""

import pytest

from genesys_assets.data_model import TABLES
from genesys_assets.marts import reference
from genesys_assets.marts.formulas import measures
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.marts.staging import empty

RATIOS = [ratio.name for ratio in measures.RATIOS] + ["service_level"]


@pytest.mark.parametrize("mart", reference.MARTS)
def test_every_figure_of_a_mart_is_on_the_page(mart: str) -> None:
    columns = every_mart(empty())[mart.removeprefix("marts.")].collect_schema()
    others = [name for name, *_ in reference.OTHERS]
    figures = [name for name in columns if name in RATIOS or name in measures.ADDITIVE or name in others]
    rows = [line for line in reference.page().splitlines() if line.startswith("| `")]
    described = {row.split("`")[1] for row in rows} | {"service_level"}
    assert [name for name in figures if name not in described] == []


def test_every_number_of_the_marts_has_its_formula_on_the_page() -> None:
    told = {*RATIOS, *measures.ADDITIVE, *(name for name, *_ in reference.OTHERS), "interval_minutes"}
    numbers = {
        name
        for mart in every_mart(empty()).values()
        for name, dtype in mart.collect_schema().items()
        if dtype.is_numeric()
    }
    assert numbers - told == set()


@pytest.mark.parametrize("mart", [name for name in TABLES if name.startswith("marts.")])
def test_the_key_on_the_page_is_the_key_of_the_table(mart: str) -> None:
    assert list(reference.MARTS[mart][1]) == TABLES[mart].primary_key()
    assert f"### {mart}\n" in reference.page()
