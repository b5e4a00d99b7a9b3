"""Features that only some organisations use, on only some conversations.

Predictive, bullseye and group routing, scored agents, properties, journeys, spoken menus, restricted access: one
conversation in twelve gets one of them, so that a day has them all. None of them changes the metrics.
"""

from __future__ import annotations

from genesys_assets.sandbox.document import timestamp
from genesys_assets.sandbox.organisation import SKILLS, identity
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import SECOND, Addition, Scenario, Session

RULES = (
    Rule(
        "Skills that are asked for may stand on every segment of queue and agent.",
        "real payload",
        "records of 2021 to 2024",
        "test_skills_may_stand_on_every_segment_of_queue_and_agent",
    ),
    Rule(
        "Any participant may have attributes.",
        "real payload",
        "records of 2021 to 2024, on queues and users",
        "test_attributes_may_stand_on_queues_and_users_too",
    ),
    Rule(
        "The kinds of routing rules, agent groups and properties are those of the SDK; on which sessions they come "
        "together is not known.",
        "guess",
        "official Python SDK 269 has the values alone",
        "test_every_value_of_a_field_is_emitted",
    ),
)


def add_rare_features(scenario: Scenario) -> None:
    """Give a finished scenario one of the rare features, if any."""
    drawn = scenario.random.randrange(12 * len(_RARE_FEATURES))
    if drawn < len(_RARE_FEATURES):
        _RARE_FEATURES[drawn](scenario)


def _legs(scenario: Scenario, *purposes: str) -> list[Session]:
    return [
        session
        for participant in scenario.participants
        if participant.purpose in purposes
        for session in participant.sessions
    ]


def _predictive(scenario: Scenario) -> None:
    """Mark the queue's session as routed by prediction, with the proposed agents and how many were eligible."""
    for acd in _legs(scenario, "acd"):
        agents = scenario.random.sample(acd.queue.agents, 3) if acd.queue else []
        acd.fields |= {"requestedRoutings": ["Predictive", "Standard"], "routingRuleType": "Predictive"}
        acd.fields["proposedAgents"] = [
            {"proposedAgentId": agent.id, "agentRank": rank} for rank, agent in enumerate(agents, 1)
        ]
        acd.fields |= {"eligibleAgentCounts": [14, 9], "waitingInteractionCounts": [3, 2], "selectedAgentRank": 1}


def _bullseye(scenario: Scenario) -> None:
    """Mark the search for an agent as bullseye routing, which widens ring by ring and drops skills."""
    for leg in _legs(scenario, "acd", "agent"):
        leg.fields |= {"routingRing": 2, "agentBullseyeRing": 2, "routingRuleType": "Bullseye"}
        leg.fields |= {"activeSkillIds": [SKILLS[0].id], "removedSkillIds": [SKILLS[1].id, SKILLS[2].id]}


def _preferred(scenario: Scenario) -> None:
    """Let the queue ask the customer's preferred agents first."""
    for acd in _legs(scenario, "acd"):
        acd.fields |= {"routingRing": 1, "routingRule": "Rule 1", "routingRuleType": "Preferred"}


def _agent_groups(scenario: Scenario) -> None:
    """Let the queue search in groups of agents, by a condition."""
    groups = [
        {"agentGroupId": identity("group", name), "agentGroupType": kind}
        for name, kind in (("Weekend team", "Team"), ("Experts", "SkillGroup"), ("Everybody", "Group"))
    ]
    for acd in _legs(scenario, "acd"):
        acd.fields |= {"agentGroups": groups, "routingRule": "Rule 2", "routingRuleType": "Conditional"}


def _scored_agents(scenario: Scenario) -> None:
    """Score the best agents for the conversation when it was offered."""
    for acd in _legs(scenario, "acd"):
        agents = scenario.random.sample(acd.queue.agents, 2) if acd.queue else []
        scores = [{"scoredAgentId": agent.id, "agentScore": scenario.random.randrange(40, 101)} for agent in agents]
        acd.segments[-1].fields |= {"scoredAgents": scores, "requestedRoutingUserIds": [agent.id for agent in agents]}


def _tagged(scenario: Scenario) -> None:
    """Tag segments with custom properties, and flag the conversation."""
    for leg in _legs(scenario, "agent"):
        leg.segments[-1].fields["properties"] = [
            {"property": "voucher", "propertyType": "bool", "value": "true"},
            {"property": "amount", "propertyType": "real", "value": "12.50"},
            {"property": "orders", "propertyType": "integer", "value": "3"},
            {"property": "due", "propertyType": "date", "value": "2027-01-31"},
            {"property": "campaign", "propertyType": "string", "value": "spring"},
            {"property": "basket", "propertyType": "uuid", "value": identity("basket", leg.id)},
        ]
        leg.participant.fields |= {"flaggedReason": "general", "screenRecording": True}


def _journey(scenario: Scenario) -> None:
    """Let the customer come from a journey through the web site, with the help of a knowledge base."""
    scenario.fields["knowledgeBaseIds"] = [identity("knowledge", "Products"), identity("knowledge", "Delivery")]
    for leg in _legs(scenario, "customer"):
        leg.fields |= {"journeyCustomerId": identity("journey", leg.id), "journeyCustomerIdType": "cookie"}
        leg.fields |= {"journeyCustomerSessionId": leg.id, "journeyCustomerSessionIdType": "web", "authenticated": True}
        leg.fields |= {"journeyActionId": identity("action", leg.id), "journeyActionMapVersion": 4}
        leg.fields["journeyActionMapId"] = identity("actionmap", "Offer a chat")


def _muted(scenario: Scenario) -> None:
    """Let an agent mute the microphone, on a line with SIP errors."""
    for leg in _legs(scenario, "agent"):
        leg.segments[-1].fields |= {"audioMuted": True, "q850ResponseCodes": [16], "sipResponseCodes": [200, 486]}
        leg.fields |= {"scriptId": identity("script", "Greeting"), "agentAssistantId": identity("assistant", "Helper")}


def _spoken(scenario: Scenario) -> None:
    """Let the menu listen: note when the caller's speech began and ended."""
    for leg in _legs(scenario, "ivr"):
        heard_at = leg.segments[-1].start
        leg.later(heard_at + SECOND, detectedSpeechStart=timestamp(heard_at + SECOND))
        leg.later(heard_at + 2 * SECOND, detectedSpeechEnd=timestamp(heard_at + 2 * SECOND))


def _skills_throughout(scenario: Scenario) -> None:
    """Repeat the skills that the conversation asks for on every segment of queue and agents, alert and wrap-up too."""
    for leg in _legs(scenario, "acd", "agent"):
        skills = [skill.id for skill in leg.queue.skills] if leg.queue else []
        for segment in leg.segments if skills else ():
            segment.fields["requestedRoutingSkillIds"] = skills


def _noted(scenario: Scenario) -> None:
    """Note attributes on the queue's participant and on users, as scripts and integrations do."""
    for leg in _legs(scenario, "acd", "user"):
        since = leg.segments[0].start
        leg.participant.attributes.append(Addition(since, "integration.case", f"case-{since % 10_000:04d}"))


def _shared(scenario: Scenario) -> None:
    """Restrict who may see the conversation, and link it to others of the same customer."""
    scenario.fields |= {"accessAttributes": ["vip"], "consultationConversationIds": [scenario.new_id()]}
    scenario.fields["associatedConversationId"] = scenario.new_id()
    for leg in _legs(scenario, "customer"):
        leg.participant.fields["externalOrganizationId"] = identity("organisation", "A customer's company")


_RARE_FEATURES = (
    _predictive, _bullseye, _preferred, _agent_groups, _scored_agents, _tagged, _journey, _muted, _spoken, _shared,
    _skills_throughout, _noted,
)  # fmt: skip
