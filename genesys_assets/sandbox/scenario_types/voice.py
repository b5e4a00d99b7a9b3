"""Inbound telephone calls, from the one that never leaves the menu to the one that two agents hand on."""

from __future__ import annotations

from genesys_assets.sandbox.organisation import IN_QUEUE_FLOWS, SELF_SERVICE_IVR, Queue, queues_with
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import SECOND, FlowRun, Scenario, Session
from genesys_assets.sandbox.steps.calls import conclude, goodbye, to_queue
from genesys_assets.sandbox.steps.distributions import after_call_work, chance, lasting, patience, stretches
from genesys_assets.sandbox.steps.flows import through_ivr
from genesys_assets.sandbox.steps.handling import talk, transferred
from genesys_assets.sandbox.steps.legs import hang_up, incoming_call, voice_fields
from genesys_assets.sandbox.steps.queueing import (
    abandon,
    agent_of,
    enter_queue,
    flow_out,
    pick_up,
    ring,
    wait_for_agent,
)

RULES = (
    Rule(
        "A call that is offered is answered, abandoned or flows out, over its whole life.",
        "official",
        "Genesys Cloud Resource Center, metric definitions",
        "test_a_call_or_chat_that_is_offered_is_answered_abandoned_or_flows_out_of_the_queue",
    ),
    Rule(
        "A short abandon is an abandon, too.",
        "real payload",
        "aggregates of a week of a tenant: the same least wait in six of six queues",
        "test_a_short_abandon_is_an_abandon_too",
    ),
    Rule(
        "A voicemail counts for the queue in which the caller waited.",
        "real payload",
        "an answer of the aggregates of 2025: tVoicemail of a queue",
        "test_a_voicemail_counts_for_the_queue_that_the_caller_waited_in",
    ),
    Rule(
        "A transfer is blind or consult.",
        "real payload",
        "records of 2021 to 2025, and an answer of the aggregates of 2025",
        "test_transfers_are_blind_or_consult",
    ),
    Rule(
        "tAbandon, tShortAbandon and tFlowOut stand on the queue's session.",
        "guess",
        "no record has one; the wait that they end stands there",
        "test_figures_of_queues_stand_on_queue_and_agent_legs_only",
    ),
)


def answered_call(scenario: Scenario) -> None:
    """Generate a call through menu and queue to an agent, perhaps with hold, and with after-call work."""
    _answered(scenario, silent=0)


def not_responding_call(scenario: Scenario) -> None:
    """Generate a call that one or two agents let ring before another answers."""
    _answered(scenario, silent=1 if chance(scenario.random, 0.8) else 2)


def long_call(scenario: Scenario) -> None:
    """Generate a call of about two hours; those that begin in the evening go on over midnight."""
    _answered(scenario, silent=0, minutes=scenario.random.randrange(95, 150))


def abandoned_call(scenario: Scenario) -> None:
    """Generate a call whose caller gives up waiting."""
    _abandoned(scenario, lasting(scenario.random, 70, 12, 900), short=False)


def short_abandoned_call(scenario: Scenario) -> None:
    """Generate a call whose caller hangs up within seconds: an abandon, and a short one."""
    _abandoned(scenario, scenario.random.randrange(600, 9_900), short=True)


def flow_out_call(scenario: Scenario) -> None:
    """Generate a call that the in-queue flow takes out of the queue, to a voicemail."""
    caller, queue, at = to_queue(scenario)
    acd, offered_at = enter_queue(scenario, caller, queue, at, "ivr")
    left_at = flow_out(acd, offered_at, offered_at + lasting(scenario.random, 90, 20, 600), "voicemail")
    recorded_at = left_at + lasting(scenario.random, 25, 3, 120)
    mailbox = scenario.session(scenario.join("voicemail", "Voicemail"), "voice", "inbound", queue, peerId=caller.id)
    mailbox.fields |= voice_fields(scenario, caller.fields["ani"], caller.fields["dnis"])
    mailbox.segment("system", left_at, left_at + 120)
    mailbox.segment("interact", left_at + 120, recorded_at, {"disconnectType": "peer"})
    mailbox.emit("tVoicemail", recorded_at - left_at - 120, recorded_at)
    hang_up(caller, recorded_at, "endpoint")


def call_with_callback(scenario: Scenario) -> None:
    """Generate a call whose in-queue flow takes it out of the queue when the caller asks to be called back."""
    caller, queue, at = to_queue(scenario)
    acd, offered_at = enter_queue(scenario, caller, queue, at, "ivr")
    left_at = flow_out(acd, offered_at, offered_at + lasting(scenario.random, 90, 20, 600), "callback")
    opening = {"entryReason": queue.id, "entryType": "flow", "flowVersion": "4.0", "issuedCallback": True}
    acd.flow_run = FlowRun(IN_QUEUE_FLOWS["voice"], offered_at, left_at, opening, {})
    asked_at = left_at + lasting(scenario.random, 12, 3, 40)
    hang_up(caller, left_at, "endpoint")
    caller.segment("callback", left_at, asked_at)


def flow_only_call(scenario: Scenario) -> None:
    """Generate a call whose caller finds what they wanted in the menu, and never enters a queue."""
    caller = incoming_call(scenario)
    scenario.fields["selfServed"] = True
    hang_up(caller, through_ivr(scenario, caller, SELF_SERVICE_IVR, None, mean_seconds=70), "peer")


def blind_transferred_call(scenario: Scenario) -> None:
    """Generate a call that its first agent sends on to another queue, where an agent answers or the caller gives up."""
    caller, first, second = _handed_on(scenario)
    hung_up_at = first.segments[-1].end
    talked = stretches(scenario.random, 150, 0.2)
    handled = talk(first, hung_up_at, talked, "transfer", acw=after_call_work(scenario.random))
    transferred(first, handled.hung_up_at, "nBlindTransferred")
    if chance(scenario.random, 0.12):
        acd, offered_at = enter_queue(scenario, caller, second, handled.hung_up_at, "agent")
        hang_up(
            caller,
            abandon(acd, offered_at, offered_at + lasting(scenario.random, 60, 11, 500), short=False),
            "endpoint",
        )
        return
    taken = wait_for_agent(scenario, caller, second, handled.hung_up_at, "agent", wait=patience(scenario.random, 25))
    conclude(scenario, caller, taken, mean_seconds=240)


def consult_transferred_call(scenario: Scenario) -> None:
    """Generate a call whose first agent puts it on hold, consults a colleague of another queue, and hands it over."""
    caller, first, second = _handed_on(scenario)
    random = scenario.random
    before, consulting = lasting(random, 120, 10, 900), lasting(random, 50, 15, 300)
    asked_at = first.segments[-1].end + before
    consult = scenario.session(first.participant, "voice", "outbound", None, peerId=caller.id)
    consult.fields |= voice_fields(scenario, caller.fields["dnis"], caller.fields["ani"])
    first.emit("nConsult", 1, asked_at)
    acd, offered_at = enter_queue(scenario, caller, second, asked_at, "agent")
    colleague = ring(
        scenario, caller, second, agent_of(scenario, second), offered_at + random.randrange(300, 2_000), 3_000
    )
    reached_at = pick_up(acd, offered_at, colleague)
    handed_over_at = reached_at + consulting
    consult.segment("dialing", asked_at, reached_at)
    consult.segment("interact", reached_at, handed_over_at, {"disconnectType": "consultTransfer"})
    after_hold = random.randrange(500, 3_000)
    parts = [before, handed_over_at - asked_at, after_hold]
    handled = talk(first, asked_at - before, parts, "consultTransfer", acw=after_call_work(random))
    transferred(first, handled.hung_up_at, "nConsultTransferred")
    own = [consulting + after_hold + lasting(random, 200, 20, 1_800)]
    finished = talk(colleague, reached_at, own, "peer", acw=after_call_work(random))
    goodbye(scenario, caller, finished)


def _answered(scenario: Scenario, *, silent: int, minutes: int | None = None) -> None:
    caller, queue, at = to_queue(scenario)
    agent = wait_for_agent(scenario, caller, queue, at, "ivr", wait=patience(scenario.random, 18), silent=silent)
    if minutes is not None:
        parts = [minutes * 30 * SECOND, 4 * 60 * SECOND, minutes * 30 * SECOND]
        goodbye(
            scenario, caller, talk(agent, agent.segments[-1].end, parts, "peer", acw=after_call_work(scenario.random))
        )
        return
    conclude(scenario, caller, agent, mean_seconds=260)


def _abandoned(scenario: Scenario, waited: int, *, short: bool) -> None:
    caller, queue, at = to_queue(scenario)
    acd, offered_at = enter_queue(scenario, caller, queue, at, "ivr")
    hang_up(caller, abandon(acd, offered_at, offered_at + waited, short=short), "endpoint")


def _handed_on(scenario: Scenario) -> tuple[Session, Session, Queue]:
    """Begin a call whose first agent will hand it on; return the caller's leg, the agent's, and the next queue."""
    caller, queue, at = to_queue(scenario)
    first = wait_for_agent(scenario, caller, queue, at, "ivr", wait=patience(scenario.random, 20))
    others = [other for other in queues_with("voice") if other is not queue]
    return caller, first, scenario.random.choice(others)
