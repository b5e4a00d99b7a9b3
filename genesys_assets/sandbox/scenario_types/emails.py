"""E-mails of hours, days and weeks, and those that agents write; `Scenario.span` bounds those that live for days."""

from __future__ import annotations

from genesys_assets.sandbox.organisation import EMAIL_FLOW, Queue, queues_with
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import Scenario, Session
from genesys_assets.sandbox.steps.distributions import after_call_work, chance, lasting, patience, stretches
from genesys_assets.sandbox.steps.flows import through_workflow
from genesys_assets.sandbox.steps.handling import talk, transferred
from genesys_assets.sandbox.steps.legs import PROVIDERS, hang_up, incoming
from genesys_assets.sandbox.steps.queueing import agent_of, enter_queue, leave_queue, wait_for_agent

RULES = (
    Rule(
        "An e-mail that nobody answers is not abandoned: it has a wait of days, and no outcome.",
        "real payload",
        "aggregates of a week of a tenant, none in any queue; an older article of the Genesys Cloud Resource Center",
        "test_what_is_written_and_left_unanswered_has_a_wait_and_no_outcome",
    ),
    Rule(
        "An e-mail that an agent writes emits nOutbound and tHandle, and no tAnswered.",
        "real payload",
        "aggregates of an agent's day: 29 handled, 10 answered, 19 outbound",
        "test_what_an_agent_writes_is_outbound_and_handled_and_not_answered",
    ),
    Rule(
        "An e-mail that nobody takes is closed after two to three months.",
        "guess",
        "e-mails live for months",
        "test_an_email_that_nobody_takes_is_closed_after_two_to_three_months",
    ),
)


_SUBJECTS = ("Where is my order?", "My invoice", "Please call me", "Contract")


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
    """Generate an e-mail that nobody takes, until the platform closes it after two to three months: no abandon."""
    queue = scenario.random.choice(queues_with("email"))
    customer = _email_leg(scenario, queue)
    at = through_workflow(scenario, customer, EMAIL_FLOW, queue, scenario.start)
    acd, offered_at = enter_queue(scenario, customer, queue, at, "workflow")
    closed_at = scenario.start + scenario.span
    leave_queue(acd, offered_at, closed_at, "inactivity")
    hang_up(customer, closed_at, "inactivity", connected_at=scenario.start, subject="A question nobody answered")


def outbound_email(scenario: Scenario) -> None:
    """Generate an e-mail that an agent writes on behalf of a queue: handled, and outbound, but not answered."""
    scenario.originating_direction = "outbound"
    random, queue = scenario.random, scenario.random.choice(queues_with("email"))
    addresses = {"addressFrom": queue.address, "addressTo": f"customer-{random.randrange(10**6):06d}@example.org"}
    writer = scenario.join("agent", None, agent_of(scenario, queue))
    agent = scenario.session(writer, "email", "outbound", queue, provider=PROVIDERS["email"], **addresses)
    agent.emit("nOutbound", 1, scenario.start)
    parts = stretches(random, 420, 0.2, most=7_200)
    sent_at = talk(agent, scenario.start, parts, "client", acw=after_call_work(random, 60)).hung_up_at
    reader = scenario.join("customer", "Customer")
    customer = scenario.session(reader, "email", "outbound", queue, provider=PROVIDERS["email"], **addresses)
    customer.emit("nConnected", 1, scenario.start)
    hang_up(customer, sent_at, "peer", connected_at=scenario.start, subject=random.choice(_SUBJECTS))
    customer.segment("transmitting", sent_at, sent_at + random.randrange(300, 3_000))
    customer.emit("tTransmitting", customer.segments[-1].end - sent_at, customer.segments[-1].end)


def _email_leg(scenario: Scenario, queue: Queue) -> Session:
    sender = f"customer-{scenario.random.randrange(10**6):06d}@example.org"
    customer = incoming(
        scenario, "email", queue, scenario.start, name="Customer", addressFrom=sender, addressTo=queue.address
    )
    if chance(scenario.random, 0.1):
        customer.fields |= {"cc": ["family@example.org", "lawyer@example.org"], "bcc": ["archive@example.org"]}
    customer.fields |= {"addressSelf": sender, "addressOther": queue.address}
    if chance(scenario.random, 0.3):
        scenario.fields["externalTag"] = f"case-{scenario.random.randrange(10**5):05d}"
    return customer


def _email_talk(scenario: Scenario, customer: Session, agent: Session) -> None:
    """Let the agent read, write and send, which ends the e-mail."""
    random = scenario.random
    parts = stretches(random, 600, 0.4, most=7_200)
    handled = talk(agent, agent.segments[-1].end, parts, "client", acw=after_call_work(random, 60))
    hang_up(customer, handled.hung_up_at, "peer", connected_at=scenario.start, subject=random.choice(_SUBJECTS))
