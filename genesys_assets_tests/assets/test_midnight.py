"""Conversations around midnight, where clocks differ by milliseconds: each metric counts on the day of its instant."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from genesys_assets.sandbox import Sandbox
from genesys_assets.sandbox.story import Life
from genesys_assets.sandbox.traffic import Head, Key
from genesys_assets.tables.integrity import strangers
from genesys_assets_tests.conftest import DAY, NOW, Chain, with_origins

MARTS = ("marts/flow_performance", "marts/interactions", "marts/open_conversations")
EVE, MORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)


class Told(Sandbox):
    """A contact centre without traffic of its own, whose conversations are told to it."""

    def tell(self, *documents: dict[str, Any]) -> None:
        """Takes documents in."""
        self.told = {Key(9, 0, number): document for number, document in enumerate(documents)}
        self.traffic.active = self._active  # type: ignore[method-assign]

    def _active(self, start: int, end: int, at: int) -> list[Head]:
        heads = [_head(key, document) for key, document in self.told.items()]
        if end - start == 86_400_000 - 1:  # how many began on the day: the query goes by their start
            return [head for head in heads if start <= head.start < end]
        return sorted(head for head in heads if head.overlaps(start, end, at))

    def document(self, head: Head, at: int, *, attributes: bool) -> bytes:
        return json.dumps(self.told[head.key]).encode()


def _head(key: Key, document: dict[str, Any]) -> Head:
    start = _milliseconds(document["conversationStart"])
    end = _milliseconds(document.get("conversationEnd", "2027-01-01T00:00:00.000Z"))
    return Head(start, key, (Life(start, end),), end)


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def conversation(name: str, start: str, end: str | None, *emitted: tuple[str, str]) -> dict[str, Any]:
    """A conversation with one flow's session that emitted these metrics."""
    metrics = [{"name": metric, "value": 1, "emitDate": at} for metric, at in emitted]
    flow = {"flowId": "f", "flowName": "Main", "flowType": "INBOUNDCALL"}
    session = {"sessionId": name, "mediaType": "voice", "direction": "inbound", "flow": flow, "metrics": metrics}
    ended = {} if end is None else {"conversationEnd": end}
    participant = {"participantId": name, "purpose": "ivr", "sessions": [session]}
    return {"conversationId": name, "conversationStart": start, **ended, "participants": [participant]}


@pytest.fixture
def stored(chain_on: Callable[..., Chain]) -> Callable[..., Chain]:
    """Makes a chain that has stored three days of these conversations, with the marts that are looked at."""

    def store(*documents: dict[str, Any]) -> Chain:
        sandbox = Told(conversations_per_day=1, now=lambda: NOW, requests_per_minute=None)
        sandbox.tell(*documents)
        chain = chain_on(sandbox)
        for day in (EVE, DAY, MORROW):
            assert chain.make(day, with_origins(*MARTS)).success
        return chain

    return store


def rows(chain: Chain, table: str, *columns: str) -> list[tuple[date | str | int, ...]]:
    return chain.table(table).select("partition_date", *columns).sort(pl.all()).rows()


def test_a_metric_that_is_emitted_after_the_end_and_midnight_counts_on_its_own_day(
    stored: Callable[..., Chain],
) -> None:
    before = f"{EVE}T23:59:59.997Z"
    after = f"{DAY}T00:00:00.003Z"
    chain = stored(
        conversation("late", f"{EVE}T23:58:00.000Z", before, ("nFlow", f"{EVE}T23:58:00.000Z"), ("tFlow", after)),
        conversation("quiet", f"{EVE}T23:58:00.000Z", before, ("nFlow", f"{EVE}T23:58:00.000Z"), ("tFlow", before)),
    )
    assert rows(chain, "raw.conversations", "conversation_id") == [(EVE, "late"), (EVE, "quiet"), (DAY, "late")]
    assert rows(chain, "marts.flow_performance", "executions", "finished") == [(EVE, 2, 1), (DAY, 0, 1)]
    assert rows(chain, "marts.interactions", "conversation_id") == [(EVE, "late"), (EVE, "quiet")]
    assert chain.table("marts.open_conversations").is_empty()


def test_a_metric_that_is_emitted_before_the_start_and_midnight_counts_on_its_own_day(
    stored: Callable[..., Chain],
) -> None:
    chain = stored(conversation("early", f"{DAY}T00:00:00.004Z", None, ("nFlow", f"{EVE}T23:59:59.999Z")))
    assert rows(chain, "marts.flow_performance", "executions") == [(EVE, 1)]
    assert rows(chain, "marts.open_conversations", "conversation_id") == [(DAY, "early"), (MORROW, "early")]


@pytest.mark.parametrize("hour", ["00", "12"])
def test_a_conversation_whose_end_is_told_before_its_start_is_stored_on_the_day_of_its_start(
    hour: str, stored: Callable[..., Chain]
) -> None:
    start = datetime.fromisoformat(f"{DAY}T{hour}:00:00.005Z")
    end = (start - timedelta(milliseconds=10)).isoformat(timespec="milliseconds")
    began = start.isoformat(timespec="milliseconds")
    chain = stored(conversation("backwards", began, end, ("nFlow", began), ("tFlow", began)))
    assert rows(chain, "raw.conversations", "conversation_id") == [(DAY, "backwards")]
    assert strangers(chain.table("raw.conversations").lazy()).collect().is_empty()
    assert rows(chain, "marts.flow_performance", "executions", "finished") == [(DAY, 1, 1)]
    assert rows(chain, "marts.interactions", "conversation_id", "duration_ms") == [(DAY, "backwards", 0)]
