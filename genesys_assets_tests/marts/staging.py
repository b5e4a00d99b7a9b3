"""Staging frames for tests: empty ones, and days written by hand with a small builder.

A conversation is written as its sessions, each with the metrics that it emitted and the segments that it went through,
at minutes after a midnight: readable as a table, typed as the stored one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import polars as pl

INSTANT = pl.Datetime("us", "UTC")
CONVERSATION = {"partition_date": pl.Date, "conversation_id": pl.String}
PARTICIPANT = {**CONVERSATION, "participant_ordinal": pl.Int32}
SESSION = {**PARTICIPANT, "session_ordinal": pl.Int32}
SCHEMAS = {
    "conversations": {
        **CONVERSATION,
        "conversation_start": INSTANT,
        "conversation_end": INSTANT,
        "originating_direction": pl.String,
        "division_ids": pl.List(pl.String),
        "media_stats_min_conversation_mos": pl.Float64,
        "fetched_at": INSTANT,
    },
    "participants": {**PARTICIPANT, "purpose": pl.String, "user_id": pl.String},
    "sessions": {**SESSION, "media_type": pl.String, "direction": pl.String},
    "segments": {
        **SESSION,
        "segment_ordinal": pl.Int32,
        "segment_type": pl.String,
        "segment_start": INSTANT,
        "segment_end": INSTANT,
        "queue_id": pl.String,
        "wrap_up_code": pl.String,
    },
    "session_metrics": {
        **SESSION,
        "metric_ordinal": pl.Int32,
        "purpose": pl.String,
        "user_id": pl.String,
        "queue_id": pl.String,
        "wrap_up_code": pl.String,
        "media_type": pl.String,
        "direction": pl.String,
        "name": pl.String,
        "value": pl.Int64,
        "emit_date": INSTANT,
    },
    "flows": {
        **SESSION,
        "flow_id": pl.String,
        "flow_name": pl.String,
        "flow_type": pl.String,
        "exit_reason": pl.String,
    },
    "flow_outcomes": {
        **SESSION,
        "flow_outcome_id": pl.String,
        "flow_outcome_value": pl.String,
        "flow_outcome_start_timestamp": INSTANT,
        "flow_outcome_end_timestamp": INSTANT,
    },
}
DAY = date(2026, 11, 20)

Frames = dict[str, pl.LazyFrame]


@dataclass
class Session:
    """One participant's session.

    Attributes:
        purpose: Purpose of its participant.
        metrics: (name, value in seconds for a `t*` metric or number for an `n*` one, minute of emission).
        segments: (type, first minute, last minute, queue or None, wrap-up code or None).
    """

    purpose: str
    metrics: list[tuple[str, float, float]]
    queue: str | None = None
    user: str | None = None
    segments: list[tuple[str, float, float, str | None, str | None]] = field(default_factory=list)
    media: str = "voice"
    direction: str = "inbound"
    flow: dict[str, str] | None = None
    outcomes: list[tuple[str, str, float]] = field(default_factory=list)

    @property
    def wrap_up_code(self) -> str | None:
        """The last code of its segments, which are written in order of time."""
        return next((code for *_, code in reversed(self.segments) if code), None)


@dataclass
class Conversation:
    """One conversation; minutes count from midnight of DAY."""

    start: float
    end: float | None
    sessions: list[Session]
    direction: str = "inbound"
    id: str = "c1"
    mos: float | None = None


def at(minute: float) -> datetime:
    """The instant that many minutes after midnight of DAY."""
    return datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(minutes=minute)


def empty() -> Frames:
    """The staging frames of a day without conversations."""
    return {table: pl.LazyFrame(schema=schema) for table, schema in SCHEMAS.items()}


def staged(*conversations: Conversation, fetched: float | None = None) -> Frames:
    """What staging holds of these conversations: a copy in the partition of each day that they lived.

    Args:
        conversations: The conversations.
        fetched: Minute of the fetch; the end of the last day when not given.
    """
    rows: dict[str, list[dict[str, object]]] = {table: [] for table in SCHEMAS}
    for conversation in conversations:
        for day in _days(conversation):
            _write(rows, conversation, day, fetched)
    return {table: pl.LazyFrame(rows[table], schema=schema) for table, schema in SCHEMAS.items()}


def _days(conversation: Conversation) -> list[date]:
    last_emission = max((metric[2] for session in conversation.sessions for metric in session.metrics), default=0)
    last = at(conversation.end if conversation.end is not None else last_emission).date()
    first = at(conversation.start).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _write(rows: dict[str, list[dict[str, object]]], told: Conversation, day: date, fetched: float | None) -> None:
    key = {"partition_date": day, "conversation_id": told.id}
    midnight_after = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    rows["conversations"].append(
        {
            **key,
            "conversation_start": at(told.start),
            "conversation_end": None if told.end is None else at(told.end),
            "originating_direction": told.direction,
            "division_ids": ["d1"],
            "media_stats_min_conversation_mos": told.mos,
            "fetched_at": midnight_after if fetched is None else at(fetched),
        }
    )
    for ordinal, session in enumerate(told.sessions):
        keys = {**key, "participant_ordinal": ordinal, "session_ordinal": ordinal}
        rows["participants"].append({**keys, "purpose": session.purpose, "user_id": session.user})
        rows["sessions"].append({**keys, "media_type": session.media, "direction": session.direction})
        rows["segments"] += [_segment(keys, n, *segment) for n, segment in enumerate(session.segments)]
        rows["session_metrics"] += [_metric(keys, session, n, *metric) for n, metric in enumerate(session.metrics)]
        if session.flow:
            rows["flows"].append({**keys, **session.flow})
        rows["flow_outcomes"] += [_outcome(keys, *outcome) for outcome in session.outcomes]


def _segment(
    keys: dict[str, object], ordinal: int, kind: str, start: float, end: float, queue: str | None, code: str | None
) -> dict[str, object]:
    times = {"segment_start": at(start), "segment_end": at(end)}
    return {**keys, "segment_ordinal": ordinal, "segment_type": kind, **times, "queue_id": queue, "wrap_up_code": code}


def _metric(
    keys: dict[str, object], session: Session, ordinal: int, name: str, value: float, minute: float
) -> dict[str, object]:
    return {
        **keys,
        "metric_ordinal": ordinal,
        "purpose": session.purpose,
        "user_id": session.user,
        "queue_id": session.queue,
        "wrap_up_code": session.wrap_up_code,
        "media_type": session.media,
        "direction": session.direction,
        "name": name,
        "value": int(value * 1000) if name.startswith("t") else int(value),
        "emit_date": at(minute),
    }


def _outcome(keys: dict[str, object], outcome: str, value: str, minute: float) -> dict[str, object]:
    times = {"flow_outcome_start_timestamp": at(minute), "flow_outcome_end_timestamp": at(minute)}
    return {**keys, "flow_outcome_id": outcome, "flow_outcome_value": value, **times}
