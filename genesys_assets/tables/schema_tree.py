"""The tree of staging's tables: at which path of a source's record the rows of each are found.

Belongs here: paths, ordinals and parents, as data, and the steps that one table alone needs. Which columns a table
has is declared by its schema, in `staging`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import dataframely as dy
import polars as pl

from genesys_assets.tables import staging
from genesys_assets.tables.attribution import attributed
from genesys_assets.tables.columns import wire_fields

Shape = Literal["record", "list", "object", "map"]


@dataclass(frozen=True)
class SchemaNode:
    """A node of the tree: the schema of one table, and the path in the record at which its rows are found.

    Attributes:
        table: Name of the table, with its schema: 'staging.segments'.
        schema: Its columns.
        path: Fields that lead from the record to the rows, with dots between; empty for the record itself.
        shape: 'list': a row per element; 'object': one row; 'record': the record itself; 'map': a row per name, of
            elements of one of the record's own lists.
        ordinal: Column that counts the elements of a list.
        counts_in_record: Whether the ordinal goes on from one parent to the next, instead of from 0 in each.
        decoded_always: Fields that are decoded even when no document of a batch has them.
        completed: Adds the columns that are made of other tables too: given the rows of all tables, returns this one's.
        children: The nodes of objects within a row.
    """

    table: str
    schema: type[dy.Schema]
    path: str = ""
    shape: Shape = "list"
    ordinal: str | None = None
    counts_in_record: bool = False
    decoded_always: frozenset[str] = frozenset()
    completed: Callable[[Mapping[str, pl.DataFrame]], pl.DataFrame] | None = None
    children: tuple["SchemaNode", ...] = ()

    @property
    def field(self) -> str:
        """Return the field of the parent object that holds the rows."""
        return self.path.rpartition(".")[2]

    @cached_property
    def fields(self) -> Mapping[str, dy.Column]:
        """Return the columns that hold fields of the record, by the field's name."""
        return wire_fields(self.schema)

    @cached_property
    def key(self) -> str:
        """Return the field of the record's id, for the node of the record itself."""
        return next(field for field, column in self.fields.items() if column.primary_key)

    @cached_property
    def children_by_field(self) -> Mapping[str, "SchemaNode"]:
        """Return the nodes within a row, by the field that holds them."""
        return {child.field: child for child in self.children}

    @cached_property
    def inherited(self) -> frozenset[str]:
        """Return the columns whose values this table, or one below it, copies from the rows around it."""
        own = {str(column.name) for column in self.fields.values()} | {self.ordinal}
        below = (child.inherited for child in self.children)
        return frozenset(set(self.schema.column_names()).union(*below) - own)

    def walk(self) -> Iterator["SchemaNode"]:
        """Yield this node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def path_of(self, field: str) -> str:
        """Return the path of a field from the record, with dots between."""
        return f"{self.path}.{field}" if self.path else field


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

STAGING: Mapping[str, type[dy.Schema]] = {node.table: node.schema for node in CONVERSATION.walk()}
"""The schemas of staging's tables by name, parents before their children."""

PARENTS: Mapping[str, str] = {child.table: node.table for node in CONVERSATION.walk() for child in node.children}
"""The parent of each table; a child has its parent's key columns under the same names."""
