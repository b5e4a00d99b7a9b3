"""The tree of a source's tables in `staging`: at which path of its record the rows of each table are found.

Belongs here: what a node of such a tree says. The trees themselves stand beside the tables, in `staging`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import dataframely as dy
import polars as pl

from genesys_assets.tables.columns import wire_fields

Shape = Literal["record", "list", "object", "map"]


@dataclass(frozen=True)
class SchemaNode:
    """A node of the tree: the schema of one table, and the path in the record at which its rows are found.

    Attributes:
        table: Name of the table, with its schema: 'staging.segments'.
        schema: Its columns.
        path: Fields that lead from the record to the rows, with dots between; empty for the record itself.
        shape: 'list': a row per element; 'object': one row; 'record': the record itself; 'map': a row per name, of
            elements of one of the record's own lists.
        ordinal: Column that counts the elements of a list.
        counts_in_record: Whether the ordinal goes on from one parent to the next, instead of from 0 in each.
        decoded_always: Fields that are decoded even when no document of a batch has them.
        completed: Adds the columns that are made of other tables too: given the rows of all tables, returns this one's.
        children: The nodes of objects within a row.
    """

    table: str
    schema: type[dy.Schema]
    path: str = ""
    shape: Shape = "list"
    ordinal: str | None = None
    counts_in_record: bool = False
    decoded_always: frozenset[str] = frozenset()
    completed: Callable[[Mapping[str, pl.DataFrame]], pl.DataFrame] | None = None
    children: tuple["SchemaNode", ...] = ()

    @property
    def field(self) -> str:
        """Return the field of the parent object that holds the rows."""
        return self.path.rpartition(".")[2]

    @cached_property
    def fields(self) -> Mapping[str, dy.Column]:
        """Return the columns that hold fields of the record, by the field's name."""
        return wire_fields(self.schema)

    @cached_property
    def key(self) -> str:
        """Return the field of the record's id, for the node of the record itself."""
        return next(field for field, column in self.fields.items() if column.primary_key)

    @cached_property
    def children_by_field(self) -> Mapping[str, "SchemaNode"]:
        """Return the nodes within a row, by the field that holds them."""
        return {child.field: child for child in self.children}

    @cached_property
    def inherited(self) -> frozenset[str]:
        """Return the columns whose values this table, or one below it, copies from the rows around it."""
        own = {str(column.name) for column in self.fields.values()} | {self.ordinal}
        below = (child.inherited for child in self.children)
        return frozenset(set(self.schema.column_names()).union(*below) - own)

    def walk(self) -> Iterator["SchemaNode"]:
        """Yield this node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def path_of(self, field: str) -> str:
        """Return the path of a field from the record, with dots between."""
        return f"{self.path}.{field}" if self.path else field
