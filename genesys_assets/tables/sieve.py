"""Whether a document is made as its tables expect, and what about it is not.

Genesys Cloud adds fields without notice, and polars drops what its type does not name and refuses a whole batch for one
text where a number is due. So each document first goes through a msgspec decoder that knows exactly the fields seen so
far (43,000 documents of 7.4 kB a second on one core). A document that it refuses is walked field by field: known fields
are learned, unknown ones are counted and left out, values of a wrong type become null and are counted. Fields that no
document had are never decoded: half the time of a decoder for the whole record.

Belongs here: fields and types. Sets of known values and forms of timestamps are `genesys_assets.tables.flatten`'s.
"""

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple

import dataframely as dy
import msgspec
import polars as pl

from genesys_assets.tables.nesting import CONVERSATION, Nest
from genesys_assets.tables.report import Report, shown

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
_MISFIT = object()

_ATTRIBUTES = {"_row": pl.Int32, "participant_ordinal": pl.Int32, "name": pl.String, "value": pl.String}

# Seen from the start: the frame of the record, and what attribution needs.
_CORE = {
    "staging.conversations": {"conversationId", "participants"},
    "staging.participants": {"sessions", "attributes"},
    "staging.sessions": {"segments", "metrics"},
    "staging.segments": {"segmentStart", "segmentEnd", "queueId", "wrapUpCode"},
    "staging.session_metrics": {"emitDate"},
}


class UnreadableDocumentError(ValueError):
    """A document is no JSON object with a conversationId."""


class Sifted(NamedTuple):
    """What the sieve makes of some documents.

    Attributes:
        documents: The documents without what the tables do not know.
        attributes: _row (the document's place), participant_ordinal, name, value: a row per attribute of a participant.
    """

    documents: pl.Series
    attributes: pl.DataFrame


class Sieve:
    """Sifts documents, and learns which of the known fields they have. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # At least one field per place: polars loses rows of structs without fields.
        self._seen = {nest.table: {*list(nest.fields)[:1], *_CORE.get(nest.table, ())} for nest in CONVERSATION.walk()}
        self._decoder = self._build()

    def sift(self, documents: pl.Series, days: Sequence[date], reports: Mapping[date, Report]) -> Sifted:
        """Returns the documents without what the tables do not know, and tells the reports of that.

        Args:
            documents: Conversations' JSON.
            days: The partition of each.
            reports: One for each partition.

        Raises:
            UnreadableDocumentError: A document is no JSON object with a conversationId.
        """
        changed: dict[int, str] = {}
        attributes: list[tuple[int, int, str, str | None]] = []
        for row, document in enumerate(documents.to_list()):
            try:
                record = self._decoder.decode(document)
                if not record.conversationId:
                    raise UnreadableDocumentError(
                        f"A document of {days[row]} has no conversationId; fetch the day again."
                    )
            except msgspec.DecodeError:
                changed[row], record = self._walk(document, days[row], reports[days[row]])
            for ordinal, participant in enumerate(record.participants or ()):
                if participant.attributes:
                    attributes += [(row, ordinal, name, value) for name, value in participant.attributes.items()]
        if changed:
            known = pl.Series(list(changed.values()), dtype=pl.String)
            documents = documents.scatter(list(changed), known)
        return Sifted(documents, pl.DataFrame(attributes, schema=_ATTRIBUTES, orient="row"))

    def dtype(self) -> pl.Struct:
        """The polars type of a document with the fields seen so far; timestamps are texts, attributes left out."""
        return self._dtype(CONVERSATION)

    def _walk(self, document: str, day: date, report: Report) -> tuple[str, Any]:
        """The document without what the tables do not know, as text and as a record."""
        try:
            told = json.loads(document)  # more patient than msgspec: half an emoji, a number beyond all floats
        except ValueError:
            raise UnreadableDocumentError(f"A document of {day} is no JSON; fetch the day again.") from None
        if not isinstance(told, dict) or told.get("conversationId") in (None, ""):
            raise UnreadableDocumentError(f"A document of {day} has no conversationId; fetch the day again.")
        with self._lock:
            before = sum(map(len, self._seen.values()))
            known = self._clean(CONVERSATION, told, report)
            if sum(map(len, self._seen.values())) != before:
                self._decoder = self._build()
            decoder = self._decoder
        text = msgspec.json.encode(known)
        return text.decode(), decoder.decode(text)

    def _clean(self, nest: Nest, told: dict[str, Any], report: Report) -> dict[str, Any]:
        known = {}
        for field, value in told.items():
            if field not in nest.fields and field not in nest.nests:
                report.unknown_fields[nest.located(shown(field))] += 1
                continue
            self._seen[nest.table].add(field)
            if value is None:
                continue
            if field in nest.nests:
                known[field] = self._clean_nest(nest.nests[field], value, report)
            else:
                known[field] = _fit(nest.fields[field].dtype, value, nest.located(field), report)
        return known

    def _clean_nest(self, nest: Nest, value: Any, report: Report) -> Any:
        if nest.shape == "list" and isinstance(value, list):
            report.unreadable_values[nest.path] += sum(not isinstance(element, dict) for element in value)
            return [self._clean(nest, element, report) for element in value if isinstance(element, dict)]
        if nest.shape == "object" and isinstance(value, dict):
            return self._clean(nest, value, report)
        if nest.shape == "map" and isinstance(value, dict):
            return {_as_text(name): None if text is None else _as_text(text) for name, text in value.items()}
        report.unreadable_values[nest.path] += 1
        return None

    def _build(self) -> msgspec.json.Decoder[Any]:
        return msgspec.json.Decoder(self._struct(CONVERSATION))

    def _struct(self, nest: Nest) -> type[msgspec.Struct]:
        fields = [
            (field, self._nested(nest.nests[field]) if field in nest.nests else _python(nest.fields[field]), None)
            for field in sorted(self._seen[nest.table])
        ]
        return msgspec.defstruct("Known", fields, forbid_unknown_fields=True, gc=False)

    def _nested(self, nest: Nest) -> Any:
        if nest.shape == "map":
            return dict[str, str | None] | None
        struct = self._struct(nest)
        return (list[struct] if nest.shape == "list" else struct) | None  # type: ignore[valid-type]  # made at run time

    def _dtype(self, nest: Nest) -> pl.Struct:
        seen = self._seen[nest.table]
        kinds = {field: _wire_dtype(column.dtype) for field, column in nest.fields.items() if field in seen}
        for child in nest.children:
            if child.field in seen and child.shape != "map":
                inner = self._dtype(child)
                kinds[child.field] = pl.List(inner) if child.shape == "list" else inner
        return pl.Struct(kinds)


def _python(column: dy.Column) -> Any:
    return _PYTHON[column.dtype] | None


def _wire_dtype(dtype: pl.DataType) -> pl.DataType:
    return pl.String() if isinstance(dtype, pl.Datetime) else dtype


def _fit(dtype: pl.DataType, value: Any, path: str, report: Report) -> Any:
    """The value as the column's type; None, and counted, where that would lose something."""
    if isinstance(dtype, pl.List) and isinstance(value, list):
        inner = dtype.inner() if isinstance(dtype.inner, type) else dtype.inner
        return [None if element is None else _fit(inner, element, path, report) for element in value]
    fitted = _scalar(dtype, value)
    if fitted is _MISFIT:
        report.unreadable_values[path] += 1
        return None
    return fitted


def _scalar(dtype: pl.DataType, value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(dtype, pl.String):
        return _as_text(value)
    if isinstance(dtype, pl.Datetime) and isinstance(value, str):
        return _as_text(value)
    if isinstance(dtype, pl.Boolean) and isinstance(value, bool):
        return value
    if isinstance(dtype, pl.Float64) and number and abs(value) <= sys.float_info.max:
        return float(value)
    if isinstance(dtype, pl.Int64) and number and -(2**63) <= value < 2**63 and value == int(value):
        return int(value)
    return _MISFIT


def _as_text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    # A text cut within an emoji ends in half a surrogate pair, which is no Unicode.
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
