"""Where each staging table's rows stand in a conversation's record: the tree that decoding walks down.

Belongs here: places, keys and parents, as data. What a table's columns are is its schema's business.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import dataframely as dy

from genesys_assets.tables import staging
from genesys_assets.tables.columns import wire_fields

Shape = Literal["record", "list", "object", "map"]


@dataclass(frozen=True)
class Nest:
    """A node of the record's tree: where the rows of one table stand.

    Attributes:
        table: Name of the table, with its schema: 'staging.segments'.
        schema: Its columns.
        path: Fields that lead to the rows from the conversation, with dots between; empty for the conversation itself.
        shape: 'list': a row per element; 'object': one row; 'map': a row per name; 'record': the conversation.
        ordinal: Column that counts the elements of a list.
        children: Nodes within a row.
    """

    table: str
    schema: type[dy.Schema]
    path: str = ""
    shape: Shape = "list"
    ordinal: str | None = None
    children: tuple["Nest", ...] = ()

    @property
    def field(self) -> str:
        """Return the field of the parent that holds the rows, as on the wire."""
        return self.path.rpartition(".")[2]

    @cached_property
    def fields(self) -> Mapping[str, dy.Column]:
        """Return the columns that hold fields of the record, by wire name."""
        return wire_fields(self.schema)

    @cached_property
    def nests(self) -> Mapping[str, "Nest"]:
        """Return the nodes within a row, by wire name."""
        return {child.field: child for child in self.children}

    @cached_property
    def inherited(self) -> frozenset[str]:
        """Return the columns that this table or one below it takes over from the rows around it."""
        own = {str(column.name) for column in self.fields.values()} | {self.ordinal}
        below = (child.inherited for child in self.children)
        return frozenset(set(self.schema.column_names()).union(*below) - own)

    def walk(self) -> Iterator["Nest"]:
        """Yield this node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def located(self, field: str) -> str:
        """Return the path of a field of this node, for reports."""
        return f"{self.path}.{field}" if self.path else field


_SEGMENT = "participants.sessions.segments"
_SESSION = "participants.sessions"

CONVERSATION = Nest(
    "staging.conversations",
    staging.Conversations,
    shape="record",
    children=(
        Nest(
            "staging.participants",
            staging.Participants,
            "participants",
            ordinal="participant_ordinal",
            children=(
                Nest(
                    "staging.participant_attributes",
                    staging.ParticipantAttributes,
                    "participants.attributes",
                    shape="map",
                ),
                Nest(
                    "staging.sessions",
                    staging.Sessions,
                    _SESSION,
                    ordinal="session_ordinal",
                    children=(
                        Nest(
                            "staging.segments",
                            staging.Segments,
                            _SEGMENT,
                            ordinal="segment_ordinal",
                            children=(
                                Nest(
                                    "staging.scored_agents",
                                    staging.ScoredAgents,
                                    f"{_SEGMENT}.scoredAgents",
                                    ordinal="scored_agent_ordinal",
                                ),
                                Nest(
                                    "staging.segment_properties",
                                    staging.SegmentProperties,
                                    f"{_SEGMENT}.properties",
                                    ordinal="property_ordinal",
                                ),
                            ),
                        ),
                        Nest(
                            "staging.session_metrics",
                            staging.SessionMetrics,
                            f"{_SESSION}.metrics",
                            ordinal="metric_ordinal",
                        ),
                        Nest(
                            "staging.media_endpoint_stats",
                            staging.MediaEndpointStats,
                            f"{_SESSION}.mediaEndpointStats",
                            ordinal="media_endpoint_stat_ordinal",
                        ),
                        Nest(
                            "staging.flows",
                            staging.Flows,
                            f"{_SESSION}.flow",
                            shape="object",
                            children=(
                                Nest(
                                    "staging.flow_outcomes",
                                    staging.FlowOutcomes,
                                    f"{_SESSION}.flow.outcomes",
                                    ordinal="flow_outcome_ordinal",
                                ),
                            ),
                        ),
                        Nest(
                            "staging.agent_groups",
                            staging.AgentGroups,
                            f"{_SESSION}.agentGroups",
                            ordinal="agent_group_ordinal",
                        ),
                        Nest(
                            "staging.proposed_agents",
                            staging.ProposedAgents,
                            f"{_SESSION}.proposedAgents",
                            ordinal="proposed_agent_ordinal",
                        ),
                    ),
                ),
            ),
        ),
        Nest("staging.evaluations", staging.Evaluations, "evaluations", ordinal="evaluation_ordinal"),
        Nest("staging.surveys", staging.Surveys, "surveys", ordinal="survey_ordinal"),
        Nest("staging.resolutions", staging.Resolutions, "resolutions", ordinal="resolution_ordinal"),
    ),
)

STAGING: Mapping[str, type[dy.Schema]] = {nest.table: nest.schema for nest in CONVERSATION.walk()}
"""The schemas of staging's tables by name, parents before their children."""

PARENTS: Mapping[str, str] = {child.table: nest.table for nest in CONVERSATION.walk() for child in nest.children}
"""The parent of each table; a child has its parent's key columns under the same names."""
