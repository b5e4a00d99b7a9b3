"""The tree of a conversation's tables: at which path of its record the rows of each are found.

Belongs here: paths, ordinals and parents, as data, and the steps that one table alone needs. Which columns a table
has is declared by its schema, beside this.
"""

from collections.abc import Mapping

import polars as pl

from genesys_assets.tables import staging
from genesys_assets.tables.attribution import attributed
from genesys_assets.tables.schema_tree import SchemaNode

_SEGMENT = "participants.sessions.segments"
_SESSION = "participants.sessions"


def _attributed(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return attributed(tables["staging.session_metrics"], tables["staging.segments"])


CONVERSATION = SchemaNode(
    "staging.conversations",
    staging.Conversations,
    shape="record",
    decoded_always=frozenset({"conversationId", "participants"}),
    children=(
        SchemaNode(
            "staging.participants",
            staging.Participants,
            "participants",
            ordinal="participant_ordinal",
            decoded_always=frozenset({"sessions", "attributes"}),
            children=(
                SchemaNode(
                    "staging.participant_attributes",
                    staging.ParticipantAttributes,
                    "participants.attributes",
                    shape="map",
                ),
                SchemaNode(
                    "staging.sessions",
                    staging.Sessions,
                    _SESSION,
                    ordinal="session_ordinal",
                    counts_in_record=True,
                    decoded_always=frozenset({"segments", "metrics"}),
                    children=(
                        SchemaNode(
                            "staging.segments",
                            staging.Segments,
                            _SEGMENT,
                            ordinal="segment_ordinal",
                            decoded_always=frozenset({"segmentStart", "segmentEnd", "queueId", "wrapUpCode"}),
                            children=(
                                SchemaNode(
                                    "staging.scored_agents",
                                    staging.ScoredAgents,
                                    f"{_SEGMENT}.scoredAgents",
                                    ordinal="scored_agent_ordinal",
                                ),
                                SchemaNode(
                                    "staging.segment_properties",
                                    staging.SegmentProperties,
                                    f"{_SEGMENT}.properties",
                                    ordinal="property_ordinal",
                                ),
                            ),
                        ),
                        SchemaNode(
                            "staging.session_metrics",
                            staging.SessionMetrics,
                            f"{_SESSION}.metrics",
                            ordinal="metric_ordinal",
                            decoded_always=frozenset({"emitDate"}),
                            completed=_attributed,
                        ),
                        SchemaNode(
                            "staging.media_endpoint_stats",
                            staging.MediaEndpointStats,
                            f"{_SESSION}.mediaEndpointStats",
                            ordinal="media_endpoint_stat_ordinal",
                        ),
                        SchemaNode(
                            "staging.flows",
                            staging.Flows,
                            f"{_SESSION}.flow",
                            shape="object",
                            children=(
                                SchemaNode(
                                    "staging.flow_outcomes",
                                    staging.FlowOutcomes,
                                    f"{_SESSION}.flow.outcomes",
                                    ordinal="flow_outcome_ordinal",
                                ),
                            ),
                        ),
                        SchemaNode(
                            "staging.agent_groups",
                            staging.AgentGroups,
                            f"{_SESSION}.agentGroups",
                            ordinal="agent_group_ordinal",
                        ),
                        SchemaNode(
                            "staging.proposed_agents",
                            staging.ProposedAgents,
                            f"{_SESSION}.proposedAgents",
                            ordinal="proposed_agent_ordinal",
                        ),
                    ),
                ),
            ),
        ),
        SchemaNode("staging.evaluations", staging.Evaluations, "evaluations", ordinal="evaluation_ordinal"),
        SchemaNode("staging.surveys", staging.Surveys, "surveys", ordinal="survey_ordinal"),
        SchemaNode("staging.resolutions", staging.Resolutions, "resolutions", ordinal="resolution_ordinal"),
    ),
)
