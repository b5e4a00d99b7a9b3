"""marts.interactions: a row per conversation that ended, as the Interactions view shows it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from genesys_assets.marts.columns import ConversationFacts, ConversationRows, told
from genesys_assets.marts.formulas.conversations import (
    CONVERSATION,
    LIFE,
    SESSION,
    WAY,
    in_time,
    media,
    milliseconds,
    queues,
    with_facts,
)
from genesys_assets.marts.formulas.days import ended_on_its_day
from genesys_assets.marts.formulas.measures import ALERTED, ANSWERED, HANDLED, IVR, OFFERED, TRANSFERRED, measured
from genesys_assets.marts.mart import Mart
from genesys_assets.windows.frames import UTC_DAYS, last_instant

MEASURES = (*IVR, *OFFERED, *ANSWERED, *HANDLED, *TRANSFERRED, *ALERTED)


class EndedRows(ConversationRows):
    """When it ended."""

    conversation_end = dy.Datetime(
        time_zone="UTC", time_unit="us", description="When it ended, UTC: on this day, unless told before its start."
    )
    duration_ms = dy.Int64(
        nullable=True,
        description="From its start to its end; 0 where that is told before it.",
        metadata=told(
            "conversations.conversation_start",
            "conversations.conversation_end",
            formula="`conversation_end` - `conversation_start`, not below 0",
            view="Duration",
        ),
    )


class Involved(dy.Schema):
    """Whom it met."""

    media_types = dy.List(
        dy.String(),
        description="All media of its sessions, in the order in which they came.",
        metadata=told("sessions.media_type"),
    )
    first_queue_id = dy.String(
        nullable=True,
        description="First queue that it was in; null: none.",
        metadata=told("segments.queue_id", "segments.segment_start"),
    )
    last_queue_id = dy.String(
        nullable=True,
        description="Last queue that it was in; null: none.",
        metadata=told("segments.queue_id", "segments.segment_start"),
    )
    user_ids = dy.List(
        dy.String(),
        description="Agents who handled it (tHandle), in the order in which they ended.",
        metadata=told("session_metrics.user_id", "session_metrics.emit_date"),
    )
    agents = dy.Int64(
        description="How many agents handled it.",
        metadata=told("session_metrics.user_id", formula="users whose sessions emitted `tHandle`, each once"),
    )
    wrap_up_code = dy.String(nullable=True, description="Last wrap-up code given to it; null: none.")
    min_mos = dy.Float64(
        nullable=True,
        description="Lowest average MOS among its audio streams; null: no audio.",
        metadata=told(
            "conversations.media_stats_min_conversation_mos",
            formula="the record's `mediaStatsMinConversationMos`",
            view="MOS",
        ),
    )


class Interactions(EndedRows, ConversationFacts, Involved):
    """One row per conversation that ended on the day, with the figures of its whole life."""


def interactions(
    conversations: pl.LazyFrame,
    participants: pl.LazyFrame,
    sessions: pl.LazyFrame,
    segments: pl.LazyFrame,
    session_metrics: pl.LazyFrame,
    *,
    zone: ZoneInfo = UTC_DAYS,
) -> pl.LazyFrame:
    """One row per conversation that ended on the day, in its final form.

    All of its figures stand in this row, also those of earlier days of its life; the performance marts count each on
    the day of its emission. Over all days each finished conversation stands once; one that is opened again after its
    day was fetched stands on both days until the earlier day is fetched again.

    Args:
        conversations: staging.conversations, of one day or several.
        participants: staging.participants of the same days; likewise the other three.
        sessions: staging.sessions.
        segments: staging.segments.
        session_metrics: staging.session_metrics.
        zone: The time zone of the days.

    Returns:
        The rows of marts.interactions without names, sorted by their key.

    Example:
        >>> from datetime import date, datetime, UTC
        >>> def at(minute):
        ...     return datetime(2026, 11, 20, 7, minute, tzinfo=UTC)
        >>> key = {"partition_date": date(2026, 11, 20), "conversation_id": "c1"}
        >>> agent = {**key, "participant_ordinal": 0, "session_ordinal": 0}
        >>> day = interactions(
        ...     pl.LazyFrame([{**key, "conversation_start": at(28), "conversation_end": at(35), "division_ids": ["d1"],
        ...                    "originating_direction": "inbound", "media_stats_min_conversation_mos": 4.8}]),
        ...     pl.LazyFrame([{**key, "participant_ordinal": 0, "purpose": "agent", "user_id": "u1"}]),
        ...     pl.LazyFrame([{**agent, "media_type": "voice"}]),
        ...     pl.LazyFrame([{**agent, "segment_ordinal": 0, "segment_start": at(32), "queue_id": "q1",
        ...                    "wrap_up_code": "resolved"}]),
        ...     pl.LazyFrame([{**agent, "user_id": "u1", "name": "tHandle", "value": 180_000, "emit_date": at(35)}]))
        >>> day.select("last_queue_id", "user_ids", "wrap_up_code", "handle_time_ms", "duration_ms").collect().row(0)
        ('q1', ['u1'], 'resolved', 180000, 420000)
    """
    ended = conversations.filter(ended_on_its_day(zone))
    rows = with_facts(
        ended.select(
            *CONVERSATION,
            "conversation_start",
            "conversation_end",
            milliseconds(pl.col("conversation_start"), last_instant()).alias("duration_ms"),
            "originating_direction",
            "division_ids",
            pl.col("media_stats_min_conversation_mos").alias("min_mos"),
        ),
        media(sessions),
        queues(segments, participants),
        _agents(session_metrics),
        _last_wrap_up_code(segments),
        measured(session_metrics, CONVERSATION, MEASURES),
    )
    return rows.with_columns(
        pl.col("media_types", "user_ids").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        pl.col("agents", *(measure.name for measure in MEASURES)).fill_null(0),
    )


def _agents(session_metrics: pl.LazyFrame) -> pl.LazyFrame:
    """Return those who handled the conversation, in the order in which they were done with it."""
    return (
        session_metrics.filter(pl.col("name") == "tHandle", pl.col("user_id").is_not_null())
        .sort("emit_date", "session_ordinal")
        .group_by(CONVERSATION)
        .agg(user_ids=pl.col("user_id").unique(maintain_order=True), agents=pl.col("user_id").n_unique().cast(pl.Int64))
    )


def _last_wrap_up_code(segments: pl.LazyFrame) -> pl.LazyFrame:
    """Return the wrap-up code whose segment began last."""
    coded = segments.filter(pl.col("wrap_up_code").is_not_null())
    return in_time(coded, "wrap_up_code").group_by(CONVERSATION).agg(pl.col("wrap_up_code").last())


MART = Mart(
    "interactions",
    Interactions,
    interactions,
    inputs={
        "conversations": (*LIFE, "media_stats_min_conversation_mos"),
        "participants": (*CONVERSATION, "participant_ordinal", "purpose"),
        "sessions": (*SESSION, "media_type"),
        "segments": (*WAY, "wrap_up_code"),
        "session_metrics": (*SESSION, "name", "value", "emit_date", "user_id"),
    },
    measures=MEASURES,
    divided=False,  # one conversation has no ratios
    by_conversation=True,
)
