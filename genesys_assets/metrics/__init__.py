"""The figures: contact-centre formulas as pure functions, LazyFrame in, LazyFrame out.

What belongs here: how a stored session metric becomes a figure that a Genesys Cloud Performance view shows, and how two
sets of figures are compared. What does not: reading or writing anything, Dagster, and how a document becomes a table.

Every function works per `partition_date`: a frame may hold one day or several.
"""

from genesys_assets.metrics.agents import agent_performance
from genesys_assets.metrics.conversations import interactions, open_conversations
from genesys_assets.metrics.flows import flow_performance
from genesys_assets.metrics.measures import roll_up
from genesys_assets.metrics.names import with_names
from genesys_assets.metrics.queues import queue_performance
from genesys_assets.metrics.reconciliation import differences
from genesys_assets.metrics.service_level import ServiceLevelOptions
from genesys_assets.metrics.wrapups import wrapup_performance

__all__ = [
    "ServiceLevelOptions",
    "agent_performance",
    "differences",
    "flow_performance",
    "interactions",
    "open_conversations",
    "queue_performance",
    "roll_up",
    "with_names",
    "wrapup_performance",
]
