"""marts.open_conversations: a row per conversation that has not ended, as the Interactions view shows it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from genesys_assets.marts.columns import ConversationFacts, ConversationRows, told
from genesys_assets.marts.formulas.conversations import (
    CONVERSATION,
    LIFE,
    PARTICIPANT,
    SESSION,
    WAY,
    in_time,
    media,
    milliseconds,
    queues,
    with_facts,
)
from genesys_assets.marts.formulas.days import began_by_its_day
from genesys_assets.marts.mart import Mart
from genesys_assets.windows.frames import UTC_DAYS


class Waiting(dy.Schema):
    """How long it has been open, and with whom."""

    fetched_at = dy.Datetime(
        nullable=True, time_zone="UTC", time_unit="us", description="When Genesys Cloud told it, UTC."
    )
    age_ms = dy.Int64(
        nullable=True,
        description="From its start until it was told.",
        metadata=told(
            "conversations.conversation_start",
            "conversations.fetched_at",
            formula="`fetched_at` - `conversation_start`",
        ),
    )
    last_queue_id = dy.String(
        nullable=True,
        description="Last queue that it was or is in; null: none.",
        metadata=told("segments.queue_id", "segments.segment_start"),
    )
    last_user_id = dy.String(
        nullable=True,
        description="Last agent whom it alerted or who had it; null: none.",
        metadata=told("participants.user_id", "segments.segment_start"),
    )


class OpenConversations(ConversationRows, ConversationFacts, Waiting):
    """One row per conversation that was active on the day and had not ended when the day was fetched."""


def open_conversations(
    conversations: pl.LazyFrame,
    participants: pl.LazyFrame,
    sessions: pl.LazyFrame,
    segments: pl.LazyFrame,
    *,
    zone: ZoneInfo = UTC_DAYS,
) -> pl.LazyFrame:
    """One row per conversation that was active on the day and had not ended when the day was fetched.

    Args:
        conversations: staging.conversations, of one day or several.
        participants: staging.participants of the same days; likewise the other two.
        sessions: staging.sessions.
        segments: staging.segments.
        zone: The time zone of the days.

    Returns:
        The rows of marts.open_conversations without names, sorted by their key.

    Example:
        >>> from datetime import date, datetime, UTC
        >>> key = {"partition_date": date(2026, 11, 20), "conversation_id": "c1"}
        >>> began, fetched = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 21, 9, tzinfo=UTC)
        >>> still_open = open_conversations(
        ...     pl.LazyFrame([{**key, "conversation_start": began, "conversation_end": None, "fetched_at": fetched,
        ...                    "originating_direction": "inbound", "division_ids": ["d1"]}]),
        ...     pl.LazyFrame([{**key, "participant_ordinal": 1, "purpose": "acd", "user_id": None}]),
        ...     pl.LazyFrame([{**key, "session_ordinal": 1, "media_type": "email"}]),
        ...     pl.LazyFrame([{**key, "participant_ordinal": 1, "session_ordinal": 1, "segment_ordinal": 0,
        ...                    "segment_start": began, "queue_id": "q1"}]))
        >>> still_open.select("media_type", "age_ms", "last_queue_id", "last_user_id").collect().row(0)
        ('email', 86400000, 'q1', None)
    """
    not_ended = conversations.filter(pl.col("conversation_end").is_null(), began_by_its_day(zone))
    participants, sessions, segments = _of(not_ended, participants, sessions, segments)
    return with_facts(
        not_ended.select(
            *CONVERSATION,
            "conversation_start",
            "fetched_at",
            milliseconds(pl.col("conversation_start"), pl.col("fetched_at")).alias("age_ms"),
            "originating_direction",
            "division_ids",
        ),
        media(sessions).drop("media_types"),
        queues(segments, participants).drop("first_queue_id"),
        _last_agent(segments, participants),
    )


def _of(conversations: pl.LazyFrame, *children: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Return the rows of each child table that belong to these conversations."""
    keys = conversations.select(CONVERSATION)
    return [child.join(keys, on=CONVERSATION, how="semi") for child in children]


def _last_agent(segments: pl.LazyFrame, participants: pl.LazyFrame) -> pl.LazyFrame:
    """Return the user whose segment began last: the one who is alerted, or has the conversation, or had it."""
    users = participants.filter(pl.col("user_id").is_not_null()).select(*PARTICIPANT, "user_id")
    with_users = segments.join(users, on=PARTICIPANT, how="inner", validate="m:1")
    return in_time(with_users, "user_id").group_by(CONVERSATION).agg(last_user_id=pl.col("user_id").last())


MART = Mart(
    "open_conversations",
    OpenConversations,
    open_conversations,
    inputs={
        "conversations": (*LIFE, "fetched_at"),
        "participants": (*CONVERSATION, "participant_ordinal", "purpose", "user_id"),
        "sessions": (*SESSION, "media_type"),
        "segments": WAY,
    },
)
