"""What a page of conversations looks like: envelope, documents as bytes, and of each document its head.

Only the head (id, start, end) of a document is read, and nothing about it is altered: unknown fields and enum values
are welcome everywhere. Only a page that is no JSON as it stands is repaired (see `genesys_assets.readable`), so that
one text that was cut off costs no day. How one gets from page to page stands in `paging`.
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
from genesys_assets.moments import moment
from genesys_assets.readable import BOM, MARK, readable, value_of

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]
Cursor = Annotated[str, msgspec.Meta(max_length=LONGEST_CURSOR)]


class Head(msgspec.Struct, gc=False):
    """What is read of a conversation's document."""

    conversation_id: str
    conversation_start: datetime
    conversation_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of conversations.

    Attributes:
        heads: Of each conversation its head, in the page's order.
        documents: Of each conversation its JSON, as received, or repaired.
        marred: Ids of those of which something could not be read: `readable.MARK` stands in its place.
        total_hits: How many conversations the query announces, None when it does not say.
        cursor: Leads to the next page; None: the page does not say that there is one.
        available_until: The data lake's watermark, None when the page does not tell it.
        lists: Whether there is a list of conversations, if only an empty one.
    """

    heads: list[Head]
    documents: list[bytes]
    marred: tuple[str, ...] = ()
    total_hits: int | None = None
    cursor: str | None = None
    available_until: datetime | None = None
    lists: bool = True

    @property
    def is_silent(self) -> bool:
        """Return whether the page holds nothing and says nothing of how much there is."""
        return not self.documents and self.total_hits is None and self.cursor is None


class _Envelope(msgspec.Struct, rename="camel"):
    conversations: list[msgspec.Raw] | UnsetType | None = UNSET
    total_hits: Annotated[int, msgspec.Meta(ge=0)] | UnsetType | None = UNSET
    next_page_cursor: Cursor | UnsetType | None = UNSET
    cursor: Cursor | UnsetType | None = UNSET
    data_availability_date: str | UnsetType | None = UNSET


class _Told(msgspec.Struct, rename="camel", gc=False):
    """A head as it stands in the document."""

    conversation_id: Id
    conversation_start: str
    conversation_end: str | None = None


class _Heads(msgspec.Struct):
    conversations: list[_Told] | None = None


_envelopes = msgspec.json.Decoder(_Envelope)
_heads = msgspec.json.Decoder(_Heads)
_head = msgspec.json.Decoder(_Told)
_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


def conversation_page(body: bytes) -> Page:
    """Return the page in a body; at 5.5 kB a conversation this splits some 60,000 of them a second.

    Raises:
        msgspec.DecodeError: The body is cut off or is no JSON, and cannot be repaired.
        msgspec.ValidationError: The body is no page, or a conversation has no id or no proper start or end; the text
            says which one.
        TooLargeError: The body cannot be read as it stands, and is too large to be repaired; or it has too many
            conversations.
    """
    body = body.removeprefix(BOM)
    try:
        if not body.isascii():
            body.decode()  # what is skipped by the decoders is not looked at by them
        return _page(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _repaired_page(body, error)


def _repaired_page(body: bytes, refused: Exception) -> Page:
    if len(body) > MOST_REPAIRED_BYTES:
        raise TooLargeError(
            f"It cannot be read ({refused}), and with more than {MOST_REPAIRED_BYTES / MB:g} MB is too large to be "
            "repaired. Ask Genesys Cloud's support."
        )
    try:
        page = _page(readable(body))
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError):
        raise msgspec.DecodeError(str(refused)) from None
    mark = MARK.encode()
    marred = (head.conversation_id for head, each in zip(page.heads, page.documents, strict=True) if mark in each)
    return replace(page, marred=tuple(marred))


def _page(body: bytes) -> Page:
    heads = _heads_of(body)  # before the envelope: `[1,1,1, ...]` for conversations would take forty times its size
    envelope = _envelopes.decode(body)
    known = (
        envelope.conversations,
        envelope.total_hits,
        envelope.next_page_cursor,
        envelope.cursor,
        envelope.data_availability_date,
    )
    if all(value is UNSET for value in known) and body.strip() != b"{}":
        raise msgspec.ValidationError("it has none of the keys of a page of conversations")
    documents = [bytes(document) for document in envelope.conversations or ()]
    for head, document in zip(heads, documents, strict=True):
        if is_overfull(document):
            raise msgspec.ValidationError(f"{_called(head.conversation_id)} has more than {MOST_VALUES:,} values")
    return Page(
        heads=heads,
        documents=documents,
        total_hits=envelope.total_hits or (0 if envelope.total_hits == 0 else None),
        cursor=envelope.next_page_cursor or envelope.cursor or None,
        available_until=watermark(envelope.data_availability_date) if envelope.data_availability_date else None,
        lists=isinstance(envelope.conversations, list),
    )


def watermark(text: str) -> datetime:
    """Return the instant of a `dataAvailabilityDate`, in UTC.

    Raises:
        msgspec.ValidationError: It names no instant.
    """
    told = moment(text)
    if told is None:
        raise msgspec.ValidationError("`dataAvailabilityDate` names no instant")
    return told


def _heads_of(body: bytes) -> list[Head]:
    try:
        listed = _heads.decode(body).conversations or []
        if len(listed) > MOST_ENTRIES:
            raise TooLargeError(f"It has more than the {MOST_ENTRIES:,} conversations that are taken of a page.")
        return [_dated(told) for told in listed]
    except msgspec.ValidationError:
        if is_overfull(body):
            raise
        for place, document in enumerate(_envelopes.decode(body).conversations or ()):  # which one is it?
            try:
                _dated(_head.decode(document))
            except msgspec.ValidationError as error:
                where = f"`$.conversations[{place}]`, which is {_named(bytes(document))}"
                raise msgspec.ValidationError(f"{error}, in {where}") from None
        raise


def _dated(told: _Told) -> Head:
    started, end = moment(told.conversation_start), told.conversation_end
    ended = None if end is None else moment(end)
    if started is None or (ended is None and end is not None):
        field = "conversationStart" if started is None else "conversationEnd"
        raise msgspec.ValidationError(f"`{field}` names no instant")
    return Head(told.conversation_id, started, ended)


def _named(document: bytes) -> str:
    """Return what to call a conversation in an error; an id that is none may be anything, and is not repeated."""
    told: Any = None if is_overfull(document) else value_of(document)
    name = told.get("conversationId") if isinstance(told, dict) else None
    return _called(name)


def _called(name: Any) -> str:
    return f"conversation {name}" if isinstance(name, str) and _ID.fullmatch(name) else "no conversation with an id"
