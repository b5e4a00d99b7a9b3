"""Validates documents against the tables' schemas, and strips those that do not match of what polars cannot decode.

Genesys Cloud adds fields without notice. Polars drops fields that its type does not name, and refuses a whole batch for
one text where a number is expected. So each document first goes through a msgspec decoder that knows exactly the fields
seen so far (60,000 documents of 5.6 kB a second on one idle core). A document that it refuses is coerced field by field
(`genesys_assets.tables.coercion`), and the decoder learns its fields: the known ones, which polars then decodes too (a
type for the whole record would take twice the time), and the unknown ones, which it counts.
"""

import keyword
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple

import dataframely as dy
import msgspec
import polars as pl

from genesys_assets.readable import MARK, value_of
from genesys_assets.tables.coercion import coerced
from genesys_assets.tables.errors import TablesError
from genesys_assets.tables.schema_drift import SchemaDrift, shown
from genesys_assets.tables.schema_tree import SchemaNode

# Up to this many unknown fields are counted at full speed; documents with any others are coerced one by one.
MAX_LEARNED = 100

_INT64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_PYTHON: dict[pl.DataType, Any] = {
    pl.String(): str,
    pl.Datetime("us", "UTC"): str,
    pl.Int64(): _INT64,
    pl.Float64(): float,
    pl.Boolean(): bool,
    pl.List(pl.String): list[str | None],
    pl.List(pl.Int64): list[_INT64 | None],
}


class UnreadableDocumentError(TablesError):
    """A document is not a JSON object with the id of its record."""


class Validated(NamedTuple):
    """Documents that polars can decode.

    Attributes:
        documents: The documents, stripped of what does not match the schemas.
        maps: By table that has a row per name: _row (the document's position), the parent's ordinal, name, value.
    """

    documents: pl.Series
    maps: dict[str, pl.DataFrame]


class Validator:
    """Validates documents, and learns which fields they have. It is not thread-safe: each thread needs its own."""

    def __init__(self, tree: SchemaNode) -> None:
        self.tree = tree
        # At least one field per node: polars loses rows of structs without fields.
        self._seen = {node.table: {*list(node.fields)[:1], *node.decoded_always} for node in tree.walk()}
        self._unknown: dict[str, dict[str, type]] = {node.table: {} for node in tree.walk()}
        self._maps = [(parent, node) for parent in tree.children for node in parent.children if node.shape == "map"]
        self._unknown_met: list[str] = []
        self._decoder = self._build()

    def validate(
        self,
        documents: pl.Series,
        days: Sequence[date],
        drifts: Mapping[date, SchemaDrift],
        ids: Sequence[str] | None = None,
    ) -> Validated:
        """Return the documents without what polars cannot decode, and count in the drifts what was left out.

        Args:
            documents: The records' JSON.
            days: The partition of each document.
            drifts: The drift of each partition.
            ids: The records' ids, which errors name.

        Raises:
            UnreadableDocumentError: A document is not a JSON object with the id of its record.
        """
        changed: dict[int, str] = {}
        maps: dict[str, list[tuple[int, int, str, str | None]]] = {node.table: [] for _, node in self._maps}
        reads = [(parent.field, node.field, maps[node.table]) for parent, node in self._maps]
        key = self.tree.key
        for row, document in enumerate(documents.to_list()):
            record = self._known(document)
            if record is None:
                self._unknown_met.clear()
                received = self._received(document, days[row], ids[row] if ids else None)
                changed[row], record = self._coerced(received, drifts[days[row]])
            if not getattr(record, key):
                raise self._refused(f"has no {key}", days[row], ids[row] if ids else None)
            if self._unknown_met:
                drifts[days[row]].unknown_fields.update(self._unknown_met)
                self._unknown_met.clear()
            for parents, field, rows in reads:
                for ordinal, parent in enumerate(getattr(record, parents) or ()):
                    if named := getattr(parent, field):
                        rows += [(row, ordinal, name, value) for name, value in named.items()]
        if changed:  # a copy: `scatter` would write into the caller's frame
            known = pl.Series(list(changed.values()), dtype=pl.String)
            documents = documents.clone().scatter(list(changed), known)
        frames = {
            node.table: pl.DataFrame(maps[node.table], schema=_map_schema(parent), orient="row")
            for parent, node in self._maps
        }
        return Validated(documents, frames)

    def dtype(self) -> pl.Struct:
        """Return the polars type of a document: the fields seen so far but maps, with timestamps as texts."""
        return self._dtype(self.tree)

    def _known(self, document: str) -> Any:
        """Return the document as a record; None if it does not match, or has something unreadable to be counted."""
        if MARK in document or "\\ufffd" in document or "\\uFFFD" in document:
            return None
        try:
            return self._decoder.decode(document)
        except (msgspec.DecodeError, RecursionError):
            return None

    def _coerced(self, received: dict[str, Any], drift: SchemaDrift) -> tuple[str, Any]:
        """Return the document as the tables can hold it, as text and as a record."""
        if self._learn(self.tree, received):
            self._decoder = self._build()
        text = msgspec.json.encode(coerced(self.tree, received, drift))
        return text.decode(), self._decoder.decode(text)

    def _received(self, document: str, day: date, record_id: str | None) -> dict[str, Any]:
        try:
            received = value_of(document.encode())
        except ValueError:
            raise self._refused("is not JSON", day, record_id) from None
        if not isinstance(received, dict) or received.get(self.tree.key) in (None, ""):
            raise self._refused(f"has no {self.tree.key}", day, record_id)
        return received

    def _refused(self, why: str, day: date, record_id: str | None) -> UnreadableDocumentError:
        what = str(self.tree.fields[self.tree.key].name).removesuffix("_id")
        which = "A document" if record_id is None else f"The document of {what} {record_id}"
        return UnreadableDocumentError(f"{which} of {day} {why}; fetch the day again.")

    def _learn(self, node: SchemaNode, received: dict[str, Any]) -> bool:
        """Note the fields of an object of a node, and return whether any of them was new."""
        learned = False
        for field, value in received.items():
            learned |= self._learn_field(node, field)
            child = node.children_by_field.get(field)
            if child is not None and child.shape != "map":
                for each in value if isinstance(value, list) else [value]:
                    learned |= isinstance(each, dict) and self._learn(child, each)
        return learned

    def _learn_field(self, node: SchemaNode, field: str) -> bool:
        seen, unknown = self._seen[node.table], self._unknown[node.table]
        if field in seen or field in unknown:
            return False
        if field in node.fields or field in node.children_by_field:
            seen.add(field)
            return True
        plain = field.isidentifier() and not field.startswith("_") and not keyword.iskeyword(field)
        if not plain or sum(map(len, self._unknown.values())) >= MAX_LEARNED:
            return False
        unknown[field] = type("Unknown", (), {"path": node.path_of(shown(field))})
        return True

    def _count(self, unknown: Any, _value: Any) -> Any:
        self._unknown_met.append(unknown.path)
        return unknown()

    def _build(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(self._struct(self.tree), dec_hook=self._count)

    def _struct(self, node: SchemaNode) -> type[msgspec.Struct]:
        known = {
            field: self._nested(node.children_by_field[field])
            if field in node.children_by_field
            else _python(node.fields[field])
            for field in sorted(self._seen[node.table])
        }
        fields = {**known, **self._unknown[node.table]}.items()
        defaulted = [(field, kind, None) for field, kind in fields]
        return msgspec.defstruct("Known", defaulted, forbid_unknown_fields=True, gc=False)

    def _nested(self, node: SchemaNode) -> Any:
        if node.shape == "map":
            return dict[str, str | None] | None
        struct = self._struct(node)
        return (list[struct] if node.shape == "list" else struct) | None  # type: ignore[valid-type]  # made at run time

    def _dtype(self, node: SchemaNode) -> pl.Struct:
        seen = self._seen[node.table]
        kinds = {field: _wire_dtype(column.dtype) for field, column in node.fields.items() if field in seen}
        for child in node.children:
            if child.field in seen and child.shape != "map":
                inner = self._dtype(child)
                kinds[child.field] = pl.List(inner) if child.shape == "list" else inner
        return pl.Struct(kinds)


def stripped(tree: SchemaNode, document: str) -> str:
    """Return a document that was validated and counted before, without what the tables cannot hold."""
    return msgspec.json.encode(coerced(tree, value_of(document.encode()), SchemaDrift())).decode()


def _map_schema(parent: SchemaNode) -> dict[str, type[pl.DataType]]:
    return {"_row": pl.Int32, str(parent.ordinal): pl.Int32, "name": pl.String, "value": pl.String}


def _python(column: dy.Column) -> Any:
    return _PYTHON[column.dtype] | None


def _wire_dtype(dtype: pl.DataType) -> pl.DataType:
    return pl.String() if isinstance(dtype, pl.Datetime) else dtype
