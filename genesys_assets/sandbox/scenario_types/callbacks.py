"""Callbacks: an agent takes one and dials; in queues that are customer first, the customer is dialled before."""

from __future__ import annotations

from genesys_assets.sandbox.document import timestamp
from genesys_assets.sandbox.organisation import Queue, queues_with
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import HOUR, MINUTE, SECOND, Scenario, Session
from genesys_assets.sandbox.steps.distributions import (
    after_call_work,
    chance,
    lasting,
    patience,
    phone_number,
    stretches,
)
from genesys_assets.sandbox.steps.handling import talk
from genesys_assets.sandbox.steps.legs import PROVIDERS, hang_up, measure_line, voice_fields
from genesys_assets.sandbox.steps.queueing import agent_of, enter_queue, leave_queue, pick_up, ring, wait_for_agent

RULES = (
    Rule(
        "A callback that is agent first is answered when an agent accepts it: tAnswered is its wait, and nOverSla "
        "follows.",
        "real payload",
        "an answer of the aggregates of 2025: 4 offered, 4 answered, 0 of 4 in the service level",
        "test_a_callback_that_is_agent_first_is_answered_when_the_agent_accepts_it_and_handled_on_its_own_legs",
    ),
    Rule(
        "It is handled on the callback, without dialling time; the legs of the call emit nothing for the queue.",
        "real payload",
        "an answer of the aggregates of 2025: tHandle = tTalkComplete + tAcw, and no group of calls for the queue",
        "test_handle_time_is_talk_and_hold_and_after_call_work_and_dialling",
    ),
    Rule(
        "tFirstDial and tFirstConnect are measured from the start of the queue's leg.",
        "production code",
        "the definitions of a monitoring vendor",
        "test_the_first_dial_of_a_callback_is_measured_from_the_start_of_the_queues_leg",
    ),
    Rule(
        "The legs of a callback are outbound; a scheduled one is `scheduled`, then `interact`, for customer and queue.",
        "real payload",
        "a callback of 2022",
        "test_the_legs_of_a_callback_are_outbound_and_scheduled_ones_wait_for_their_time",
    ),
    Rule(
        "A callback that is customer first emits nOffered and tAcd, and no tAnswered, tAbandon, nOverSla or tHandle.",
        "real payload",
        "aggregates of a week of a tenant: 150 offered in six queues",
        "test_a_callback_that_is_customer_first_has_no_outcome_and_the_call_that_it_becomes_has",
    ),
    Rule(
        "The customer who is reached is a call that is offered and answered in the same queue, almost without a wait.",
        "production code",
        "a program that reads a live tenant; one author",
        "test_a_callback_that_is_customer_first_has_no_outcome_and_the_call_that_it_becomes_has",
    ),
    Rule(
        "The metrics nCallback..., nCfc..., tCallback... and tCfc... stand on the queue's leg of a customer-first "
        "callback.",
        "guess",
        "official Python SDK 269 has the names alone",
        "test_every_metric_is_emitted",
    ),
)


_OWN_NUMBER = "tel:+448081570100"
_LOST = 0.1
"""The share of the customers reached, customer first, who speak to no agent."""


def callback(scenario: Scenario) -> None:
    """Generate a callback, as the queue's mode has it."""
    queue = scenario.random.choice(queues_with("callback"))
    customer, due_at = _request(scenario, queue)
    if queue.name in scenario.customer_first_queues:
        _customer_first(scenario, customer, queue, due_at)
    else:
        _agent_first(scenario, customer, queue, due_at)


def _request(scenario: Scenario, queue: Queue) -> tuple[Session, int]:
    """Ask for a callback, at once or at a later time; return the customer's leg, and when it is due."""
    random, number = scenario.random, phone_number(scenario.random)
    leg = scenario.session(scenario.join("customer", "A customer"), "callback", "outbound", queue, dnis=number)
    leg.fields |= {"provider": PROVIDERS["callback"], "callbackNumbers": [number[4:]], "callbackUserName": "A customer"}
    leg.fields |= {"timeoutSeconds": 30, "agentOwned": chance(random, 0.1)}
    if not chance(random, 0.3):
        return leg, scenario.start
    due_at = scenario.start + random.randrange(5 * MINUTE, 6 * HOUR)
    leg.fields["callbackScheduledTime"] = timestamp(due_at)
    leg.segment("scheduled", scenario.start, due_at)
    return leg, due_at


def _agent_first(scenario: Scenario, customer: Session, queue: Queue, due_at: int) -> None:
    """Let an agent accept the callback, which answers it, and dial or, one in five, close it without."""
    random = scenario.random
    customer.emit("nConnected", 1, due_at)
    silent = random.choice((0, 0, 0, 1, 1, 2))
    agent = wait_for_agent(scenario, customer, queue, due_at, "ivr", wait=patience(random, 900), silent=silent)
    taken_at = agent.segments[-1].end
    closed_at = taken_at + lasting(random, 8, 2, 60)
    dials = chance(random, 0.8)
    line = _dial(scenario, customer, agent, taken_at) if dials else None
    if line is not None:
        closed_at = line.segments[-1].end + random.randrange(1_000, 15_000)
    handled = talk(agent, taken_at, [closed_at - taken_at], "client", acw=after_call_work(random))
    if line is not None and handled.done_at > handled.hung_up_at:
        wrapped_up = agent.segments[-1]
        line.segment("wrapup", wrapped_up.start, wrapped_up.end, dict(wrapped_up.closing))
    hang_up(customer, handled.hung_up_at, "client", connected_at=due_at)


def _dial(scenario: Scenario, customer: Session, agent: Session, taken_at: int) -> Session:
    """Let the agent of a callback dial the customer; return the line, at the end of the call.

    The callback measures the call. The legs of the line have no metrics.
    """
    random, queue = scenario.random, agent.queue
    dials_at = taken_at + random.randrange(2_000, 20_000)
    rings_at, reached_at = dials_at + 900, dials_at + 900 + lasting(random, 12, 3, 40)
    fields = voice_fields(scenario, _OWN_NUMBER, customer.fields["dnis"])
    line = scenario.session(agent.participant, "voice", "outbound", queue, **fields)
    line.segment("contacting", dials_at, rings_at)
    reached = scenario.session(customer.participant, "voice", "outbound", queue, peerId=line.id, **fields)
    requested_at = next(each.sessions[0].segments[0].start for each in scenario.participants if each.purpose == "acd")
    agent.emit("tFirstDial", dials_at - requested_at, dials_at)
    hung_up_at = reached_at
    if chance(random, 0.8):
        hung_up_at += lasting(random, 200, 10, 1_800)
        agent.emit("tFirstConnect", reached_at - requested_at, reached_at)
        for leg, disconnect in ((line, "endpoint"), (reached, "peer")):
            leg.segment("dialing", rings_at, reached_at)
            leg.segment("interact", reached_at, hung_up_at, {"disconnectType": disconnect})
            measure_line(leg, hung_up_at)
    else:
        line.segment("dialing", rings_at, reached_at, {"disconnectType": "client"})
        reached.segment("dialing", rings_at, reached_at, {"disconnectType": "peer"})
    agent.emit("tActiveCallback", hung_up_at - dials_at, hung_up_at)
    agent.emit("tActiveCallbackComplete", hung_up_at - dials_at, hung_up_at)
    return line


def _customer_first(scenario: Scenario, customer: Session, queue: Queue, due_at: int) -> None:
    """Dial the customer when the callback's turn has come, and look for an agent when they are reached.

    The callback itself is neither answered nor abandoned nor handled: the call is, on a second leg of the queue.
    """
    random = scenario.random
    if chance(random, 0.15):
        customer.emit("nConnected", 1, due_at)
    acd, offered_at = enter_queue(scenario, customer, queue, due_at, "ivr")
    waited = patience(random, 900)
    dials_at = leave_queue(acd, offered_at, offered_at + waited, "transfer")
    fields = voice_fields(scenario, _OWN_NUMBER, customer.fields["dnis"])
    line = scenario.session(customer.participant, "voice", "outbound", queue, **fields)
    _measure_wait(customer, acd, offered_at, dials_at)
    done_at = _attempts(acd, line, dials_at)
    if chance(random, 0.86):
        line.emit("nConnected", 1, done_at)
        acd.emit("tCallbackConnect", done_at - dials_at, done_at)
        done_at = _bridge(scenario, line, queue, acd, offered_at)
    else:
        line.segments[-1].closing["disconnectType"] = "endpoint"
        acd.emit("tCallbackNotReached", done_at - dials_at, done_at)
    hang_up(customer, done_at, "client", connected_at=due_at)


def _measure_wait(customer: Session, acd: Session, offered_at: int, dials_at: int) -> None:
    """Measure the wait in the family of metrics of customer first, whose names alone are known: a guess."""
    waited = dials_at - offered_at
    if customer.segments:
        acd.emit("nCallbackScheduled", 1, offered_at)
    acd.emit("nCfcOffered", 1, offered_at)
    acd.emit("tCfcAcd", waited, dials_at)
    acd.emit("tCallbackVirtualWait", waited, dials_at)
    if acd.queue is not None and waited > acd.queue.service_levels["callback"].duration_ms:
        acd.emit("nCallbackOverSla", 1, dials_at)


def _attempts(acd: Session, line: Session, at: int) -> int:
    """Dial the customer once, twice or three times, some minutes apart; return when the last attempt is over."""
    random = acd.scenario.random
    for attempt in range(random.choice((1, 1, 1, 2, 3))):
        at += random.randrange(2 * MINUTE, 10 * MINUTE) if attempt else 0
        acd.emit("nCallbackAttempts", 1, at)
        line.segment("dialing", at, at + lasting(random, 15, 3, 40))
        at = line.segments[-1].end
    return at


def _bridge(scenario: Scenario, line: Session, queue: Queue, callback: Session, offered_at: int) -> int:
    """Bring the customer who was reached to an agent at once, to a flow, or let them hang up; return the call's end."""
    random, reached_at = scenario.random, line.segments[-1].end
    drawn = random.random()
    if drawn < _LOST:
        hung_up_at = reached_at + random.randrange(1 * SECOND, 8 * SECOND)
        kind, disconnect = ("tCfcAbandon", "peer") if drawn < _LOST / 2 else ("tCfcFlowOut", "transfer")
        callback.emit(kind, hung_up_at - offered_at, hung_up_at)
        if kind == "tCfcAbandon":
            callback.emit("tCallbackAbandon", hung_up_at - reached_at, hung_up_at)
        return hang_up(line, hung_up_at, disconnect, connected_at=reached_at)
    acd, entered_at = enter_queue(scenario, line, queue, reached_at, "callback")
    agent = ring(scenario, line, queue, agent_of(scenario, queue), entered_at, random.randrange(200, 900))
    answered_at = pick_up(acd, entered_at, agent)
    callback.emit("tCfcAnswered", answered_at - offered_at, answered_at)
    handled = talk(agent, answered_at, stretches(random, 200, 0.2), "peer", acw=after_call_work(random))
    return hang_up(line, handled.hung_up_at, "endpoint", connected_at=reached_at)
