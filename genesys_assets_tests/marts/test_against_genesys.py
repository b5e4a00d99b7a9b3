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

from genesys_assets.marts import MARTS, differences, roll_up, with_names
from genesys_assets.marts.formulas import measures
from genesys_assets.marts.formulas.reconciliation import COMPARED, COMPARED_METRICS
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets.sandbox import CLIENT_ID, CLIENT_SECRET, Sandbox
from genesys_assets.tables.decode import decode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets_tests.marts.every_mart import every_mart

DAYS = [date(2026, 11, 19) + timedelta(days=n) for n in range(10)]
SETTLED = datetime(2027, 2, 1, tzinfo=UTC)
SCHEMA = {"queue_id": pl.String, "media_type": pl.String, "metric": pl.String, "count": pl.Int64, "sum": pl.Int64}


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(seed=7, conversations_per_day=400, now=lambda: SETTLED)


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
def by_interval(staging: dict[str, pl.LazyFrame]) -> pl.DataFrame:
    return queue_performance(staging["session_metrics"]).collect()


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


def told(sandbox: Sandbox, day: date, **options: object) -> list[dict[str, object]]:
    """The groups of the aggregates query for one day."""
    interval = f"{day}T00:00:00.000Z/{day + timedelta(days=1)}T00:00:00.000Z"
    body = {"interval": interval, "groupBy": ["queueId", "mediaType"], "metrics": [*COMPARED_METRICS], **options}
    path = "/api/v2/analytics/conversations/aggregates/query"
    return asyncio.run(_answer(sandbox, path, body)).get("results", [])


def rows_of(groups: Iterable[dict]) -> pl.LazyFrame:
    rows = [
        {
            "queue_id": group["group"].get("queueId"),
            "media_type": group["group"].get("mediaType"),
            "metric": metric["metric"],
            "count": metric["stats"].get("count"),
            "sum": metric["stats"].get("sum"),
        }
        for group in groups
        for data in group["data"]
        for metric in data["metrics"]
    ]
    return pl.LazyFrame(rows, schema=SCHEMA)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_figure_of_a_day_equals_genesyss_by_queue_and_media(
    sandbox: Sandbox, by_interval: pl.DataFrame, day: date
) -> None:
    aggregates = rows_of(told(sandbox, day))
    ours = by_interval.lazy().filter(partition_date=day)
    assert differences(ours, aggregates).collect().rows() == []
    # The comparison is not of nothing with nothing.
    total = roll_up(ours, []).select(*COMPARED).collect()
    assert [figure for figure in COMPARED if total[figure].item() == 0] == []


def test_every_quarter_of_an_hour_equals_genesyss(sandbox: Sandbox, by_interval: pl.DataFrame) -> None:
    day = DAYS[1]
    # A queue in a quarter of an hour is compared as if it were a queue of its own.
    genesys = [
        {"group": {**group["group"], "queueId": f"{group['group']['queueId']} {data['interval'][:16]}"}, "data": [data]}
        for group in told(sandbox, day, granularity="PT15M")
        if "queueId" in group["group"]
        for data in group["data"]
    ]
    quarter = pl.format("{} {}", "queue_id", pl.col("interval_start").dt.strftime("%Y-%m-%dT%H:%M"))
    ours = by_interval.lazy().filter(partition_date=day).with_columns(queue_id=quarter)
    assert len(genesys) > 100
    assert differences(ours, rows_of(genesys)).collect().rows() == []


@pytest.mark.parametrize(
    ("mart", "dimension", "column", "figures"),
    [
        ("agent_performance", "userId", "user_id", (*measures.HANDLED, *measures.ALERTED, *measures.TRANSFERRED)),
        ("wrapup_performance", "wrapUpCode", "wrap_up_code", measures.HANDLED),
        ("flow_performance", "flowId", "flow_id", measures.FLOWS),
    ],
)
def test_agents_wrap_ups_and_flows_equal_genesyss_too(
    sandbox: Sandbox,
    staging: dict[str, pl.LazyFrame],
    mart: str,
    dimension: str,
    column: str,
    figures: tuple[measures.Measure, ...],
) -> None:
    rows = every_mart(staging)[mart].filter(pl.col(column).is_not_null())
    ours = roll_up(rows, ["partition_date", column]).collect()
    for day in DAYS[:3]:
        found = {row[column]: row for row in ours.filter(partition_date=day).iter_rows(named=True)}
        groups = told(sandbox, day, groupBy=[dimension], metrics=sorted({figure.metric for figure in figures}))
        genesys = {group["group"].get(dimension): stats_of(group) for group in groups}
        genesys.pop(None, None)
        assert genesys
        for key in genesys.keys() | found.keys():
            expected = {figure.name: genesys_value(genesys.get(key, {}), figure) for figure in figures}
            assert {name: found.get(key, {}).get(name, 0) for name in expected} == expected, key


def stats_of(group: dict) -> dict[str, dict[str, int]]:
    return {metric["metric"]: metric["stats"] for data in group["data"] for metric in data["metrics"]}


def genesys_value(stats: dict[str, dict[str, int]], figure: measures.Measure) -> int:
    """A number of the aggregates is the `count` of an `n*` metric."""
    statistic = "count" if figure.metric.startswith("n") else figure.how
    return stats.get(figure.metric, {}).get(statistic, 0)


def test_the_service_level_of_a_day_equals_genesyss(sandbox: Sandbox, by_interval: pl.DataFrame) -> None:
    ours = roll_up(by_interval.lazy().filter(partition_date=DAYS[0]), ["queue_id", "media_type"]).collect()
    levels = {(row["queue_id"], row["media_type"]): row["service_level"] for row in ours.iter_rows(named=True)}
    genesys = {
        (group["group"].get("queueId"), group["group"].get("mediaType")): stats_of(group)["oServiceLevel"]["ratio"]
        for group in told(sandbox, DAYS[0], metrics=["oServiceLevel"])
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
    found = differences(short, rows_of(told(sandbox, day))).collect()
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
