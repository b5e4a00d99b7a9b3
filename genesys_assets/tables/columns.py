"""The kinds of columns that hold a field of a source's record.

Belongs here: functions that declare one dataframely column, and those that read what was declared. A column declared by
one of them holds a field of Genesys Cloud's record, and its name is the field's in snake_case. Columns that the project
adds (keys, ordinals, values copied from the rows around) are plain dataframely columns.

The kind of a column also decides what becomes of its values under the privacy settings: `text` and `texts` may hold
personal data and have to say which; values of all other kinds are stored as they are. `genesys_assets.privacy` derives
its rules from here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import dataframely as dy
import polars as pl

TIMESTAMP = pl.Datetime("us", "UTC")
_FIELD: dict[str, Any] = {"field": True}

Stays = Literal["never", "when it is an id", "by its name"]


@dataclass(frozen=True)
class Personal:
    """What personal data a column may hold.

    Attributes:
        holds: The personal data, in words.
        stays: When a value is stored as it is although personal data are hashed or dropped.
        named_by: The field that holds the value's name, where `stays` is 'by its name' and the values are not a map's.
    """

    holds: str
    stays: Stays = "never"
    named_by: str | None = None


def identity(description: str) -> dy.String:
    """Declare an id that is part of its table's key."""
    return dy.String(primary_key=True, description=description, metadata=_FIELD)


def code(description: str) -> dy.String:
    """Declare an id or a code: one word that says nothing of a person to those who cannot ask Genesys Cloud."""
    return dy.String(nullable=True, description=description, metadata=_FIELD)


def configured_name(description: str) -> dy.String:
    """Declare a name that an administrator or a developer has given to something, in words of their own."""
    return dy.String(nullable=True, description=description, metadata={**_FIELD, "configured": True})


def text(description: str, *, personal: str, stays: Stays = "never", named_by: str | None = None) -> dy.String:
    """Declare a text that may say who somebody is, or what somebody said.

    Args:
        description: What the column holds.
        personal: The personal data that it may hold.
        stays: When it is stored as it is although personal data are hashed or dropped.
        named_by: The field that holds the name of the value, where `stays` is 'by its name'.
    """
    return dy.String(nullable=True, description=description, metadata=_personal(personal, stays, named_by))


def mapped_value(description: str, *, personal: str) -> dy.String:
    """Declare the values of a map whose names nobody declares; the allow-list of names says which of them stay."""
    return dy.String(nullable=True, description=description, metadata={"personal": Personal(personal, "by its name")})


def enum(description: str, values: Sequence[str]) -> dy.String:
    """Declare a text of an open set: `values` are the known ones; any other is stored too, and counted as unknown."""
    return dy.String(nullable=True, description=description, metadata={**_FIELD, "values": tuple(values)})


def integer(description: str) -> dy.Int64:
    """Declare an integer of 64 bits."""
    return dy.Int64(nullable=True, description=description, metadata=_FIELD)


def double(description: str) -> dy.Float64:
    """Declare a floating-point number of 64 bits."""
    return dy.Float64(nullable=True, description=description, metadata=_FIELD)


def boolean(description: str) -> dy.Bool:
    """Declare a boolean."""
    return dy.Bool(nullable=True, description=description, metadata=_FIELD)


def timestamp(description: str, *, nullable: bool = True) -> dy.Datetime:
    """Declare a timestamp in UTC, to the microsecond."""
    return dy.Datetime(
        nullable=nullable, time_unit="us", time_zone="UTC", description=description, metadata=dict(_FIELD)
    )


def codes(description: str) -> dy.List:
    """Declare a list of ids or codes; null where the record has no list, empty where it has an empty one."""
    return dy.List(dy.String(nullable=True), nullable=True, description=description, metadata=_FIELD)


def configured_names(description: str) -> dy.List:
    """Declare a list of configured names; null where the record has no list, empty where it has an empty one."""
    return dy.List(
        dy.String(nullable=True), nullable=True, description=description, metadata={**_FIELD, "configured": True}
    )


def texts(description: str, *, personal: str) -> dy.List:
    """Declare a list of texts that may be personal; null where the record has no list, empty where it is empty."""
    return dy.List(dy.String(nullable=True), nullable=True, description=description, metadata=_personal(personal))


def integers(description: str) -> dy.List:
    """Declare a list of integers; null where the record has no list, empty where it has an empty one."""
    return dy.List(dy.Int64(nullable=True), nullable=True, description=description, metadata=_FIELD)


def _personal(holds: str, stays: Stays = "never", named_by: str | None = None) -> dict[str, Any]:
    return {**_FIELD, "personal": Personal(holds, stays, named_by)}


def wire_name(column: str) -> str:
    """Return the field that a column holds: 'conversation_start' holds 'conversationStart'."""
    first, *rest = column.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def column_name(field: str) -> str:
    """Return the column that holds a field: 'conversationStart' is held by 'conversation_start'."""
    return re.sub(r"(?=[A-Z])", "_", field).lower()


def wire_fields(schema: type[dy.Schema]) -> Mapping[str, dy.Column]:
    """Return the columns of a table that hold a field of the record, by the field's name."""
    columns = schema.columns().items()
    return {wire_name(name): column for name, column in columns if (column.metadata or {}).get("field")}


def known_values(column: dy.Column) -> tuple[str, ...] | None:
    """Return the values that Genesys Cloud documents for a column; None where it documents no set."""
    return (column.metadata or {}).get("values")


def personal_data(column: dy.Column) -> Personal | None:
    """Return what personal data a column may hold; None where it holds none."""
    return (column.metadata or {}).get("personal")


def is_configured_name(column: dy.Column) -> bool:
    """Return whether a column holds names that an administrator or a developer has given."""
    return bool((column.metadata or {}).get("configured"))
