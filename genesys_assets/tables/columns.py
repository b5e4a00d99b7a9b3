"""The kinds of columns that a conversation's record has, and how a column knows its field on the wire.

Belongs here: functions that make one dataframely column. A column made by one of them holds a field of Genesys's
record, and its name is that field's in snake_case. Columns that the project adds (keys, ordinals, what a row takes over
from its parents) are plain dataframely columns, so the two can be told apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dataframely as dy
import polars as pl

INSTANT = pl.Datetime("us", "UTC")
_FIELD: dict[str, Any] = {"field": True}


def identity(description: str) -> dy.String:
    """Declare an id that is part of its table's key."""
    return dy.String(primary_key=True, description=description, metadata=_FIELD)


def text(description: str) -> dy.String:
    """Declare a text, an id or a name."""
    return dy.String(nullable=True, description=description, metadata=_FIELD)


def choice(description: str, values: Sequence[str]) -> dy.String:
    """Declare a text of an open set: `values` are the known ones, others are stored too and reported."""
    return dy.String(nullable=True, description=description, metadata={**_FIELD, "values": tuple(values)})


def whole(description: str) -> dy.Int64:
    """Declare a whole number."""
    return dy.Int64(nullable=True, description=description, metadata=_FIELD)


def real(description: str) -> dy.Float64:
    """Declare a number with a fraction."""
    return dy.Float64(nullable=True, description=description, metadata=_FIELD)


def flag(description: str) -> dy.Bool:
    """Declare a boolean: true or false."""
    return dy.Bool(nullable=True, description=description, metadata=_FIELD)


def instant(description: str, *, nullable: bool = True) -> dy.Datetime:
    """Declare an instant in UTC, to the microsecond."""
    return dy.Datetime(
        nullable=nullable, time_unit="us", time_zone="UTC", description=description, metadata=dict(_FIELD)
    )


def texts(description: str) -> dy.List:
    """Declare a list of texts; null where the record has no list, empty where it has an empty one."""
    return dy.List(dy.String(nullable=True), nullable=True, description=description, metadata=_FIELD)


def wholes(description: str) -> dy.List:
    """Declare a list of whole numbers; null where the record has no list, empty where it has an empty one."""
    return dy.List(dy.Int64(nullable=True), nullable=True, description=description, metadata=_FIELD)


def wire_name(column: str) -> str:
    """Return the field of a column: 'conversation_start' is 'conversationStart' on the wire."""
    first, *rest = column.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def wire_fields(schema: type[dy.Schema]) -> Mapping[str, dy.Column]:
    """Return the columns of a table that hold a field of the record, by the field's name on the wire."""
    columns = schema.columns().items()
    return {wire_name(name): column for name, column in columns if (column.metadata or {}).get("field")}


def known_values(column: dy.Column) -> tuple[str, ...] | None:
    """Return the values that the record's documentation names for a column; None where any text may stand."""
    return (column.metadata or {}).get("values")
