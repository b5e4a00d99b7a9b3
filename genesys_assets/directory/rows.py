"""How an entity of a listing becomes a row, and what becomes of a row whose entity is listed no more."""

from collections.abc import Iterable, Mapping
from typing import Any

import dataframely as dy
import polars as pl

from genesys_assets.directory.listings import LISTINGS, Listed
from genesys_assets.errors import ProjectError
from genesys_assets.moments import moment

_PYTHON: Mapping[pl.DataType, type | tuple[type, ...]] = {
    pl.String(): str,
    pl.Boolean(): bool,
    pl.Int64(): int,
    pl.Float64(): (int, float),
    pl.Datetime("us", "UTC"): str,
}
"""What JSON has for a column's type."""


class UnreadableListingError(ProjectError):
    """An answer is no listing of entities."""


def listed(table: str, entities: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the rows of a directory table for the entities of its listing, ordered by id.

    Args:
        table: Name of the table: 'directory.queues'.
        entities: What the API listed. Of an id that stands twice the last one counts: pages shift under the reader.

    Raises:
        UnreadableListingError: An entity has no id.
    """
    schema = LISTINGS[table].schema
    rows = {entity.get("id"): _row(schema, entity) for entity in entities}
    if not all(isinstance(entity, str) and entity for entity in rows):
        raise UnreadableListingError(f"An entity listed for {table} has no id: the answer is no listing of entities.")
    types = {name: column.dtype for name, column in schema.columns().items()}
    return pl.DataFrame(list(rows.values()), schema=types, orient="row").sort("id")


def merged(table: str, current: pl.DataFrame, stored: pl.DataFrame | None) -> pl.DataFrame:
    """Return the current listing and, marked as deleted, the stored entities that it lacks; ordered by id.

    Args:
        table: Name of the table.
        current: Rows of the current listing, from `listed`.
        stored: What the table held before; None or without rows when nothing. It may lack columns of today.
    """
    if stored is None:
        return current
    gone = stored.join(current, on="id", how="anti").with_columns(deleted=True)
    known = gone.select(column for column in current.columns if column in gone.columns)
    typed = LISTINGS[table].schema.create_empty()
    return pl.concat([typed, current, known], how="diagonal").sort("id")


def _row(schema: type[Listed], entity: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: _value(column, entity) for name, column in schema.columns().items() if name != "deleted"}
    return {**row, "deleted": entity.get("deleted") is True or entity.get("state") == "deleted"}


def _value(column: dy.Column, entity: Mapping[str, Any]) -> Any:
    """Return the column's value in the entity; None where there is none, or one of another type."""
    value: Any = entity
    for name in (column.metadata or {})["path"].split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    fits = isinstance(value, _PYTHON[column.dtype]) and (isinstance(value, bool) == (column.dtype == pl.Boolean()))
    if not fits:
        return None
    return moment(value) if isinstance(column.dtype, pl.Datetime) else value
