"""The record of a conversation as flat, typed tables: one schema per table, columns named after the fields they hold.

A list of objects is a table of its own. A list of plain values (ids, tags, addresses, codes) is a list column: its
elements have nothing but themselves, `list_contains` filters by them and `unnest` joins them.
"""

from genesys_assets.tables.staging.conversations import Conversations, ParticipantAttributes, Participants
from genesys_assets.tables.staging.flows import FlowOutcomes, Flows
from genesys_assets.tables.staging.quality import Evaluations, Resolutions, Surveys
from genesys_assets.tables.staging.segments import ScoredAgents, SegmentProperties, Segments
from genesys_assets.tables.staging.sessions import (
    AgentGroups,
    MediaEndpointStats,
    ProposedAgents,
    SessionMetrics,
    Sessions,
)

__all__ = [
    "AgentGroups",
    "Conversations",
    "Evaluations",
    "FlowOutcomes",
    "Flows",
    "MediaEndpointStats",
    "ParticipantAttributes",
    "Participants",
    "ProposedAgents",
    "Resolutions",
    "ScoredAgents",
    "SegmentProperties",
    "Segments",
    "SessionMetrics",
    "Sessions",
    "Surveys",
]
