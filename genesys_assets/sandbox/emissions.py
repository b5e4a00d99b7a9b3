"""The metrics that a scenario emits: what the aggregates count, when, and for which group.

They are taken from the scenario's log of events, which names the queue and agent that the scenario's author meant. So
they depend neither on documents nor on the project's formulas, and can check both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import Scenario, Session
from genesys_assets.sandbox.vocabulary import OF_AGGREGATES, OF_FLOW_AGGREGATES

RULES = (
    Rule(
        "The other dimensions of an event are the fields of its conversation, participant, session, segments and flow.",
        "official",
        "official Python SDK 269 has them as dimensions; that a session's segments all count is a guess",
        "test_events_are_grouped_by_the_fields_of_their_session",
    ),
    Rule(
        "An event is counted for the queue, user and media of the session that emits it, at the instant of "
        "its `emitDate`.",
        "official",
        "Genesys developer forum: aggregates go by the time of the event",
        "test_the_aggregates_of_a_day_are_those_of_its_documents_added_up",
    ),
)

_NAMES = frozenset(OF_AGGREGATES) | frozenset(OF_FLOW_AGGREGATES)


class Emission(NamedTuple):
    """One event as the aggregates count it: when, what, how much, and for which group.

    Attributes:
        at: When it was emitted, in epoch milliseconds.
        metric: Its name.
        value: How much.
        dimensions: The dimensions of which it has one value.
        lists: Those of which it has several.
    """

    at: int
    metric: str
    value: int
    dimensions: dict[str, str]
    lists: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    def known(self, dimension: str) -> tuple[str, ...]:
        """Return the values that it has of a dimension."""
        value = self.dimensions.get(dimension)
        return self.lists.get(dimension, ()) if value is None else (value,)


def emissions(scenario: Scenario) -> Iterator[Emission]:
    """Yield the events of a scenario with the dimensions by which they can be grouped."""
    known = {
        id(session): _dimensions(scenario, session)
        for participant in scenario.participants
        for session in participant.sessions
    }
    for event in scenario.events:
        yield Emission(event.at, event.metric, event.value, *known[id(event.session)])


def _dimensions(scenario: Scenario, session: Session) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the dimensions of a session's events: those that its author meant, and those that its fields tell."""
    values: dict[str, set[str]] = defaultdict(set)
    for name, value in _fields(scenario, session):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str | bool | int | float) and _dimension(name) is not None:
                values[_dimension(name) or ""].add(str(each).lower() if isinstance(each, bool) else str(each))
    told = _told(scenario, session)
    others = {name: tuple(sorted(found)) for name, found in values.items() if name not in told}
    single = {name: found[0] for name, found in others.items() if len(found) == 1}
    known = {name: value for name, value in told.items() if value is not None}
    return single | known, {name: found for name, found in others.items() if len(found) > 1}


def _fields(scenario: Scenario, session: Session) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a session and of what it belongs to and consists of."""
    run = session.flow_run
    places = [scenario.fields, session.participant.fields, session.fields]
    places += [fields for segment in session.segments for fields in (segment.fields, segment.closing)]
    places += [{"flowName": run.flow.name}, run.fields, run.closing] if run else []
    for place in places:
        yield from place.items()


@cache
def _dimension(field: str) -> str | None:
    """Return the dimension that a field of the record has values of, which may be the singular of its name."""
    return next((name for name in (field, field.removesuffix("s"), field.removesuffix("es")) if name in _NAMES), None)


def _told(scenario: Scenario, session: Session) -> dict[str, str | None]:
    """Return the dimensions that the scenario's author meant; None: the session has none, whatever its fields say."""
    user, flow = session.participant.user, session.flow_run
    division = session.queue.division.id if session.queue else next(iter(scenario.fields.get("divisionIds", ())), None)
    return {
        "queueId": session.queue.id if session.queue else None,
        "userId": user.id if user else None,
        "mediaType": session.media,
        "direction": session.direction,
        "purpose": session.participant.purpose,
        "originatingDirection": scenario.originating_direction,
        "conversationId": scenario.id,
        "wrapUpCode": session.wrap_up,
        "divisionId": division,
        "flowId": flow.flow.id if flow else None,
        "flowType": flow.flow.type if flow else None,
    }
