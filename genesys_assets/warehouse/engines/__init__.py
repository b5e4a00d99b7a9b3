"""The kinds of database that the warehouse keeps its tables in, and what differs between them."""

from genesys_assets.warehouse.engines.choice import engine_at
from genesys_assets.warehouse.engines.duckdb_errors import full_disk
from genesys_assets.warehouse.engines.engine import Engine
from genesys_assets.warehouse.engines.file import STORAGE_VERSION
from genesys_assets.warehouse.engines.lake import LAKE

__all__ = ["LAKE", "STORAGE_VERSION", "Engine", "engine_at", "full_disk"]
