"""A DuckDB warehouse for Dagster: an IO manager that cannot lose, double or misplace a row.

Belongs here: storing and loading polars frames, whatever they hold. It works without the rest of the project, but for
the few modules that docs/architecture.md names in its row. `Warehouse` is for Dagster; `Database` opens the same
database for everything else (exports, purges, a command line).
"""

from genesys_assets.warehouse.database import Database
from genesys_assets.warehouse.duckdb_settings import SESSION, bulk_settings, rows_in_group
from genesys_assets.warehouse.engines import LAKE, STORAGE_VERSION
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
from genesys_assets.warehouse.io_manager import WarehouseIOManager
from genesys_assets.warehouse.names import refuse_collisions
from genesys_assets.warehouse.parquet import ParquetRows, copy_out, rows_in
from genesys_assets.warehouse.paths import attachable
from genesys_assets.warehouse.resource import Warehouse
from genesys_assets.warehouse.spool import TEMPORARY_PREFIX, Spool, temporary_folder
from genesys_assets.warehouse.table import (
    CATALOGUE,
    EVERY_TABLE,
    Column,
    Table,
    ensure,
    exists,
    literal,
    quoted,
    stored_columns,
    stored_types,
)
from genesys_assets.warehouse.waiting import LockTiming, WaitPolicy

__all__ = [
    "CATALOGUE",
    "EVERY_TABLE",
    "LAKE",
    "SESSION",
    "STORAGE_VERSION",
    "TEMPORARY_PREFIX",
    "Column",
    "Database",
    "DatabaseBusyError",
    "DatabaseConflictError",
    "DatabaseDamagedError",
    "DatabaseUnreachableError",
    "DatabaseUnreadableError",
    "DeclarationError",
    "DiskFullError",
    "ExtensionMissingError",
    "LockTiming",
    "NotStoredError",
    "ParquetRows",
    "RowsLostError",
    "RowsRefusedError",
    "SchemaRefusedError",
    "Spool",
    "Table",
    "WaitPolicy",
    "Warehouse",
    "WarehouseError",
    "WarehouseIOManager",
    "attachable",
    "bulk_settings",
    "copy_out",
    "ensure",
    "exists",
    "literal",
    "quoted",
    "refuse_collisions",
    "rows_in",
    "rows_in_group",
    "stored_columns",
    "stored_types",
    "temporary_folder",
]
