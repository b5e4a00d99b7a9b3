"""Written conversations, and the callbacks that wait like them: chats, messages, e-mails of hours, days and weeks.

`Scenario.span` bounds those that live for days.
"""

from __future__ import annotations

from genesys_assets.sandbox.organisation import CHAT_FLOW, EMAIL_FLOW, MESSAGE_BOT, MESSAGE_FLOW, Queue, queues_with
from genesys_assets.sandbox.scenario import HOUR, SECOND, Addition, Scenario, Session
from genesys_assets.sandbox.steps.distributions import after_call_work, chance, lasting, patience, stretches
from genesys_assets.sandbox.steps.flows import through_workflow
from genesys_assets.sandbox.steps.handling import talk, transferred
from genesys_assets.sandbox.steps.legs import hang_up, incoming, voice_fields
from genesys_assets.sandbox.steps.queueing import abandon, enter_queue, wait_for_agent

_MESSAGE_TYPES = ("webmessaging", "whatsapp", "sms", "facebook")


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


def answered_email(scenario: Scenario) -> None:
    """Generate an e-mail that is answered within hours."""
    queue = scenario.random.choice(queues_with("email"))
    customer = _email_leg(scenario, queue)
    at = through_workflow(scenario, customer, EMAIL_FLOW, queue, scenario.start)
    agent = wait_for_agent(scenario, customer, queue, at, "workflow", wait=patience(scenario.random, 4_000))
    _email_talk(scenario, customer, agent)


def email_of_days(scenario: Scenario) -> None:
    """Generate an e-mail that waits for days, is sent on to another queue after half of them, and is answered there."""
    first_queue, second_queue = scenario.random.sample(queues_with("email"), 2)
    customer = _email_leg(scenario, first_queue)
    at = through_workflow(scenario, customer, EMAIL_FLOW, first_queue, scenario.start)
    wait = int(scenario.span * scenario.random.uniform(0.3, 0.6))
    first = wait_for_agent(scenario, customer, first_queue, at, "workflow", wait=wait)
    handled = talk(first, first.segments[-1].end, [lasting(scenario.random, 200, 20, 3_000)], "transfer", acw=0)
    transferred(first, handled.hung_up_at, "nBlindTransferred")
    wait = int(scenario.span * scenario.random.uniform(0.2, 0.35))
    second = wait_for_agent(scenario, customer, second_queue, handled.hung_up_at, "agent", wait=wait)
    _email_talk(scenario, customer, second)


def unanswered_email(scenario: Scenario) -> None:
    """Generate an e-mail that nobody takes, until the platform closes it after two to three months."""
    queue = scenario.random.choice(queues_with("email"))
    customer = _email_leg(scenario, queue)
    at = through_workflow(scenario, customer, EMAIL_FLOW, queue, scenario.start)
    acd, offered_at = enter_queue(scenario, customer, queue, at, "workflow")
    closed_at = scenario.start + scenario.span
    abandon(acd, offered_at, closed_at, short=False)
    acd.segments[-1].closing["disconnectType"] = "inactivity"
    hang_up(customer, closed_at, "inactivity", connected_at=scenario.start, subject="A question nobody answered")


def callback(scenario: Scenario) -> None:
    """Generate a callback: it waits in the queue, then an agent takes it and dials. It has no tAnswered."""
    queue = scenario.random.choice(queues_with("callback"))
    random = scenario.random
    fields = voice_fields(scenario, "tel:+448081570100", f"tel:+4477009{random.randrange(100_000):05d}")
    customer = incoming(scenario, "callback", queue, scenario.start, callbackNumbers=[fields["dnis"][4:]])
    customer.fields["callbackUserName"] = "A customer"
    agent = wait_for_agent(scenario, customer, queue, scenario.start, "ivr", wait=patience(scenario.random, 900))
    taken_at = agent.segments[-1].end
    dials_at = taken_at + random.randrange(2_000, 20_000)
    reached_at = dials_at + lasting(random, 12, 3, 40)
    agent.emit("nCallbackAttempts", 1, dials_at)
    agent.emit("tFirstDial", dials_at - taken_at, dials_at)
    agent.emit("tFirstConnect", reached_at - taken_at, reached_at)
    talked = reached_at - taken_at + lasting(random, 200, 10, 1_800)
    line = scenario.session(agent.participant, "voice", "outbound", queue, **fields)
    line.segment("contacting", dials_at, dials_at + 900)
    line.segment("dialing", dials_at + 900, reached_at)
    line.segment("interact", reached_at, taken_at + talked, {"disconnectType": "endpoint"})
    handled = talk(agent, taken_at, [talked], "client", acw=after_call_work(random))
    hang_up(customer, handled.hung_up_at, "client", connected_at=scenario.start)


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


def _message(scenario: Scenario, at: int, *, mean_wait_seconds: float) -> int:
    """Add a stretch of messaging from the customer's first word to the agent's last work; return its end."""
    scenario.fields |= {"conversationInitiator": "customer", "customerParticipation": True}
    queue = scenario.random.choice(queues_with("message"))
    customer = _message_leg(scenario, queue, at)
    flow = MESSAGE_BOT if chance(scenario.random, 0.4) else MESSAGE_FLOW
    offered_at = through_workflow(scenario, customer, flow, queue, at)
    silent = 1 if chance(scenario.random, 0.08) else 0
    wait = patience(scenario.random, mean_wait_seconds)
    agent = wait_for_agent(scenario, customer, queue, offered_at, "workflow", wait=wait, silent=silent)
    return _written_talk(scenario, customer, agent, mean_seconds=1_500, connected_at=at)


def _written_talk(
    scenario: Scenario, customer: Session, agent: Session, *, mean_seconds: float, connected_at: int | None = None
) -> int:
    """Let the agent who has just answered write with the customer to the end; return the end of the agent's work."""
    answered_at = agent.segments[-1].end
    parts = stretches(scenario.random, mean_seconds, 0.05, most=4 * HOUR / SECOND)
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


def _email_leg(scenario: Scenario, queue: Queue) -> Session:
    sender = f"customer-{scenario.random.randrange(10**6):06d}@example.org"
    customer = incoming(
        scenario, "email", queue, scenario.start, name="Customer", addressFrom=sender, addressTo=queue.address
    )
    if chance(scenario.random, 0.1):
        customer.fields["cc"] = ["family@example.org", "lawyer@example.org"]
    if chance(scenario.random, 0.3):
        scenario.fields["externalTag"] = f"case-{scenario.random.randrange(10**5):05d}"
    return customer


def _email_talk(scenario: Scenario, customer: Session, agent: Session) -> None:
    """Let the agent read, write and send, which ends the e-mail."""
    random = scenario.random
    parts = [lasting(random, 600, 30, 7_200)]
    handled = talk(agent, agent.segments[-1].end, parts, "client", acw=after_call_work(random, 60))
    subject = random.choice(("Where is my order?", "My invoice", "Please call me", "Contract"))
    hang_up(customer, handled.hung_up_at, "peer", connected_at=scenario.start, subject=subject)
