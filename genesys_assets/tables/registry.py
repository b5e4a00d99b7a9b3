"""Every stored table by its name, and which table is whose parent."""

from collections.abc import Mapping

import dataframely as dy

from genesys_assets.directory import LISTINGS
from genesys_assets.tables import marts
from genesys_assets.tables.nesting import PARENTS, STAGING
from genesys_assets.tables.raw import RawConversations

TABLES: Mapping[str, type[dy.Schema]] = {
    "raw.conversations": RawConversations,
    **STAGING,
    **{table: listing.schema for table, listing in LISTINGS.items()},
    "marts.queue_performance": marts.QueuePerformance,
    "marts.agent_performance": marts.AgentPerformance,
    "marts.interactions": marts.Interactions,
    "marts.wrapup_performance": marts.WrapupPerformance,
    "marts.flow_performance": marts.FlowPerformance,
    "marts.open_conversations": marts.OpenConversations,
}
"""Schemas by 'schema.table', upstream before downstream."""

__all__ = ["PARENTS", "TABLES"]
