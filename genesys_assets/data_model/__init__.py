"""Every stored table by its name, and which table is whose parent.

What belongs here: the composition of what the packages below declare (`sources`, `directory`, `marts`), and
docs/data-model.md, which is made of it. The schemas themselves are in those packages.
"""

from collections.abc import Mapping

import dataframely as dy

from genesys_assets.directory import LISTINGS
from genesys_assets.marts import MARTS
from genesys_assets.sources import SOURCES, TREES
from genesys_assets.tables.raw import documents_table

TABLES: Mapping[str, type[dy.Schema]] = {
    **{
        table: documents_table(source.name, key=source.key, start=source.start, end=source.end)
        for table, source in SOURCES.items()
    },
    **{node.table: node.schema for tree in TREES.values() for node in tree.walk()},
    **{table: listing.schema for table, listing in LISTINGS.items()},
    **{f"marts.{mart.name}": mart.schema for mart in MARTS.values()},
}
"""Schemas by 'schema.table', upstream before downstream, parents before their children."""

PARENTS: Mapping[str, str] = {
    child.table: node.table for tree in TREES.values() for node in tree.walk() for child in node.children
}
"""The parent of each table; a child has its parent's key columns under the same names."""

__all__ = ["PARENTS", "TABLES"]
