"""The warehouse as a Dagster resource: its settings, and the IO manager that it makes of them.

Belongs here: what can be set, and its defaults.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_duckdb import DuckDBIOManager
from pydantic import Field

from genesys_assets.dagster_internals import DbTypeHandler
from genesys_assets.warehouse.database import Database
from genesys_assets.warehouse.duckdb_settings import bulk_settings
from genesys_assets.warehouse.engines import engine_at
from genesys_assets.warehouse.io_manager import WarehouseIOManager
from genesys_assets.warehouse.spool import Spool, temporary_folder
from genesys_assets.warehouse.waiting import WaitPolicy


class Warehouse(DuckDBIOManager):
    """Stores and loads polars frames in DuckDB: a partition is replaced in one transaction, or left as it was.

    An asset declares its table in its definition metadata: `dagster/column_schema` (a `TableSchema` with DuckDB's
    types), `partition_expr` (the column that holds the partition key), and optionally `primary_key`,
    `compressed_columns` and others, see `Table.declared`. The last part of its key is the table, the part before it
    the schema.
    """

    database: str = Field(description="The DuckDB file, or 'ducklake:...'.")
    data_path: str | None = Field(
        default=None, description="Where a lake's Parquet files are: a folder or an s3:// URL."
    )
    connection_config: dict[str, Any] = Field(
        default={}, description="DuckDB settings for each connection, such as {'memory_limit': '2GB'}."
    )
    lock_timeout_seconds: float = Field(
        default=600.0, description="How long a step waits for others to let go of the database before it fails."
    )
    remedy: str = Field(
        default=WaitPolicy.remedy,
        description="What the error advises when the wait was in vain: '..., then run this step again'.",
    )
    spool_directory: str | None = Field(
        default=None,
        description="Where temporary files are kept: by default '<database>.spool', for a lake the temporary folder.",
    )

    @staticmethod
    def type_handlers() -> Sequence[DbTypeHandler[Any]]:
        """Return no handlers: each needs the spool of one run, and is created with it."""
        return []

    def create_io_manager(self, context: object) -> WarehouseIOManager:
        """Return the IO manager; the caller closes it."""
        log = getattr(context, "log", None)  # the run's; a sensor or a test may have none
        tell = log.warning if log else WaitPolicy.tell
        wait_policy = WaitPolicy(self.lock_timeout_seconds, tell=tell, remedy=self.remedy)
        spool = Spool(self._spool_folder, wait_policy)
        database = Database(
            self.database,
            data_path=self.data_path,
            settings={**bulk_settings(), **self.connection_config},
            spool=spool,
            wait_policy=wait_policy,
        )
        return WarehouseIOManager(database, spool, schema=self.schema_)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[WarehouseIOManager]:
        """Yield the IO manager for as long as a run needs it, then remove its temporary files."""
        manager = self.create_io_manager(context)
        try:
            yield manager
        finally:
            manager.close()

    @property
    def _spool_folder(self) -> Path:
        if self.spool_directory:
            return Path(self.spool_directory)
        path = engine_at(self.database, self.data_path).path
        return Path(f"{path}.spool") if path else temporary_folder()
