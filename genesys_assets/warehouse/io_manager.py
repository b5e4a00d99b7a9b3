"""The warehouse as Dagster sees it: an IO manager that stores and loads polars frames.

Belongs here: what is said to and by Dagster (settings, contexts, metadata). What is done with a database is in
`database`, `table`, `staged` and `parquet`.

It stands on dagster-duckdb's extension points as far as they serve: `DuckDBIOManager` holds the settings, `DbIOManager`
knows the types and loads, by a `DuckDbClient` that connects and a `DbTypeHandler` that reads. Two of `DbIOManager`'s
methods are replaced. `handle_output` opens the database before it looks at the frame, and has no transaction; here the
frame is spooled first. `_get_table_slice` describes partitions by an interval of time stamps, which can neither name
days with gaps between them nor be compared with a date without a time zone; here a slice names its partition keys.
"""

import contextlib
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import dagster as dg
import duckdb
import polars as pl
from dagster_duckdb import DuckDBIOManager
from dagster_duckdb.io_manager import DuckDbClient
from pydantic import Field

from genesys_assets.dagster_internals import DbIOManager, DbTypeHandler, TablePartitionDimension, TableSlice
from genesys_assets.failures import with_failures
from genesys_assets.warehouse import stored
from genesys_assets.warehouse.database import Database, Hold
from genesys_assets.warehouse.duckdb_settings import bulk_settings
from genesys_assets.warehouse.errors import DatabaseDamagedError, DeclarationError, NotStoredError
from genesys_assets.warehouse.names import table_of
from genesys_assets.warehouse.parquet import ParquetRows, copied, selected, spooled, without
from genesys_assets.warehouse.run_cache import Handover
from genesys_assets.warehouse.spool import Spool, temporary_folder
from genesys_assets.warehouse.staged import Changes, Incoming
from genesys_assets.warehouse.table import Table, ensure, stored_columns
from genesys_assets.warehouse.waiting import Patience

Context = dg.InputContext | dg.OutputContext

_SHOWN = ("dagster/column_schema", "dagster/column_lineage")
"""Declared metadata that the UI looks for on a materialisation."""


class Warehouse(DuckDBIOManager):
    """Stores and loads polars frames in DuckDB: a partition is replaced in one transaction, or left as it was.

    An asset declares its table in its definition metadata: `dagster/column_schema` (a `TableSchema` with DuckDB's
    types), `partition_expr` (the column that holds the partition key), and optionally `primary_key`,
    `compressed_columns` and `volatile_columns`. The last part of its key is the table, the part before it the schema.
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
        default=Patience.remedy,
        description="What the error of a wait in vain advises: '..., then run this step again'.",
    )
    spool_directory: str | None = Field(
        default=None,
        description="Where passing files are kept: by default '<database>.spool', for a lake the temporary folder.",
    )

    @staticmethod
    def type_handlers() -> Sequence[DbTypeHandler[Any]]:
        """Return no handlers: each needs the spool of one run, and is created with it."""
        return []

    def create_io_manager(self, context: object) -> "WarehouseIOManager":
        """Return the IO manager; the caller closes it."""
        log = getattr(context, "log", None)  # the run's; a sensor or a test may have none
        tell = log.warning if log else Patience.tell
        spool = Spool(self._spool_folder, Patience(self.lock_timeout_seconds, tell=tell, remedy=self.remedy))
        database = Database(
            self.database,
            data_path=self.data_path,
            lock_timeout_seconds=self.lock_timeout_seconds,
            settings={**bulk_settings(), **self.connection_config},
            spool=spool,
            tell=tell,
            remedy=self.remedy,
        )
        return WarehouseIOManager(database, spool, schema=self.schema_)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WarehouseIOManager"]:
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
        path = Database(self.database, data_path=self.data_path).path
        return Path(f"{path}.spool") if path else temporary_folder()


class WarehouseIOManager(DbIOManager):
    """Stores frames by way of a spool, in one transaction; loads them by way of a spool, with the database closed."""

    def __init__(self, database: Database, spool: Spool, *, schema: str | None = None) -> None:
        self._frames = _Frames(spool, database)
        super().__init__(
            type_handlers=[self._frames],
            db_client=_Client(database),
            database=database.label,
            schema=schema,
            io_manager_name="Warehouse",
            default_load_type=pl.LazyFrame,
        )
        self._warehouse = database
        self._spool = spool
        self._handover = Handover(database)
        self._is_used = False

    @property
    def database(self) -> Database:
        """Return the database, for what is neither an asset's output nor its input."""
        return self._warehouse

    @property
    def spool(self) -> Spool:
        """Return the spool, which holds temporary files."""
        return self._spool

    def lasting(self) -> AbstractContextManager[Path]:
        """Return an empty folder for `ParquetRows` that an asset will return.

        It stays until the run is over; in a lake, where nothing is handed on to later steps, until its block ends.
        """
        return self._spool.lasting() if self._warehouse.notices_others else self._spool.passing()

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
        table, keys = _target(context, table_slice)
        hold = Hold()
        self._refuse_lost(context, table)
        with self.lasting() as kept, self._spool.passing() as folder:
            rows, left_out = _rows(context.name, obj, table, kept), 0
            for attempt in itertools.count():
                with contextlib.closing(Incoming(rows, table, keys, _new(folder / str(attempt)))) as incoming:
                    purged = self._put_over(context, table_slice, incoming, hold)
                    changes = {} if purged else incoming.changes()
                if not purged:
                    break
                left_out += len(purged)
                rows = without(rows, table, purged, _new(kept / f"without-{attempt}"))
        self._handover.give(table, keys, rows)
        figures = _figures(hold, time.monotonic() - began_at, has_conflicts=self._warehouse.has_conflicts)
        _record(context, table, {**figures, **({"left_out": left_out} if left_out else {})}, changes)

    def _put_over(
        self, context: dg.OutputContext, table_slice: TableSlice, incoming: Incoming, hold: Hold
    ) -> list[str]:
        """Store the rows as `_put` does, replacing damaged rows in the partitions without reading them."""
        try:
            return self._put(context, table_slice, incoming, hold)
        except DatabaseDamagedError as error:
            if not incoming.leave_unread():
                raise
            context.log.warning("What stands there cannot be read, and is replaced unread. %s", error)
            return self._put(context, table_slice, incoming, hold)

    def _put(self, context: dg.OutputContext, table_slice: TableSlice, incoming: Incoming, hold: Hold) -> list[str]:
        """Store the rows in one transaction; or store none, and return which values must be left out of them."""
        table, keys = _target(context, table_slice)

        def put(connection: duckdb.DuckDBPyConnection) -> list[str]:
            purged = incoming.left_out(connection)
            if not purged:
                self._frames.handle_output(context, table_slice, incoming, connection)
                self._warehouse.record(connection, table, keys)  # how they were made
            return purged

        rows = incoming.row_group_rows
        return self._warehouse.transact(put, hold, table=table, keys=keys, row_group_rows=rows)

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
            _refuse_anew(context, table, self._warehouse.label)
        self._is_used = True

    @with_failures
    def load_input(self, context: dg.InputContext) -> object:
        """Return the slice that the input asks for, as a LazyFrame or a DataFrame.

        Raises:
            dagster.Failure: It is not declared, or the database is busy or cannot be opened.
        """
        table_slice = self._get_table_slice(context, cast("dg.OutputContext", context.upstream_output))
        table, keys = _target(context, table_slice)
        self._is_used = self._is_used or bool(self._warehouse.path and self._warehouse.path.exists())
        rows = self._handover.take(table, keys)
        if rows is None:
            return super().load_input(context)
        return _as_typed(context, rows.scan(table).select(*selected(table, table_slice.columns)))

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


class _Client(DuckDbClient):
    """Connects for a load."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.contextmanager
    def connect(  # type: ignore[override]  # static in the base class, called on an instance
        self, context: Context, table_slice: TableSlice
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._database.reading() as connection:
            yield connection


class _Frames(DbTypeHandler[Any]):
    """Stores spooled rows, and loads a slice as a LazyFrame or a DataFrame."""

    def __init__(self, spool: Spool, database: Database) -> None:
        self._spool = spool
        self._dialect = database.dialect
        self._label = database.label

    @property
    def supported_types(self) -> Sequence[type[object]]:
        return [pl.LazyFrame, pl.DataFrame]

    def handle_output(
        self,
        context: dg.OutputContext,
        table_slice: TableSlice,
        obj: Incoming,
        connection: duckdb.DuckDBPyConnection,
    ) -> None:
        table, keys = _target(context, table_slice)
        if table.is_recorded and not stored.is_begun(connection):
            if not stored_columns(connection, table):
                _refuse_anew(context, table, self._label)
            stored.begin(connection, self._dialect)
        stored.claim(connection, table, context.asset_key.to_user_string())
        ensure(connection, table, self._dialect)
        obj.replace(connection)
        if table.is_recorded and keys is not None:
            stored.record(connection, table.label, obj.counts)

    def load_input(
        self, context: dg.InputContext, table_slice: TableSlice, connection: duckdb.DuckDBPyConnection
    ) -> pl.LazyFrame | pl.DataFrame:
        """Return the slice with the declared types; a partition or table that is not stored yet is empty.

        Raises:
            NotStoredError: The table is declared as recorded, and some of the slice is not stored.
        """
        table, keys = _target(context, table_slice)
        if table.is_recorded and table.partition_column and keys:
            stored.refuse_incomplete(connection, table.label, table.partition_column, keys, self._label)
        step = _step(context)
        folder = self._spool.kept(step or "")
        frame = copied(connection, table, keys, table_slice.columns, folder)
        # Outside a run no step ends after which the file could be deleted, so the rows are read into memory.
        return _as_typed(context, frame if step else frame.collect().lazy())


def _target(context: Context, table_slice: TableSlice) -> tuple[Table, list[str] | None]:
    """Return the declared table, and the partition keys that are stored or loaded (None: the whole table)."""
    owner = context if isinstance(context, dg.OutputContext) else context.upstream_output
    metadata: Mapping[str, Any] = (owner.definition_metadata if owner else None) or {}
    dimensions = table_slice.partition_dimensions
    table = Table.declared(table_slice.schema, table_slice.table, metadata, partitioned=dimensions is not None)
    return table, list(cast("Sequence[str]", dimensions[0].partitions)) if dimensions else None


def _refuse_anew(context: dg.OutputContext, table: Table, where: str) -> None:
    """Refuse to begin an empty database for a Dagster instance that has stored in one already.

    Raises:
        NotStoredError: The instance has recorded that the asset was stored.
    """
    instance = context.step_context.instance
    if instance.get_latest_materialization_event(context.asset_key) is None:
        return
    raise NotStoredError(
        f"The database {where} is not there or empty, although Dagster has recorded that {table.label} was stored, and "
        "nothing was stored: correct where the database is said to be, or put it back from a copy. To begin a new one "
        "there on purpose, run 'genesys-assets new-database', and materialise the days again."
    )


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _rows(name: str, obj: object, table: Table, folder: Path) -> ParquetRows:
    """Return what an asset has returned as files; a frame is written to `folder`."""
    if isinstance(obj, ParquetRows):
        return obj
    if not isinstance(obj, pl.LazyFrame | pl.DataFrame):
        raise DeclarationError(
            f"The warehouse stores polars frames, and {name!r} is a {type(obj).__name__}: return one."
        )
    return spooled(obj.lazy(), table, folder)


def _as_typed(context: dg.InputContext, frame: pl.LazyFrame) -> pl.LazyFrame | pl.DataFrame:
    """Return the frame as the type that the input is annotated with; lazy when it has none."""
    return frame.collect() if context.dagster_type.typing_type is pl.DataFrame else frame


def _step(context: dg.InputContext) -> str | None:
    """Return the run and the step that load; None outside a run."""
    try:
        step = context.step_context
    except dg.DagsterInvariantViolationError:
        return None
    return f"{step.run_id}/{step.step.key}"


def _figures(hold: Hold, store_seconds: float, *, has_conflicts: bool) -> dict[str, float]:
    """Return a materialisation's figures on storing: the time for all of it, and the wait and the hold as its parts."""
    figures = {
        "store_seconds": round(store_seconds, 3),
        "lock_wait_seconds": round(hold.waited_seconds, 3),
        "lock_hold_seconds": round(hold.held_seconds, 3),
    }
    return {**figures, "conflicts": hold.conflicts, "conflict_retries": hold.retries} if has_conflicts else figures


def _record(
    context: dg.OutputContext, table: Table, figures: Mapping[str, float], changes: Mapping[str | None, Changes]
) -> None:
    """Add the step's figures to the output, and each partition's own to that partition.

    Dagster repeats an output's metadata on every day of a range, so these hold only what is true of all days.
    """
    declared = context.definition_metadata
    context.add_output_metadata(
        {
            "dagster/table_name": table.label,
            **{name: declared[name] for name in _SHOWN if name in declared},
            **figures,
        }
    )
    for partition, change in changes.items():
        count = "dagster/row_count" if partition is None else "dagster/partition_row_count"
        counted = {
            count: change.rows,
            "rows_added": change.added,
            "rows_changed": change.changed,
            "rows_removed": change.removed,
            "bytes": change.bytes,
        }
        known = {name: figure for name, figure in counted.items() if figure is not None}
        context.log.info("Stored %s, %s: %s.", table.label, partition or "whole", change.told())
        context.step_context.add_asset_metadata(known, asset_key=context.asset_key, partition_key=partition)
