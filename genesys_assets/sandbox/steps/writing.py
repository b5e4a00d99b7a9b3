"""Two people write to each other: how a chat or a message begins, and the talk in turns to its end."""

from __future__ import annotations

from genesys_assets.sandbox.document import timestamp
from genesys_assets.sandbox.organisation import CHAT_FLOW, MESSAGE_BOT, MESSAGE_FLOW, Queue, queues_with
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import DAY, HOUR, SECOND, Addition, Scenario, Session
from genesys_assets.sandbox.steps.distributions import after_call_work, chance, stretches
from genesys_assets.sandbox.steps.flows import through_workflow
from genesys_assets.sandbox.steps.handling import talk
from genesys_assets.sandbox.steps.legs import hang_up, incoming

RULES = (
    Rule(
        "Most messages and many e-mails are held between one answer and the next.",
        "real payload",
        "aggregates of a week of a tenant: 95 to 98 % of messages, 9 to 90 % of e-mails",
        "test_what_is_written_is_held_between_one_answer_and_the_next",
    ),
    Rule(
        "Response times and counts of messages stand on the session of the one who wrote.",
        "guess",
        "an answer of the aggregates of 2025 has those of agents under the queue",
        "test_every_metric_is_emitted",
    ),
)


_MESSAGE_TYPES = ("webmessaging", "whatsapp", "sms", "facebook")
_HELD = {"chat": 0.05, "message": 0.96}
"""The share of the handled conversations that an agent puts on hold, between one answer and the next."""


def open_chat(scenario: Scenario, queue: Queue) -> tuple[Session, int]:
    """Open a visitor's chat; return the visitor's leg, and when the flow sends it to the queue."""
    customer = incoming(
        scenario, "chat", queue, scenario.start, name="Visitor", roomId=f"{scenario.new_id()}@conference.example.com"
    )
    customer.participant.attributes.append(Addition(scenario.start, "context.page", "https://example.com/help"))
    return customer, through_workflow(scenario, customer, CHAT_FLOW, queue, scenario.start)


def customer_writes(scenario: Scenario, at: int) -> tuple[Session, Queue, int]:
    """Let a customer write, to the bot first or not; return their leg, the queue, and when it comes there."""
    scenario.fields |= {"conversationInitiator": "customer", "customerParticipation": True}
    queue = scenario.random.choice(queues_with("message"))
    customer = message_leg(scenario, queue, at)
    flow = MESSAGE_BOT if chance(scenario.random, 0.4) else MESSAGE_FLOW
    done_at = through_workflow(scenario, customer, flow, queue, at)
    if flow is MESSAGE_BOT:
        customer.emit("nBotInteractions", 1, done_at)
    return customer, queue, done_at


def message_leg(scenario: Scenario, queue: Queue, at: int) -> Session:
    """Open a customer's messaging, which counts as inactive when nobody writes for three days."""
    kind = scenario.random.choice(_MESSAGE_TYPES)
    customer = incoming(scenario, "message", queue, at, name="Customer", messageType=kind)
    customer.fields |= {"addressFrom": f"customer-{scenario.random.randrange(10**6):06d}", "addressTo": queue.address}
    scenario.fields["inactivityTimeout"] = timestamp(at + 3 * DAY)
    return customer


def write_to_the_end(
    scenario: Scenario, customer: Session, agent: Session, *, mean_seconds: float, connected_at: int | None = None
) -> int:
    """Let the agent who has just answered write with the customer to the end; return the end of the agent's work."""
    answered_at = agent.segments[-1].end
    parts = stretches(scenario.random, mean_seconds, _HELD[agent.media], most=4 * HOUR / SECOND)
    write_in_turn(scenario, customer, agent, answered_at, sum(parts))
    handled = talk(agent, answered_at, parts, "peer", acw=after_call_work(scenario.random))
    hang_up(customer, handled.hung_up_at, "client", connected_at=connected_at or scenario.start)
    return max(handled.done_at, agent.segments[-1].end)


def write_in_turn(scenario: Scenario, customer: Session, agent: Session, answered_at: int, milliseconds: int) -> None:
    """Let the two write in turn, and measure at each reply how long it kept the other waiting."""
    turns = scenario.random.randrange(1, 5)
    replied_at, replies, answers = answered_at, 0, 0
    for turn in range(turns):
        reply_ms = int(milliseconds / turns * scenario.random.uniform(0.2, 0.45))
        replied_at, replies = replied_at + reply_ms, replies + reply_ms
        agent.emit("tAgentResponseTime", reply_ms, replied_at)
        if turn == 0:
            agent.emit("tFirstResponse", reply_ms, replied_at)
            agent.emit("tFirstEngagement", reply_ms + answered_at - scenario.start, replied_at)
        answer_ms = int(milliseconds / turns * scenario.random.uniform(0.1, 0.45))
        replied_at, answers = replied_at + answer_ms, answers + answer_ms
        customer.emit("tUserResponseTime", answer_ms, replied_at)
    customer.emit("oMediaCount", scenario.random.randrange(0, 3), replied_at)
    if agent.media == "message":
        agent.emit("oMessageTurn", turns, replied_at)
        agent.emit("oMessageCount", 2 * turns, replied_at)
        agent.emit("tAverageAgentResponseTime", replies // turns, replied_at)
        agent.emit("tAverageCustomerResponseTime", answers // turns, replied_at)
