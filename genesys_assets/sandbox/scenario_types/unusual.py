"""Conversations of parties, flows and media that most contact centres do not have, for those who read them all."""

from __future__ import annotations

from genesys_assets.sandbox.organisation import DEFAULT_WRAP_UP, RARE_FLOWS, USERS, VOICE_SURVEY, identity, queues_with
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import MINUTE, SECOND, Scenario, Session
from genesys_assets.sandbox.steps.distributions import lasting, phone_number
from genesys_assets.sandbox.steps.flows import run_flow
from genesys_assets.sandbox.steps.handling import talk
from genesys_assets.sandbox.steps.legs import voice_fields
from genesys_assets.sandbox.steps.queueing import agent_of

RULES = (
    Rule(
        "A record may have no metrics, divisions, directions or end.",
        "real payload",
        "a page of the query of 2016",
        "test_a_record_may_have_no_metrics_divisions_direction_or_end",
    ),
    Rule(
        "A first segment may begin before its conversation, or minutes after it.",
        "real payload",
        "records of 2021 to 2025",
        "test_a_first_segment_may_begin_before_its_conversation_or_minutes_after_it",
    ),
    Rule(
        "There are participants of every purpose and flows of every type; what they emit beside is not known.",
        "guess",
        "official Python SDK 269 has the values alone",
        "test_every_value_of_a_field_is_emitted",
    ),
)


_PARTIES = (
    "api", "campaign", "dialer", "external", "fax", "group", "inbound", "manual", "station", "voicesurveyflow",
)  # fmt: skip
"""Purposes of participants that no other type of conversation has."""


def call_of_another_party(scenario: Scenario) -> None:
    """Generate a call between a user and a party that is neither customer nor agent: a group, a fax, a survey."""
    random = scenario.random
    purpose = random.choice(_PARTIES)
    fields = voice_fields(scenario, phone_number(random), "tel:+448081570140")
    other = scenario.session(scenario.join(purpose, purpose.title()), "voice", "inbound", None, **fields)
    begins_at = scenario.start + 200
    if purpose == "fax":
        _transmit(other, begins_at)
        return
    user = scenario.session(
        scenario.join("user", None, random.choice(USERS)), "voice", "inbound", None, peerId=other.id, **fields
    )
    answered_at = begins_at + lasting(random, 6, 1, 20)
    user.segment("alert", begins_at, answered_at)
    if purpose == "group":
        user.segments[-1].fields["groupId"] = identity("group", "Reception")
    user.emit("tAlert", answered_at - begins_at, answered_at)
    ended_at = talk(user, answered_at, [lasting(random, 90, 5, 900)], "peer", acw=0).hung_up_at
    other.segment("system", scenario.start, begins_at)
    other.segment("interact", begins_at, ended_at, {"disconnectType": "client"})
    if purpose == "voicesurveyflow":
        run_flow(other, VOICE_SURVEY, None, answered_at, ended_at)


def _transmit(fax: Session, at: int) -> None:
    """Convert a document and send it: a fax has no talk."""
    converted_at = at + lasting(fax.scenario.random, 8, 2, 30)
    sent_at = converted_at + lasting(fax.scenario.random, 30, 5, 120)
    fax.segment("converting", at, converted_at)
    fax.segment("transmitting", converted_at, sent_at, {"disconnectType": "system"})
    fax.emit("tTransmitting", sent_at - converted_at, sent_at)


def flow_of_any_type(scenario: Scenario) -> None:
    """Generate the execution of a flow of a type that others do not use, however it was begun."""
    random, flow = scenario.random, scenario.random.choice(RARE_FLOWS)
    session = scenario.session(scenario.join("workflow", flow.name), _MEDIA.get(flow.type, "voice"), "inbound", None)
    ended_at = scenario.start + lasting(random, 20, 1, 200)
    session.segment("interact", scenario.start, ended_at, {"disconnectType": "system"})
    run_flow(session, flow, None, scenario.start, ended_at)
    if session.flow_run is not None:
        session.flow_run.fields["entryType"] = random.choice(("agent", "direct", "dnis", "flow", "outbound"))


_MEDIA = {"BOT": "message", "EMAILSEND": "email", "SURVEYINVITE": "email", "WORKFLOW": "message", "WORKITEM": "message"}


def record_of_2016(scenario: Scenario) -> None:
    """Generate a callback as records of 2016 are: no metrics, divisions, directions, nor, for months, an end."""
    random, queue = scenario.random, scenario.random.choice(queues_with("callback"))
    scenario.is_bare = True
    taken_at = scenario.start + lasting(random, 20, 2, 300)
    closed_at = taken_at + lasting(random, 200, 5, 1_800)
    user = agent_of(scenario, queue)
    legs = (("customer", None, "peer"), ("acd", None, "transfer"), ("agent", user, "client"))
    for purpose, who, disconnect in legs:
        leg = scenario.session(scenario.join(purpose, None, who), "callback", "", queue)
        leg.fields |= {"callbackUserName": "A customer", "timeoutSeconds": 0, "skipEnabled": False}
        begins_at, ends_at = scenario.start, taken_at if purpose == "acd" else closed_at
        if purpose == "agent":
            leg.segment("alert", scenario.start + 200, taken_at)
            begins_at = taken_at
        leg.segment("interact", begins_at, ends_at, {"disconnectType": disconnect})
        if purpose == "agent":
            leg.segment("wrapup", ends_at, ends_at, {"disconnectType": disconnect, "wrapUpCode": DEFAULT_WRAP_UP.name})
    scenario.live(scenario.start, scenario.start + scenario.span)


def conversation_begun_early(scenario: Scenario) -> None:
    """Generate a call to a user whose first segment begins minutes after the conversation."""
    random = scenario.random
    called_at = scenario.start + random.randrange(2 * MINUTE, 20 * MINUTE)
    fields = voice_fields(scenario, phone_number(random), "tel:+448081570150")
    user = scenario.session(scenario.join("user", None, random.choice(USERS)), "voice", "inbound", None, **fields)
    answered_at = called_at + lasting(random, 6, 1, 20)
    user.segment("alert", called_at, answered_at)
    user.emit("tAlert", answered_at - called_at, answered_at)
    talk(user, answered_at, [lasting(random, 90, 5, 900)], "peer", acw=0)


def internal_message(scenario: Scenario) -> None:
    """Generate a message from a colleague to another, on no queue."""
    random = scenario.random
    scenario.originating_direction = "outbound"
    read_at = scenario.start + lasting(random, 300, 5, 7_200)
    writer, reader = random.sample(USERS, 2)
    for user, direction in ((writer, "outbound"), (reader, "inbound")):
        leg = scenario.session(scenario.join("user", None, user), "internalmessage", direction, None)
        leg.segment("interact", scenario.start, read_at + SECOND, {"disconnectType": "client"})
        leg.emit("oMessageCount", 1, read_at)
