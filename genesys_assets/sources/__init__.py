"""The records that are fetched by day, each in one file: where the API has them, and what is read of one."""

from collections.abc import Mapping
from types import MappingProxyType

from genesys_assets.genesys import Source
from genesys_assets.sources.conversations import CONVERSATIONS
from genesys_assets.tables.columns import column_name
from genesys_assets.tables.schema_tree import SchemaNode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION

SOURCES: Mapping[str, Source] = MappingProxyType({"raw.conversations": CONVERSATIONS})
"""Every source that is brought into the database, by the table of its documents."""

TREES: Mapping[str, SchemaNode] = MappingProxyType({"raw.conversations": CONVERSATION})
"""The tree of staging's tables into which the documents of a table are decoded."""

__all__ = ["CONVERSATIONS", "SOURCES", "TREES", "columns_of"]


def columns_of(source: Source) -> dict[str, str]:
    """Return in which columns of its table the `key`, `start` and `end` of a source's records are."""
    return {name: column_name(getattr(source, name)) for name in ("key", "start", "end")}
