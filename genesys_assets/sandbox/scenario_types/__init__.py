"""The types of conversation that the sandbox generates: one function writes the scenarios of one type.

The table here says how often each type comes, when in the day it begins, and which types live for days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genesys_assets.sandbox.scenario import Scenario
from genesys_assets.sandbox.scenario_types import (
    callbacks,
    emails,
    outbound,
    screens,
    supervised,
    unusual,
    voice,
    written,
)

_ROUND_THE_CLOCK = (6, 4, 3, 3, 4, 8, 18, 38, 72, 98, 104, 96, 74, 82, 94, 90, 80, 64, 44, 32, 24, 18, 13, 9)
_OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 2, 20, 80, 100, 100, 90, 60, 80, 95, 90, 75, 40, 12, 4, 0, 0, 0, 0)
_LATE = (0,) * 14 + (1, 1, 1, 1, 2, 2, 3, 4, 8, 12)


@dataclass(frozen=True, slots=True)
class ScenarioType:
    """One type of conversation."""

    name: str
    write: Callable[[Scenario], None]
    weight: float
    """Of a thousand conversations, about so many."""
    hours: tuple[int, ...] = _ROUND_THE_CLOCK
    """How the starts spread over the 24 hours of the (UTC) day."""
    days: tuple[int, int] | None = None
    """Least and most days of its life, for those that live for days; None: it is over within 24 hours."""


_TABLE = (
    ScenarioType("answered_call", voice.answered_call, 330),
    ScenarioType("not_responding_call", voice.not_responding_call, 24),
    ScenarioType("abandoned_call", voice.abandoned_call, 42),
    ScenarioType("short_abandoned_call", voice.short_abandoned_call, 12),
    ScenarioType("flow_out_call", voice.flow_out_call, 14),
    ScenarioType("call_with_callback", voice.call_with_callback, 4),
    ScenarioType("flow_only_call", voice.flow_only_call, 90),
    ScenarioType("blind_transferred_call", voice.blind_transferred_call, 24),
    ScenarioType("consult_transferred_call", voice.consult_transferred_call, 12),
    ScenarioType("long_call", voice.long_call, 3, _LATE),
    ScenarioType("answered_chat", written.answered_chat, 70),
    ScenarioType("chat_with_two_agents", written.chat_with_two_agents, 8),
    ScenarioType("abandoned_chat", written.abandoned_chat, 10),
    ScenarioType("answered_message", written.answered_message, 90),
    ScenarioType("bot_only_message", written.bot_only_message, 25),
    ScenarioType("unanswered_message", written.unanswered_message, 18),
    ScenarioType("answered_email", emails.answered_email, 70),
    ScenarioType("outbound_email", emails.outbound_email, 45, _OFFICE_HOURS),
    ScenarioType("callback", callbacks.callback, 26),
    ScenarioType("dialled_call", outbound.dialled_call, 50, _OFFICE_HOURS),
    ScenarioType("campaign_attempt", outbound.campaign_attempt, 45, _OFFICE_HOURS),
    ScenarioType("campaign_call", outbound.campaign_call, 15, _OFFICE_HOURS),
    ScenarioType("colleague_not_responding", outbound.colleague_not_responding, 6, _OFFICE_HOURS),
    ScenarioType("user_to_user_call", outbound.user_to_user_call, 22, _OFFICE_HOURS),
    ScenarioType("supervised_call", supervised.supervised_call, 4),
    ScenarioType("parked_call", supervised.parked_call, 2),
    ScenarioType("conference_call", supervised.conference_call, 2),
    ScenarioType("cut_off_call", supervised.cut_off_call, 4),
    ScenarioType("call_of_two_customers", supervised.call_of_two_customers, 2),
    ScenarioType("conversation_begun_early", unusual.conversation_begun_early, 1),
    ScenarioType("chat_with_something_shared", screens.chat_with_something_shared, 2),
    ScenarioType("message_of_any_source", written.message_of_any_source, 3),
    ScenarioType("outbound_message", written.outbound_message, 3),
    ScenarioType("call_of_another_party", unusual.call_of_another_party, 2),
    ScenarioType("flow_of_any_type", unusual.flow_of_any_type, 2),
    ScenarioType("internal_message", unusual.internal_message, 1),
    ScenarioType("email_of_days", emails.email_of_days, 11, days=(1, 12)),
    ScenarioType("reopened_message", written.reopened_message, 5, days=(1, 6)),
    ScenarioType("unanswered_email", emails.unanswered_email, 1, days=(60, 90)),
    ScenarioType("call_never_closed", supervised.call_never_closed, 0.2, days=(55, 62)),
    ScenarioType("record_of_2016", unusual.record_of_2016, 0.1, days=(60, 90)),
)
SCENARIO_TYPES = {each.name: each for each in _TABLE}
