"""The records that are fetched by day, each in one file: where the API has them, and what is read of one."""

from genesys_assets.sources.conversations import CONVERSATIONS

__all__ = ["CONVERSATIONS"]
