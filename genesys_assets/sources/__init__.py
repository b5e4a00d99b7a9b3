"""The records that are fetched by day, each in one file: where the API has them, and what is read of one."""

from collections.abc import Mapping
from types import MappingProxyType

from genesys_assets.genesys import Source
from genesys_assets.sources.conversations import CONVERSATIONS

SOURCES: Mapping[str, Source] = MappingProxyType({"raw.conversations": CONVERSATIONS})
"""Every source that is brought into the database, by the table of its documents."""

__all__ = ["CONVERSATIONS", "SOURCES"]
