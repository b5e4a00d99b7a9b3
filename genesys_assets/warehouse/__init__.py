"""A DuckDB warehouse for Dagster: an IO manager that cannot lose, double or misplace a row.

Belongs here: storing and loading polars frames, whatever they hold. Imports nothing of the project but `errors` and
`failures`, with which it can be lifted out. `Warehouse` is for Dagster; `Database` opens the same database for all else
(exports, purges, a command line).
"""

from genesys_assets.warehouse.database import Database, Hold
from genesys_assets.warehouse.errors import (
    DatabaseBusyError,
    DatabaseConflictError,
    DatabaseDamagedError,
    DatabaseUnreachableError,
    DatabaseUnreadableError,
    DeclarationError,
    DiskFullError,
    ExtensionMissingError,
    NotStoredError,
    RowsLostError,
    RowsRefusedError,
    SchemaRefusedError,
    WarehouseError,
)
from genesys_assets.warehouse.io_manager import Warehouse, WarehouseIOManager
from genesys_assets.warehouse.names import refuse_collisions
from genesys_assets.warehouse.parquet import ParquetRows

__all__ = [
    "Database",
    "DatabaseBusyError",
    "DatabaseConflictError",
    "DatabaseDamagedError",
    "DatabaseUnreachableError",
    "DatabaseUnreadableError",
    "DeclarationError",
    "DiskFullError",
    "ExtensionMissingError",
    "Hold",
    "NotStoredError",
    "ParquetRows",
    "RowsLostError",
    "RowsRefusedError",
    "SchemaRefusedError",
    "Warehouse",
    "WarehouseError",
    "WarehouseIOManager",
    "refuse_collisions",
]
