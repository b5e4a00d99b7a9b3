"""When a conversation's metrics and outcomes count: read from its document, for the few that lived near a day only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from genesys_assets.moments import moment
from genesys_assets.readable import value_of


def emissions(document: bytes) -> Iterator[datetime]:
    """Yield the instants of a conversation's metrics and flow outcomes; what cannot be read as one is skipped.

    Such a document is stored as it is on the days of the conversation, and decoding reports what cannot be read.
    """
    try:
        record = value_of(document)
    except ValueError:
        return
    for participant in _objects(record, "participants"):
        for session in _objects(participant, "sessions"):
            for metric in _objects(session, "metrics"):
                yield from _instants(metric.get("emitDate"))
            for outcome in _objects(session.get("flow"), "outcomes"):
                start, end = outcome.get("flowOutcomeStartTimestamp"), outcome.get("flowOutcomeEndTimestamp")
                yield from _instants(start or end)


def _objects(parent: Any, field: str) -> list[dict[str, Any]]:
    members = parent.get(field) if isinstance(parent, dict) else None
    return [each for each in members if isinstance(each, dict)] if isinstance(members, list) else []


def _instants(text: Any) -> Iterator[datetime]:
    instant = moment(text) if isinstance(text, str) else None
    if instant is not None:
        yield instant
