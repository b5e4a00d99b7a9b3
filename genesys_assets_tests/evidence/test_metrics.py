"""Metrics that the aggregates do not know are found by asking in halves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from genesys_assets.evidence.metrics import both, told_of
from genesys_assets.genesys import Aggregate, PermanentError
from genesys_assets.genesys.api.errors import ErrorDetail, RefusedError
from genesys_assets.windows import window_of
from genesys_assets_tests.conftest import DAY

WINDOW = window_of(DAY, ZoneInfo("UTC"))
LEG = ("voice", "agent", "inbound")


class Cloud:
    """Refuses every query that has one of these metrics."""

    def __init__(self, *unknown: str, status: int = 400) -> None:
        self.unknown, self.status, self.asked = {*unknown}, status, 0

    async def request(self, method: str, path: str, *, body: Mapping[str, Any], **_: object) -> list[Aggregate]:
        self.asked += 1
        if self.unknown & {*body["metrics"]}:
            raise RefusedError("Refused.", ErrorDetail(method, path, self.status))
        return [Aggregate({}, None, name, 1, None) for name in body["metrics"]]


def asked(cloud: Cloud, *names: str) -> tuple[list[str], list[str]]:
    told, unknown = asyncio.run(told_of(cloud, WINDOW, names, by=[]))  # type: ignore[arg-type]
    return [each.metric for each in told], unknown


def test_a_metric_that_is_refused_keeps_no_other_from_being_told() -> None:
    names = [f"tMetric{number}" for number in range(64)]
    cloud = Cloud("tMetric7")
    told, unknown = asked(cloud, *names)
    assert unknown == ["tMetric7"]
    assert told == [name for name in names if name not in unknown]
    assert cloud.asked == 13


def test_what_is_refused_for_another_reason_is_asked_once() -> None:
    cloud = Cloud("tAlert", status=404)
    with pytest.raises(PermanentError):
        asked(cloud, "tAlert", "tHandle")
    assert cloud.asked == 1


def rows(name: str, side: str, count: int, added: int | None) -> pl.DataFrame:
    columns = {"name": pl.String(), "media_type": pl.String(), "purpose": pl.String(), "direction": pl.String()}
    numbers = {side: pl.Int64(), f"{side}_sum": pl.Int64()}
    return pl.DataFrame([(name, *LEG, count, added)], {**columns, **numbers}, orient="row")


@pytest.mark.parametrize(
    ("name", "ours", "genesys", "differs"),
    [
        ("tTalk", (2, 9_000), (2, 9_000), False),
        ("tTalk", (2, 9_000), (1, 9_000), True),
        ("tTalk", (2, 9_000), (2, 9_001), True),
        ("nOffered", (2, 2), (2, None), False),
        ("nOffered", (2, 2), (3, None), True),
    ],
)
def test_a_metric_differs_in_its_count_or_its_milliseconds(
    name: str, ours: tuple[int, int], genesys: tuple[int, int | None], *, differs: bool
) -> None:
    [row] = both(rows(name, "ours", *ours), rows(name, "genesys", *genesys), [])
    assert row["differs"] is differs
    assert "ours_sum" not in row


def test_a_metric_that_the_aggregates_do_not_know_does_not_differ() -> None:
    [row] = both(rows("tFlow", "ours", 2, 5), rows("tFlow", "genesys", 0, None).clear(), ["tFlow"])
    assert (row["ours"], row["genesys"], row["differs"]) == (2, 0, False)


def test_a_metric_that_one_side_alone_has_differs() -> None:
    [row] = both(rows("tTalk", "ours", 2, 5).clear(), rows("tTalk", "genesys", 2, 5), [])
    assert (row["ours"], row["genesys"], row["differs"]) == (0, 2, True)
