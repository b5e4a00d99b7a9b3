"""Which columns the formulas read, by mart and table: what a caller has to bring, and need not bring more.

A staging table is up to ninety columns wide and a formula reads four to nine of them; copying the others out of the
database took most of a mart's time. What is read but not named here is missed loudly, on collecting.
"""

from __future__ import annotations

from collections.abc import Mapping

Columns = Mapping[str, tuple[str, ...]]

_CONVERSATION = ("partition_date", "conversation_id")
_SESSION = (*_CONVERSATION, "session_ordinal")
_METRIC = ("name", "value", "emit_date")
_NAMES = ("id", "name")
_LIFE = (*_CONVERSATION, "conversation_start", "conversation_end", "originating_direction", "division_ids")
_WAY = ("participant_ordinal", "segment_ordinal", "segment_start", "queue_id")

STAGING_COLUMNS: Mapping[str, Columns] = {
    "queue_performance": {
        "session_metrics": ("partition_date", *_METRIC, "media_type", "direction", "queue_id"),
    },
    "agent_performance": {
        "session_metrics": ("partition_date", *_METRIC, "user_id", "media_type", "direction", "queue_id"),
    },
    "wrapup_performance": {
        "session_metrics": ("partition_date", *_METRIC, "media_type", "queue_id", "wrap_up_code"),
    },
    "flow_performance": {
        "session_metrics": (*_SESSION, *_METRIC),
        "flows": (*_SESSION, "flow_id", "flow_name", "flow_type", "exit_reason"),
        "flow_outcomes": (
            *_SESSION,
            "flow_outcome_id",
            "flow_outcome_value",
            "flow_outcome_start_timestamp",
            "flow_outcome_end_timestamp",
        ),
        "conversations": (*_CONVERSATION, "conversation_start"),
    },
    "interactions": {
        "conversations": (*_LIFE, "media_stats_min_conversation_mos"),
        "participants": (*_CONVERSATION, "participant_ordinal", "purpose"),
        "sessions": (*_SESSION, "media_type"),
        "segments": (*_SESSION, *_WAY, "wrap_up_code"),
        "session_metrics": (*_SESSION, *_METRIC, "user_id"),
    },
    "open_conversations": {
        "conversations": (*_LIFE, "fetched_at"),
        "participants": (*_CONVERSATION, "participant_ordinal", "purpose", "user_id"),
        "sessions": (*_SESSION, "media_type"),
        "segments": (*_SESSION, *_WAY),
    },
}
"""Staging tables and their columns, by mart."""

DIRECTORY_COLUMNS: Mapping[str, Columns] = {
    "queue_performance": {"queues": _NAMES},
    "agent_performance": {"users": _NAMES, "queues": _NAMES},
    "wrapup_performance": {"wrapup_codes": _NAMES, "queues": _NAMES},
    "flow_performance": {},
    "interactions": {"queues": _NAMES, "users": _NAMES, "wrapup_codes": _NAMES, "divisions": _NAMES},
    "open_conversations": {"queues": _NAMES, "users": _NAMES, "divisions": _NAMES},
}
"""Directory tables and their columns, by mart: those of whose entities the mart has ids.

A flow's name is the one that it had when it was executed, from the record: `directory.flows` tells today's.
"""
