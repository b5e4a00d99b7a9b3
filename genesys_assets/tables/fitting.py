"""A document walked field by field: what fits the tables is kept, the rest is left out and counted.

For the few documents that do not fit as they are. Belongs here: which value fits which type.
"""

import json
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import polars as pl

from genesys_assets.readable import MARK
from genesys_assets.tables.report import Report, shown
from genesys_assets.tables.schema_tree import CONVERSATION, SchemaNode

_MISFIT = object()

Fit = Callable[[Any], Any]


def fitted(node: SchemaNode, told: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return an object with what the tables know: unknown fields are left out, values that do not fit are null.

    Args:
        node: The object's node.
        told: The object as received.
        report: Told of both.
    """
    fits, children, known = _fits()[node.table], node.children_by_field, {}
    for field, value in told.items():
        if field in fits:
            kept = None if value is None else fits[field](value)
            if kept is _MISFIT or is_marred(kept):
                report.unreadable_values[node.path_of(field)] += 1
            known[field] = None if kept is _MISFIT else kept
        elif field in children:
            known[field] = None if value is None else _nested(children[field], value, report)
        else:
            report.unknown_fields[node.path_of(shown(field))] += 1
            if is_marred({field: value}):
                report.unreadable_values[node.path_of(shown(field))] += 1
    return known


def _nested(node: SchemaNode, value: Any, report: Report) -> Any:
    if node.shape == "list" and isinstance(value, list):
        objects = [each for each in value if isinstance(each, dict)]
        if len(objects) < len(value):
            report.unreadable_values[node.path] += len(value) - len(objects)
        return [fitted(node, each, report) for each in objects]
    if node.shape == "object" and isinstance(value, dict):
        return fitted(node, value, report)
    if node.shape == "map" and isinstance(value, dict):
        texts = {name: None if text is None else _text(text) for name, text in value.items()}
        if marred := sum(is_marred(name) or is_marred(texts[name]) for name in texts):
            report.unreadable_values[node.path] += marred
        return texts
    report.unreadable_values[node.path] += 1
    return None


def is_marred(value: Any) -> bool:
    """Tell whether a value, a text or whatever holds texts, has `MARK` in place of what could not be read."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return isinstance(value, str) and MARK in value


@cache
def _fits() -> dict[str, dict[str, Fit]]:
    return {
        node.table: {field: _FITS[column.dtype] for field, column in node.fields.items()}
        for node in CONVERSATION.walk()
    }


def _text(value: Any) -> str:
    """Return any value as text: nothing is lost."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _timestamp(value: Any) -> Any:
    return _text(value) if isinstance(value, str) else _MISFIT


def _flag(value: Any) -> Any:
    return value if isinstance(value, bool) else _MISFIT


def _whole(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if number and -(2**63) <= value < 2**63 and value == int(value) else _MISFIT


def _real(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and abs(value) <= sys.float_info.max else _MISFIT


def _list_of(fit: Fit) -> Fit:
    def fit_list(value: Any) -> Any:
        fitting = [None if each is None else fit(each) for each in value] if isinstance(value, list) else [_MISFIT]
        return _MISFIT if _MISFIT in fitting else fitting

    return fit_list


_FITS: dict[pl.DataType, Fit] = {
    pl.String(): _text,
    pl.Datetime("us", "UTC"): _timestamp,
    pl.Boolean(): _flag,
    pl.Int64(): _whole,
    pl.Float64(): _real,
    pl.List(pl.String): _list_of(_text),
    pl.List(pl.Int64): _list_of(_whole),
}
