"""Shapes of records: their fields, values, metrics and segments, and which of them the sandbox never emits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from genesys_assets.evidence.stored_day import StoredDay
from genesys_assets.evidence.words import path, word
from genesys_assets.sandbox.samples import DAY, samples
from genesys_assets.tables.decode import decode
from genesys_assets.tables.schema_tree import SchemaNode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION

Tables = Mapping[str, pl.LazyFrame]
_SESSION = ["partition_date", "conversation_id", "session_ordinal"]
_LEG = ["purpose", "media_type", "direction"]


def unknown(day: StoredDay) -> dict[str, Any]:
    """Return the shapes of a day that the tables do not know, and those that the sandbox never emits, with counts."""
    drift = day.drift
    of_tables = {
        "fields": drift.unknown_fields,
        "values": drift.unknown_values,
        "unreadable_values": drift.unreadable_values,
    }
    emitted = emitted_by_sandbox()
    return {
        "unknown_to_tables": {kind: _readable(found) for kind, found in of_tables.items()},
        "unknown_to_sandbox": {
            kind: {shape: count for shape, count in sorted(found.items()) if shape not in emitted[kind]}
            for kind, found in shapes(day.tables).items()
        },
    }


@cache
def emitted_by_sandbox() -> Mapping[str, Counter[str]]:
    """Return the shapes of the sandbox's documents of every type, which are the same in each process."""
    rows = [(DAY, json.dumps(document)) for document in samples()]
    documents = pl.LazyFrame(rows, {"partition_date": pl.Date(), "document": pl.String()}, orient="row")
    with TemporaryDirectory() as folder:
        return shapes(decode(documents, Path(folder), CONVERSATION).tables)


def shapes(tables: Tables) -> dict[str, Counter[str]]:
    """Count the shapes of records, by kind.

    Args:
        tables: staging's tables.

    Returns:
        fields: Which are there, by path. values: Those of documented sets, by path and value. metrics: What each kind
        of session emits. segments: Which follows which in each kind of session ('start' before the first).
    """
    nodes = [node for node in CONVERSATION.walk() if node.shape != "map"]
    return {
        "fields": sum((_fields(node, tables[node.table]) for node in nodes), Counter()),
        "values": sum((_values(node, tables[node.table]) for node in nodes), Counter()),
        "metrics": _counted(tables["staging.session_metrics"], [*_LEG, "name"]),
        "segments": _counted(_successions(tables), [*_LEG, "before", "segment_type"]),
    }


def _fields(node: SchemaNode, rows: pl.LazyFrame) -> Counter[str]:
    names = {field: str(column.name) for field, column in node.fields.items()}
    there = rows.select(pl.col(name).count() for name in names.values()).collect().row(0, named=True)
    return Counter({node.path_of(field): there[name] for field, name in names.items() if there[name]})


def _values(node: SchemaNode, rows: pl.LazyFrame) -> Counter[str]:
    found = Counter[str]()
    for field, column in node.fields.items():
        if column.metadata and "values" in column.metadata:
            counts = rows.group_by(value=str(column.name)).len().drop_nulls().collect()
            for value, count in counts.iter_rows():
                found[f"{node.path_of(field)}={word(value)}"] += count
    return found


def _successions(tables: Tables) -> pl.LazyFrame:
    """Return segments, each with its session's kind and the segment before it."""
    segments = tables["staging.segments"].sort(*_SESSION, "segment_ordinal")
    before = pl.col("segment_type").fill_null("none").shift(1, fill_value="start").over(_SESSION)
    return segments.with_columns(before=before).join(
        tables["staging.sessions"].select(*_SESSION, *_LEG), on=_SESSION, how="left"
    )


def _counted(rows: pl.LazyFrame, by: list[str]) -> Counter[str]:
    found = Counter[str]()
    for *words, count in rows.group_by(by).len().collect().iter_rows():
        found[" ".join(map(word, words))] += count
    return found


def _readable(names: Counter[str]) -> dict[str, int]:
    found = Counter[str]()
    for name, count in names.items():
        found[path(name)] += count
    return dict(sorted(found.items()))
