"""The conversation's record as the SDK describes it, and a second, plain reading of documents to compare with.

`expected` walks a document with nothing of the package's but the names of the tables: where each value must be found.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from genesys_assets.tables.decode import Decoded, decode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION

DAY = date(2026, 11, 20)
Json = dict[str, Any]
Key = tuple[Any, ...]

_FIXTURE = json.loads(Path(__file__).with_name("record_fields.json").read_text())
CLASSES: dict[str, dict[str, list[str]]] = _FIXTURE["classes"]
"""The fields of each class: the type, then the values that are documented for it."""
METRIC_NAMES: list[str] = _FIXTURE["metric_names"]


@dataclass(frozen=True)
class Place:
    """A table, the class of its rows and the name of its own key column (None: one row per parent)."""

    table: str
    model: str
    ordinal: str | None


PLACES = {
    "": Place("staging.conversations", "AnalyticsConversation", None),
    "participants": Place("staging.participants", "AnalyticsParticipant", "participant_ordinal"),
    "sessions": Place("staging.sessions", "AnalyticsSession", "session_ordinal"),
    "segments": Place("staging.segments", "AnalyticsConversationSegment", "segment_ordinal"),
    "metrics": Place("staging.session_metrics", "AnalyticsSessionMetric", "metric_ordinal"),
    "mediaEndpointStats": Place(
        "staging.media_endpoint_stats", "AnalyticsMediaEndpointStat", "media_endpoint_stat_ordinal"
    ),
    "flow": Place("staging.flows", "AnalyticsFlow", None),
    "outcomes": Place("staging.flow_outcomes", "AnalyticsFlowOutcome", "flow_outcome_ordinal"),
    "agentGroups": Place("staging.agent_groups", "AnalyticsAgentGroup", "agent_group_ordinal"),
    "proposedAgents": Place("staging.proposed_agents", "AnalyticsProposedAgent", "proposed_agent_ordinal"),
    "scoredAgents": Place("staging.scored_agents", "AnalyticsScoredAgent", "scored_agent_ordinal"),
    "properties": Place("staging.segment_properties", "AnalyticsProperty", "property_ordinal"),
    "evaluations": Place("staging.evaluations", "AnalyticsEvaluation", "evaluation_ordinal"),
    "surveys": Place("staging.surveys", "AnalyticsSurvey", "survey_ordinal"),
    "resolutions": Place("staging.resolutions", "AnalyticsResolution", "resolution_ordinal"),
}


FRACTIONS = {
    *("value", "agentScore", "oTotalScore", "oTotalCriticalScore", "oSurveyTotalScore", "surveyPromoterScore"),
}
"""Fields that the SDK calls whole and that come with fractions: measurements and scores."""


def snake(field: str) -> str:
    """'conversationStart' as 'conversation_start'."""
    return re.sub("[A-Z]", lambda capital: f"_{capital.group().lower()}", field)


def instant(text: str) -> datetime:
    """The instant that an ISO text names."""
    padded = re.sub(r"(?<=\D)(\d)(?=\D)", r"0\1", text.partition(".")[0]) + "".join(text.partition(".")[1:])
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", padded)).astimezone(UTC)


def kind_of(field: str, model: str) -> str:
    """The type of a field: 'str', 'int', 'list[str]', ..."""
    kind = CLASSES[model][field][0]
    return "float" if kind == "int" and field in FRACTIONS else kind


class _Rows:
    """The rows that a document must become: by table and key, the values that it has."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.rows: dict[tuple[str, Key], Json] = {}
        self.sessions = 0

    def add(self, field: str, told: Json, keys: Json) -> None:
        place = PLACES[field]
        values = dict(keys)
        nested = []
        for name, value in told.items():
            if name in PLACES:
                nested.append((name, value))
            elif name == "attributes":
                self._add_attributes(value or {}, keys)
            elif value is not None:
                values[snake(name)] = instant(value) if kind_of(name, place.model) == "datetime" else value
        self.rows[place.table, tuple(keys.values())] = values
        for name, value in nested:
            for keys_of_child, child in self._children(name, value, keys):
                self.add(name, child, keys_of_child)

    def _children(self, name: str, value: Any, keys: Json) -> Iterator[tuple[Json, Json]]:
        ordinal = PLACES[name].ordinal
        if ordinal is None:
            yield from [(keys, value)] if value is not None else []
            return
        for place, child in enumerate(value or []):
            if name == "sessions":
                yield {"conversation_id": keys["conversation_id"], ordinal: self.sessions}, child
                self.sessions += 1
            else:
                yield {**keys, ordinal: place}, child

    def _add_attributes(self, attributes: dict[str, str], keys: Json) -> None:
        for name, value in attributes.items():
            row = {**keys, "name": name, "value": value}
            self.rows["staging.participant_attributes", (*keys.values(), name)] = row


def expected(document: Json, day: date = DAY) -> dict[tuple[str, Key], Json]:
    """The values that the tables must hold: (table, key without the day) -> column -> value."""
    rows = _Rows(day)
    rows.add("", document, {"conversation_id": document["conversationId"]})
    return rows.rows


def decoded(documents: list[Json], into: Path, day: date = DAY) -> Decoded:
    """The documents, of one day, decoded."""
    texts = [json.dumps(document) for document in documents]
    frame = pl.LazyFrame({"document": texts}, schema={"document": pl.String})
    return decode(frame.select(partition_date=pl.lit(day), document="document"), into, CONVERSATION)


def found(tables: dict[str, pl.LazyFrame]) -> dict[tuple[str, Key], Json]:
    """What the tables hold, made like `expected`, with the values that are there."""
    rows = {}
    for table, frame in tables.items():
        keys = [name for name in _keys(table) if name != "partition_date"]
        for row in frame.collect().iter_rows(named=True):
            rows[table, tuple(row[key] for key in keys)] = {k: v for k, v in row.items() if v is not None}
    return rows


def lost(documents: list[Json], tables: dict[str, pl.LazyFrame]) -> list[tuple[str, Key, str]]:
    """The places of the values that the tables lack or hold otherwise; of rows too many likewise."""
    there = found(tables)
    wanted = {key: row for document in documents for key, row in expected(document).items()}
    missing = [
        (*place, column)
        for place, row in wanted.items()
        for column, value in row.items()
        if place not in there or there[place].get(column) != value
    ]
    return missing + [(*place, "no such row in the documents") for place in there.keys() - wanted.keys()]


def _keys(table: str) -> list[str]:
    from genesys_assets.data_model import TABLES  # noqa: PLC0415 - the one thing that is asked of the registry

    return TABLES[table].primary_key()
