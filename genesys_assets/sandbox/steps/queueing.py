"""A conversation waits in a queue, and leaves it: answered, abandoned, or taken out by a flow."""

from __future__ import annotations

from typing import Any

from genesys_assets.sandbox.organisation import IN_QUEUE_FLOWS, USERS, Queue, User, identity
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import FlowRun, Scenario, Session
from genesys_assets.sandbox.steps.distributions import chance, lasting
from genesys_assets.sandbox.steps.handling import wrap_up
from genesys_assets.sandbox.steps.legs import PROVIDERS, voice_fields

RULES = (
    Rule(
        "The wait is emitted once, as tAcd on the queue's session; tAnswered of the agent who answers repeats it.",
        "real payload",
        "records of 2021 to 2025",
        "test_the_wait_is_measured_once_in_the_queue_and_repeated_by_the_agent_who_answers",
    ),
    Rule(
        "nOverSla stands on the session of the agent who answers after the target of queue and media.",
        "guess",
        "no record has one",
        "test_a_conversation_is_over_its_service_level_when_it_was_answered_after_the_target",
    ),
    Rule(
        "An agent who lets it ring emits tAlert, tNotResponding and nError, and at times tAcw and tHandle with a "
        "wrap-up code.",
        "real payload",
        "a call of 2024",
        "test_an_agent_who_lets_it_ring_is_an_error_and_at_times_has_after_call_work_without_talk",
    ),
    Rule(
        "A flow in the queue stands on the queue's session, without nFlow and without an exit reason.",
        "real payload",
        "a call of 2024",
        "test_a_flow_in_the_queue_stands_on_the_queues_leg_without_an_exit_reason_or_a_metric_of_flows",
    ),
)


RINGING_AT_MOST = {"voice": 12, "callback": 20, "chat": 15, "message": 25, "email": 60}
"""Seconds in which an agent answers, if at all."""

_ROUTINGS = {"Standard": 92, "Bullseye": 1, "Conditional": 1, "Direct": 1, "Last": 1, "Manual": 1}
_ROUTINGS |= {"Predictive": 1, "Preferred": 1, "Vip": 1}
"""How often an agent is found by each method, in a hundred."""


def wait_for_agent(
    scenario: Scenario, customer: Session, queue: Queue, at: int, came_by: str, *, wait: int, silent: int = 0
) -> Session:
    """Let the conversation wait in a queue: `wait` milliseconds until an agent is free, and on until one answers.

    `silent` agents are alerted before and let it ring.

    Returns:
        The leg of the agent who answered, at the end of its alert.
    """
    random = scenario.random
    acd, offered_at = enter_queue(scenario, customer, queue, at, came_by)
    free_at = offered_at + wait
    for _ in range(silent):
        missed = ring(scenario, customer, queue, agent_of(scenario, queue), free_at, random.randrange(14_000, 22_000))
        free_at = not_responding(missed) + random.randrange(50, 900)
    milliseconds = lasting(random, 4, 0.8, RINGING_AT_MOST[customer.media])
    agent = agent_of(scenario, queue)
    session = ring(scenario, customer, queue, agent, free_at, milliseconds)
    answered_at = pick_up(acd, offered_at, session)
    how = random.choices(list(_ROUTINGS), weights=list(_ROUTINGS.values()))[0]
    for leg in (customer, acd, session):
        leg.later(answered_at, usedRouting=how, selectedAgentId=agent.id)
    if how == "Manual":
        session.later(answered_at, assignerId=USERS[0].id)
    if how == "Direct":
        acd.later(answered_at, destinationAddresses=[f"sip:{agent.email}"])
    return session


def enter_queue(scenario: Scenario, customer: Session, queue: Queue, at: int, came_by: str) -> tuple[Session, int]:
    """Offer the conversation to a queue; return the queue's leg and the instant of the offer."""
    media = customer.media
    fields = {"flowInType": came_by, "peerId": customer.id, "requestedRoutings": ["Standard"]}
    fields |= {name: customer.fields[name] for name in ("ani", "dnis", "edgeId") if name in customer.fields}
    acd = scenario.session(
        scenario.join("acd", queue.name), media, _direction(customer), queue, provider=PROVIDERS[media], **fields
    )
    for before in customer.segments:
        if before.kind == "scheduled":
            acd.segment("scheduled", before.start, before.end)
    offered_at = at
    if media == "voice":
        offered_at = at + scenario.random.randrange(20, 90)
        acd.segment("delay", at, offered_at)
    if media == "email" and chance(scenario.random, 0.1):
        offered_at = at + scenario.random.randrange(200, 3_000)
        acd.segment("uploading", at, offered_at)
    acd.emit("nOffered", 1, offered_at)
    if chance(scenario.random, 0.02):
        acd.fields["skillExpressionId"] = identity("skillexpression", "Billing or contracts")
        acd.emit("oSkillExpressionApplications", 1, offered_at)
    return acd, offered_at


def leave_queue(acd: Session, offered_at: int, at: int, disconnect: str) -> int:
    """End the wait in the queue, wherever the conversation goes; return when that was.

    An in-queue flow stands on the queue's leg, without metrics and without an exit reason.
    """
    random = acd.scenario.random
    asked: dict[str, Any] = {}
    if acd.queue is not None and chance(random, 0.6):
        asked["requestedRoutingSkillIds"] = [skill.id for skill in acd.queue.skills]
        asked["requestedLanguageId"] = acd.queue.language.id
    acd.segment("interact", offered_at, at, {"disconnectType": disconnect}, **asked)
    acd.emit("tAcd", at - offered_at, at)
    if acd.media in IN_QUEUE_FLOWS and acd.queue is not None and chance(random, 0.25):
        opening = {
            "entryReason": acd.queue.id,
            "entryType": "direct",
            "flowVersion": "4.0",
            "startingLanguage": "en-us",
        }
        acd.flow_run = FlowRun(IN_QUEUE_FLOWS[acd.media], offered_at, at, opening, {})
    return at


def abandon(acd: Session, offered_at: int, at: int, *, short: bool) -> int:
    """Let the customer give up waiting; a short abandon counts as an abandon too."""
    leave_queue(acd, offered_at, at, "peer")
    acd.emit("tAbandon", at - offered_at, at)
    if short:
        acd.emit("tShortAbandon", at - offered_at, at)
    return at


def flow_out(acd: Session, offered_at: int, at: int, kind: str) -> int:
    """Let a flow take the conversation out of the queue, to a voicemail or a callback."""
    leave_queue(acd, offered_at, at, "transfer")
    acd.later(at, flowOutType=kind)
    acd.emit("tFlowOut", at - offered_at, at)
    return at


def ring(scenario: Scenario, peer: Session, queue: Queue, agent: User, at: int, milliseconds: int) -> Session:
    """Alert an agent, whether they will answer or not; return their leg with its alert."""
    session = scenario.session(scenario.join("agent", agent.name, agent), peer.media, _direction(peer), queue)
    session.fields |= {"peerId": peer.id, "provider": PROVIDERS[peer.media], "requestedRoutings": ["Standard"]}
    if peer.media == "voice":
        session.fields |= voice_fields(scenario, peer.fields["ani"], peer.fields["dnis"])
    session.segment("alert", at, at + milliseconds)
    session.emit("tAlert", milliseconds, at + milliseconds)
    return session


def not_responding(session: Session) -> int:
    """Let the alerted agent not answer; return when the alert was over.

    One in four is kept in after-call work all the same, with a wrap-up code: handled, though not answered.
    """
    alert = session.segments[-1]
    alert.closing["disconnectType"] = "noAnswerTransfer"
    session.emit("tNotResponding", alert.end - alert.start, alert.end)
    session.emit("nError", 1, alert.end)
    if chance(session.scenario.random, 0.1):
        session.emit(session.scenario.random.choice(("nAgentDeclined", "nAlertExpired")), 1, alert.end)
    if chance(session.scenario.random, 0.25):
        done_at = wrap_up(session, alert.end, lasting(session.scenario.random, 50, 10, 120))
        session.emit("tHandle", done_at - alert.end, done_at)
    return alert.end


def pick_up(acd: Session, offered_at: int, session: Session) -> int:
    """Let the alerted agent take the conversation out of the queue; return when that was."""
    answered_at = leave_queue(acd, offered_at, session.segments[-1].end, "transfer")
    answer(session, answered_at - offered_at)
    return answered_at


def answer(session: Session, waited: int) -> None:
    """Let the alerted agent answer: `tAnswered` repeats the wait in the queue."""
    answered_at = session.segments[-1].end
    if session.queue is None:
        return
    session.emit("tAnswered", waited, answered_at)
    if waited > session.queue.service_levels[session.media].duration_ms:
        session.emit("nOverSla", 1, answered_at)


def agent_of(scenario: Scenario, queue: Queue) -> User:
    """Return an agent of the queue who is not in the conversation yet."""
    present = {participant.user for participant in scenario.participants}
    return scenario.random.choice([agent for agent in queue.agents if agent not in present])


def _direction(peer: Session) -> str:
    """Return the direction of queue and agent: outbound for a callback; they are called by a customer otherwise."""
    return "outbound" if peer.media == "callback" else "inbound"
