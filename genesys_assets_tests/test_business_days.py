"""Business days of any time zone, around both changes of the clocks: all figures equal Genesys Cloud's own over them.

From the wire to the marts, without Dagster in between: extraction, decoding and formulas are given one zone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx
import polars as pl
import pytest

from genesys_assets.assets.comparisons import asked, frame_of
from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys import (
    Credentials,
    Extraction,
    ExtractionSettings,
    GenesysCloud,
    Hosts,
    IncompleteError,
    NotCoveredError,
    extract,
)
from genesys_assets.marts import MARTS, differences, impossible, metrics_of, uncounted
from genesys_assets.sandbox import CLIENT_ID, CLIENT_SECRET, Sandbox
from genesys_assets.sandbox.scenario_types import SCENARIO_TYPES
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.tables.decode import decode
from genesys_assets.tables.integrity import out_of_window
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets.windows import Interval, window_of

T = TypeVar("T")
CHANGES = {
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Sydney": ("2026-04-05", "2026-10-04"),
    "Asia/Kathmandu": ("2026-04-05", "2026-10-04"),  # whose clocks never change, and are 5:45 ahead
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # by half an hour
}
"""Two days of each zone on which its clocks change, where they do."""
AROUND = {
    zone: [str(date.fromisoformat(change) + timedelta(days=days)) for change in changes for days in range(-2, 3)]
    for zone, changes in CHANGES.items()
}
"""Ten business days of each zone."""
WITHIN_A_DAY = {name: kind.weight for name, kind in SCENARIO_TYPES.items() if kind.days is None}
"""What the query finds of a day: a conversation that began before the days that it looks back at is not among them."""
LATER = datetime(2027, 1, 5, tzinfo=UTC)
HOSTS = Hosts(api="http://sandbox.invalid", login="http://sandbox.invalid")


class Centre:
    """A contact centre that works by the clocks of a zone, and the days that are read of it."""

    def __init__(self, zone: str, folder: Path, **sandbox: Any) -> None:
        self.zone = ZoneInfo(zone)
        self.folder = folder
        settings = {"conversations_per_day": 25, "now": lambda: LATER, "requests_per_minute": None, "timezone": zone}
        self.sandbox = Sandbox(**{**settings, **sandbox})

    def ask(self, question: Callable[[GenesysCloud], Awaitable[T]]) -> T:
        """What a session answers."""
        transport = httpx.ASGITransport(self.sandbox.app)  # type: ignore[arg-type]

        async def main() -> T:
            credentials = Credentials(CLIENT_ID, CLIENT_SECRET)
            async with GenesysCloud(HOSTS, credentials, transport=transport, requests_per_minute=60_000) as cloud:
                return await question(cloud)

        return asyncio.run(main())

    def read(self, day: str, method: str, **settings: Any) -> tuple[Extraction, pl.DataFrame]:
        """How a day was read, and its documents."""
        checkpoint = ParquetCheckpoint(self.folder / f"{day}-{method}")
        chosen = replace(ExtractionSettings(method), **settings)
        window = window_of(day, self.zone)
        extraction = self.ask(lambda cloud: extract(cloud, CONVERSATIONS, window, checkpoint, chosen))
        rows = checkpoint.documents().rename({"key": "conversation_id", "start": "conversation_start"})
        rows = rows.rename({"end": "conversation_end"}).with_columns(partition_date=pl.lit(date.fromisoformat(day)))
        return extraction, rows.collect()

    def differing(self, window: Interval, marts: Mapping[str, pl.LazyFrame]) -> list[tuple[object, ...]]:
        """The figures of the marts that differ from the sandbox's aggregates over a window."""
        found = list[tuple[object, ...]]()
        for name, rows in marts.items():
            for comparison, statistics in MARTS[name].compared:
                metrics = metrics_of(statistics.values())
                told = self.ask(partial(asked, comparison=comparison, window=window, metrics=metrics))
                found += differences(rows, frame_of(told, comparison), comparison, statistics).collect().rows()
        return found


def figures_of(documents: pl.DataFrame, zone: ZoneInfo, folder: Path) -> dict[str, pl.LazyFrame]:
    """The marts of a day's documents, none of which may be impossible or count anything far from its conversation."""
    decoded = decode(documents.lazy(), folder, CONVERSATION).tables
    tables = {name.removeprefix("staging."): rows for name, rows in decoded.items()}
    assert uncounted(tables["session_metrics"], tables["conversations"], zone=zone).collect().is_empty()
    marts = {
        name: mart.compute(**{table: tables[table] for table in mart.inputs}, zone=zone).collect().lazy()
        for name, mart in MARTS.items()
    }
    assert [
        name
        for name, rows in marts.items()
        if not impossible(MARTS[name].rows.grain, rows, zone=zone).collect().is_empty()
    ] == []
    return marts


@pytest.mark.slow
@pytest.mark.parametrize("method", ["job", "query"])
@pytest.mark.parametrize("zone", CHANGES)
def test_ten_business_days_equal_the_aggregates_over_their_windows(zone: str, method: str, tmp_path: Path) -> None:
    centre = Centre(zone, tmp_path, mix=None if method == "job" else WITHIN_A_DAY)
    offered = 0
    for day in AROUND[zone]:
        extraction, documents = centre.read(day, method)
        assert extraction.complete == (method == "job")
        assert out_of_window(documents.lazy(), centre.zone).collect().is_empty()
        marts = figures_of(documents, centre.zone, tmp_path / "tables")
        assert centre.differing(window_of(day, centre.zone), marts) == []
        offered += marts["queue_performance"].select(pl.col("offered").sum()).collect().item()
    assert offered > 100


@pytest.mark.parametrize("zone", CHANGES)
def test_each_conversation_that_ended_is_an_interaction_of_one_business_day(zone: str, tmp_path: Path) -> None:
    centre = Centre(zone, tmp_path)
    days = AROUND[zone][:5]
    ended = [
        figures_of(centre.read(day, "job")[1], centre.zone, tmp_path / day)["interactions"].select("conversation_id")
        for day in days
    ]
    found = pl.concat(ended).collect()["conversation_id"]
    first, last = window_of(days[0], centre.zone).start, window_of(days[-1], centre.zone).end
    ends = {
        conversation: datetime.fromisoformat(document["conversationEnd"])
        for number in range(-1, 8)
        for conversation, document in centre.sandbox.conversations(first.date() + timedelta(days=number)).items()
        if "conversationEnd" in document
    }
    assert sorted(found) == sorted(each for each, end in ends.items() if first <= end < last)


@pytest.mark.parametrize("matching", ["overlap_and_startday", "startday", "start_in_interval"])
@pytest.mark.parametrize("method", ["job", "query"])
@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Sydney", "Europe/London", "Pacific/Apia"])
def test_a_day_comes_whole_whatever_the_query_takes_an_interval_for(
    zone: str, method: str, matching: str, tmp_path: Path
) -> None:
    centre = Centre(zone, tmp_path, interval_matching=matching, mix=WITHIN_A_DAY)
    for day in ("2026-03-29", "2026-11-19"):
        _, documents = centre.read(day, method)
        marts = figures_of(documents, centre.zone, tmp_path / "tables")
        assert centre.differing(window_of(day, centre.zone), marts) == []


@pytest.mark.parametrize("matching", ["overlap_and_startday", "startday", "start_in_interval"])
@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Sydney", "Europe/London"])
def test_a_job_that_brings_too_little_of_a_business_day_is_never_taken_for_the_whole(
    zone: str, matching: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre = Centre(zone, tmp_path, interval_matching=matching)
    day = "2026-03-29"
    window = window_of(day, centre.zone)
    lost = max(
        (each for each in centre.sandbox.conversations(window.start.date() + timedelta(days=1)).values()),
        key=lambda each: window.holds(datetime.fromisoformat(each["conversationStart"])),
    )["conversationId"]
    add = ParquetCheckpoint.add

    def without_one(checkpoint: ParquetCheckpoint, interval: Interval, batch: Any) -> None:
        kept = [number for number, fields in enumerate(batch.key_fields) if fields.key != lost]
        pick = lambda rows: [rows[number] for number in kept]  # noqa: E731
        add(checkpoint, interval, replace(batch, key_fields=pick(batch.key_fields), documents=pick(batch.documents)))

    monkeypatch.setattr(ParquetCheckpoint, "add", without_one)
    monkeypatch.setattr(GenesysCloud, "pause", _at_once)
    with pytest.raises(IncompleteError, match="that the query counts on the day"):
        centre.read(day, "job")


async def _at_once(_cloud: GenesysCloud, _seconds: float) -> None:
    """No waiting."""


def test_where_the_query_counts_whole_days_a_job_waits_for_the_last_of_them(tmp_path: Path) -> None:
    day = "2026-11-19"
    after_it = window_of(day, ZoneInfo("America/New_York")).end + timedelta(hours=1)
    centre = Centre("America/New_York", tmp_path, interval_matching="startday", now=lambda: after_it)
    with pytest.raises(NotCoveredError, match="not yet the whole of 2026-11-19"):
        centre.read(day, "job", availability_seconds=0)
