"""Conversations around midnight, where clocks differ by milliseconds: each metric counts on the day of its instant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from genesys_assets.sandbox import Sandbox
from genesys_assets.sandbox.emissions import Emission
from genesys_assets.sandbox.scenario import Life
from genesys_assets.sandbox.traffic import Head, Key
from genesys_assets.tables.integrity import out_of_window
from genesys_assets.windows.frames import UTC_DAYS
from genesys_assets_tests.conftest import DAY, NOW, Chain, chains, with_origins

MARTS = ("marts/flow_performance", "marts/interactions", "marts/open_conversations")
EVE, MORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)


class Told(Sandbox):
    """A contact centre without traffic of its own, whose conversations are told to it."""

    def tell(self, *documents: dict[str, Any]) -> None:
        """Takes documents in."""
        self.told = {Key(9, 0, number): document for number, document in enumerate(documents)}
        self.traffic.active = self._active  # type: ignore[method-assign]
        self.emissions_of = self._emitted  # type: ignore[assignment]

    def _active(self, start: int, end: int, at: int) -> list[Head]:
        heads = [_head(key, document) for key, document in self.told.items()]
        if end - start == 86_400_000 - 1:  # how many began on the day: the query goes by their start
            return [head for head in heads if start <= head.start < end]
        return sorted(head for head in heads if head.overlaps(start, end, at))

    def _emitted(self, day: int) -> list[Emission]:
        sessions = [document["participants"][0]["sessions"][0] for document in self.told.values()]
        events = [
            Emission(
                _milliseconds(each["emitDate"]), each["name"], each["value"], {"flowId": session["flow"]["flowId"]}
            )
            for session in sessions
            for each in session["metrics"]
        ]
        return [event for event in events if event.at // 86_400_000 == day]

    def document(self, head: Head, at: int, *, attributes: bool) -> bytes:
        return json.dumps(self.told[head.key]).encode()


def _head(key: Key, document: dict[str, Any]) -> Head:
    start = _milliseconds(document["conversationStart"])
    end = _milliseconds(document.get("conversationEnd", "2027-01-01T00:00:00.000Z"))
    return Head(start, key, (Life(start, end),), end)


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def conversation(name: str, start: str, end: str | None, *emitted: tuple[str, str]) -> dict[str, Any]:
    """A conversation with one session, of a flow of its own, that emitted these metrics."""
    metrics = [{"name": metric, "value": 1, "emitDate": at} for metric, at in emitted]
    flow = {"flowId": name, "flowName": name, "flowType": "INBOUNDCALL"}
    session = {"sessionId": name, "mediaType": "voice", "direction": "inbound", "flow": flow, "metrics": metrics}
    ended = {} if end is None else {"conversationEnd": end}
    participant = {"participantId": name, "purpose": "ivr", "sessions": [session]}
    return {"conversationId": name, "conversationStart": start, **ended, "participants": [participant]}


def backwards(name: str, start: str) -> dict[str, Any]:
    """A conversation whose end is told 10 ms before its start."""
    end = datetime.fromisoformat(start) - timedelta(milliseconds=10)
    return conversation(name, start, end.isoformat(timespec="milliseconds"), ("nFlow", start), ("tFlow", start))


BEFORE, AFTER = f"{EVE}T23:59:59.997Z", f"{DAY}T00:00:00.003Z"
BEGUN = f"{EVE}T23:58:00.000Z"
CONVERSATIONS = (
    conversation("late", BEGUN, BEFORE, ("nFlow", BEGUN), ("tFlow", AFTER)),
    conversation("quiet", BEGUN, BEFORE, ("nFlow", BEGUN), ("tFlow", BEFORE)),
    conversation("early", f"{DAY}T00:00:00.004Z", None, ("nFlow", f"{EVE}T23:59:59.999Z")),
    backwards("backwards at midnight", f"{DAY}T00:00:00.005Z"),
    backwards("backwards at noon", f"{DAY}T12:00:00.005Z"),
)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A chain that has stored three days of these conversations, with the marts that are looked at."""
    sandbox = Told(conversations_per_day=1, now=lambda: NOW, requests_per_minute=None)
    sandbox.tell(*CONVERSATIONS)
    with chains(tmp_path_factory.mktemp("midnight")) as make:
        chain = make(sandbox)
        for day in (EVE, DAY, MORROW):
            assert chain.make(day, with_origins(*MARTS)).success
        yield chain


def rows(chain: Chain, table: str, of: str, *columns: str) -> list[tuple[date | str | int, ...]]:
    """What a table has of a conversation, or of its flow."""
    found = chain.table(table)
    known_by = "conversation_id" if "conversation_id" in found.columns else "flow_id"
    return found.filter(pl.col(known_by) == of).select("partition_date", *columns).sort(pl.all()).rows()


def test_a_metric_that_is_emitted_after_the_end_and_midnight_counts_on_its_own_day(stored: Chain) -> None:
    assert rows(stored, "raw.conversations", "late") == [(EVE,), (DAY,)]
    assert rows(stored, "raw.conversations", "quiet") == [(EVE,)]
    assert rows(stored, "marts.flow_performance", "late", "executions", "finished") == [(EVE, 1, 0), (DAY, 0, 1)]
    assert rows(stored, "marts.flow_performance", "quiet", "executions", "finished") == [(EVE, 1, 1)]
    assert rows(stored, "marts.interactions", "late") == rows(stored, "marts.interactions", "quiet") == [(EVE,)]


def test_a_metric_that_is_emitted_before_the_start_and_midnight_counts_on_its_own_day(stored: Chain) -> None:
    assert rows(stored, "marts.flow_performance", "early", "executions") == [(EVE, 1)]


def test_a_conversation_is_open_from_the_day_of_its_start(stored: Chain) -> None:
    assert rows(stored, "marts.open_conversations", "early") == [(DAY,), (MORROW,)]
    assert stored.table("marts.open_conversations").get_column("conversation_id").unique().to_list() == ["early"]


@pytest.mark.parametrize("name", ["backwards at midnight", "backwards at noon"])
def test_a_conversation_whose_end_is_told_before_its_start_is_stored_on_the_day_of_its_start(
    name: str, stored: Chain
) -> None:
    assert rows(stored, "raw.conversations", name) == [(DAY,)]
    assert out_of_window(stored.table("raw.conversations").lazy(), UTC_DAYS).collect().is_empty()
    assert rows(stored, "marts.flow_performance", name, "executions", "finished") == [(DAY, 1, 1)]
    assert rows(stored, "marts.interactions", name, "duration_ms") == [(DAY, 0)]
