"""The customers' legs, and what every leg of a telephone call carries."""

from __future__ import annotations

from typing import Any

from genesys_assets.sandbox.organisation import EDGES, Queue
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import MINUTE, Scenario, Session
from genesys_assets.sandbox.steps.distributions import chance, phone_number

RULES = (
    Rule(
        "A session may have its line measured several times.",
        "real payload",
        "a call of 2025: four times",
        "test_a_session_may_have_several_measurements_of_its_line",
    ),
)


PROVIDERS = {
    "voice": "Edge",
    "callback": "PureCloud Callback",
    "chat": "PureCloud Webchat v2",
    "message": "PureCloud Messaging",
    "email": "PureCloud Email",
}


_GOOD_QUALITY, _POOR_QUALITY = 0.9, 0.88


def incoming_call(scenario: Scenario) -> Session:
    """Let a customer ring; return their leg, connected after a moment."""
    random = scenario.random
    ani, dnis = phone_number(random), f"tel:+448081570{random.randrange(100, 104)}"
    customer = scenario.join("customer", "Mobile Number, United Kingdom")
    if chance(random, 0.4):
        customer.fields["externalContactId"] = scenario.new_id()
    session = scenario.session(customer, "voice", "inbound", None, **voice_fields(scenario, ani, dnis))
    session.fields["remoteNameDisplayable"] = "Mobile Number, United Kingdom"
    connected_at = scenario.start + random.randrange(80, 260)
    early = random.randrange(1, 40) if chance(random, 0.05) else 0
    session.segment("system", scenario.start - early, connected_at)
    session.emit("nConnected", 1, connected_at)
    return session


def incoming(scenario: Scenario, media: str, queue: Queue, at: int, **fields: Any) -> Session:
    """Let a customer write; return their leg, connected at once. `hang_up` closes it, as it does a call's."""
    customer = scenario.join("customer", fields.pop("name", None))
    session = scenario.session(customer, media, "inbound", queue, provider=PROVIDERS[media], **fields)
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


def voice_fields(scenario: Scenario, ani: str, dnis: str) -> dict[str, Any]:
    """Return what every voice leg carries."""
    bits = scenario.random.getrandbits(96)
    return {
        "ani": ani,
        "dnis": dnis,
        "edgeId": EDGES[bits % len(EDGES)],
        "protocolCallId": f"{bits:024x}@192.0.2.{bits % 200 + 1}",
        "provider": "Edge",
        "sessionDnis": dnis,
    }


def measure_line(session: Session, at: int) -> None:
    """Measure the voice quality of a leg at its end, and of some once more on their way."""
    since = session.segments[0].start
    if at - since > MINUTE and chance(session.scenario.random, 0.08):
        _measure(session, since, (since + at) // 2)
    _measure(session, since, at)


def _measure(session: Session, since: int, at: int) -> None:
    """Measure a stretch of a leg; about one in seven has packets to complain of."""
    random = session.scenario.random
    quality = random.uniform(0.86, 0.995)
    stats: dict[str, Any] = {
        "codecs": ["audio/opus"] if quality > _GOOD_QUALITY else ["audio/PCMA"],
        "maxLatencyMs": 30 + int((1 - quality) * 300),
        "minMos": 4.9 * quality,
        "minRFactor": 94.0 * quality - 1,
        "receivedPackets": max(1, (at - since) // 20),
    }
    if quality < _POOR_QUALITY:
        stats |= {"discardedPackets": int((1 - quality) * 120), "duplicatePackets": 1, "underrunPackets": 3}
        stats |= {"invalidPackets": 1, "overrunPackets": 2}
    session.media_stats.append((at, stats))
