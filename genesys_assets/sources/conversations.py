"""Conversations, as `/api/v2/analytics/conversations/details` has them, and nothing else."""

from datetime import timedelta
from types import MappingProxyType

from genesys_assets.genesys import Limits, Source
from genesys_assets.sources.emissions import emissions

CONVERSATIONS = Source(
    name="conversation",
    plural="conversations",
    path="/api/v2/analytics/conversations/details",
    records="conversations",
    key="conversationId",
    start="conversationStart",
    end="conversationEnd",
    order=MappingProxyType({"order": "asc", "orderBy": "conversationStart"}),
    permission="analytics:conversationDetail:view",
    person_path="participants.externalContactId",
    limits=Limits(
        query_slice=timedelta(hours=1),
        query_page_size=100,  # the API's most
        query_cap=100_000,
        # A conversation that lives for days comes back with each slice that it touches, and a job takes seconds to
        # start: two halves of the day keep both of the permitted jobs busy, and a retry repeats half a day at most.
        job_slice=timedelta(hours=12),
        job_page_size=1000,
        job_cap=400_000,
    ),
    final_after_days=MappingProxyType({"figures": 3, "resolutions": 8, "evaluations and surveys": 30}),
    emissions=emissions,
)
