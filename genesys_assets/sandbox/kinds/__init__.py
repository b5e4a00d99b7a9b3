"""The kinds of conversation that the sandbox generates: one function tells one kind of story.

The table here says how often each kind comes, when in the day it begins, and which kinds live for days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genesys_assets.sandbox.kinds import outbound, voice, written
from genesys_assets.sandbox.story import Story

_ROUND_THE_CLOCK = (6, 4, 3, 3, 4, 8, 18, 38, 72, 98, 104, 96, 74, 82, 94, 90, 80, 64, 44, 32, 24, 18, 13, 9)
_OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 2, 20, 80, 100, 100, 90, 60, 80, 95, 90, 75, 40, 12, 4, 0, 0, 0, 0)
_LATE = (0,) * 14 + (1, 1, 1, 1, 2, 2, 3, 4, 8, 12)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of conversation."""

    name: str
    tell: Callable[[Story], None]
    weight: float
    """Of a thousand conversations, about so many."""
    hours: tuple[int, ...] = _ROUND_THE_CLOCK
    """How the starts spread over the 24 hours of the (UTC) day."""
    days: tuple[int, int] | None = None
    """Least and most days of its life, for those that live for days; None: it is over within 24 hours."""


_TABLE = (
    Kind("answered_call", voice.answered_call, 330),
    Kind("not_responding_call", voice.not_responding_call, 24),
    Kind("abandoned_call", voice.abandoned_call, 42),
    Kind("short_abandoned_call", voice.short_abandoned_call, 12),
    Kind("flow_out_call", voice.flow_out_call, 14),
    Kind("flow_only_call", voice.flow_only_call, 90),
    Kind("blind_transferred_call", voice.blind_transferred_call, 24),
    Kind("consult_transferred_call", voice.consult_transferred_call, 12),
    Kind("long_call", voice.long_call, 3, _LATE),
    Kind("answered_chat", written.answered_chat, 70),
    Kind("chat_with_two_agents", written.chat_with_two_agents, 8),
    Kind("abandoned_chat", written.abandoned_chat, 10),
    Kind("answered_message", written.answered_message, 90),
    Kind("bot_only_message", written.bot_only_message, 25),
    Kind("answered_email", written.answered_email, 70),
    Kind("callback", written.callback, 26),
    Kind("dialled_call", outbound.dialled_call, 50, _OFFICE_HOURS),
    Kind("campaign_attempt", outbound.campaign_attempt, 45, _OFFICE_HOURS),
    Kind("campaign_call", outbound.campaign_call, 15, _OFFICE_HOURS),
    Kind("user_to_user_call", outbound.user_to_user_call, 22, _OFFICE_HOURS),
    Kind("email_of_days", written.email_of_days, 11, days=(1, 12)),
    Kind("reopened_message", written.reopened_message, 5, days=(1, 6)),
    Kind("unanswered_email", written.unanswered_email, 1, days=(60, 90)),
)
KINDS = {kind.name: kind for kind in _TABLE}
