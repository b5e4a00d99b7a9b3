"""What an asset declares about the table it is stored in: its columns, key, names, as Dagster metadata.

The one place where a dataframely schema becomes what the warehouse obeys and the Dagster UI shows. How a table is
written is the warehouse's business; which tables there are is `genesys_assets.tables`.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import dagster as dg
import dataframely as dy

from genesys_assets.assets.lineage import column_lineage
from genesys_assets.failures import with_failures
from genesys_assets.partitions import Daily
from genesys_assets.purge import PURGED
from genesys_assets.tables import TABLES
from genesys_assets.tables.sql_types import sql_type

T = TypeVar("T")
OfDays = Callable[[Daily], T]
"""What has a partition a day, as declared: called with an organisation's partitions, it makes the definition."""

OWNERS = ["team:contact-centre-data"]

VOLATILE = ("fetched_at", "source", "age_ms")
"""Columns that tell when and how a row was read: a day that is read again is not a changed one for them."""


def column_schema(schema: type[dy.Schema]) -> dg.TableSchema:
    """Return the columns of a table with their DuckDB types, nullability and descriptions."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=name,
                type=sql_type(column.dtype),
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
            )
            for name, column in schema.columns().items()
        ]
    )


def table_spec(table: str) -> dict[str, Any]:
    """Return what `@dg.asset` and `dg.AssetOut` take for a table: key, description, group, owners, kinds, columns.

    Args:
        table: 'schema.name', as in `TABLES`.
    """
    group, name = table.split(".")
    schema = TABLES[table]
    columns = schema.columns()
    metadata: dict[str, Any] = {
        "dagster/column_schema": column_schema(schema),
        "dagster/column_lineage": column_lineage(table),
        "dagster/table_name": table,
        "primary_key": schema.primary_key(),
        "recorded": True,
    }
    if "partition_date" in columns:
        metadata["partition_expr"] = "partition_date"
    if "conversation_id" in columns:
        metadata["left_out_by"] = ["conversation_id", PURGED]
    if "document" in columns:
        metadata["compressed_columns"] = ["document"]
    volatile = [name for name in VOLATILE if name in columns]
    if volatile:
        metadata["volatile_columns"] = volatile
    return {
        "key": dg.AssetKey([group, name]),
        "description": inspect.getdoc(schema),
        "group_name": group,
        "owners": OWNERS,
        "kinds": {"duckdb", "polars"} if group != "raw" else {"duckdb", "genesys"},
        "metadata": metadata,
    }


def snapshot_table(
    table: str, *, code_version: str = "1", **options: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Return `@dg.asset` for a stored table that is replaced whole.

    Args:
        table: 'schema.name', as in `TABLES`.
        code_version: Raised when the code makes other rows of the same input: Dagster shows stored days as stale then.
        options: What else `@dg.asset` is to know: ins, pool, retry_policy, ...
    """

    def decorate(make: Callable[..., Any]) -> dg.AssetsDefinition:
        asset: dg.AssetsDefinition
        asset = dg.asset(**table_spec(table), code_version=code_version, **options)(with_failures(make))
        return asset

    return decorate


def daily_table(table: str, **options: Any) -> Callable[[Callable[..., Any]], OfDays[dg.AssetsDefinition]]:
    """Return a decorator as `snapshot_table`, for a stored table that has a partition a day: it makes an `OfDays`."""

    def decorate(make: Callable[..., Any]) -> OfDays[dg.AssetsDefinition]:
        return lambda days: snapshot_table(table, partitions_def=days, **options)(make)

    return decorate


@dataclass(frozen=True)
class DailyCheck:
    """A check, day by day, of a stored table that has a partition a day; called, it is the check of these partitions.

    Attributes:
        key: The checked asset, and the check's name.
        check: What `@dg.asset_check` decorates.
        options: What else it is to know: description, blocking, pool, ...
    """

    key: dg.AssetCheckKey
    check: Callable[..., Any]
    options: Mapping[str, Any]

    def __call__(self, days: Daily) -> dg.AssetChecksDefinition:
        """Return the check of these partitions."""
        name, asset = self.key.name, self.key.asset_key
        with suppress_preview_warning():
            return dg.asset_check(name=name, asset=asset, partitions_def=days, **self.options)(
                with_failures(self.check)
            )


def daily_check(table: str, *, name: str | None = None, **options: Any) -> Callable[[Callable[..., Any]], DailyCheck]:
    """Return a decorator that declares a check of a stored table that has a partition a day.

    Args:
        table: 'schema.name', as in `TABLES`.
        name: The check's name; by default the function's.
        options: As in `DailyCheck`.
    """

    def decorate(check: Callable[..., Any]) -> DailyCheck:
        return DailyCheck(dg.AssetCheckKey(dg.AssetKey(table.split(".")), name or check.__name__), check, options)

    return decorate


@contextmanager
def suppress_preview_warning() -> Iterator[None]:
    """Suppress Dagster's warning that partitioned checks are a preview: our tests tell when they change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        yield
