"""The records that are fetched by day, each in one file: where the API has them, and what is read of one."""

from genesys_assets.genesys import Source
from genesys_assets.sources.conversations import CONVERSATIONS

SOURCES: tuple[Source, ...] = (CONVERSATIONS,)
"""Every source that is brought into the database."""

__all__ = ["CONVERSATIONS", "SOURCES"]
