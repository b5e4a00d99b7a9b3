"""Shapes are those of one session each, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genesys_assets.evidence.shapes import shapes
from genesys_assets_tests.tables.record import decoded

START, END = "2026-11-20T10:00:00.000Z", "2026-11-20T10:01:00.000Z"


def session(*segments: str, media: str = "voice", **fields: Any) -> dict[str, Any]:
    shown = [{"segmentType": kind, "segmentStart": START, "segmentEnd": END} for kind in segments]
    return {"mediaType": media, "direction": "inbound", "segments": shown, **fields}


def conversation(number: int, purpose: str, *sessions: dict[str, Any]) -> dict[str, Any]:
    return {
        "conversationId": f"c{number}",
        "conversationStart": START,
        "participants": [{"purpose": purpose, "sessions": [*sessions]}],
    }


def test_segments_follow_one_another_within_a_session_only(tmp_path: Path) -> None:
    documents = [
        conversation(1, "agent", session("alert", "interact", "wrapup"), session("interact", media="chat")),
        conversation(2, "agent", session("alert", "interact")),
        conversation(3, "customer", session("ivr", "interact")),
    ]
    assert shapes(decoded(documents, tmp_path).tables)["segments"] == {
        "agent voice inbound start alert": 2,
        "agent voice inbound alert interact": 2,
        "agent voice inbound interact wrapup": 1,
        "agent chat inbound start interact": 1,
        "customer voice inbound start ivr": 1,
        "customer voice inbound ivr interact": 1,
    }


def test_fields_values_and_metrics_are_counted_where_they_are(tmp_path: Path) -> None:
    metrics = [{"name": "tAlert", "value": 5, "emitDate": START}, {"name": "tAlert", "value": 6, "emitDate": END}]
    found = shapes(decoded([conversation(1, "agent", session("alert", metrics=metrics, ani="tel:1"))], tmp_path).tables)
    assert found["metrics"] == {"agent voice inbound tAlert": 2}
    assert found["fields"]["participants.sessions.ani"] == 1
    assert found["fields"]["participants.sessions.metrics.value"] == 2
    assert "participants.sessions.dnis" not in found["fields"]
    assert found["values"]["participants.sessions.mediaType=voice"] == 1


def test_a_text_that_is_no_word_is_withheld(tmp_path: Path) -> None:
    found = shapes(decoded([conversation(1, "Jo Smith", session("alert"))], tmp_path).tables)
    assert found["segments"] == {"(withheld) voice inbound start alert": 1}
    assert found["values"]["participants.purpose=(withheld)"] == 1
