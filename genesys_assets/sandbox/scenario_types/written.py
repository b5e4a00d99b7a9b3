"""Chats and messages, from the one that a bot answers to the thread that begins again after days."""

from __future__ import annotations

from genesys_assets.sandbox.document import timestamp
from genesys_assets.sandbox.organisation import MESSAGE_BOT, queues_with
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import HOUR, SECOND, Scenario
from genesys_assets.sandbox.scenario_types.values import DELIVERY_STATUSES, ENGAGEMENT_SOURCES, INITIATORS
from genesys_assets.sandbox.steps.distributions import (
    after_call_work,
    chance,
    lasting,
    patience,
    phone_number,
    stretches,
)
from genesys_assets.sandbox.steps.flows import through_workflow
from genesys_assets.sandbox.steps.handling import talk, transferred
from genesys_assets.sandbox.steps.legs import PROVIDERS, hang_up
from genesys_assets.sandbox.steps.queueing import abandon, agent_of, enter_queue, leave_queue, wait_for_agent
from genesys_assets.sandbox.steps.writing import (
    customer_writes,
    message_leg,
    open_chat,
    write_in_turn,
    write_to_the_end,
)

RULES = (
    Rule(
        "A message that the customer leaves is not abandoned: it has a wait, and no outcome.",
        "real payload",
        "an answer of the aggregates of 2025: 10 offered, 9 answered, a wait of 57.588 s left; six queues of a "
        "week; an official FAQ on web messaging",
        "test_nothing_is_answered_abandoned_or_flows_out_that_was_not_offered",
    ),
    Rule(
        "A messaging conversation that has ended may begin again.",
        "guess",
        "messaging threads are kept open for the customer",
        "test_a_conversation_that_reopens_is_closed_between_its_lives",
    ),
)


def answered_chat(scenario: Scenario) -> None:
    """Generate a chat with one agent."""
    queue = scenario.random.choice(queues_with("chat"))
    customer, at = open_chat(scenario, queue)
    agent = wait_for_agent(scenario, customer, queue, at, "workflow", wait=patience(scenario.random, 22))
    write_to_the_end(scenario, customer, agent, mean_seconds=420)


def chat_with_two_agents(scenario: Scenario) -> None:
    """Generate a chat that the first agent sends on to another queue, where a second one finishes it."""
    first_queue, second_queue = scenario.random.sample(queues_with("chat"), 2)
    customer, at = open_chat(scenario, first_queue)
    agent = wait_for_agent(scenario, customer, first_queue, at, "workflow", wait=patience(scenario.random, 22))
    answered_at = agent.segments[-1].end
    parts = stretches(scenario.random, 200, 0.2)
    write_in_turn(scenario, customer, agent, answered_at, sum(parts))
    handled = talk(agent, answered_at, parts, "transfer", acw=after_call_work(scenario.random))
    transferred(agent, handled.hung_up_at, "nBlindTransferred")
    second = wait_for_agent(
        scenario, customer, second_queue, handled.hung_up_at, "agent", wait=patience(scenario.random, 20)
    )
    write_to_the_end(scenario, customer, second, mean_seconds=300)


def abandoned_chat(scenario: Scenario) -> None:
    """Generate a chat whose visitor closes the window before an agent comes."""
    queue = scenario.random.choice(queues_with("chat"))
    customer, at = open_chat(scenario, queue)
    acd, offered_at = enter_queue(scenario, customer, queue, at, "workflow")
    gone_at = abandon(acd, offered_at, offered_at + lasting(scenario.random, 60, 12, 600), short=False)
    hang_up(customer, gone_at, "client", connected_at=scenario.start)


def answered_message(scenario: Scenario) -> None:
    """Generate a message, through the bot or not, that an agent answers over minutes or hours."""
    _message(scenario, scenario.start, mean_wait_seconds=90)


def unanswered_message(scenario: Scenario) -> None:
    """Generate a message that the customer leaves before an agent comes: a wait that is neither answer nor abandon."""
    customer, queue, at = customer_writes(scenario, scenario.start)
    acd, offered_at = enter_queue(scenario, customer, queue, at, "workflow")
    left_at = leave_queue(acd, offered_at, offered_at + lasting(scenario.random, 1_500, 20, 6 * HOUR / SECOND), "peer")
    hang_up(customer, left_at, "client", connected_at=scenario.start)


def bot_only_message(scenario: Scenario) -> None:
    """Generate a message that the bot answers, so that nobody else has to."""
    scenario.fields |= {"conversationInitiator": "customer", "customerParticipation": True, "selfServed": True}
    customer = message_leg(scenario, scenario.random.choice(queues_with("message")), scenario.start)
    customer.queue = None
    done_at = through_workflow(scenario, customer, MESSAGE_BOT, None, scenario.start)
    hang_up(customer, done_at, "peer", connected_at=scenario.start)


def reopened_message(scenario: Scenario) -> None:
    """Generate a message thread that ends, and begins again after hours or days in the same conversation."""
    first_end = _message(scenario, scenario.start, mean_wait_seconds=90)
    scenario.live(scenario.start, first_end)
    again_at = first_end + int(scenario.span * scenario.random.uniform(0.4, 0.9)) + HOUR
    scenario.live(again_at, _message(scenario, again_at, mean_wait_seconds=200))


def _message(scenario: Scenario, at: int, *, mean_wait_seconds: float) -> int:
    """Add a stretch of messaging from the customer's first word to the agent's last work; return its end."""
    customer, queue, offered_at = customer_writes(scenario, at)
    silent = 1 if chance(scenario.random, 0.08) else 0
    wait = patience(scenario.random, mean_wait_seconds)
    agent = wait_for_agent(scenario, customer, queue, offered_at, "workflow", wait=wait, silent=silent)
    return write_to_the_end(scenario, customer, agent, mean_seconds=1_500, connected_at=at)


def message_of_any_source(scenario: Scenario) -> None:
    """Generate a message that came by an open messaging integration, with pictures and spoken words."""
    customer, queue, offered_at = customer_writes(scenario, scenario.start)
    random = scenario.random
    scenario.fields["originatingSocialMediaPublic"] = chance(random, 0.5)
    customer.fields |= {"messageType": "open", "engagementSource": random.choice(ENGAGEMENT_SOURCES)}
    agent = wait_for_agent(scenario, customer, queue, offered_at, "workflow", wait=patience(random, 90))
    write_to_the_end(scenario, customer, agent, mean_seconds=900)
    left_at = customer.segments[-1].end
    customer.later(left_at, mediaCount=2, cleared=chance(random, 0.3))
    for metric in ("oMessageSegmentCount", "oExternalMediaCount", "oAudioMessageCount", "oExternalAudioMessageCount"):
        customer.emit(metric, random.randrange(1, 4), left_at)


def outbound_message(scenario: Scenario) -> None:
    """Generate a message that an agent writes first, whoever counts as its initiator, and what became of it."""
    random, queue = scenario.random, scenario.random.choice(queues_with("message"))
    scenario.originating_direction = "outbound"
    scenario.fields |= {"conversationInitiator": random.choice(INITIATORS), "customerParticipation": False}
    addresses = {"addressFrom": queue.address, "addressTo": phone_number(random)[4:], "messageType": "sms"}
    writer = scenario.join("agent", None, agent_of(scenario, queue))
    agent = scenario.session(writer, "message", "outbound", queue, provider=PROVIDERS["message"], **addresses)
    agent.emit("nOutbound", 1, scenario.start)
    handled = talk(agent, scenario.start, [lasting(random, 60, 5, 600)], "client", acw=after_call_work(random))
    known_at, status = handled.hung_up_at, random.choice(DELIVERY_STATUSES)
    agent.later(known_at, deliveryStatus=status, extendedDeliveryStatus=f"{status}: 0", deliveryPushed=True)
    agent.later(known_at, deliveryStatusChangeDate=timestamp(known_at))
    reader = scenario.join("customer", "Customer")
    customer = scenario.session(reader, "message", "outbound", queue, provider=PROVIDERS["message"], **addresses)
    hang_up(customer, known_at, "peer", connected_at=scenario.start)
    customer.emit("nConversations", 1, known_at)
    customer.emit("tConversationDuration", known_at - scenario.start, known_at)
