"""A conversation goes through an Architect flow: a telephone menu, a workflow, a bot."""

from __future__ import annotations

from random import Random
from typing import Any

from genesys_assets.sandbox.organisation import Flow, Queue, identity
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import FlowRun, Scenario, Session
from genesys_assets.sandbox.steps.distributions import chance, lasting
from genesys_assets.sandbox.steps.legs import PROVIDERS, measure_line, voice_fields

RULES = (
    Rule(
        "A flow that is left emits tFlowExit, one that ends tFlowDisconnect, whatever of its exit reasons it has.",
        "official",
        "official SDK 269, the event of a flow's end; which reason means which metric is a reading of its name",
        "test_a_flow_is_left_or_ends_by_a_disconnect_as_its_exit_reason_says",
    ),
    Rule(
        "A timer is emitted with its whole value when what it measures ends.",
        "real payload",
        "282 metrics of 41 conversations",
        "test_timers_are_emitted_when_their_segment_ends",
    ),
)


def through_ivr(scenario: Scenario, caller: Session, flow: Flow, queue: Queue | None, mean_seconds: float = 35) -> int:
    """Lead the caller through an inbound call flow, to a queue or, without one, to its end; return when it is over."""
    random = scenario.random
    arrived_at = caller.segments[-1].end
    fields = voice_fields(scenario, caller.fields["ani"], caller.fields["dnis"])
    session = scenario.session(scenario.join("ivr", flow.name), "voice", "inbound", None, peerId=caller.id, **fields)
    session.fields["remote"] = "Mobile Number, United Kingdom"
    heard_at = arrived_at + random.randrange(10, 30)
    left_at = heard_at + lasting(random, mean_seconds, 3, 240)
    session.segment("system", arrived_at, heard_at)
    session.segment("ivr", heard_at, left_at, {"disconnectType": "transfer" if queue else "peer"})
    entered_at, exited_at = heard_at + random.randrange(170, 220), left_at + random.randrange(1, 11)
    session.emit("tIvr", left_at - heard_at, left_at)
    run_flow(session, flow, queue, entered_at, exited_at)
    measure_line(session, left_at)
    return exited_at


def through_workflow(scenario: Scenario, customer: Session, flow: Flow, queue: Queue | None, at: int) -> int:
    """Lead a written conversation through its flow (or bot), which takes a moment; return when it is over."""
    purpose = "botflow" if flow.type == "DIGITALBOT" else "workflow"
    milliseconds = (
        scenario.random.randrange(200, 900) if purpose == "workflow" else lasting(scenario.random, 60, 5, 600)
    )
    workflow = scenario.join(purpose, flow.name)
    session = scenario.session(workflow, customer.media, "inbound", None, peerId=customer.id)
    session.fields["provider"] = PROVIDERS[customer.media]
    session.segment("interact", at, at + milliseconds, {"disconnectType": "transfer" if queue else "peer"})
    run_flow(session, flow, queue, at, at + milliseconds)
    return at + milliseconds


_ENDS = {"DISCONNECT": 60, "FLOW_DISCONNECT": 30, "FLOW_ERROR_DISCONNECT": 4, "SESSION_EXPIRE_DISCONNECT": 3}
_ENDS |= {"RECOGNITION_FAILURE_DISCONNECT": 3}
"""How flows end that lead nowhere: the customer leaves, the flow says goodbye, or something fails."""
_BOT_EXITS = {"TRANSFER": 40, "FLOW_EXIT": 35, "USER_EXIT": 15, "RECOGNITION_FAILURE_EXIT": 5, "FLOW_ERROR_EXIT": 3}
_BOT_EXITS |= {"UNKNOWN": 2}
"""How a bot hands a conversation on: to the queue itself, or back to what had called it."""


def _exit_reason(random: Random, flow: Flow, queue: Queue | None) -> str:
    """Draw how a flow ends, to the queue or without one."""
    if queue and flow.type not in {"DIGITALBOT", "BOT"}:
        return "TRANSFER"
    reasons = _BOT_EXITS if queue else _ENDS
    return random.choices(list(reasons), weights=list(reasons.values()))[0]


def run_flow(session: Session, flow: Flow, queue: Queue | None, entered_at: int, exited_at: int) -> None:
    """Add the execution of a flow: its record and its metrics."""
    random = session.scenario.random
    duration = exited_at - entered_at
    session.emit("nFlow", 1, entered_at)
    session.emit("tFlow", duration, exited_at)
    reason = _exit_reason(random, flow, queue)
    session.emit("tFlowDisconnect" if reason.endswith("DISCONNECT") else "tFlowExit", duration, exited_at)
    opening = {
        "entryReason": session.fields.get("dnis", queue.address if queue else "direct"),
        "entryType": "dnis" if session.media == "voice" else "direct",
        "flowVersion": f"{random.randrange(1, 40)}.0",
        "startingLanguage": "en-us",
    }
    closing: dict[str, Any] = {"endingLanguage": "en-us", "exitReason": reason}
    if reason.startswith("RECOGNITION_FAILURE"):
        closing["recognitionFailureReason"] = "NO_MATCH_COLLECTION"
    if queue and reason == "TRANSFER":
        closing |= {"transferTargetAddress": queue.id, "transferTargetName": queue.name, "transferType": "ACD"}
    run = FlowRun(flow, entered_at, exited_at, opening, closing)
    if chance(random, 0.5):
        value = "SUCCESS" if queue is None or chance(random, 0.7) else "FAILURE"
        run.outcomes.append((identity("outcome", "Request understood"), value))
        session.emit("nFlowOutcome", 1, exited_at)
        session.emit("tFlowOutcome", duration, exited_at)
        if value == "FAILURE":
            session.emit("nFlowOutcomeFailed", 1, exited_at)
    if chance(random, 0.1):
        session.emit("nFlowMilestone", 1, entered_at + duration // 2)
        session.emit("oFlowMilestone", 1, entered_at + duration // 2)
    session.flow_run = run
