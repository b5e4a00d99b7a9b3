"""The IO manager: how a step's output is stored, and its input loaded, in the order that keeps the database free.

Belongs here: Dagster's two calls, and the order of spooling, waiting, storing and reporting. What is done in the open
database is in `type_handler`, what is said of it afterwards in `metadata`, what can be set in `resource`.

It stands on dagster-duckdb's extension points as far as they serve: `DbIOManager` knows the types and loads, by a
`DuckDbClient` that connects and a `DbTypeHandler` that reads. Two of its methods are replaced. `handle_output` opens
the database before it looks at the frame, and has no transaction; here the frame is spooled first. `_get_table_slice`
describes partitions by an interval of time stamps, which can neither name days with gaps between them nor be compared
with a date without a time zone; here a slice names its partition keys.
"""

import contextlib
import itertools
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import cast

import dagster as dg
import duckdb
import polars as pl

from genesys_assets.dagster_internals import DbIOManager, TablePartitionDimension, TableSlice
from genesys_assets.failures import with_failures
from genesys_assets.warehouse.database import Database
from genesys_assets.warehouse.errors import DatabaseDamagedError, DeclarationError, NotStoredError
from genesys_assets.warehouse.metadata import add_metadata, store_figures
from genesys_assets.warehouse.names import table_of
from genesys_assets.warehouse.parquet import ParquetRows, selected, spooled, without
from genesys_assets.warehouse.run_cache import RunCache
from genesys_assets.warehouse.spool import Spool
from genesys_assets.warehouse.staged import StagedRows
from genesys_assets.warehouse.table import Table
from genesys_assets.warehouse.type_handler import (
    Client,
    Context,
    FrameHandler,
    as_annotated,
    refuse_new_database,
    target,
)
from genesys_assets.warehouse.waiting import LockTiming


class WarehouseIOManager(DbIOManager):
    """Stores frames by way of a spool, in one transaction; loads them by way of a spool, with the database closed."""

    def __init__(self, database: Database, spool: Spool, *, schema: str | None = None) -> None:
        self._frames = FrameHandler(spool, database)
        super().__init__(
            type_handlers=[self._frames],
            db_client=Client(database),
            database=database.label,
            schema=schema,
            io_manager_name="Warehouse",
            default_load_type=pl.LazyFrame,
        )
        self._warehouse = database
        self._spool = spool
        self._cache = RunCache(database)
        self._is_used = False

    @property
    def database(self) -> Database:
        """Return the database, for what is neither an asset's output nor its input."""
        return self._warehouse

    @property
    def spool(self) -> Spool:
        """Return the spool, which holds temporary files."""
        return self._spool

    def run_folder(self) -> AbstractContextManager[Path]:
        """Return an empty folder for `ParquetRows` that an asset will return.

        It stays until the run is over; in a lake, where later steps always read the database, until its block ends.
        """
        return self._spool.run_folder() if self._warehouse.external_writes.are_detected else self._spool.scoped_folder()

    def close(self) -> None:
        """Remove the temporary files; frames that were loaded lazily can no longer be read."""
        self._spool.close()

    @with_failures
    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Replace the run's partitions by the rows of `obj`.

        Raises:
            dagster.Failure: The rows or the table were refused, or the database is busy or cannot be opened; nothing
                was changed.
        """
        began_at = time.monotonic()
        table_slice = self._get_table_slice(context, context)
        table, keys = target(context, table_slice)
        timing = LockTiming()
        self._refuse_lost(context, table)
        with self.run_folder() as kept, self._spool.scoped_folder() as folder:
            rows, left_out = _rows(context.name, obj, table, kept), 0
            for attempt in itertools.count():
                with contextlib.closing(StagedRows(rows, table, keys, _new(folder / str(attempt)))) as staged:
                    purged = self._store_over_damage(context, table_slice, staged, timing)
                    changes = {} if purged else staged.changes()
                if not purged:
                    break
                left_out += len(purged)
                rows = without(rows, table, purged, _new(kept / f"without-{attempt}"))
        self._cache.put(table, keys, rows)
        figures = store_figures(timing, time.monotonic() - began_at, has_conflicts=self._warehouse.has_conflicts)
        add_metadata(context, table, {**figures, **({"left_out": left_out} if left_out else {})}, changes)

    def _store_over_damage(
        self, context: dg.OutputContext, table_slice: TableSlice, staged: StagedRows, timing: LockTiming
    ) -> list[str]:
        """Store the rows as `_store` does, replacing damaged rows in the partitions without reading them."""
        try:
            return self._store(context, table_slice, staged, timing)
        except DatabaseDamagedError as error:
            if not staged.leave_unread():
                raise
            context.log.warning("The stored rows cannot be read, and are replaced without it. %s", error)
            return self._store(context, table_slice, staged, timing)

    def _store(
        self, context: dg.OutputContext, table_slice: TableSlice, staged: StagedRows, timing: LockTiming
    ) -> list[str]:
        """Store the rows in one transaction; or store none, and return which values must be left out of them."""
        table, keys = target(context, table_slice)

        def store(connection: duckdb.DuckDBPyConnection) -> list[str]:
            purged = staged.left_out(connection)
            if not purged:
                self._frames.handle_output(context, table_slice, staged, connection)
                self._warehouse.record(connection, table, keys)  # how they were made
            return purged

        rows = staged.row_group_rows
        return self._warehouse.transact(store, timing, table=table, keys=keys, row_group_rows=rows)

    def _refuse_lost(self, context: dg.OutputContext, table: Table) -> None:
        """Refuse to create a database where there was one before, or at a path that was set by mistake.

        Raises:
            NotStoredError: There is no file, and this run or the Dagster instance has stored in it.
        """
        path = self._warehouse.path
        if table.is_recorded and path is not None and not path.exists():
            if self._is_used:
                raise NotStoredError(
                    f"The database {self._warehouse.label} was moved away or removed while this run was at work, and "
                    "nothing was stored: put it back and run this step again."
                )
            refuse_new_database(context, table, self._warehouse.label)
        self._is_used = True

    @with_failures
    def load_input(self, context: dg.InputContext) -> object:
        """Return the slice that the input asks for, as a LazyFrame or a DataFrame.

        Raises:
            dagster.Failure: It is not declared, or the database is busy or cannot be opened.
        """
        table_slice = self._get_table_slice(context, cast("dg.OutputContext", context.upstream_output))
        table, keys = target(context, table_slice)
        self._is_used = self._is_used or bool(self._warehouse.path and self._warehouse.path.exists())
        rows = self._cache.get(table, keys)
        if rows is None:
            return super().load_input(context)
        return as_annotated(context, rows.scan(table).select(*selected(table, table_slice.columns)))

    def _get_table_slice(self, context: Context, output_context: dg.OutputContext) -> TableSlice:
        """Return the slice by its partition keys, where the base class would give an interval."""
        if not context.has_asset_key:
            message = f"The warehouse stores assets, and {output_context.name!r} is an op's output: it has no table."
            raise DeclarationError(message)
        metadata = output_context.definition_metadata or {}
        schema, name = table_of(context.asset_key.path, metadata, self._schema)
        dimensions = None
        if context.has_asset_partitions:
            column = cast("str", metadata.get("partition_expr"))
            dimensions = [TablePartitionDimension(column, list(context.asset_partition_keys))]
        return TableSlice(
            table=name,
            schema=schema,
            columns=(context.definition_metadata or {}).get("columns"),
            partition_dimensions=dimensions,
        )


def _rows(name: str, obj: object, table: Table, folder: Path) -> ParquetRows:
    """Return what an asset has returned as files; a frame is written to `folder`."""
    if isinstance(obj, ParquetRows):
        return obj
    if not isinstance(obj, pl.LazyFrame | pl.DataFrame):
        raise DeclarationError(
            f"The warehouse stores polars frames, and {name!r} is a {type(obj).__name__}: return one."
        )
    return spooled(obj.lazy(), table, folder)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder
