"""Conversations in which every personal field carries a token that can be searched for."""

from collections.abc import Iterator
from typing import Any

import msgspec

from genesys_assets.privacy.fields import Record, record_of
from genesys_assets.tables.staging.conversation_tree import CONVERSATION

RECORD = record_of(CONVERSATION)

TOKEN = "QZX7PERSONAL"  # no base64 or hexadecimal text holds it by chance
LISTS = {"bcc", "callbackNumbers", "cc", "destinationAddresses", "wrapUpTags"}


def marked(document: bytes) -> bytes:
    """The document with a marked value in every personal field of every object in it."""
    told = msgspec.json.decode(document)
    for participant in told["participants"]:
        for session in participant["sessions"]:
            session.setdefault("flow", {"flowId": "6d1f3b60-0000-4000-8000-000000000000"})
            for segment in session["segments"]:
                segment.setdefault("properties", [{"property": "code", "propertyType": "string"}])
    for record, found in objects(RECORD, told):
        for field in personal_fields(record):
            value = f"{TOKEN}-{field}"
            found[field] = {"name": value} if field == "attributes" else [value] if field in LISTS else value
    return msgspec.json.encode(told)


def personal_fields(record: Record) -> list[str]:
    """The fields of a record that may hold personal data."""
    return sorted({*record.personal, *record.personal_unless_id, *record.by_name})


def objects(record: Record, told: dict[str, Any]) -> Iterator[tuple[Record, dict[str, Any]]]:
    """Every object in a document, with the record that says what is in it."""
    yield record, told
    for field, child in record.records.items():
        inner = told.get(field) or []
        for each in inner if isinstance(inner, list) else [inner]:
            yield from objects(child, each)
