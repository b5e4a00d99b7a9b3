"""How assets and checks are declared: from a table's schema, to what the warehouse obeys and the Dagster UI shows.

What belongs here: the decorators, and the metadata that they make of a dataframely schema. The warehouse decides how a
table is written; which tables there are is `genesys_assets.tables`.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import dagster as dg
import dataframely as dy
import polars as pl

from genesys_assets.assets.lineage import column_lineage
from genesys_assets.data_model import TABLES
from genesys_assets.failures import with_failures
from genesys_assets.marts import Mart
from genesys_assets.names import PLAIN, Names
from genesys_assets.partitions import Daily
from genesys_assets.purge import PURGED, key_among
from genesys_assets.tables.sql_types import sql_type

T_co = TypeVar("T_co", covariant=True)


class OfDays(Protocol[T_co]):
    """An asset or check of days, as declared: called with an organisation's partitions, it makes the definition."""

    def __call__(self, days: Daily, names: Names = PLAIN) -> T_co:
        """Return the definition with these partitions, by these names."""


OWNERS = ["team:contact-centre-data"]

IGNORED_IN_CHANGES = ("fetched_at", "source", "age_ms")
"""Columns that say when and how a row was read: a difference in them alone does not count as a changed row."""


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


def table_spec(table: str, names: Names = PLAIN, mart: Mart | None = None) -> dict[str, Any]:
    """Return the arguments of `@dg.asset` or `dg.AssetOut` for a table: key, description, group, owners, metadata.

    Args:
        table: 'schema.name', as in `TABLES`.
        names: How the organisation's definitions are called.
        mart: The mart whose table it is, if it is one of a host project's own.
    """
    group, name = table.split(".")
    schema = mart.schema if mart else TABLES[table]
    columns = schema.columns()
    metadata: dict[str, Any] = {
        "dagster/column_schema": column_schema(schema),
        "dagster/column_lineage": column_lineage(table, names, mart),
        "dagster/table_name": table,
        "primary_key": schema.primary_key(),
        "recorded": True,
    }
    if "partition_date" in columns:
        metadata["partition_expr"] = "partition_date"
    if key := key_among(columns):
        metadata["left_out_by"] = [key, PURGED]
    if "document" in columns:
        metadata["compressed_columns"] = ["document"]
    ignored = [name for name in IGNORED_IN_CHANGES if name in columns]
    if ignored:
        metadata["columns_ignored_in_changes"] = ignored
    return {
        "key": names.key([group, name]),
        "description": inspect.getdoc(schema),
        "group_name": names.name(group),
        "io_manager_key": names.resource("io_manager"),
        "owners": OWNERS,
        "kinds": {"duckdb", "polars"} if group != "raw" else {"duckdb", "genesys"},
        "metadata": metadata,
    }


def snapshot_table(
    table: str, *, names: Names = PLAIN, mart: Mart | None = None, code_version: str = "1", **options: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Return a decorator that declares the asset of a stored table, which is replaced whole.

    Args:
        table: 'schema.name', as in `TABLES`.
        names: How the organisation's definitions are called.
        mart: As in `table_spec`.
        code_version: Raised when the code makes other rows of the same input: Dagster then shows stored days as stale.
        options: Other arguments of `@dg.asset`: ins, pool, retry_policy, ...
    """

    def decorate(make: Callable[..., Any]) -> dg.AssetsDefinition:
        asset: dg.AssetsDefinition
        described = {**table_spec(table, names, mart), "code_version": code_version, **names.options(options)}
        asset = dg.asset(**described)(with_failures(names.own(make)))
        return asset

    return decorate


def daily_table(table: str, **options: Any) -> Callable[[Callable[..., Any]], OfDays[dg.AssetsDefinition]]:
    """Return a decorator that declares the asset of a stored table with daily partitions; arguments as above."""

    def decorate(make: Callable[..., Any]) -> OfDays[dg.AssetsDefinition]:
        def of_days(days: Daily, names: Names = PLAIN) -> dg.AssetsDefinition:
            return snapshot_table(table, names=names, partitions_def=days, **options)(make)

        return of_days

    return decorate


@dataclass(frozen=True)
class DailyCheck:
    """A check of a stored table with daily partitions, as declared: an `OfDays` that has a key.

    Attributes:
        key: The checked asset, and the check's name, without a prefix.
        check: The function that `@dg.asset_check` decorates.
        options: Other arguments of `@dg.asset_check`: description, blocking, pool, ...
    """

    key: dg.AssetCheckKey
    check: Callable[..., Any]
    options: Mapping[str, Any]

    def __call__(self, days: Daily, names: Names = PLAIN) -> dg.AssetChecksDefinition:
        """Return the check of these partitions, by these names."""
        key, options = names.check(self.key), names.options(self.options)
        with suppress_preview_warning():
            return dg.asset_check(name=key.name, asset=key.asset_key, partitions_def=days, **options)(
                with_failures(names.own(self.check))
            )


def daily_check(table: str, *, name: str | None = None, **options: Any) -> Callable[[Callable[..., Any]], DailyCheck]:
    """Return a decorator that declares a check of a stored table with daily partitions.

    Args:
        table: 'schema.name', as in `TABLES`.
        name: The check's name; by default the function's.
        options: As in `DailyCheck`.
    """

    def decorate(check: Callable[..., Any]) -> DailyCheck:
        return DailyCheck(dg.AssetCheckKey(dg.AssetKey(table.split(".")), name or check.__name__), check, options)

    return decorate


@dataclass(frozen=True)
class DecodedCheck:
    """A check of a source's staging tables that is made while they are in hand, and no file has to be read again.

    Attributes:
        table: The checked table, 'schema.name'.
        name: The check's name.
        description: What Dagster shows.
        check: Called with the rows of all tables of the source by name, the days' time zone and the names.
    """

    table: str
    name: str
    description: str
    check: Callable[[Mapping[str, pl.LazyFrame], ZoneInfo, Names], dg.AssetCheckResult]


@contextmanager
def suppress_preview_warning() -> Iterator[None]:
    """Suppress Dagster's warning that partitioned checks are a preview: the tests notice when they change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        yield
