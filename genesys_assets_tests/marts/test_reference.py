"""docs/metrics.md says what the functions do."""

import pytest

from genesys_assets.marts import MARTS, Mart, reference
from genesys_assets.marts.formulas import measures
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.marts.staging import empty

RATIOS = [ratio.name for ratio in measures.RATIOS] + ["service_level"]


@pytest.mark.parametrize("mart", MARTS)
def test_every_figure_of_a_mart_is_on_the_page(mart: str) -> None:
    columns = every_mart(empty())[mart].collect_schema()
    others = [name for name, *_ in reference.other_figures(MARTS[mart])]
    figures = [name for name in columns if name in RATIOS or name in measures.ADDITIVE or name in others]
    rows = [line for line in reference.page().splitlines() if line.startswith("| `")]
    described = {row.split("`")[1] for row in rows} | {"service_level"}
    assert [name for name in figures if name not in described] == []


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS)
def test_the_key_and_the_inputs_of_a_mart_are_on_the_page(mart: Mart) -> None:
    section = reference.page().partition(f"### marts.{mart.name}\n")[2].partition("\n#")[0]
    told = section.strip().splitlines()[-1].split("`")[1::2]
    assert told == [*mart.schema.primary_key(), *(f"staging.{table}" for table in mart.inputs)]
