"""Whether a document is made as its tables expect, and what about it is not.

Genesys Cloud adds fields without notice, and polars drops what its type does not name and refuses a whole batch for one
text where a number is due. So each document first goes through a msgspec decoder that knows exactly the fields seen so
far (60,000 documents of 5.6 kB a second on one idle core). A document that it refuses is walked field by field (see
`genesys_assets.tables.fitting`), and the decoder learns its fields: the known ones, which polars then decodes too (a
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
from genesys_assets.tables.errors import TablesError
from genesys_assets.tables.fitting import fitted
from genesys_assets.tables.report import Report, shown
from genesys_assets.tables.schema_tree import CONVERSATION, SchemaNode

# So many unknown fields are counted at full speed; documents with more of them are walked, one by one.
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
_ATTRIBUTES = {"_row": pl.Int32, "participant_ordinal": pl.Int32, "name": pl.String, "value": pl.String}

# Seen from the start: the frame of the record, and what attribution needs.
_CORE = {
    "staging.conversations": {"conversationId", "participants"},
    "staging.participants": {"sessions", "attributes"},
    "staging.sessions": {"segments", "metrics"},
    "staging.segments": {"segmentStart", "segmentEnd", "queueId", "wrapUpCode"},
    "staging.session_metrics": {"emitDate"},
}


class UnreadableDocumentError(TablesError):
    """A document is no JSON object with a conversationId."""


class Sifted(NamedTuple):
    """What the sieve makes of some documents.

    Attributes:
        documents: The documents, such that polars can decode them.
        attributes: _row (the document's place), participant_ordinal, name, value: a row per attribute of a participant.
    """

    documents: pl.Series
    attributes: pl.DataFrame


class Sieve:
    """Sifts documents, and learns which fields they have. Each thread needs its own."""

    def __init__(self) -> None:
        # At least one field per node: polars loses rows of structs without fields.
        self._seen = {node.table: {*list(node.fields)[:1], *_CORE.get(node.table, ())} for node in CONVERSATION.walk()}
        self._unknown: dict[str, dict[str, type]] = {node.table: {} for node in CONVERSATION.walk()}
        self._met: list[str] = []
        self._decoder = self._build()

    def sift(
        self,
        documents: pl.Series,
        days: Sequence[date],
        reports: Mapping[date, Report],
        ids: Sequence[str] | None = None,
    ) -> Sifted:
        """Return the documents without what polars would stumble over, and tell the reports of what is not known.

        Args:
            documents: Conversations' JSON.
            days: The partition of each.
            reports: One for each partition.
            ids: What errors are to call them.

        Raises:
            UnreadableDocumentError: A document is no JSON object with a conversationId.
        """
        changed: dict[int, str] = {}
        attributes: list[tuple[int, int, str, str | None]] = []
        for row, document in enumerate(documents.to_list()):
            record = self._known(document)
            if record is None:
                self._met.clear()
                told = _told(document, days[row], ids[row] if ids else None)
                changed[row], record = self._walk(told, reports[days[row]])
            if not record.conversationId:
                raise _refused("has no conversationId", days[row], ids[row] if ids else None)
            if self._met:
                reports[days[row]].unknown_fields.update(self._met)
                self._met.clear()
            for ordinal, participant in enumerate(record.participants or ()):
                if participant.attributes:
                    attributes += [(row, ordinal, name, value) for name, value in participant.attributes.items()]
        if changed:  # a copy: `scatter` would write into the caller's frame
            known = pl.Series(list(changed.values()), dtype=pl.String)
            documents = documents.clone().scatter(list(changed), known)
        return Sifted(documents, pl.DataFrame(attributes, schema=_ATTRIBUTES, orient="row"))

    def dtype(self) -> pl.Struct:
        """Return the polars type of a document with the fields seen so far; timestamps as texts, without attributes."""
        return self._dtype(CONVERSATION)

    def _known(self, document: str) -> Any:
        """Return the document as a record; None if it has to be walked, be it to count what could not be read of it."""
        if MARK in document or "\\ufffd" in document or "\\uFFFD" in document:
            return None
        try:
            return self._decoder.decode(document)
        except (msgspec.DecodeError, RecursionError):
            return None

    def _walk(self, told: dict[str, Any], report: Report) -> tuple[str, Any]:
        """Return the document without what the tables do not know, as text and as a record."""
        if self._learn(CONVERSATION, told):
            self._decoder = self._build()
        text = msgspec.json.encode(fitted(CONVERSATION, told, report))
        return text.decode(), self._decoder.decode(text)

    def _learn(self, node: SchemaNode, told: dict[str, Any]) -> bool:
        """Note the fields of an object of a node; return whether there was a new one."""
        learned = False
        for field, value in told.items():
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
        self._met.append(unknown.path)
        return unknown()

    def _build(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(self._struct(CONVERSATION), dec_hook=self._count)

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


def known(document: str) -> str:
    """Return the document without what the tables do not know; it has been sifted before, and reported of."""
    return msgspec.json.encode(fitted(CONVERSATION, value_of(document.encode()), Report())).decode()


def _told(document: str, day: date, conversation_id: str | None) -> dict[str, Any]:
    try:
        told = value_of(document.encode())
    except ValueError:
        raise _refused("is no JSON", day, conversation_id) from None
    if not isinstance(told, dict) or told.get("conversationId") in (None, ""):
        raise _refused("has no conversationId", day, conversation_id)
    return told


def _refused(why: str, day: date, conversation_id: str | None) -> UnreadableDocumentError:
    which = "A document" if conversation_id is None else f"The document of conversation {conversation_id}"
    return UnreadableDocumentError(f"{which} of {day} {why}; fetch the day again.")


def _python(column: dy.Column) -> Any:
    return _PYTHON[column.dtype] | None


def _wire_dtype(dtype: pl.DataType) -> pl.DataType:
    return pl.String() if isinstance(dtype, pl.Datetime) else dtype
