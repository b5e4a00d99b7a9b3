"""What was stored of a person, erased: conversations out of every table and partition, and out of the database's file.

Belongs here: finding what belongs to a conversation or an external contact, removing it, the record of that, and
keeping it out when its day is fetched again. Knows the warehouse's database and no declared table: which tables hold
conversations is asked of the database, so that none is forgotten. The Dagster job is `genesys_assets.automation.purge`.
"""

from genesys_assets.purge.erase import PURGED, NotFoundError, Purged, PurgeError, Removed, Request, preview, purge
from genesys_assets.purge.lake import is_lake, unknown_files
from genesys_assets.purge.leftovers import InCheckpoints, found_in_checkpoints, remove_checkpoints
from genesys_assets.purge.memory import without_purged
from genesys_assets.purge.rewriting import RewriteError, rewrite
from genesys_assets.purge.sizes import Rewritten

__all__ = [
    "PURGED",
    "InCheckpoints",
    "NotFoundError",
    "PurgeError",
    "Purged",
    "Removed",
    "Request",
    "RewriteError",
    "Rewritten",
    "found_in_checkpoints",
    "is_lake",
    "preview",
    "purge",
    "remove_checkpoints",
    "rewrite",
    "unknown_files",
    "without_purged",
]
