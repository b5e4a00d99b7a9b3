"""Removes what was stored of a person: records from every table and partition, and from the database's file.

Belongs here: finding what belongs to a record or a person, removing it, recording that, and leaving it
out when its day is fetched again. Which tables hold records is asked of the database, not of the declared tables,
so that none is forgotten. The Dagster job is `genesys_assets.automation.purge`.
"""

from genesys_assets.purge.checkpoints import InCheckpoints, found_in_checkpoints, remove_checkpoints
from genesys_assets.purge.erase import NotFoundError, Purged, Removed, preview, purge
from genesys_assets.purge.request import KINDS, Kind, PurgeError, Request, key_among
from genesys_assets.purge.rewriting import RewriteError, Rewritten, is_lake, rewrite, unknown_files
from genesys_assets.purge.suppression_list import PURGED, purged_digests, without_purged

__all__ = [
    "KINDS",
    "PURGED",
    "InCheckpoints",
    "Kind",
    "NotFoundError",
    "PurgeError",
    "Purged",
    "Removed",
    "Request",
    "RewriteError",
    "Rewritten",
    "found_in_checkpoints",
    "is_lake",
    "key_among",
    "preview",
    "purge",
    "purged_digests",
    "remove_checkpoints",
    "rewrite",
    "unknown_files",
    "without_purged",
]
