"""What is done in an open database for one output or input: the part that Dagster calls a type handler.

Belongs here: storing staged rows and loading a slice over a connection that is handed in, and which table and
partitions Dagster's contexts mean. When the database is opened is said in `io_manager`.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import dagster as dg
import duckdb
import polars as pl
from dagster_duckdb.io_manager import DuckDbClient

from genesys_assets.dagster_internals import DbTypeHandler, TableSlice
from genesys_assets.warehouse import stored
from genesys_assets.warehouse.database import Database
from genesys_assets.warehouse.errors import NotStoredError
from genesys_assets.warehouse.parquet import copied
from genesys_assets.warehouse.spool import Spool
from genesys_assets.warehouse.staged import StagedRows
from genesys_assets.warehouse.table import Table, ensure, stored_columns

Context = dg.InputContext | dg.OutputContext


class Client(DuckDbClient):
    """Connects for a load."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.contextmanager
    def connect(  # type: ignore[override]  # static in the base class, called on an instance
        self, context: Context, table_slice: TableSlice
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a read-only connection."""
        with self._database.reading() as connection:
            yield connection


class FrameHandler(DbTypeHandler[Any]):
    """Stores staged rows, and loads a slice as a LazyFrame or a DataFrame."""

    def __init__(self, spool: Spool, database: Database) -> None:
        self._spool = spool
        self._dialect = database.dialect
        self._label = database.label

    @property
    def supported_types(self) -> Sequence[type[object]]:
        """Return the types of frames."""
        return [pl.LazyFrame, pl.DataFrame]

    def handle_output(
        self,
        context: dg.OutputContext,
        table_slice: TableSlice,
        obj: StagedRows,
        connection: duckdb.DuckDBPyConnection,
    ) -> None:
        """Replace the rows of the slice, in the connection's transaction; the table follows its declaration.

        Raises:
            NotStoredError: The database is empty, although Dagster has recorded that the asset was stored.
            SchemaRefusedError: The stored table does not fit the declared one, or belongs to another asset.
            RowsLostError: The partitions do not hold exactly these rows.
        """
        table, keys = target(context, table_slice)
        if table.is_recorded and not stored.is_begun(connection):
            if not stored_columns(connection, table):
                refuse_new_database(context, table, self._label)
            stored.begin(connection, self._dialect)
        stored.record_owner(connection, table, context.asset_key.to_user_string())
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
        table, keys = target(context, table_slice)
        if table.is_recorded and table.partition_column and keys:
            stored.refuse_incomplete(connection, table.label, table.partition_column, keys, self._label)
        step = _step(context)
        folder = self._spool.step_folder(step or "")
        frame = copied(connection, table, keys, table_slice.columns, folder)
        # Outside a run no step ends after which the file could be deleted, so the rows are read into memory.
        return as_annotated(context, frame if step else frame.collect().lazy())


def target(context: Context, table_slice: TableSlice) -> tuple[Table, list[str] | None]:
    """Return the declared table, and the partition keys that are stored or loaded (None: the whole table)."""
    owner = context if isinstance(context, dg.OutputContext) else context.upstream_output
    metadata: Mapping[str, Any] = (owner.definition_metadata if owner else None) or {}
    dimensions = table_slice.partition_dimensions
    table = Table.declared(table_slice.schema, table_slice.table, metadata, partitioned=dimensions is not None)
    return table, list(cast("Sequence[str]", dimensions[0].partitions)) if dimensions else None


def as_annotated(context: dg.InputContext, frame: pl.LazyFrame) -> pl.LazyFrame | pl.DataFrame:
    """Return the frame as the type that the input is annotated with; lazy when it has none."""
    return frame.collect() if context.dagster_type.typing_type is pl.DataFrame else frame


def refuse_new_database(context: dg.OutputContext, table: Table, label: str) -> None:
    """Refuse to begin an empty database for a Dagster instance that has stored in one already.

    Raises:
        NotStoredError: The instance has recorded that the asset was stored.
    """
    instance = context.step_context.instance
    if instance.get_latest_materialization_event(context.asset_key) is None:
        return
    raise NotStoredError(
        f"The database {label} is not there or empty, although Dagster has recorded that {table.label} was stored, and "
        "nothing was stored: correct where the database is said to be, or put it back from a copy. To begin a new one "
        "there on purpose, run 'genesys-assets new-database', and materialise the days again."
    )


def _step(context: dg.InputContext) -> str | None:
    """Return the run and the step that load; None outside a run."""
    try:
        step = context.step_context
    except dg.DagsterInvariantViolationError:
        return None
    return f"{step.run_id}/{step.step.key}"
