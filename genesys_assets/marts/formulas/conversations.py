"""What is known of a whole conversation: media, queues, times. For marts that have a row per conversation.

What belongs here: facts that more than one mart shows; each is a frame with one row per conversation.
"""

from __future__ import annotations

import polars as pl

CONVERSATION = ("partition_date", "conversation_id")
PARTICIPANT = (*CONVERSATION, "participant_ordinal")
SESSION = (*CONVERSATION, "session_ordinal")
LIFE = (*CONVERSATION, "conversation_start", "conversation_end", "originating_direction", "division_ids")
"""What a mart with a row per conversation reads of `staging.conversations`."""
WAY = (*SESSION, "participant_ordinal", "segment_ordinal", "segment_start", "queue_id")
"""What it reads of `staging.segments`, to tell its queues in their order."""


def with_facts(conversations: pl.LazyFrame, *facts: pl.LazyFrame) -> pl.LazyFrame:
    """Return the conversations, sorted, with what is known of each; null where nothing is."""
    # Sorted before the joins: 8 columns are put in order, not 44. Each fact is grouped by the key, so it stands once;
    # polars would hold joins that validate that in memory.
    rows = conversations.sort(CONVERSATION)
    for fact in facts:
        rows = rows.join(fact, on=CONVERSATION, how="left", maintain_order="left")
    return rows


def milliseconds(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Return the time from one instant to another."""
    return (end - start).dt.total_milliseconds()


def media(sessions: pl.LazyFrame) -> pl.LazyFrame:
    """Return the media of the conversation's first session, and all its media in the order of their first sessions."""
    used = sessions.filter(pl.col("media_type").is_not_null()).group_by(*CONVERSATION, "media_type")
    in_order = used.agg(first_session=pl.col("session_ordinal").min()).sort("first_session")
    return in_order.group_by(CONVERSATION).agg(pl.col("media_type").first(), media_types=pl.col("media_type"))


def queues(segments: pl.LazyFrame, participants: pl.LazyFrame) -> pl.LazyFrame:
    """Return first and last queue by the start of their segments, as queues and agents saw them.

    A customer's one session spans every queue of the conversation and carries only one of them.
    """
    outside = participants.filter(pl.col("purpose").is_in(["customer", "external"])).select(PARTICIPANT)
    on_queues = segments.filter(pl.col("queue_id").is_not_null()).join(outside, on=PARTICIPANT, how="anti")
    return (
        in_time(on_queues, "queue_id")
        .group_by(CONVERSATION)
        .agg(first_queue_id=pl.col("queue_id").first(), last_queue_id=pl.col("queue_id").last())
    )


def in_time(segments: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Return a column of the segments, with their conversation, in the order in which they began."""
    order = ("segment_start", "session_ordinal", "segment_ordinal")
    return segments.select(*CONVERSATION, *order, column).sort(order)
