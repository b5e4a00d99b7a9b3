"""Marts of nonsense are red, on their day, with what is wrong; metrics that no figure counts are named in a warning."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import polars as pl
import pytest

from genesys_assets.assets.counted import every_metric_counts
from genesys_assets.assets.possible import CHECK
from genesys_assets.data_model import TABLES
from genesys_assets.marts import MARTS, Mart
from genesys_assets.windows.frames import UTC_DAYS
from genesys_assets_tests.assets.test_checks import checked, evaluation, told
from genesys_assets_tests.conftest import DAY, NOW, Chain, copied

NONSENSE = {
    "queue_performance": "answered_over_service_level = answered + 1",
    "wrapup_performance": "average_handle_time_ms = 'nan'",
    "flow_performance": "finished = 0, flow_time_ms = 5",
    "interactions": "answered = wait_count + 1",
    "open_conversations": "age_ms = -1",
}
"""What each mart is made to hold; of one that is not here, the first measure is made negative."""


@pytest.fixture(scope="module")
def stored(materialised: Chain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A day of a small contact centre, stored by the job `day`."""
    with copied(materialised, tmp_path_factory.mktemp("possible") / "copy") as chain:
        yield chain


def test_what_is_told_as_it_was_is_possible_and_counts(materialised: Chain) -> None:
    results = materialised.runs["day"].get_asset_check_evaluations()
    passed = {"/".join(each.asset_key.path): each.passed for each in results if each.check_name == CHECK}
    assert passed == {f"marts/{name}": True for name in MARTS}
    assert [each.passed for each in results if each.check_name == "every_metric_counts"] == [True]


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS)
def test_a_mart_that_holds_nonsense_is_red_and_says_what(mart: Mart, stored: Chain) -> None:
    nonsense = NONSENSE.get(mart.name) or f"{mart.measures[0].name} = -1"
    with stored.database.writing() as connection:
        (rows,) = connection.execute(f"UPDATE marts.{mart.name} SET {nonsense}").fetchall()[0]
    assert rows, "the day has no row in it"
    found = evaluation(checked(stored, ["marts", mart.name], CHECK), CHECK)
    assert (found.passed, found.severity, found.partition) == (False, dg.AssetCheckSeverity.ERROR, str(DAY))
    assert f"marts.{mart.name} holds impossible figures. {DAY}: " in (found.description or "")
    assert told(found)["broken_rules"]


def test_metrics_that_no_figure_counts_are_a_warning_that_names_them() -> None:
    tables = {name: schema.create_empty().lazy() for name, schema in TABLES.items()}
    key = {"partition_date": DAY, "conversation_id": "c", "conversation_start": NOW}
    metrics = [{**key, "name": "nOffered", "value": 1}, {**key, "name": "tHandle", "value": -5, "emit_date": NOW}]
    tables["staging.conversations"] = pl.LazyFrame([{**key, "conversation_end": NOW}])
    tables["staging.session_metrics"] = pl.LazyFrame(metrics).with_columns(partition_date=pl.lit(NOW.date()))
    found = every_metric_counts(tables, UTC_DAYS)
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "1 session metrics are without an emitDate" in (found.description or "")
    rows = [dict(record.data) for record in found.metadata["table"].records]
    day = str(NOW.date())
    assert rows == [
        {"partition_date": day, "reason": "impossible_value", "name": "tHandle", "metrics": 1},
        {"partition_date": day, "reason": "no_instant", "name": "nOffered", "metrics": 1},
    ]
