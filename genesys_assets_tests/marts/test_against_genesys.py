"""The marts of generated days against the aggregates that the sandbox counts from its own events, by HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from genesys_assets.marts import MARTS, Comparison, differences, metrics_of, roll_up, with_names
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets.sandbox import CLIENT_ID, CLIENT_SECRET, Sandbox
from genesys_assets.tables.decode import decode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.sandbox.support import EVERY_TYPE_OFTEN

DAYS = [date(2026, 11, 19) + timedelta(days=n) for n in range(10)]
SETTLED = datetime(2027, 2, 1, tzinfo=UTC)
NUMBERS = ("count", "sum", "numerator", "denominator")
SCHEMA = {"interval_start": pl.Datetime("us", "UTC"), "metric": pl.String, **dict.fromkeys(NUMBERS, pl.Int64)}
OF_NO_USER = {"outbound_attempts", "outbound_connects", "outbound_abandons"}
"""What a campaign emits, and no agent."""
BY_QUEUE = Comparison({"queue_id": "queueId", "media_type": "mediaType"}, always=["queue_id"])


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(seed=7, conversations_per_day=400, now=lambda: SETTLED, mix=EVERY_TYPE_OFTEN)


@pytest.fixture(scope="module")
def staging(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.LazyFrame]:
    """The staging frames of all days together, as a range run has them."""
    documents = pl.LazyFrame(
        [
            {"partition_date": day, "document": json.dumps(document), "fetched_at": SETTLED}
            for day in DAYS
            for document in sandbox.conversations(day).values()
        ],
        schema={"partition_date": pl.Date, "document": pl.String, "fetched_at": pl.Datetime("us", "UTC")},
    )
    folder: Path = tmp_path_factory.mktemp("staging")
    return {
        name.removeprefix("staging."): frame for name, frame in decode(documents, folder, CONVERSATION).tables.items()
    }


@pytest.fixture(scope="module")
def computed(staging: dict[str, pl.LazyFrame]) -> dict[str, pl.DataFrame]:
    return {mart: rows.collect() for mart, rows in every_mart(staging).items()}


async def _answer(sandbox: Sandbox, path: str, body: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    transport = httpx.ASGITransport(app=sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        login = {"grant_type": "client_credentials"}
        token = await client.post("/oauth/token", data=login, auth=(CLIENT_ID, CLIENT_SECRET))
        headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
        response = await client.post(path, json=body, headers=headers)
        response.raise_for_status()
        answer: dict[str, list[dict[str, object]]] = response.json()
        return answer


def told(sandbox: Sandbox, day: date, comparison: Comparison, **options: object) -> list[dict[str, object]]:
    """The groups of the aggregates query for one day."""
    interval = f"{day}T00:00:00.000Z/{day + timedelta(days=1)}T00:00:00.000Z"
    granularity = {"granularity": "PT15M"} if comparison.by_interval else {}
    body = {"interval": interval, "groupBy": [*comparison.by.values()], **granularity, **options}
    return asyncio.run(_answer(sandbox, f"/api/v2/analytics/{comparison.of}/aggregates/query", body)).get("results", [])


def rows_of(groups: Iterable[dict], comparison: Comparison) -> pl.LazyFrame:
    rows = [
        {
            **{column: group["group"].get(dimension) for column, dimension in comparison.by.items()},
            "interval_start": datetime.fromisoformat(data["interval"].partition("/")[0]),
            "metric": metric["metric"],
            **{name: metric["stats"].get(name) for name in NUMBERS},
        }
        for group in groups
        for data in group["data"]
        for metric in data["metrics"]
    ]
    return pl.LazyFrame(rows, schema={**dict.fromkeys(comparison.by, pl.String), **SCHEMA})


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
