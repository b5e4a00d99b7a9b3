"""What a page of conversations looks like: envelope, documents as bytes, and of each document its head.

Only the head (id, start, end) of a document is read, and nothing about it is altered: unknown fields and enum values
are welcome everywhere. How one gets from page to page stands in `paging`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""RFC 3339 with any number of fractional digits (trailing zeros are often dropped) and an offset."""


class Head(msgspec.Struct, rename="camel", gc=False):
    """What is read of a conversation's document."""

    conversation_id: Annotated[str, msgspec.Meta(min_length=1)]
    conversation_start: Moment
    conversation_end: Moment | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of conversations.

    Attributes:
        heads: Of each conversation its head, in the page's order.
        documents: Of each conversation its JSON, as received.
        total_hits: How many conversations the query announces, None when it does not say.
        cursor: Leads to the next page; None: the page does not say that there is one.
        available_until: The data lake's watermark, None when the page does not tell it.
    """

    heads: list[Head]
    documents: list[bytes]
    total_hits: int | None = None
    cursor: str | None = None
    available_until: datetime | None = None

    @property
    def is_silent(self) -> bool:
        """Whether the page holds nothing and says nothing of how much there is."""
        return not self.documents and self.total_hits is None and self.cursor is None


class _Envelope(msgspec.Struct, rename="camel"):
    conversations: list[msgspec.Raw] | UnsetType | None = UNSET
    total_hits: Annotated[int, msgspec.Meta(ge=0)] | UnsetType | None = UNSET
    next_page_cursor: str | UnsetType | None = UNSET
    cursor: str | UnsetType | None = UNSET
    data_availability_date: Moment | UnsetType | None = UNSET


class _Heads(msgspec.Struct):
    conversations: list[Head] | None = None


_envelopes = msgspec.json.Decoder(_Envelope)
_heads = msgspec.json.Decoder(_Heads)


def conversation_page(body: bytes) -> Page:
    """Return the page in a body; at 5.5 kB a conversation this splits some 60,000 of them a second.

    Raises:
        msgspec.DecodeError: The body is cut off or is no JSON.
        msgspec.ValidationError: The body is no page, or a conversation has no id or no proper start or end; the text
            says which one.
    """
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
    return Page(
        heads=(_heads.decode(body).conversations or []) if documents else [],
        documents=documents,
        total_hits=envelope.total_hits or (0 if envelope.total_hits == 0 else None),
        cursor=envelope.next_page_cursor or envelope.cursor or None,
        available_until=envelope.data_availability_date or None,
    )
