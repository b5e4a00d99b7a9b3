"""The scenes that conversations are made of: a flow, a wait in a queue, a ringing agent, the handling, the hanging up.

Each scene adds its segments to the story and emits its metrics as Genesys Cloud does: when the measured thing ends,
with its whole value. `kinds` puts scenes together into conversations. A scene takes the instant at which it begins and
returns the instant at which it is over.
"""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from genesys_assets.sandbox.organisation import (
    DEFAULT_WRAP_UP,
    EDGES,
    RETIRED_WRAP_UP,
    Entity,
    Flow,
    Queue,
    User,
    identity,
)  # fmt: skip
from genesys_assets.sandbox.story import MINUTE, SECOND, FlowRun, Session, Story

PROVIDERS = {
    "voice": "Edge",
    "callback": "PureCloud Callback",
    "chat": "PureCloud Webchat v2",
    "message": "PureCloud Messaging",
    "email": "PureCloud Email",
}
RINGING_AT_MOST = {"voice": 12, "callback": 20, "chat": 15, "message": 25, "email": 60}
"""Seconds in which an agent answers, if at all."""

_GOOD_QUALITY, _POOR_QUALITY = 0.9, 0.88


class Handled(NamedTuple):
    """When an agent's part ended: the talk, and the after-call work behind it."""

    hung_up_at: int
    done_at: int


class Measured(NamedTuple):
    """What an agent spent before the talk, as far as it belongs to the handle time."""

    dialing: int = 0
    contacting: int = 0


NOTHING_BEFORE = Measured()


def lasting(random: Random, mean_seconds: float, least: float, most: float) -> int:
    """Return a duration in milliseconds, skewed as talk and waiting times are, within bounds given in seconds."""
    seconds = random.lognormvariate(0.0, 0.7) * mean_seconds * 0.78
    return int(min(max(seconds, least), most) * SECOND)


def chance(random: Random, probability: float) -> bool:
    """Return whether something of this probability happens."""
    return random.random() < probability


def patience(random: Random, mean_seconds: float) -> int:
    """Return the milliseconds that pass in a queue until an agent is free."""
    return lasting(random, mean_seconds, 0.4, mean_seconds * 9)


def phone_number(random: Random) -> str:
    """Return a caller's number; from the ranges reserved for fiction."""
    return f"tel:+4477009{random.randrange(100_000):05d}"


def agent_of(story: Story, queue: Queue) -> User:
    """Return an agent of the queue who is not in the conversation yet."""
    present = {participant.user for participant in story.participants}
    return story.random.choice([agent for agent in queue.agents if agent not in present])


def voice_fields(story: Story, ani: str, dnis: str) -> dict[str, Any]:
    """Return what every voice leg carries."""
    bits = story.random.getrandbits(96)
    return {
        "ani": ani,
        "dnis": dnis,
        "edgeId": EDGES[bits % len(EDGES)],
        "protocolCallId": f"{bits:024x}@192.0.2.{bits % 200 + 1}",
        "provider": "Edge",
        "sessionDnis": dnis,
    }


def measure_line(session: Session, at: int) -> None:
    """Measure the voice quality of a leg at its end; about one leg in seven has packets to complain of."""
    random = session.story.random
    quality = random.uniform(0.86, 0.995)
    stats: dict[str, Any] = {
        "codecs": ["audio/opus"] if quality > _GOOD_QUALITY else ["audio/PCMA"],
        "maxLatencyMs": 30 + int((1 - quality) * 300),
        "minMos": 4.9 * quality,
        "minRFactor": 94.0 * quality - 1,
        "receivedPackets": max(1, (at - session.segments[0].start) // 20),
    }
    if quality < _POOR_QUALITY:
        stats |= {"discardedPackets": int((1 - quality) * 120), "duplicatePackets": 1, "underrunPackets": 3}
    session.media_stats.append((at, stats))


def incoming_call(story: Story) -> Session:
    """A customer rings: their leg, connected after a moment."""
    random = story.random
    ani, dnis = phone_number(random), f"tel:+448081570{random.randrange(100, 104)}"
    customer = story.join("customer", "Mobile Number, United Kingdom")
    if chance(random, 0.4):
        customer.fields["externalContactId"] = story.new_id()
    session = story.session(customer, "voice", "inbound", None, **voice_fields(story, ani, dnis))
    session.fields["remoteNameDisplayable"] = "Mobile Number, United Kingdom"
    connected_at = story.start + random.randrange(80, 260)
    session.segment("system", story.start, connected_at)
    session.emit("nConnected", 1, connected_at)
    return session


def incoming(story: Story, media: str, queue: Queue, at: int, **fields: Any) -> Session:
    """A customer writes: their leg, connected at once. It is closed by `hang_up`, as a call is."""
    customer = story.join("customer", fields.pop("name", None))
    session = story.session(customer, media, "inbound", queue, provider=PROVIDERS[media], **fields)
    session.emit("nConnected", 1, at)
    return session


def hang_up(customer: Session, at: int, disconnect: str, *, connected_at: int | None = None, **fields: Any) -> int:
    """End a customer's leg: the whole of it, from its connection on, is one `interact`."""
    since = customer.segments[-1].end if connected_at is None else connected_at
    customer.segment("interact", since, at, {"disconnectType": disconnect}, **fields)
    customer.emit("tConnected", at - since, at)
    if customer.media == "voice":
        measure_line(customer, at)
    return at


def through_ivr(story: Story, caller: Session, flow: Flow, queue: Queue | None, mean_seconds: float = 35) -> int:
    """The caller goes through an inbound call flow, to a queue or, without one, to its end."""
    random = story.random
    arrived_at = caller.segments[-1].end
    fields = voice_fields(story, caller.fields["ani"], caller.fields["dnis"])
    session = story.session(story.join("ivr", flow.name), "voice", "inbound", None, peerId=caller.id, **fields)
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


def through_workflow(story: Story, customer: Session, flow: Flow, queue: Queue | None, at: int) -> int:
    """A written conversation goes through its flow (or bot), which takes a moment."""
    purpose = "botflow" if flow.type == "DIGITALBOT" else "workflow"
    milliseconds = story.random.randrange(200, 900) if purpose == "workflow" else lasting(story.random, 60, 5, 600)
    workflow = story.join(purpose, flow.name)
    session = story.session(workflow, customer.media, "inbound", None, peerId=customer.id)
    session.fields["provider"] = PROVIDERS[customer.media]
    session.segment("interact", at, at + milliseconds, {"disconnectType": "transfer" if queue else "peer"})
    run_flow(session, flow, queue, at, at + milliseconds)
    return at + milliseconds


def run_flow(session: Session, flow: Flow, queue: Queue | None, entered_at: int, exited_at: int) -> None:
    """The execution of a flow: its record and its metrics."""
    random = session.story.random
    duration = exited_at - entered_at
    session.emit("nFlow", 1, entered_at)
    session.emit("tFlow", duration, exited_at)
    session.emit("tFlowExit" if queue else "tFlowDisconnect", duration, exited_at)
    opening = {
        "entryReason": session.fields.get("dnis", queue.address if queue else "direct"),
        "entryType": "dnis" if session.media == "voice" else "direct",
        "flowVersion": f"{random.randrange(1, 40)}.0",
        "startingLanguage": "en-us",
    }
    closing: dict[str, Any] = {"endingLanguage": "en-us", "exitReason": "TRANSFER" if queue else "DISCONNECT"}
    if queue:
        closing |= {"transferTargetAddress": queue.id, "transferTargetName": queue.name, "transferType": "ACD"}
    run = FlowRun(flow, entered_at, exited_at, opening, closing)
    if chance(random, 0.5):
        value = "SUCCESS" if queue is None or chance(random, 0.7) else "FAILURE"
        run.outcomes.append((identity("outcome", "Request understood"), value))
        session.emit("nFlowOutcome", 1, exited_at)
        if value == "FAILURE":
            session.emit("nFlowOutcomeFailed", 1, exited_at)
    session.flow_run = run


def enter_queue(story: Story, customer: Session, queue: Queue, at: int, came_by: str) -> tuple[Session, int]:
    """The conversation is offered to a queue; returns the queue's leg and the instant of the offer."""
    media = customer.media
    fields = {"flowInType": came_by, "peerId": customer.id, "requestedRoutings": ["Standard"]}
    fields |= {name: customer.fields[name] for name in ("ani", "dnis", "edgeId") if name in customer.fields}
    acd = story.session(story.join("acd", queue.name), media, "inbound", queue, provider=PROVIDERS[media], **fields)
    offered_at = at
    if media == "voice":
        offered_at = at + story.random.randrange(20, 90)
        acd.segment("delay", at, offered_at)
    acd.emit("nOffered", 1, offered_at)
    return acd, offered_at


def leave_queue(acd: Session, offered_at: int, at: int, disconnect: str) -> int:
    """The conversation leaves the queue, wherever to: the wait is over."""
    random = acd.story.random
    asked: dict[str, Any] = {}
    if acd.queue is not None and chance(random, 0.6):
        asked["requestedRoutingSkillIds"] = [skill.id for skill in acd.queue.skills]
        asked["requestedLanguageId"] = acd.queue.language.id
    acd.segment("interact", offered_at, at, {"disconnectType": disconnect}, **asked)
    acd.emit("tAcd", at - offered_at, at)
    return at


def abandon(acd: Session, offered_at: int, at: int, *, short: bool) -> int:
    """The customer gives up waiting; a short abandon counts as an abandon too."""
    leave_queue(acd, offered_at, at, "peer")
    acd.emit("tAbandon", at - offered_at, at)
    if short:
        acd.emit("tShortAbandon", at - offered_at, at)
    return at


def flow_out(acd: Session, offered_at: int, at: int, kind: str) -> int:
    """A flow takes the conversation out of the queue, to a voicemail or a callback."""
    leave_queue(acd, offered_at, at, "transfer")
    acd.later(at, flowOutType=kind)
    acd.emit("tFlowOut", at - offered_at, at)
    return at


def ring(story: Story, peer: Session, queue: Queue, agent: User, at: int, milliseconds: int) -> Session:
    """An agent is alerted, answered or not: their leg with its alert."""
    session = story.session(story.join("agent", agent.name, agent), peer.media, "inbound", queue)
    session.fields |= {"peerId": peer.id, "provider": PROVIDERS[peer.media], "requestedRoutings": ["Standard"]}
    if peer.media == "voice":
        session.fields |= voice_fields(story, peer.fields["ani"], peer.fields["dnis"])
    session.segment("alert", at, at + milliseconds)
    session.emit("tAlert", milliseconds, at + milliseconds)
    return session


def not_responding(session: Session) -> None:
    """The alerted agent lets it ring."""
    alert = session.segments[-1]
    alert.closing["disconnectType"] = "noAnswerTransfer"
    session.emit("tNotResponding", alert.end - alert.start, alert.end)


def answer(session: Session, waited: int) -> None:
    """The alerted agent answers: `tAnswered` repeats the wait in the queue. Callbacks have none."""
    answered_at = session.segments[-1].end
    if session.media == "callback" or session.queue is None:
        return
    session.emit("tAnswered", waited, answered_at)
    if waited > session.queue.service_levels[session.media].duration_ms:
        session.emit("nOverSla", 1, answered_at)


def wait_for_agent(
    story: Story, customer: Session, queue: Queue, at: int, came_by: str, *, wait: int, silent: int = 0
) -> Session:
    """The conversation waits in a queue, `wait` milliseconds until an agent is free, and until one answers.

    `silent` agents are alerted before and let it ring.

    Returns:
        The leg of the agent who answered, at the end of its alert.
    """
    random = story.random
    acd, offered_at = enter_queue(story, customer, queue, at, came_by)
    free_at = offered_at + wait
    for _ in range(silent):
        missed = ring(story, customer, queue, agent_of(story, queue), free_at, random.randrange(14_000, 22_000))
        not_responding(missed)
        free_at = missed.segments[-1].end + random.randrange(50, 900)
    milliseconds = lasting(random, 4, 0.8, RINGING_AT_MOST[customer.media])
    agent = agent_of(story, queue)
    session = ring(story, customer, queue, agent, free_at, milliseconds)
    answered_at = leave_queue(acd, offered_at, session.segments[-1].end, "transfer")
    answer(session, answered_at - offered_at)
    for leg in (customer, acd, session):
        leg.later(answered_at, usedRouting="Standard", selectedAgentId=agent.id)
    return session


def talk(
    session: Session, at: int, stretches: list[int], disconnect: str, before: Measured = NOTHING_BEFORE, *, acw: int
) -> Handled:
    """The agent's handling: talk, hold, talk, ... in these milliseconds, then after-call work.

    Args:
        session: The agent's leg.
        at: When the talk begins.
        stretches: Milliseconds of talk and hold in turn; the last is talk.
        disconnect: How the talk ends.
        before: What of the handle time passed before the talk.
        acw: Milliseconds of after-call work; 0 when there is none.
    """
    talked, held = stretches[0::2], stretches[1::2]
    now = at
    for number, milliseconds in enumerate(stretches):
        kind, metric = ("hold", "tHeld") if number % 2 else ("interact", "tTalk")
        last = number == len(stretches) - 1
        session.segment(kind, now, now + milliseconds, {"disconnectType": disconnect} if last else None)
        now += milliseconds
        session.emit(metric, milliseconds, now)
    session.emit("tTalkComplete", sum(talked), now)
    if held:
        session.emit("tHeldComplete", sum(held), now - stretches[-1])
    if session.media == "voice":
        measure_line(session, now)
    done_at = wrap_up(session, now, acw)
    session.emit("tHandle", sum(stretches) + acw + before.dialing + before.contacting, done_at)
    return Handled(now, done_at)


def wrap_up(session: Session, at: int, milliseconds: int) -> int:
    """After-call work with its wrap-up code; none at all for 0 milliseconds."""
    if milliseconds == 0:
        session.later(at, acwSkipped=True)
        return at
    random, queue = session.story.random, session.queue
    code = _wrap_up_code(random, queue) if queue else DEFAULT_WRAP_UP
    closing: dict[str, Any] = {"wrapUpCode": code.name if code is DEFAULT_WRAP_UP else code.id}
    if chance(random, 0.12):
        closing["wrapUpNote"] = "Customer asked for a written confirmation."
    if chance(random, 0.05):
        closing["wrapUpTags"] = ["follow-up", "written"]
    session.segment("wrapup", at, at + milliseconds, closing)
    session.emit("tAcw", milliseconds, at + milliseconds)
    session.wrap_up = closing["wrapUpCode"]
    return at + milliseconds


def _wrap_up_code(random: Random, queue: Queue) -> Entity:
    if chance(random, 0.01):
        return RETIRED_WRAP_UP
    return DEFAULT_WRAP_UP if chance(random, 0.02) else random.choice(queue.wrap_ups)


def transferred(session: Session, at: int, metric: str) -> None:
    """The agent hands the conversation on; `metric` is nBlindTransferred or nConsultTransferred."""
    session.emit("nTransferred", 1, at)
    session.emit(metric, 1, at)


def stretches(random: Random, mean_seconds: float, hold_probability: float, most: float = 3_600) -> list[int]:
    """Return milliseconds of talk and hold in turn, as `talk` takes them."""
    whole = lasting(random, mean_seconds, 8, most)
    if not chance(random, hold_probability):
        return [whole]
    cut = int(whole * random.uniform(0.2, 0.8))
    if chance(random, 0.8):
        return [cut, lasting(random, 45, 3, 300), whole - cut]
    return [cut, lasting(random, 40, 3, 300), (whole - cut) // 2 + 1, lasting(random, 20, 3, 120), (whole - cut) // 2]


def after_call_work(random: Random, mean_seconds: float = 40) -> int:
    """Return milliseconds of after-call work; one conversation in eight has none."""
    return 0 if chance(random, 0.125) else lasting(random, mean_seconds, 1, 15 * MINUTE // SECOND)
