"""Chats beside which more than words is shared: a browser, a screen, a camera."""

from __future__ import annotations

from typing import Any

from genesys_assets.sandbox.organisation import queues_with
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import Scenario, Session
from genesys_assets.sandbox.steps.distributions import patience
from genesys_assets.sandbox.steps.queueing import wait_for_agent
from genesys_assets.sandbox.steps.writing import open_chat, write_to_the_end

RULES = (
    Rule(
        "A browser that is shared counts for the queue, in nCobrowseSessions of the media cobrowse.",
        "real payload",
        "an answer of the aggregates of 2025: 39 of a queue",
        "test_every_metric_is_emitted",
    ),
    Rule(
        "What is shared beside a chat is a session of its own of customer and agent.",
        "guess",
        "official Python SDK 269 has the fields alone",
        "test_every_value_of_a_field_is_emitted",
    ),
)


_SHARED = ("cobrowse", "screenshare", "video", "unknown")


def chat_with_something_shared(scenario: Scenario) -> None:
    """Generate a chat whose customer shows their browser, their screen or their face to the agent."""
    queue = scenario.random.choice(queues_with("chat"))
    customer, at = open_chat(scenario, queue)
    agent = wait_for_agent(scenario, customer, queue, at, "workflow", wait=patience(scenario.random, 22))
    answered_at = agent.segments[-1].end
    write_to_the_end(scenario, customer, agent, mean_seconds=420)
    ended_at = customer.segments[-1].end
    since, until = answered_at + (ended_at - answered_at) // 4, answered_at + (ended_at - answered_at) * 3 // 4
    media, room = scenario.random.choice(_SHARED), scenario.new_id()
    for owner, role in ((customer, "sharer"), (agent, "viewer")):
        leg = scenario.session(owner.participant, media, "inbound", queue, peerId=owner.id)
        leg.fields |= _fields(media, room, role)
        leg.segment(
            {"screenshare": "sharing", "unknown": "unknown"}.get(media, "interact"), since, until,
            {"disconnectType": "client"},
            **({"videoMuted": role == "sharer"} if media == "video" else {}),
        )  # fmt: skip
        if role == "viewer":
            _measure(leg, since, until)


def _fields(media: str, room: str, role: str) -> dict[str, Any]:
    """Return what the leg of a shared thing carries."""
    if media == "cobrowse":
        return {"cobrowseRoomId": room, "cobrowseRole": role}
    if media == "screenshare":
        address = f"{role}@screen.example.com"
        return {"screenShareRoomId": room, "screenShareAddressSelf": address, "sharingScreen": role == "sharer"}
    return {"videoRoomId": room, "videoAddressSelf": f"{role}@video.example.com"} if media == "video" else {}


def _measure(leg: Session, since: int, until: int) -> None:
    """Count a browser that was shared when it begins, and time a camera when it ends."""
    if leg.media == "cobrowse":
        leg.emit("nCobrowseSessions", 1, since)
    if leg.media == "video":
        leg.emit("tAgentVideoConnected", until - since, until)
