"""marts.interactions and marts.open_conversations: a row per conversation, as the Interactions view."""

from __future__ import annotations

import polars as pl

from genesys_assets.marts.formulas.days import began_by_its_day, ended_on_its_day
from genesys_assets.marts.formulas.measures import ALERTED, ANSWERED, HANDLED, IVR, OFFERED, TRANSFERRED, measured
from genesys_assets.windows.frames import last_instant

CONVERSATION = ("partition_date", "conversation_id")
PARTICIPANT = (*CONVERSATION, "participant_ordinal")
MEASURES = (*OFFERED, *ANSWERED, *HANDLED, *TRANSFERRED, *ALERTED, *IVR)


def interactions(
    conversations: pl.LazyFrame,
    participants: pl.LazyFrame,
    sessions: pl.LazyFrame,
    segments: pl.LazyFrame,
    session_metrics: pl.LazyFrame,
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
    ended = conversations.filter(ended_on_its_day())
    rows = _with_facts(
        ended.select(
            *CONVERSATION,
            "conversation_start",
            "conversation_end",
            _milliseconds(pl.col("conversation_start"), last_instant()).alias("duration_ms"),
            "originating_direction",
            "division_ids",
            pl.col("media_stats_min_conversation_mos").alias("min_mos"),
        ),
        _media(sessions),
        _queues(segments, participants),
        _agents(session_metrics),
        _last_wrap_up_code(segments),
        measured(session_metrics, CONVERSATION, MEASURES),
    )
    return rows.with_columns(
        pl.col("media_types", "user_ids").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        pl.col("agents", *(measure.name for measure in MEASURES)).fill_null(0),
    )


def open_conversations(
    conversations: pl.LazyFrame, participants: pl.LazyFrame, sessions: pl.LazyFrame, segments: pl.LazyFrame
) -> pl.LazyFrame:
    """One row per conversation that was active on the day and had not ended when the day was fetched.

    Args:
        conversations: staging.conversations, of one day or several.
        participants: staging.participants of the same days; likewise the other two.
        sessions: staging.sessions.
        segments: staging.segments.

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
    not_ended = conversations.filter(pl.col("conversation_end").is_null(), began_by_its_day())
    participants, sessions, segments = _of(not_ended, participants, sessions, segments)
    return _with_facts(
        not_ended.select(
            *CONVERSATION,
            "conversation_start",
            "fetched_at",
            _milliseconds(pl.col("conversation_start"), pl.col("fetched_at")).alias("age_ms"),
            "originating_direction",
            "division_ids",
        ),
        _media(sessions).drop("media_types"),
        _queues(segments, participants).drop("first_queue_id"),
        _last_agent(segments, participants),
    )


def _of(conversations: pl.LazyFrame, *children: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Return the rows of each child table that belong to these conversations."""
    keys = conversations.select(CONVERSATION)
    return [child.join(keys, on=CONVERSATION, how="semi") for child in children]


def _with_facts(conversations: pl.LazyFrame, *facts: pl.LazyFrame) -> pl.LazyFrame:
    """Return the conversations, sorted, with what is known of each; null where nothing is."""
    # Sorted before the joins: 8 columns are put in order, not 44. Each fact is grouped by the key, so it stands once;
    # polars would hold joins that validate that in memory.
    rows = conversations.sort(CONVERSATION)
    for fact in facts:
        rows = rows.join(fact, on=CONVERSATION, how="left", maintain_order="left")
    return rows


def _milliseconds(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    return (end - start).dt.total_milliseconds()


def _media(sessions: pl.LazyFrame) -> pl.LazyFrame:
    """Return the media of the conversation's first session, and all its media in the order of their first sessions."""
    used = sessions.filter(pl.col("media_type").is_not_null()).group_by(*CONVERSATION, "media_type")
    in_order = used.agg(first_session=pl.col("session_ordinal").min()).sort("first_session")
    return in_order.group_by(CONVERSATION).agg(pl.col("media_type").first(), media_types=pl.col("media_type"))


def _queues(segments: pl.LazyFrame, participants: pl.LazyFrame) -> pl.LazyFrame:
    """Return first and last queue by the start of their segments, as queues and agents saw them.

    A customer's one session spans every queue of the conversation and carries only one of them.
    """
    outside = participants.filter(pl.col("purpose").is_in(["customer", "external"])).select(PARTICIPANT)
    on_queues = segments.filter(pl.col("queue_id").is_not_null()).join(outside, on=PARTICIPANT, how="anti")
    return (
        _in_time(on_queues, "queue_id")
        .group_by(CONVERSATION)
        .agg(first_queue_id=pl.col("queue_id").first(), last_queue_id=pl.col("queue_id").last())
    )


def _agents(session_metrics: pl.LazyFrame) -> pl.LazyFrame:
    """Return those who handled the conversation, in the order in which they were done with it."""
    return (
        session_metrics.filter(pl.col("name") == "tHandle", pl.col("user_id").is_not_null())
        .sort("emit_date", "session_ordinal")
        .group_by(CONVERSATION)
        .agg(user_ids=pl.col("user_id").unique(maintain_order=True), agents=pl.col("user_id").n_unique().cast(pl.Int64))
    )


def _last_agent(segments: pl.LazyFrame, participants: pl.LazyFrame) -> pl.LazyFrame:
    """Return the user whose segment began last: the one who is alerted, or has the conversation, or had it."""
    users = participants.filter(pl.col("user_id").is_not_null()).select(*PARTICIPANT, "user_id")
    with_users = segments.join(users, on=PARTICIPANT, how="inner", validate="m:1")
    return _in_time(with_users, "user_id").group_by(CONVERSATION).agg(last_user_id=pl.col("user_id").last())


def _last_wrap_up_code(segments: pl.LazyFrame) -> pl.LazyFrame:
    """Return the wrap-up code whose segment began last."""
    coded = segments.filter(pl.col("wrap_up_code").is_not_null())
    return _in_time(coded, "wrap_up_code").group_by(CONVERSATION).agg(pl.col("wrap_up_code").last())


def _in_time(segments: pl.LazyFrame, column: str) -> pl.LazyFrame:
    order = ("segment_start", "session_ordinal", "segment_ordinal")
    return segments.select(*CONVERSATION, *order, column).sort(order)
