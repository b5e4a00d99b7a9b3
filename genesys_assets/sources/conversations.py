"""Conversations, as `/api/v2/analytics/conversations/details` has them, and nothing else."""

from genesys_assets.genesys import Source
from genesys_assets.sources.emissions import emissions

CONVERSATIONS = Source(
    name="conversation",
    path="/api/v2/analytics/conversations/details",
    records="conversations",
    key="conversationId",
    start="conversationStart",
    end="conversationEnd",
    permission="analytics:conversationDetail:view",
    emissions=emissions,
)
