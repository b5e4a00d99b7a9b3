"""The fields of a source's record: which may hold personal data, and which do not.

Belongs here: what the columns of staging's tables say of it, in the form that scrubbing asks for. The decisions are
made where the columns are declared, by their kinds (`genesys_assets.tables.columns`); a field without a column is
unknown, and is not stored under `hash` and `drop`.

How they were made: ids, timestamps, numbers, booleans and closed sets of values say nothing of a person to somebody who
cannot ask Genesys Cloud, and figures need them. Addresses, names and all free text always count as personal: a
participant's name may be the customer's, an agent's or a queue's, and the last two are in `directory`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import dataframely as dy
import polars as pl

from genesys_assets.tables.columns import Personal, is_configured_name, personal_data
from genesys_assets.tables.schema_tree import SchemaNode


@dataclass(frozen=True)
class Record:
    """One kind of object in a source's documents.

    Attributes:
        path: Fields that lead to it from the record, with dots between; empty for the record itself.
        kept: Fields that are stored as they are: plain values, and lists of these.
        numbers: Those of them that hold numbers; in any other one a number of five digits may be somebody's.
        names: Those that hold what an administrator or a developer has called something, in words of his own.
        keys: The one by which a document is found and purged; it is stored in a column of its own as well.
        personal: Fields that are hashed or dropped, and what they may hold.
        personal_unless_id: The same, save for values that are a Genesys id (a UUID).
        by_name: Fields whose values are hashed or dropped unless their name is on the allow-list, and what they hold:
            a map from names to values, or a value beside its name.
        name_field: The field that holds the name of the values in `by_name`, when these are no maps.
        records: Fields that hold objects or lists of objects.
    """

    path: str
    kept: frozenset[str]
    numbers: frozenset[str]
    names: frozenset[str]
    keys: frozenset[str]
    personal: Mapping[str, str]
    personal_unless_id: Mapping[str, str]
    by_name: Mapping[str, str]
    name_field: str | None
    records: Mapping[str, Record]

    def walk(self) -> Iterator[Record]:
        """Yield this record and all below it, parents first."""
        yield self
        for child in self.records.values():
            yield from child.walk()

    def path_of(self, name: str) -> str:
        """Return the path of a field of this record, for people."""
        return f"{self.path}.{name}" if self.path else name

    @property
    def known(self) -> frozenset[str]:
        """Return the names of all fields of the record."""
        return frozenset({*self.kept, *self.personal, *self.personal_unless_id, *self.by_name, *self.records})


def record_of(node: SchemaNode) -> Record:
    """Return what the columns of a node, and of those below it, say of the fields of its objects."""
    maps = {
        name: child.schema.columns()["value"] for name, child in node.children_by_field.items() if child.shape == "map"
    }
    found = {name: personal_data(column) for name, column in {**node.fields, **maps}.items()}
    personal = {name: data for name, data in found.items() if data}
    return Record(
        path=node.path,
        kept=frozenset(found) - frozenset(personal),
        numbers=_fields(node, _is_number),
        names=_fields(node, is_configured_name),
        keys=_fields(node, lambda column: column.primary_key),
        personal=_holds(personal, "never"),
        personal_unless_id=_holds(personal, "when it is an id"),
        by_name=_holds(personal, "by its name"),
        name_field=next((data.named_by for data in personal.values() if data.named_by), None),
        records={
            name: record_of(child) for name, child in sorted(node.children_by_field.items()) if child.shape != "map"
        },
    )


def _holds(personal: Mapping[str, Personal], stays: str) -> dict[str, str]:
    return {name: data.holds for name, data in personal.items() if data.stays == stays}


def _fields(node: SchemaNode, holds: Callable[[dy.Column], bool]) -> frozenset[str]:
    return frozenset(name for name, column in node.fields.items() if holds(column))


def _is_number(column: dy.Column) -> bool:
    dtype = column.dtype
    return (dtype.inner if isinstance(dtype, pl.List) else dtype) in (pl.Int64, pl.Float64)
