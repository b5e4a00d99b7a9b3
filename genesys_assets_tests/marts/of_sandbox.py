"""Days of a sandbox: their staging frames, and what it tells of them as aggregates, by HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import httpx
import polars as pl

from genesys_assets.marts import Comparison, Mart
from genesys_assets.sandbox import CLIENT_ID, CLIENT_SECRET, Sandbox
from genesys_assets.tables.decode import decode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION

NUMBERS = ("count", "sum", "numerator", "denominator")
SCHEMA = {"interval_start": pl.Datetime("us", "UTC"), "metric": pl.String, **dict.fromkeys(NUMBERS, pl.Int64)}


def staged_days(sandbox: Sandbox, days: Sequence[date], folder: Path) -> dict[str, pl.LazyFrame]:
    """The staging frames of days together, as a range run has them."""
    documents = pl.LazyFrame(
        [
            {"partition_date": day, "document": json.dumps(document), "fetched_at": sandbox.now()}
            for day in days
            for document in sandbox.conversations(day).values()
        ],
        schema={"partition_date": pl.Date, "document": pl.String, "fetched_at": pl.Datetime("us", "UTC")},
    )
    return {
        name.removeprefix("staging."): frame for name, frame in decode(documents, folder, CONVERSATION).tables.items()
    }


def stored_in_duckdb(
    folder: Path, mart: Mart, staging: Mapping[str, pl.LazyFrame], rows: pl.LazyFrame
) -> duckdb.DuckDBPyConnection:
    """A database in memory that holds a mart and the staging tables that it is made of."""
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA staging; CREATE SCHEMA marts")
    tables = {f"marts.{mart.name}": rows, **{f"staging.{name}": staging[name] for name in mart.inputs}}
    for name, table in tables.items():
        file = folder / f"{name}.parquet"
        if name.startswith("marts.") or not file.exists():
            table.collect().write_parquet(file)
        connection.execute(f"CREATE TABLE {name} AS FROM '{file}'")
    return connection


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
