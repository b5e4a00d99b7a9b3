"""DuckDB's types, polars' types, and which change of type loses nothing.

Belongs here: pure functions from type to type. No connection, no frame, no Dagster.
"""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import duckdb
import polars as pl
from duckdb.sqltypes import DuckDBPyType
from polars._typing import PolarsDataType

from genesys_assets.warehouse.errors import DeclarationError

# What survives the way from polars over Parquet to DuckDB and back. INTERVAL, TIME, HUGEINT, UUID, JSON and ENUM come
# back as something else (measured on 1.5.5 and 2.0.0), so they are not offered.
_POLARS: dict[str, pl.DataType] = {
    "boolean": pl.Boolean(),
    "tinyint": pl.Int8(),
    "smallint": pl.Int16(),
    "integer": pl.Int32(),
    "bigint": pl.Int64(),
    "utinyint": pl.UInt8(),
    "usmallint": pl.UInt16(),
    "uinteger": pl.UInt32(),
    "ubigint": pl.UInt64(),
    "float": pl.Float32(),
    "double": pl.Float64(),
    "varchar": pl.String(),
    "blob": pl.Binary(),
    "date": pl.Date(),
    "timestamp": pl.Datetime("us"),
    "timestamp with time zone": pl.Datetime("us", "UTC"),
}
_SIGNED = (pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64())
_UNSIGNED = (pl.UInt8(), pl.UInt16(), pl.UInt32(), pl.UInt64())


@functools.cache
def parse(sql: str) -> DuckDBPyType:
    """Return the DuckDB type that `sql` names, such as `'VARCHAR[]'`.

    Raises:
        DeclarationError: DuckDB knows no such type.
    """
    try:
        return duckdb.sqltype(sql)
    except duckdb.Error as error:
        message = (
            f"DuckDB has no type {sql!r}; declare one of {', '.join(sorted(_POLARS)).upper()}, a LIST or a STRUCT."
        )
        raise DeclarationError(message) from error


def polars_type(declared: DuckDBPyType) -> pl.DataType:
    """Return the polars type that a column of the DuckDB type `declared` is loaded as.

    Raises:
        DeclarationError: The type does not survive the way to polars and back.
    """
    if declared.id == "list":
        return pl.List(polars_type(_children(declared)["child"]))
    if declared.id == "struct":
        return pl.Struct({name: polars_type(kind) for name, kind in _children(declared).items()})
    if declared.id == "decimal":
        precision, scale = (value for _, value in declared.children if isinstance(value, int))
        return pl.Decimal(precision, scale)
    known = _POLARS.get(declared.id)
    if known is None or str(declared).lower() != declared.id:  # JSON calls itself a varchar
        message = (
            f"A column cannot be declared as {declared}, which polars does not load as it was stored: declare "
            f"VARCHAR, or another of {', '.join(sorted(_POLARS)).upper()}, DECIMAL, and LIST or STRUCT of these."
        )
        raise DeclarationError(message)
    return known


def fits(given: pl.DataType, declared: pl.DataType) -> bool:
    """Return whether every value of `given` can be stored as `declared` and is still the same value.

    Wider numbers, a categorical as its text, instants of any time zone, structs that lack a declared field, and a
    column without a single value fit. What would have to be interpreted (text as a date, a time without a zone as an
    instant) does not.
    """
    match given, declared:
        case pl.Null(), _:
            return True
        case ((pl.List() | pl.Array()), pl.List()):
            return fits(_instance(given.inner), _instance(declared.inner))
        case pl.Struct(), pl.Struct():
            wanted = {field.name: _instance(field.dtype) for field in declared.fields}
            return all(
                field.name in wanted and fits(_instance(field.dtype), wanted[field.name]) for field in given.fields
            )
        case _:
            return given == declared or _scalar_fits(given, declared)


def _scalar_fits(given: pl.DataType, declared: pl.DataType) -> bool:
    match given, declared:
        case pl.Datetime(), pl.Datetime():
            return given.time_unit != "ns" and (given.time_zone is None) == (declared.time_zone is None)
        case pl.Decimal(), pl.Decimal():
            return given.scale == declared.scale and (given.precision or 38) <= (declared.precision or 38)
        case ((pl.Categorical() | pl.Enum()), pl.String()):
            return True
        case _:
            return declared in _wider(given)


def widens(stored: DuckDBPyType, declared: DuckDBPyType) -> bool:
    """Return whether a stored column may become `declared`: an integer column a DOUBLE (exact up to 2^53)."""
    return declared.id == "double" and stored.id in {"tinyint", "smallint", "integer", "bigint"}


class Addition(NamedTuple):
    """A field to be added: where (`('agents', 'element', 'team')`), and as what."""

    path: tuple[str, ...]
    type: DuckDBPyType


def additions(path: tuple[str, ...], stored: DuckDBPyType, declared: DuckDBPyType) -> Iterator[Addition]:
    """Yield what must be added to the column at `path`, so that `stored` becomes `declared`.

    Raises:
        TypeError: The change is more than an addition of fields.
    """
    if str(stored) == str(declared):
        return
    if stored.id == declared.id == "list":
        yield from additions((*path, "element"), _children(stored)["child"], _children(declared)["child"])
        return
    if stored.id == declared.id == "struct" and _children(stored).keys() <= _children(declared).keys():
        for name, wanted in _children(declared).items():
            if name in _children(stored):
                yield from additions((*path, name), _children(stored)[name], wanted)
            else:
                yield Addition((*path, name), wanted)
        return
    raise TypeError(f"{stored} is not {declared} with fields taken away")


def _children(nested: DuckDBPyType) -> dict[str, DuckDBPyType]:
    return {name: child for name, child in nested.children if isinstance(child, DuckDBPyType)}


def _instance(dtype: PolarsDataType) -> pl.DataType:
    return dtype() if isinstance(dtype, type) else dtype


def _wider(given: pl.DataType) -> tuple[pl.DataType, ...]:
    """Return the other number types that hold every value of `given`."""
    if given == pl.Float32():
        return (pl.Float64(),)
    if given in _SIGNED:
        return _SIGNED[_SIGNED.index(given) + 1 :]
    if given in _UNSIGNED:
        above = _UNSIGNED.index(given) + 1
        return _UNSIGNED[above:] + _SIGNED[above:]
    return ()
