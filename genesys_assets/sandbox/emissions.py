"""The metrics that a scenario emits: what the aggregates count, when, and for which group.

They are taken from the scenario's log of events, which names the queue and agent that the scenario's author meant. So
they depend neither on documents nor on the project's formulas, and can check both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import Scenario, Session

RULES = (
    Rule(
        "An event is counted for the queue, user and media of the session that emits it, at the instant of "
        "its `emitDate`.",
        "official",
        "Genesys developer forum: aggregates go by the time of the event",
        "test_the_aggregates_of_a_day_are_those_of_its_documents_added_up",
    ),
)


class Emission(NamedTuple):
    """One event as the aggregates count it: when, what, how much, and for which group."""

    at: int
    metric: str
    value: int
    dimensions: dict[str, str]


def emissions(scenario: Scenario) -> Iterator[Emission]:
    """Yield the events of a scenario with the dimensions by which they can be grouped."""
    dimensions = {
        id(session): _dimensions(scenario, session)
        for participant in scenario.participants
        for session in participant.sessions
    }
    for event in scenario.events:
        yield Emission(event.at, event.metric, event.value, dimensions[id(event.session)])


def _dimensions(scenario: Scenario, session: Session) -> dict[str, str]:
    user, flow = session.participant.user, session.flow_run
    division = session.queue.division.id if session.queue else next(iter(scenario.fields.get("divisionIds", ())), None)
    found = {
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
    return {name: value for name, value in found.items() if value is not None}
