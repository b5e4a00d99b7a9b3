"""Documents written from the facts of real records: who took part, what was emitted when, with ids of our own.

Instants are milliseconds after the conversation's start. A figure that a real aggregate tells as count, sum, least and
most of several conversations is written as values that have these.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from genesys_assets.tables.decode import decode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION

Json = dict[str, Any]
DAY = date(2026, 11, 20)
MORNING = datetime(2026, 11, 20, 8, tzinfo=UTC)

Emitted = tuple[str, int, int]
"""A metric: name, value, when."""
Lasted = tuple[str, int, int | None, str | None]
"""A segment: kind, start, end (None: not over), queue (None: none)."""


def instant(milliseconds: int) -> str:
    """An instant so long after the morning, as the API writes it."""
    return (MORNING + timedelta(milliseconds=milliseconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def leg(
    purpose: str, metrics: list[Emitted], segments: list[Lasted], *, user: str | None = None, code: str | None = None,
    media: str = "voice", direction: str = "inbound", **fields: Any,
) -> Json:  # fmt: skip
    """A participant with one session; the wrap-up code, if any, is the last segment's."""
    shown = [
        {"conference": False, "segmentType": kind, "segmentStart": instant(start)}
        | ({} if end is None else {"segmentEnd": instant(end)})
        | ({} if queue is None else {"queueId": queue})
        for kind, start, end, queue in segments
    ]
    if code is not None:
        shown[-1]["wrapUpCode"] = code
    emitted = [{"name": name, "value": value, "emitDate": instant(at)} for name, value, at in metrics]
    session = {"mediaType": media, "direction": direction, "metrics": emitted, "segments": shown, **fields}
    return {"purpose": purpose, **({"userId": user} if user else {}), "sessions": [session]}


def conversation(number: int, end: int | None, *participants: Json) -> Json:
    """A conversation that begins at eight in the morning."""
    told: Json = {"conversationId": f"c{number}", "conversationStart": instant(0), "originatingDirection": "inbound"}
    told |= {"divisionIds": ["d1"], "participants": list(participants)}
    return told if end is None else {**told, "conversationEnd": instant(end)}


def staged(folder: Path, *documents: Json) -> dict[str, pl.LazyFrame]:
    """The staging tables of a day of these documents."""
    rows = [{"partition_date": DAY, "document": json.dumps(each), "fetched_at": MORNING} for each in documents]
    schema = {"partition_date": pl.Date, "document": pl.String, "fetched_at": pl.Datetime("us", "UTC")}
    tables = decode(pl.LazyFrame(rows, schema=schema), folder, CONVERSATION).tables
    return {name.removeprefix("staging."): table for name, table in tables.items()}
