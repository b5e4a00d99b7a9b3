"""Coerces a document field by field: what the tables can hold is kept, the rest is left out and counted.

Only the few documents that the validator refuses come here. Belongs here: which values a column of a type can hold.
"""

import json
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import dataframely as dy
import polars as pl

from genesys_assets.readable import MARK
from genesys_assets.tables.columns import wire_fields
from genesys_assets.tables.schema_drift import SchemaDrift, shown
from genesys_assets.tables.schema_tree import SchemaNode

_INVALID = object()

Coercion = Callable[[Any], Any]


def coerced(node: SchemaNode, received: dict[str, Any], drift: SchemaDrift) -> dict[str, Any]:
    """Return an object as the tables can hold it: without unknown fields, and with null for values of a wrong type.

    Args:
        node: The schema node of the object.
        received: The object as received.
        drift: Counts the unknown fields and the values of a wrong type.
    """
    coercions, children, known = _coercions(node.schema), node.children_by_field, {}
    for field, value in received.items():
        if field in coercions:
            kept = None if value is None else coercions[field](value)
            if kept is _INVALID or has_mark(kept):
                drift.unreadable_values[node.path_of(field)] += 1
            known[field] = None if kept is _INVALID else kept
        elif field in children:
            known[field] = None if value is None else _nested(children[field], value, drift)
        else:
            drift.unknown_fields[node.path_of(shown(field))] += 1
            if has_mark({field: value}):
                drift.unreadable_values[node.path_of(shown(field))] += 1
    return known


def _nested(node: SchemaNode, value: Any, drift: SchemaDrift) -> Any:
    if node.shape == "list" and isinstance(value, list):
        objects = [each for each in value if isinstance(each, dict)]
        if len(objects) < len(value):
            drift.unreadable_values[node.path] += len(value) - len(objects)
        return [coerced(node, each, drift) for each in objects]
    if node.shape == "object" and isinstance(value, dict):
        return coerced(node, value, drift)
    if node.shape == "map" and isinstance(value, dict):
        texts = {name: None if text is None else _text(text) for name, text in value.items()}
        if marked := sum(has_mark(name) or has_mark(texts[name]) for name in texts):
            drift.unreadable_values[node.path] += marked
        return texts
    drift.unreadable_values[node.path] += 1
    return None


def has_mark(value: Any) -> bool:
    """Return whether `MARK` stands anywhere in a value (in a text, a list or an object) for what could not be read."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return isinstance(value, str) and MARK in value


@cache
def _coercions(schema: type[dy.Schema]) -> dict[str, Coercion]:
    return {field: _COERCIONS[column.dtype] for field, column in wire_fields(schema).items()}


def _text(value: Any) -> str:
    """Return a value as text: a text as it is, any other value as JSON, so that nothing is lost."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _timestamp(value: Any) -> Any:
    return _text(value) if isinstance(value, str) else _INVALID


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else _INVALID


def _integer(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if number and -(2**63) <= value < 2**63 and value == int(value) else _INVALID


def _float(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and abs(value) <= sys.float_info.max else _INVALID


def _list_of(coerce: Coercion) -> Coercion:
    def coerce_list(value: Any) -> Any:
        found = [None if each is None else coerce(each) for each in value] if isinstance(value, list) else [_INVALID]
        return _INVALID if _INVALID in found else found

    return coerce_list


_COERCIONS: dict[pl.DataType, Coercion] = {
    pl.String(): _text,
    pl.Datetime("us", "UTC"): _timestamp,
    pl.Boolean(): _boolean,
    pl.Int64(): _integer,
    pl.Float64(): _float,
    pl.List(pl.String): _list_of(_text),
    pl.List(pl.Int64): _list_of(_integer),
}
