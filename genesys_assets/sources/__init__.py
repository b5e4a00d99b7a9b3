"""The records that are fetched by day, each in one file: where the API has them, and what is read of one."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from genesys_assets.genesys import Source
from genesys_assets.sources.conversations import CONVERSATIONS
from genesys_assets.tables.columns import wire_name
from genesys_assets.tables.schema_tree import CONVERSATION, SchemaNode

SOURCES: Mapping[str, Source] = MappingProxyType({"raw.conversations": CONVERSATIONS})
"""Every source that is brought into the database, by the table of its documents."""

TREES: Mapping[str, SchemaNode] = MappingProxyType({"raw.conversations": CONVERSATION})
"""The tree of staging's tables into which the documents of a table are decoded."""

__all__ = ["CONVERSATIONS", "SOURCES", "TREES", "columns_of"]


def columns_of(source: Source, columns: Iterable[str]) -> dict[str, str]:
    """Return in which of a table's columns the `key`, `start` and `end` of a source's records are."""
    by_field = {wire_name(column): column for column in columns}
    return {name: by_field[getattr(source, name)] for name in ("key", "start", "end")}
