"""Chats and messages, from the one that a bot answers to the thread that begins again after days."""

from __future__ import annotations

from genesys_assets.sandbox.organisation import CHAT_FLOW, MESSAGE_BOT, MESSAGE_FLOW, Queue, queues_with
from genesys_assets.sandbox.scenario import HOUR, SECOND, Addition, Scenario, Session
from genesys_assets.sandbox.steps.distributions import after_call_work, chance, lasting, patience, stretches
from genesys_assets.sandbox.steps.flows import through_workflow
from genesys_assets.sandbox.steps.handling import talk, transferred
from genesys_assets.sandbox.steps.legs import hang_up, incoming
from genesys_assets.sandbox.steps.queueing import abandon, enter_queue, leave_queue, wait_for_agent

_MESSAGE_TYPES = ("webmessaging", "whatsapp", "sms", "facebook")
_HELD = {"chat": 0.05, "message": 0.96}
"""The share of the handled conversations that an agent puts on hold, between one answer and the next."""


def answered_chat(scenario: Scenario) -> None:
    """Generate a chat with one agent."""
    queue = scenario.random.choice(queues_with("chat"))
    customer, at = _chat(scenario, queue)
    agent = wait_for_agent(scenario, customer, queue, at, "workflow", wait=patience(scenario.random, 22))
    _written_talk(scenario, customer, agent, mean_seconds=420)


def chat_with_two_agents(scenario: Scenario) -> None:
    """Generate a chat that the first agent sends on to another queue, where a second one finishes it."""
    first_queue, second_queue = scenario.random.sample(queues_with("chat"), 2)
    customer, at = _chat(scenario, first_queue)
    agent = wait_for_agent(scenario, customer, first_queue, at, "workflow", wait=patience(scenario.random, 22))
    answered_at = agent.segments[-1].end
    parts = stretches(scenario.random, 200, 0.2)
    _turns(scenario, customer, agent, answered_at, sum(parts))
    handled = talk(agent, answered_at, parts, "transfer", acw=after_call_work(scenario.random))
    transferred(agent, handled.hung_up_at, "nBlindTransferred")
    second = wait_for_agent(
        scenario, customer, second_queue, handled.hung_up_at, "agent", wait=patience(scenario.random, 20)
    )
    _written_talk(scenario, customer, second, mean_seconds=300)


def abandoned_chat(scenario: Scenario) -> None:
    """Generate a chat whose visitor closes the window before an agent comes."""
    queue = scenario.random.choice(queues_with("chat"))
    customer, at = _chat(scenario, queue)
    acd, offered_at = enter_queue(scenario, customer, queue, at, "workflow")
    gone_at = abandon(acd, offered_at, offered_at + lasting(scenario.random, 60, 12, 600), short=False)
    hang_up(customer, gone_at, "client", connected_at=scenario.start)


def answered_message(scenario: Scenario) -> None:
    """Generate a message, through the bot or not, that an agent answers over minutes or hours."""
    _message(scenario, scenario.start, mean_wait_seconds=90)


def unanswered_message(scenario: Scenario) -> None:
    """Generate a message that the customer leaves before an agent comes: a wait that is neither answer nor abandon."""
    customer, queue, at = _customer_writes(scenario, scenario.start)
    acd, offered_at = enter_queue(scenario, customer, queue, at, "workflow")
    left_at = leave_queue(acd, offered_at, offered_at + lasting(scenario.random, 1_500, 20, 6 * HOUR / SECOND), "peer")
    hang_up(customer, left_at, "client", connected_at=scenario.start)


def bot_only_message(scenario: Scenario) -> None:
    """Generate a message that the bot answers, so that nobody else has to."""
    scenario.fields |= {"conversationInitiator": "customer", "customerParticipation": True, "selfServed": True}
    customer = _message_leg(scenario, scenario.random.choice(queues_with("message")), scenario.start)
    customer.queue = None
    done_at = through_workflow(scenario, customer, MESSAGE_BOT, None, scenario.start)
    hang_up(customer, done_at, "peer", connected_at=scenario.start)


def reopened_message(scenario: Scenario) -> None:
    """Generate a message thread that ends, and begins again after hours or days in the same conversation."""
    first_end = _message(scenario, scenario.start, mean_wait_seconds=90)
    scenario.live(scenario.start, first_end)
    again_at = first_end + int(scenario.span * scenario.random.uniform(0.4, 0.9)) + HOUR
    scenario.live(again_at, _message(scenario, again_at, mean_wait_seconds=200))


def _chat(scenario: Scenario, queue: Queue) -> tuple[Session, int]:
    """Open a visitor's chat; return the visitor's leg, and when the flow sends it to the queue."""
    customer = incoming(
        scenario, "chat", queue, scenario.start, name="Visitor", roomId=f"{scenario.new_id()}@conference.example.com"
    )
    customer.participant.attributes.append(Addition(scenario.start, "context.page", "https://example.com/help"))
    return customer, through_workflow(scenario, customer, CHAT_FLOW, queue, scenario.start)


def _message_leg(scenario: Scenario, queue: Queue, at: int) -> Session:
    kind = scenario.random.choice(_MESSAGE_TYPES)
    customer = incoming(scenario, "message", queue, at, name="Customer", messageType=kind)
    customer.fields |= {"addressFrom": f"customer-{scenario.random.randrange(10**6):06d}", "addressTo": queue.address}
    return customer


def _customer_writes(scenario: Scenario, at: int) -> tuple[Session, Queue, int]:
    """Let a customer write, to the bot first or not; return their leg, the queue, and when it comes there."""
    scenario.fields |= {"conversationInitiator": "customer", "customerParticipation": True}
    queue = scenario.random.choice(queues_with("message"))
    customer = _message_leg(scenario, queue, at)
    flow = MESSAGE_BOT if chance(scenario.random, 0.4) else MESSAGE_FLOW
    return customer, queue, through_workflow(scenario, customer, flow, queue, at)


def _message(scenario: Scenario, at: int, *, mean_wait_seconds: float) -> int:
    """Add a stretch of messaging from the customer's first word to the agent's last work; return its end."""
    customer, queue, offered_at = _customer_writes(scenario, at)
    silent = 1 if chance(scenario.random, 0.08) else 0
    wait = patience(scenario.random, mean_wait_seconds)
    agent = wait_for_agent(scenario, customer, queue, offered_at, "workflow", wait=wait, silent=silent)
    return _written_talk(scenario, customer, agent, mean_seconds=1_500, connected_at=at)


def _written_talk(
    scenario: Scenario, customer: Session, agent: Session, *, mean_seconds: float, connected_at: int | None = None
) -> int:
    """Let the agent who has just answered write with the customer to the end; return the end of the agent's work."""
    answered_at = agent.segments[-1].end
    parts = stretches(scenario.random, mean_seconds, _HELD[agent.media], most=4 * HOUR / SECOND)
    _turns(scenario, customer, agent, answered_at, sum(parts))
    handled = talk(agent, answered_at, parts, "peer", acw=after_call_work(scenario.random))
    hang_up(customer, handled.hung_up_at, "client", connected_at=connected_at or scenario.start)
    return handled.done_at


def _turns(scenario: Scenario, customer: Session, agent: Session, answered_at: int, milliseconds: int) -> None:
    """Let the two write in turn, and measure at each reply how long it kept the other waiting."""
    turns = scenario.random.randrange(1, 5)
    replied_at = answered_at
    for turn in range(turns):
        reply_ms = int(milliseconds / turns * scenario.random.uniform(0.2, 0.45))
        replied_at += reply_ms
        agent.emit("tAgentResponseTime", reply_ms, replied_at)
        if turn == 0:
            agent.emit("tFirstResponse", reply_ms, replied_at)
        answer_ms = int(milliseconds / turns * scenario.random.uniform(0.1, 0.45))
        replied_at += answer_ms
        customer.emit("tUserResponseTime", answer_ms, replied_at)
    customer.emit("oMediaCount", scenario.random.randrange(0, 3), replied_at)
