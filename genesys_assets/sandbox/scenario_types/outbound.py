"""Calls that nobody from outside began: dialled by agents, attempted by a campaign, between colleagues."""

from __future__ import annotations

from typing import Any

from genesys_assets.sandbox.organisation import CAMPAIGN, CONTACT_LIST, OUTBOUND_QUEUE, USERS, identity, queues_with
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import Scenario, Session
from genesys_assets.sandbox.steps.distributions import after_call_work, chance, lasting, stretches
from genesys_assets.sandbox.steps.handling import NOTHING_BEFORE, Measured, talk, transferred, wrap_up
from genesys_assets.sandbox.steps.legs import hang_up, measure_line, voice_fields
from genesys_assets.sandbox.steps.queueing import agent_of

RULES = (
    Rule(
        "A call that an agent dials is handled with contacting and dialling, whether somebody is reached or not.",
        "real payload",
        "an answer of the aggregates of 2025: 5 outbound, 4 of them with talk",
        "test_handle_time_is_talk_and_hold_and_after_call_work_and_dialling",
    ),
    Rule(
        "A colleague who does not take a call on behalf of a queue is an alert of the queue without an offer.",
        "guess",
        "an answer of the aggregates of 2025 has 5 such alerts, in a queue that was offered nothing; how they came "
        "about is a reading",
        "test_an_alert_of_a_queue_may_come_without_an_offer",
    ),
    Rule(
        "The attempts, connects and abandons of a campaign stand on the campaign's leg, and on no user.",
        "real payload",
        "aggregates of a week of a tenant, no user in them; the leg is a guess",
        "test_every_metric_is_emitted",
    ),
)


_MACHINE = "disposition.classification.callable.machine"
_PERSON = "disposition.classification.callable.person"
_NO_ANSWER = "disposition.classification.callable.noanswer"


def dialled_call(scenario: Scenario) -> None:
    """Generate a call that an agent dials on behalf of the outbound queue; three in four customers are reached."""
    scenario.originating_direction = "outbound"
    queue = OUTBOUND_QUEUE
    number = f"tel:+4477009{scenario.random.randrange(100_000):05d}"
    agent = scenario.join("agent", None, agent_of(scenario, queue))
    session = scenario.session(agent, "voice", "outbound", queue, **voice_fields(scenario, "tel:+448081570110", number))
    session.emit("nOutbound", 1, scenario.start)
    at, measured = _dial(session, scenario.start)
    if not chance(scenario.random, 0.75):
        session.segments[-1].closing["disconnectType"] = "client"
        done_at = wrap_up(session, at, after_call_work(scenario.random, 15))
        session.emit("tHandle", done_at - scenario.start, done_at)
        return
    customer = scenario.session(scenario.join("customer", "Mobile Number, United Kingdom"), "voice", "outbound", queue)
    customer.fields |= voice_fields(scenario, "tel:+448081570110", number) | {"peerId": session.id}
    customer.segment("dialing", scenario.start + measured.contacting, at)
    customer.emit("nConnected", 1, at)
    acw = after_call_work(scenario.random)
    handled = talk(session, at, stretches(scenario.random, 200, 0.15), "client", measured, acw=acw)
    hang_up(customer, handled.hung_up_at, "peer")


def colleague_not_responding(scenario: Scenario) -> None:
    """Generate a call on behalf of a queue to a colleague who lets it ring: an alert on the queue without an offer.

    In four of five the call goes on to the colleague's voicemail, to which the agent leaves it.
    """
    scenario.originating_direction = "outbound"
    random, queue = scenario.random, scenario.random.choice(queues_with("voice"))
    caller, callee = random.sample(queue.agents, 2)
    fields = voice_fields(scenario, f"sip:{caller.email}", f"sip:{callee.email}")
    calling = scenario.session(scenario.join("agent", None, caller), "voice", "outbound", queue, **fields)
    calling.emit("nOutbound", 1, scenario.start)
    at, measured = _dial(calling, scenario.start)
    rung = scenario.session(scenario.join("user", None, callee), "voice", "inbound", queue, peerId=calling.id, **fields)
    rung.segment("alert", at - measured.dialing, at, {"disconnectType": "noAnswerTransfer"})
    rung.emit("tAlert", measured.dialing, at)
    rung.emit("tNotResponding", measured.dialing, at)
    acw = lasting(random, 6, 2, 20)
    if chance(random, 0.2):
        calling.segments[-1].closing["disconnectType"] = "client"
        done_at = wrap_up(calling, at, acw)
        calling.emit("tHandle", done_at - scenario.start, done_at)
        return
    rung.emit("nError", 1, at)
    left_at = talk(calling, at, [lasting(random, 5, 2, 7)], "transfer", measured, acw=acw).hung_up_at
    transferred(calling, left_at, "nBlindTransferred")
    mailbox = scenario.session(scenario.join("voicemail", "Voicemail"), "voice", "inbound", queue, peerId=calling.id)
    mailbox.fields |= fields
    mailbox.segment("voicemail", at, at + lasting(random, 80, 53, 120), {"disconnectType": "peer"})
    mailbox.emit("tVoicemail", mailbox.segments[-1].end - at, mailbox.segments[-1].end)


def campaign_attempt(scenario: Scenario) -> None:
    """Generate an attempt of the campaign that meets nobody or a machine."""
    dialled = _campaign_leg(scenario)
    answered_at = scenario.start + lasting(scenario.random, 18, 4, 45)
    if chance(scenario.random, 0.45):
        dialled.segment(
            "dialing", scenario.start, answered_at, _disposed("ININ-OUTBOUND-NO-ANSWER") | {"sipResponseCodes": [480]}
        )
        dialled.later(answered_at, dispositionName=_NO_ANSWER)
        return
    hung_up_at = answered_at + lasting(scenario.random, 6, 2, 30)
    dialled.segment("dialing", scenario.start, answered_at)
    dialled.emit("nOutboundConnected", 1, answered_at)
    dialled.later(answered_at, dispositionAnalyzer="live.person", dispositionName=_MACHINE)
    dialled.segment("interact", answered_at, hung_up_at, _disposed("ININ-OUTBOUND-MACHINE"))


def campaign_call(scenario: Scenario) -> None:
    """Generate a campaign call that reaches a person and then an agent, or is abandoned because no agent is free."""
    dialled = _campaign_leg(scenario)
    answered_at = scenario.start + lasting(scenario.random, 12, 4, 40)
    dialled.segment("dialing", scenario.start, answered_at)
    dialled.emit("nOutboundConnected", 1, answered_at)
    dialled.later(answered_at, dispositionAnalyzer="speech.person", dispositionName=_PERSON)
    if chance(scenario.random, 0.1):
        hung_up_at = answered_at + scenario.random.randrange(1_900, 3_500)
        dialled.emit("nOutboundAbandoned", 1, hung_up_at)
        dialled.segment("interact", answered_at, hung_up_at, {"disconnectType": "system"})
        return
    agent = scenario.join("agent", None, agent_of(scenario, OUTBOUND_QUEUE))
    fields = _campaign_fields(scenario) | voice_fields(scenario, dialled.fields["ani"], dialled.fields["dnis"])
    session = scenario.session(agent, "voice", "outbound", OUTBOUND_QUEUE, peerId=dialled.id, **fields)
    alerted_at = answered_at + scenario.random.randrange(300, 1_500)
    session.segment("alert", answered_at, alerted_at)
    session.emit("tAlert", alerted_at - answered_at, alerted_at)
    acw = after_call_work(scenario.random, 60)
    handled = talk(session, alerted_at, stretches(scenario.random, 150, 0.1), "peer", acw=acw)
    dialled.segment("interact", answered_at, handled.hung_up_at, {"disconnectType": "client"})
    measure_line(dialled, handled.hung_up_at)


def user_to_user_call(scenario: Scenario) -> None:
    """Generate a call between two colleagues: no queue, no customer."""
    caller, callee = scenario.random.sample(USERS, 2)
    scenario.originating_direction = "outbound"
    fields = voice_fields(scenario, f"sip:{caller.email}", f"sip:{callee.email}")
    calling = scenario.session(scenario.join("user", None, caller), "voice", "outbound", None, **fields)
    at, measured = _dial(calling, scenario.start)
    if not chance(scenario.random, 0.8):
        calling.segments[-1].closing["disconnectType"] = "client"
        calling.emit("tHandle", measured.contacting + measured.dialing, at)
        return
    called = scenario.session(
        scenario.join("user", None, callee), "voice", "inbound", None, peerId=calling.id, **fields
    )
    called.segment("alert", scenario.start + measured.contacting, at)
    called.emit("tAlert", measured.dialing, at)
    talked = lasting(scenario.random, 120, 3, 1_800)
    for session, before, disconnect in ((calling, measured, "client"), (called, NOTHING_BEFORE, "peer")):
        talk(session, at, [talked], disconnect, before, acw=0)


def _dial(session: Session, at: int) -> tuple[int, Measured]:
    """Contact the station and dial the number; return when that is over and how long each part took."""
    random = session.scenario.random
    contacting, dialing = random.randrange(600, 4_000), lasting(random, 12, 2, 45)
    session.segment("contacting", at, at + contacting)
    session.emit("tContacting", contacting, at + contacting)
    session.segment("dialing", at + contacting, at + contacting + dialing)
    session.emit("tDialing", dialing, at + contacting + dialing)
    return at + contacting + dialing, Measured(dialing=dialing, contacting=contacting)


def _campaign_leg(scenario: Scenario) -> Session:
    """Add the leg that the campaign dials; the attempt counts at once."""
    scenario.originating_direction = "outbound"
    number = f"tel:+4477009{scenario.random.randrange(100_000):05d}"
    fields = _campaign_fields(scenario) | voice_fields(scenario, "tel:+448081570120", number)
    session = scenario.session(scenario.join("outbound", CAMPAIGN.name), "voice", "outbound", OUTBOUND_QUEUE, **fields)
    session.emit("nOutboundAttempted", 1, scenario.start)
    return session


def _campaign_fields(scenario: Scenario) -> dict[str, Any]:
    contact = identity("contact", str(scenario.random.randrange(20_000))).replace("-", "")
    return {
        "outboundCampaignId": CAMPAIGN.id,
        "outboundContactId": contact,
        "outboundContactListId": CONTACT_LIST.id,
        "skipEnabled": False,
    }


def _disposed(code: str) -> dict[str, Any]:
    return {"disconnectType": "system", "wrapUpCode": code}
