"""The beginning and the end of an inbound call: through the menu into a queue, and the talk with an agent."""

from __future__ import annotations

from genesys_assets.sandbox.organisation import MAIN_IVR, Queue, queues_with
from genesys_assets.sandbox.scenario import SECOND, Addition, Scenario, Session
from genesys_assets.sandbox.steps.distributions import after_call_work, chance, stretches
from genesys_assets.sandbox.steps.flows import through_ivr
from genesys_assets.sandbox.steps.handling import Handled, talk
from genesys_assets.sandbox.steps.legs import hang_up, incoming_call


def to_queue(scenario: Scenario) -> tuple[Session, Queue, int]:
    """Bring a caller to a queue; return their leg, the queue, and when the menu let go of them."""
    queue = scenario.random.choice(queues_with("voice"))
    caller = incoming_call(scenario)
    _remember_menu(scenario, caller)
    at = through_ivr(scenario, caller, MAIN_IVR, queue)
    caller.queue = queue
    return caller, queue, at


def _remember_menu(scenario: Scenario, caller: Session) -> None:
    """Note participant attributes from the menu on the caller, at times one as long as the lake takes (1024)."""
    random, since = scenario.random, scenario.start + 2 * SECOND
    noted = {"menu.choice": str(random.randrange(1, 6)), "customer.tier": random.choice(("basic", "plus", "premium"))}
    if chance(random, 0.02):
        noted["transcript.url"] = ("https://example.com/transcripts/" + "0123456789abcdef" * 64)[:1_024]
    caller.participant.attributes += [Addition(since, name, value) for name, value in noted.items()]


def conclude(scenario: Scenario, caller: Session, agent: Session, *, mean_seconds: float) -> None:
    """Let the agent who has just answered talk to the caller, and end the call."""
    parts = stretches(scenario.random, mean_seconds, 0.3)
    disconnect = "peer" if chance(scenario.random, 0.7) else "client"
    goodbye(
        scenario, caller, talk(agent, agent.segments[-1].end, parts, disconnect, acw=after_call_work(scenario.random))
    )


def goodbye(scenario: Scenario, caller: Session, handled: Handled) -> None:
    """End the caller's leg with the talk; most calls were recorded."""
    if chance(scenario.random, 0.85):
        caller.fields["recording"] = True
    hang_up(caller, handled.hung_up_at, "endpoint")
