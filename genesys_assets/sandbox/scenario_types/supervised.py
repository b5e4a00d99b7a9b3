"""Calls of which one leg or one ending is unusual: supervised, parked, joined by a colleague, cut off."""

from __future__ import annotations

from genesys_assets.sandbox.document import timestamp
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import Addition, Scenario, Session
from genesys_assets.sandbox.steps.calls import goodbye, to_queue
from genesys_assets.sandbox.steps.distributions import (
    after_call_work,
    chance,
    lasting,
    patience,
    phone_number,
    stretches,
)
from genesys_assets.sandbox.steps.handling import NOTHING_BEFORE, talk
from genesys_assets.sandbox.steps.legs import hang_up, voice_fields
from genesys_assets.sandbox.steps.queueing import agent_of, wait_for_agent

RULES = (
    Rule(
        "A supervisor who listens, coaches, joins or watches does so in a session of their own, with its timer.",
        "guess",
        "official Python SDK 269, monitoredParticipantId and the like",
        "test_every_metric_is_emitted",
    ),
    Rule(
        "Time in the park is no handle time.",
        "guess",
        "tHandle is the sum of talk, hold, after-call work, dialling and contacting in real records",
        "test_handle_time_is_talk_and_hold_and_after_call_work_and_dialling",
    ),
    Rule(
        "A conversation may have two customers, and a customer two sessions.",
        "real payload",
        "records of 2021 to 2024",
        "test_a_conversation_may_have_two_customers_or_a_customer_two_sessions",
    ),
    Rule(
        "A call may stay open for two months.",
        "real payload",
        "a record whose customer's leg was not closed",
        "test_a_call_may_stay_open_for_two_months",
    ),
)


_SUPERVISION = {
    "monitoring": ("monitoredParticipantId", ("tMonitoring", "tMonitoringComplete")),
    "coaching": ("coachedParticipantId", ("tCoaching", "tCoachingComplete")),
    "barging": ("bargedParticipantId", ("tBarging",)),
    "screenmonitoring": ("screenMonitoredUserId", ("tScreenMonitoring",)),
}
"""By the kind of segment: the field that names whom it is about, and the metrics that time it."""
_CUT_OFF = (
    "dndEndpoint", "dndTransfer", "error", "forwardTransfer", "inactivity", "notAvailableTransfer", "other",
    "sessionExpired", "spam", "takeover", "timeout", "transportFailure", "uncallable",
)  # fmt: skip
"""How a talk may end other than by one of the two who talk, or by a transfer."""


def supervised_call(scenario: Scenario) -> None:
    """Generate a call that a supervisor listens to, coaches, joins or watches, of which a part may be recorded."""
    caller, agent = _answered(scenario)
    random, answered_at, parts = scenario.random, agent.segments[-1].end, stretches(scenario.random, 260, 0.2)
    since, until = answered_at + sum(parts) // 4, answered_at + sum(parts) * 3 // 4
    kind = random.choice(list(_SUPERVISION))
    field, metrics = _SUPERVISION[kind]
    about = agent.participant.user.id if kind == "screenmonitoring" and agent.participant.user else agent.participant.id
    supervisor = scenario.join("user", None, agent_of(scenario, agent.queue) if agent.queue else None)
    watching = scenario.session(
        supervisor, kind if kind == "screenmonitoring" else "voice", "outbound", None, peerId=agent.id
    )
    watching.fields[field] = about
    watching.segment(kind, since, until, {"disconnectType": "client"})
    for metric in metrics:
        watching.emit(metric, until - since, until)
    if chance(random, 0.5):
        agent.later(since, snippetRecording=True)
        agent.emit("tSnippetRecord", until - since, until)
    goodbye(scenario, caller, talk(agent, answered_at, parts, "peer", acw=after_call_work(random)))


def parked_call(scenario: Scenario) -> None:
    """Generate a call that its agent parks for a while; the time in the park is no handle time."""
    caller, agent = _answered(scenario)
    random = scenario.random
    parts = [lasting(random, 90, 5, 600), lasting(random, 60, 5, 600), lasting(random, 90, 5, 600)]
    handled = talk(agent, agent.segments[-1].end, parts, "peer", acw=after_call_work(random), pause="parked")
    goodbye(scenario, caller, handled)


def conference_call(scenario: Scenario) -> None:
    """Generate a call whose agent asks a colleague outside any queue, and brings them in: all three talk."""
    caller, agent = _answered(scenario)
    random, answered_at = scenario.random, agent.segments[-1].end
    parts = [lasting(random, each, 5, 600) for each in (100, 40, 150)]
    asked_at, joined_at = answered_at + parts[0], answered_at + parts[0] + parts[1]
    fields = voice_fields(scenario, caller.fields["dnis"], caller.fields["ani"])
    asking = scenario.session(agent.participant, "voice", "outbound", None, peerId=caller.id, **fields)
    colleague = scenario.session(
        scenario.join("user", None, agent_of(scenario, agent.queue) if agent.queue else None),
        *("voice", "inbound", None),
        peerId=asking.id,
        **fields,
    )
    joined = {"destinationConversationId": scenario.id, "destinationSessionId": colleague.id}
    asking.segment("dialing", asked_at, asked_at + parts[1] // 2)
    asking.segment("interact", asked_at + parts[1] // 2, joined_at, {"disconnectType": "conferenceTransfer", **joined})
    agent.emit("nConsult", 1, asked_at)
    handled = talk(agent, answered_at, parts, "peer", acw=after_call_work(random))
    talk(colleague, joined_at, [parts[2]], "peer", NOTHING_BEFORE, acw=0)
    for leg in (agent, colleague):
        together = next(each for each in leg.segments if each.kind == "interact" and each.start == joined_at)
        together.fields |= {"conference": True, "sourceConversationId": scenario.new_id(), "sourceSessionId": asking.id}
    scenario.additions.append(Addition(joined_at, "conferenceStart", timestamp(joined_at)))
    bridge = scenario.new_id()
    for leg in (caller, agent, colleague):
        leg.later(joined_at, mediaBridgeId=bridge)
    goodbye(scenario, caller, handled)


def cut_off_call(scenario: Scenario) -> None:
    """Generate a call that ends by an error, a time-out, a takeover or the like."""
    caller, agent = _answered(scenario)
    how = scenario.random.choice(_CUT_OFF)
    parts = stretches(scenario.random, 120, 0.1)
    cut_off_at = talk(agent, agent.segments[-1].end, parts, how, acw=after_call_work(scenario.random)).hung_up_at
    if how in {"error", "transportFailure"}:
        ended = next(each for each in agent.segments if each.kind == "interact" and each.end == cut_off_at)
        ended.closing["errorCode"] = "error.ininedgecontrol.session.inactive"
        agent.later(cut_off_at, errorCodeDescription="The session is inactive.")
        agent.emit("nError", 1, cut_off_at)
        agent.emit("nStateTransitionError", 1, cut_off_at)
    if how == "takeover":
        agent.emit("nTakeover", 1, cut_off_at)
    hang_up(caller, cut_off_at, "system")


def call_of_two_customers(scenario: Scenario) -> None:
    """Generate a call into which the agent brings a second customer, such as an interpreter, for a while."""
    caller, agent = _answered(scenario)
    random, answered_at = scenario.random, agent.segments[-1].end
    parts = [lasting(random, each, 5, 600) for each in (60, 30, 120)]
    joined_at, left_at = answered_at + sum(parts[:2]), answered_at + sum(parts)
    fields = voice_fields(scenario, caller.fields["dnis"], phone_number(random))
    second = scenario.session(scenario.join("customer", "A second customer"), "voice", "outbound", None, **fields)
    second.segment("dialing", joined_at - parts[1] // 2, joined_at)
    second.emit("nConnected", 1, joined_at)
    hang_up(second, left_at, "peer", connected_at=joined_at)
    goodbye(scenario, caller, talk(agent, answered_at, parts, "peer", acw=after_call_work(random)))


def call_never_closed(scenario: Scenario) -> None:
    """Generate a call that stays open for two months, although both have hung up: the customer's leg is not closed."""
    caller, agent = _answered(scenario)
    parts = stretches(scenario.random, 200, 0.1)
    talk(agent, agent.segments[-1].end, parts, "peer", acw=after_call_work(scenario.random))
    hang_up(caller, scenario.start + scenario.span, "system")


def _answered(scenario: Scenario) -> tuple[Session, Session]:
    """Bring a caller to an agent; return the legs of both, the agent's at the end of its alert."""
    caller, queue, at = to_queue(scenario)
    return caller, wait_for_agent(scenario, caller, queue, at, "ivr", wait=patience(scenario.random, 18))
