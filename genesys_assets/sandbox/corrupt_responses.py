"""Responses corrupted on purpose: truncated JSON, missing keys, something other than a page, unknown content."""

from __future__ import annotations

from typing import Any

import msgspec

from genesys_assets.sandbox.exchange import Response


def corrupt(response: Response, effects: dict[str, Any]) -> Response:
    """Return a valid response, corrupted by the effects on its request."""
    if effects.keys() & {"garbage", "leave_out"} or effects.get("unknown"):
        response.body = msgspec.json.encode(_corrupted(msgspec.json.decode(response.body), effects))
    if effects.get("truncate"):
        response.body = response.body[: len(response.body) // 2]
    return response


def _corrupted(page: Any, effects: dict[str, Any]) -> Any:
    """Return a decoded page with garbage, or unknown fields and values, in its conversations."""
    kind = effects.get("garbage")
    if kind == "page":
        return ["this", "is", "no", "page"]
    if isinstance(page, dict):
        page = {name: value for name, value in page.items() if name not in effects.get("leave_out", ())}
    conversations = page.get("conversations", []) if isinstance(page, dict) else []
    if effects.get("unknown"):
        for document in conversations:
            _make_novel(document)
    if conversations and kind == "record":
        conversations[-1] = "no conversation"
    if conversations and kind == "id":
        conversations[-1].pop("conversationId", None)
    if conversations and kind == "start":
        conversations[-1]["conversationStart"] = "yesterday"
    return page


def _make_novel(document: dict[str, Any]) -> None:
    """Add keys and enum values of a release to come, on every level."""
    document["conversationMood"] = {"score": 0.7}
    document["originatingDirection"] = "sideways"
    for participant in document["participants"]:
        participant["participantMood"] = "calm"
        for session in participant["sessions"]:
            session["holographic"] = True
            session.setdefault("metrics", []).append(
                {"name": "nHolograms", "value": 1, "emitDate": document["conversationStart"], "confidence": 0.5}
            )
            session["segments"][0]["segmentAura"] = ["blue"]
