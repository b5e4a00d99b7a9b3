"""What a page of records looks like: envelope, documents as bytes, and of each document its key fields.

Only the key fields (key, start, end) of a document are read, and nothing about it is altered: unknown fields and enum
values are welcome everywhere. Only a page that is no JSON as it stands is repaired (see `genesys_assets.readable`), so
that one text that was cut off costs no day. How one gets from page to page stands in `paging`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from genesys_assets.genesys.api.errors import TooLargeError
from genesys_assets.genesys.api.limits import (
    LONGEST_CURSOR,
    LONGEST_ID,
    MB,
    MOST_ENTRIES,
    MOST_REPAIRED_BYTES,
    MOST_VALUES,
    is_overfull,
)
from genesys_assets.genesys.details.source import Source
from genesys_assets.moments import moment
from genesys_assets.readable import BOM, MARK, readable, value_of

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]
Cursor = Annotated[str, msgspec.Meta(max_length=LONGEST_CURSOR)]


class KeyFields(msgspec.Struct, gc=False):
    """What is read of a record's document: its key, and from when to when it lived."""

    key: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records.

    Attributes:
        key_fields: Of each record what tells it apart and when it lived, in the page's order.
        documents: Of each record its JSON, as received, or repaired.
        repaired: Keys of the records of which something could not be read: `readable.MARK` is in its place.
        total_hits: How many records there are by the query's total, None when the page does not say.
        cursor: Leads to the next page; None: the page does not say that there is one.
        available_until: The data lake's watermark, None when the page does not state it.
        lists: Whether there is a list of records, if only an empty one.
    """

    key_fields: list[KeyFields]
    documents: list[bytes]
    repaired: tuple[str, ...] = ()
    total_hits: int | None = None
    cursor: str | None = None
    available_until: datetime | None = None
    lists: bool = True

    @property
    def is_silent(self) -> bool:
        """Return whether the page holds nothing and says nothing of how much there is."""
        return not self.documents and self.total_hits is None and self.cursor is None


class _Envelope(msgspec.Struct, rename="camel"):
    """The keys of a page but its records, whose key the source names."""

    total_hits: Annotated[int, msgspec.Meta(ge=0)] | UnsetType | None = UNSET
    next_page_cursor: Cursor | UnsetType | None = UNSET
    cursor: Cursor | UnsetType | None = UNSET
    data_availability_date: str | UnsetType | None = UNSET


_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


class PageReader:
    """Reads pages of a source's records; at 5.5 kB a record it splits some 60,000 of them a second.

    Args:
        source: Names the fields.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        named = {"key": source.key, "start": source.start, "end": source.end, "records": source.records}
        wire = msgspec.defstruct(
            "Record", [("key", Id), ("start", str), ("end", str | None, None)], rename=named, gc=False
        )
        listed = msgspec.defstruct("Listed", [("records", list[wire] | None, None)], rename=named)  # type: ignore[valid-type]
        documents = ("records", list[msgspec.Raw] | UnsetType | None, UNSET)
        self._record_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(wire)
        self._list_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(listed)
        self._envelope_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            msgspec.defstruct("Envelope", [documents], bases=(_Envelope,), rename=named)
        )

    def __call__(self, body: bytes) -> Page:
        """Return the page in a body.

        Raises:
            msgspec.DecodeError: The body is cut off or is no JSON, and cannot be repaired.
            msgspec.ValidationError: The body is no page, or a record has no id or no proper start or end; the text
                says which one.
            TooLargeError: The body cannot be read as it stands, and is too large to be repaired; or it has too many
                records.
        """
        body = body.removeprefix(BOM)
        try:
            if not body.isascii():
                body.decode()  # what is skipped by the decoders is not looked at by them
            return self._page(body)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return self._repaired(body, error)

    def _repaired(self, body: bytes, refused: Exception) -> Page:
        if len(body) > MOST_REPAIRED_BYTES:
            raise TooLargeError(
                f"It cannot be read ({refused}), and with more than {MOST_REPAIRED_BYTES / MB:g} MB is too large to be "
                "repaired. Ask Genesys Cloud's support."
            )
        try:
            page = self._page(readable(body))
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, RecursionError):
            raise msgspec.DecodeError(str(refused)) from None
        mark = MARK.encode()
        repaired = (fields.key for fields, each in zip(page.key_fields, page.documents, strict=True) if mark in each)
        return replace(page, repaired=tuple(repaired))

    def _page(self, body: bytes) -> Page:
        # The key fields before the envelope: `[1,1,1, ...]` for records would take forty times its size.
        key_fields = self._key_fields(body) if self._source.split is None else []
        envelope = self._envelope_decoder.decode(body)
        if all(value is UNSET for value in msgspec.structs.astuple(envelope)) and body.strip() != b"{}":
            raise msgspec.ValidationError(f"it has none of the keys of a page of {self._source.plural}")
        documents = [bytes(document) for document in envelope.records or ()]
        if self._source.split is not None:
            documents = [record for element in documents for record in self._source.split(element)]
            key_fields = [self._dated(self._record_decoder.decode(record)) for record in documents]
        for fields, document in zip(key_fields, documents, strict=True):
            if is_overfull(document):
                raise msgspec.ValidationError(f"{self._called(fields.key)} has more than {MOST_VALUES:,} values")
        return Page(
            key_fields=key_fields,
            documents=documents,
            total_hits=envelope.total_hits or (0 if envelope.total_hits == 0 else None),
            cursor=envelope.next_page_cursor or envelope.cursor or None,
            available_until=watermark(envelope.data_availability_date) if envelope.data_availability_date else None,
            lists=isinstance(envelope.records, list),
        )

    def _key_fields(self, body: bytes) -> list[KeyFields]:
        try:
            listed = self._list_decoder.decode(body).records or []
            if len(listed) > MOST_ENTRIES:
                raise TooLargeError(
                    f"It has more than the {MOST_ENTRIES:,} {self._source.plural} that are taken of a page."
                )
            return [self._dated(record) for record in listed]
        except msgspec.ValidationError:
            if is_overfull(body):
                raise
            for place, document in enumerate(self._envelope_decoder.decode(body).records or ()):  # which one is it?
                try:
                    self._dated(self._record_decoder.decode(document))
                except msgspec.ValidationError as error:
                    where = f"`$.{self._source.records}[{place}]`, which is {self._named(bytes(document))}"
                    raise msgspec.ValidationError(f"{error}, in {where}") from None
            raise

    def _dated(self, record: Any) -> KeyFields:
        started, ended = moment(record.start), None if record.end is None else moment(record.end)
        if started is None or (ended is None and record.end is not None):
            field = self._source.start if started is None else self._source.end
            raise msgspec.ValidationError(f"`{field}` names no instant")
        return KeyFields(record.key, started, ended)

    def _named(self, document: bytes) -> str:
        """Return what to call a record in an error; an id that is none may be anything, and is not repeated."""
        record: Any = None if is_overfull(document) else value_of(document)
        return self._called(record.get(self._source.key) if isinstance(record, dict) else None)

    def _called(self, key: Any) -> str:
        one = self._source.name
        return f"{one} {key}" if isinstance(key, str) and _ID.fullmatch(key) else f"no {one} with an id"


def watermark(text: str) -> datetime:
    """Return the instant of a `dataAvailabilityDate`, in UTC.

    Raises:
        msgspec.ValidationError: It names no instant.
    """
    instant = moment(text)
    if instant is None:
        raise msgspec.ValidationError("`dataAvailabilityDate` names no instant")
    return instant
