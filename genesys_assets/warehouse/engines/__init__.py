"""The kinds of database that the warehouse keeps its tables in, and what differs between them."""

from genesys_assets.warehouse.engines.choice import engine_at
from genesys_assets.warehouse.engines.engine import Engine, full_disk
from genesys_assets.warehouse.engines.file import STORAGE_VERSION
from genesys_assets.warehouse.engines.service import LAKE, SERVICE

__all__ = ["LAKE", "SERVICE", "STORAGE_VERSION", "Engine", "engine_at", "full_disk"]
