"""A scenario as the details APIs show it at an instant: the conversation's document, with the API's field names.

It holds nothing that happens later: no later participant, segment or metric, and no end of what still goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import (
    DAY,
    MINUTE,
    SECOND,
    Addition,
    FlowRun,
    Life,
    Participant,
    Scenario,
    Segment,
    Session,
)

RULES = (
    Rule(
        "A value that is not known is an absent key, never null.",
        "real payload",
        "records of 2016 to 2025",
        "test_empty_values_are_absent_keys",
    ),
    Rule(
        "Times are in UTC with milliseconds, of which trailing zeros are left out at times.",
        "real payload",
        "records of 2021 to 2025",
        "test_trailing_zeros_of_the_fraction_are_dropped_in_some_conversations",
    ),
    Rule(
        "An open conversation has no conversationEnd, and a segment that goes on no segmentEnd.",
        "real payload",
        "a chat of 2021",
        "test_an_open_conversation_has_no_end_and_its_running_segment_has_none",
    ),
    Rule(
        "A record has the fields of AnalyticsConversation and no others.",
        "official",
        "official Python SDK 269",
        "test_every_field_is_one_that_the_official_sdk_knows",
    ),
    Rule(
        "Whatever is shown of a conversation stays: later readers see more of it.",
        "guess",
        "a metric has the time of its emission",
        "test_a_conversation_only_grows",
    ),
)


Document = dict[str, Any]
Writer = Callable[[int], str]
UNIX_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def document(scenario: Scenario, at: int) -> Document:
    """Return the document of a scenario as visible at `at` (epoch milliseconds), participant attributes included.

    The scenario must have started by then. Values that are not known are absent keys, as in the real record.
    """
    write = timestamp_without_trailing_zeros if scenario.drops_trailing_zeros else timestamp
    shown: Document = {}
    end = visible_end(scenario.lives, at)
    if end is not None:
        shown["conversationEnd"] = write(end)
    shown["conversationId"] = scenario.id
    shown["conversationStart"] = write(scenario.start)
    shown.update(scenario.fields)
    shown.update(_known(scenario.additions, at))
    if not scenario.is_bare:
        shown["originatingDirection"] = scenario.originating_direction
    shown.update(_quality(scenario, at))
    for since, record, entry in scenario.follow_ups:
        if since <= at:
            shown.setdefault(record, []).append({"eventTime": write(since), **entry})
    shown["participants"] = [
        _participant(participant, at, write) for participant in scenario.participants if _began(participant, at)
    ]
    return shown


def without_attributes(shown: Document) -> Document:
    """Return the document as the endpoints without a job show it: participants without their attributes."""
    participants = [
        {name: value for name, value in participant.items() if name != "attributes"}
        for participant in shown["participants"]
    ]
    return shown | {"participants": participants}


def visible_end(lives: Iterable[Life], at: int) -> int | None:
    """Return the end that a conversation of these lives has at an instant, None while it is open."""
    end: int | None = None
    for life in lives:
        if life.start <= at:
            end = life.end if life.end <= at else None
    return end


def timestamp(instant: int) -> str:
    """Return an instant (epoch milliseconds) as `YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    day, rest = divmod(instant, DAY)
    minute, rest = divmod(rest, MINUTE)
    second, milliseconds = divmod(rest, SECOND)
    return f"{_date_part(day)}{_minute_part(minute)}{second:02d}.{milliseconds:03d}Z"


def timestamp_without_trailing_zeros(instant: int) -> str:
    """Return an instant as `timestamp` without the trailing zeros of the fraction: `.99Z`, or no fraction at all."""
    return timestamp(instant)[:-1].rstrip("0").rstrip(".") + "Z" if instant % 10 == 0 else timestamp(instant)


@lru_cache(maxsize=512)
def _date_part(day: int) -> str:
    return f"{date.fromordinal(UNIX_EPOCH_ORDINAL + day).isoformat()}T"


@lru_cache(maxsize=1_440)
def _minute_part(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}:"


def _known(additions: list[Addition], at: int) -> Document:
    """Return the fields that exist at an instant."""
    return {addition.name: addition.value for addition in additions if addition.since <= at}


def _quality(scenario: Scenario, at: int) -> Document:
    """Return the lowest voice quality of the streams measured by an instant."""
    stats = [
        values
        for participant in scenario.participants
        for session in participant.sessions
        for since, values in session.media_stats
        if since <= at
    ]
    if not stats:
        return {}
    return {
        "mediaStatsMinConversationMos": min(values["minMos"] for values in stats),
        "mediaStatsMinConversationRFactor": min(values["minRFactor"] for values in stats),
    }


def _began(participant: Participant, at: int) -> bool:
    return any(session.segments[0].start <= at for session in participant.sessions)


def _participant(participant: Participant, at: int, write: Writer) -> Document:
    shown: Document = {"participantId": participant.id}
    if participant.name is not None:
        shown["participantName"] = participant.name
    shown["purpose"] = participant.purpose
    if participant.user is not None:
        shown["userId"] = participant.user.id
        shown["teamId"] = participant.user.team_id
    shown.update(participant.fields)
    attributes = _known(participant.attributes, at)
    if attributes:
        shown["attributes"] = attributes
    shown["sessions"] = [
        _session(session, at, write) for session in participant.sessions if session.segments[0].start <= at
    ]
    return shown


def _session(session: Session, at: int, write: Writer) -> Document:
    shown: Document = {"direction": session.direction} if session.direction else {}
    shown |= {"mediaType": session.media, "sessionId": session.id}
    shown.update(session.fields)
    shown.update(_known(session.additions, at))
    stats = [{**values, "eventTime": write(since)} for since, values in session.media_stats if since <= at]
    if stats:
        shown["mediaEndpointStats"] = stats
    if session.flow_run is not None and session.flow_run.start <= at:
        shown["flow"] = _flow(session.flow_run, at, write)
    metrics = [
        {"emitDate": write(metric.at), "name": metric.name, "value": metric.value}
        for metric in session.metrics
        if metric.at <= at
    ]
    if metrics:
        shown["metrics"] = metrics
    shown["segments"] = [_segment(segment, at, write) for segment in session.segments if segment.start <= at]
    return shown


def _segment(segment: Segment, at: int, write: Writer) -> Document:
    shown: Document = {"conference": False, "segmentStart": write(segment.start), "segmentType": segment.kind}
    shown.update(segment.fields)
    if segment.end <= at:
        shown["segmentEnd"] = write(segment.end)
        shown.update(segment.closing)
    return shown


def _flow(run: FlowRun, at: int, write: Writer) -> Document:
    shown: Document = {"flowId": run.flow.id, "flowName": run.flow.name, "flowType": run.flow.type, **run.fields}
    if run.end <= at:
        shown.update(run.closing)
    outcomes = [_outcome(run, outcome, write) for outcome in run.outcomes if run.end <= at]
    if outcomes:
        shown["outcomes"] = outcomes
    return shown


def _outcome(run: FlowRun, outcome: tuple[str, str], write: Writer) -> Document:
    outcome_id, value = outcome
    return {
        "flowOutcome": f"{outcome_id}:{value}",
        "flowOutcomeEndTimestamp": write(run.end),
        "flowOutcomeId": outcome_id,
        "flowOutcomeStartTimestamp": write(run.start),
        "flowOutcomeValue": value,
    }
