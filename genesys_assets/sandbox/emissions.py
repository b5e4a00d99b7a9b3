"""The metric emissions of a scenario: what the aggregates count, when, and for which group.

Taken from the scenario's own log of events, independently of any document and of the project's formulas: each event
carries the queue and the agent that were meant when the scenario was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from genesys_assets.sandbox.scenario import Scenario, Session


class Emission(NamedTuple):
    """One event as it is counted: when, what, how much, and for which group."""

    at: int
    metric: str
    value: int
    dimensions: dict[str, str]


def emissions(scenario: Scenario) -> Iterator[Emission]:
    """Yield the events of a scenario with the dimensions that they can be grouped by."""
    dimensions = {
        id(session): _dimensions(scenario, session)
        for participant in scenario.participants
        for session in participant.sessions
    }
    for event in scenario.events:
        yield Emission(event.at, event.metric, event.value, dimensions[id(event.session)])


def _dimensions(scenario: Scenario, session: Session) -> dict[str, str]:
    user, flow = session.participant.user, session.flow_run
    division = session.queue.division.id if session.queue else scenario.fields["divisionIds"][0]
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
