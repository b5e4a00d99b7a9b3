"""Every stored table by its name, and which table is whose parent.

What belongs here: the composition of what the packages below declare (`tables`, `directory`, `marts`), and
docs/data-model.md, which is made of it. The schemas themselves are in those packages.
"""

from collections.abc import Mapping

import dataframely as dy

from genesys_assets.directory import LISTINGS
from genesys_assets.marts import MARTS
from genesys_assets.tables.raw import RawConversations
from genesys_assets.tables.schema_tree import PARENTS, STAGING

TABLES: Mapping[str, type[dy.Schema]] = {
    "raw.conversations": RawConversations,
    **STAGING,
    **{table: listing.schema for table, listing in LISTINGS.items()},
    **{f"marts.{mart.name}": mart.schema for mart in MARTS.values()},
}
"""Schemas by 'schema.table', upstream before downstream."""

__all__ = ["PARENTS", "TABLES"]
