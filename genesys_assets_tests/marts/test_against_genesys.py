"""The marts of generated days against the aggregates that the sandbox counts from its own events, by HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from genesys_assets.marts import MARTS, Comparison, differences, metrics_of, roll_up, with_names
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets.sandbox import Sandbox
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.marts.of_sandbox import rows_of, staged_days, told
from genesys_assets_tests.sandbox.support import EVERY_TYPE_OFTEN

DAYS = [date(2026, 11, 19) + timedelta(days=n) for n in range(10)]
SETTLED = datetime(2027, 2, 1, tzinfo=UTC)
OF_NO_USER = {"outbound_attempts", "outbound_connects", "outbound_abandons"}
"""What a campaign emits, and no agent."""
BY_QUEUE = Comparison({"queue_id": "queueId", "media_type": "mediaType"}, always=["queue_id"])


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(seed=7, conversations_per_day=400, now=lambda: SETTLED, mix=EVERY_TYPE_OFTEN)


@pytest.fixture(scope="module")
def staging(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.LazyFrame]:
    """The staging frames of all days together, as a range run has them."""
    return staged_days(sandbox, DAYS, tmp_path_factory.mktemp("staging"))


@pytest.fixture(scope="module")
def computed(staging: dict[str, pl.LazyFrame]) -> dict[str, pl.DataFrame]:
    return {mart: rows.collect() for mart, rows in every_mart(staging).items()}


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("mart", [name for name, mart in MARTS.items() if mart.comparisons])
def test_every_figure_of_a_day_equals_genesyss(
    sandbox: Sandbox, computed: dict[str, pl.DataFrame], day: date, mart: str
) -> None:
    ours = computed[mart].lazy().filter(partition_date=day)
    for comparison, statistics in MARTS[mart].compared:
        aggregates = rows_of(told(sandbox, day, comparison, metrics=metrics_of(statistics.values())), comparison)
        assert differences(ours, aggregates, comparison, statistics).collect().rows() == []


@pytest.mark.parametrize("mart", [name for name, mart in MARTS.items() if mart.comparisons])
def test_nothing_is_compared_with_nothing(computed: dict[str, pl.DataFrame], mart: str) -> None:
    total = roll_up(computed[mart].lazy(), []).collect()
    of_nothing = {figure for figure in total.columns if total[figure].item() in {0, None}}
    assert of_nothing == (OF_NO_USER if mart == "agent_performance" else set())


def stats_of(group: dict) -> dict[str, dict[str, int]]:
    return {metric["metric"]: metric["stats"] for data in group["data"] for metric in data["metrics"]}


def test_the_service_level_of_a_day_equals_genesyss(sandbox: Sandbox, computed: dict[str, pl.DataFrame]) -> None:
    ours = roll_up(
        computed["queue_performance"].lazy().filter(partition_date=DAYS[0]), ["queue_id", "media_type"]
    ).collect()
    levels = {(row["queue_id"], row["media_type"]): row["service_level"] for row in ours.iter_rows(named=True)}
    genesys = {
        (group["group"].get("queueId"), group["group"].get("mediaType")): stats_of(group)["oServiceLevel"]["ratio"]
        for group in told(sandbox, DAYS[0], BY_QUEUE, metrics=["oServiceLevel"])
    }
    genesys = {key: ratio for key, ratio in genesys.items() if key[0] is not None}
    assert genesys
    assert {key: level for key, level in levels.items() if level is not None} == pytest.approx(genesys)


def test_a_call_that_is_missing_is_found(sandbox: Sandbox, staging: dict[str, pl.LazyFrame]) -> None:
    day = DAYS[2]
    metrics = staging["session_metrics"].filter(partition_date=day)
    offered = metrics.filter(pl.col("name") == "nOffered", pl.col("emit_date").dt.date() == day)
    missing = offered.select(pl.col("conversation_id").min()).collect().item()
    short = queue_performance(metrics.filter(pl.col("conversation_id") != missing))
    found = differences(
        short, rows_of(told(sandbox, day, BY_QUEUE, metrics=["nOffered"]), BY_QUEUE), BY_QUEUE
    ).collect()
    assert found.filter(figure="offered")["difference"].sum() <= -1


@pytest.mark.parametrize("mart", MARTS)
def test_the_marts_of_generated_days_fit_their_tables(staging: dict[str, pl.LazyFrame], mart: str) -> None:
    rows = with_names(every_mart(staging)[mart]).collect()
    assert not rows.is_empty()
    MARTS[mart].schema.validate(rows)


def test_marts_sunk_to_a_file_are_those_that_are_collected(staging: dict[str, pl.LazyFrame], tmp_path: Path) -> None:
    for mart, rows in every_mart(staging).items():
        with_names(rows).sink_parquet(tmp_path / mart)
        assert_frame_equal(pl.read_parquet(tmp_path / mart), with_names(rows).collect())
