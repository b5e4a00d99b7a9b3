"""What is fuzzed: of each reader of what comes from outside, what must hold whatever it is given.

What belongs here: a strategy and a property for each. How long they run is `__main__`'s business; the suite runs each
briefly.
"""

from __future__ import annotations

import json
import math
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import polars as pl
import pytest
from hypothesis import strategies as st

from genesys_assets.genesys import GenesysError
from genesys_assets.genesys.api.auth import token_of
from genesys_assets.genesys.api.listings import _linked
from genesys_assets.genesys.api.rate_limiter import rate_window
from genesys_assets.genesys.api.responses import OK_STATUSES, ApiResponse, error_of, retry_after_seconds
from genesys_assets.genesys.details.pages import Page, PageReader
from genesys_assets.moments import moment
from genesys_assets.privacy import PrivacyError, Scrubber
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.tables.decode import decode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets.warehouse.table import literal, quoted
from genesys_assets_tests.conftest import DAY, NOW
from genesys_assets_tests.fuzzing.seeds import DOCUMENT, HEADERS, INSTANTS, LINKS, NAMES, PAGES, mutated, mutated_text
from genesys_assets_tests.privacy.marked import TOKEN, marked

SCRUBBERS = [Scrubber(CONVERSATION, mode, "a key of the organisation's own") for mode in ("hash", "drop")]


@dataclass(frozen=True)
class Target:
    """A reader: what it is given, and the property, which raises when it does not hold."""

    given: st.SearchStrategy[Any]
    holds: Callable[[Any], None]
    seeds: list[Any]


def is_one_line(text: str) -> bool:
    """Whether a text holds nothing that ends a line or commands a terminal, in whichever Unicode is the newest."""
    return not any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in text)


def split(body: bytes) -> Page | None:
    """The page, or None where it is refused as a page may be refused."""
    try:
        return PageReader(CONVERSATIONS)(body)
    except (msgspec.DecodeError, GenesysError):
        return None


def pages_hold_their_documents(body: bytes) -> None:
    """A page is refused, or has for each record its key fields and its document."""
    page = split(body)
    if page is None:
        return
    assert len(page.key_fields) == len(page.documents)
    for fields, document in zip(page.key_fields, page.documents, strict=True):
        assert document.startswith(b"{")
        assert fields.start.tzinfo is not None
        document.decode()
        assert document in body or page.repaired or b"\\" in document or any(byte < 32 for byte in body)


def documents_of_pages_are_rows(body: bytes) -> None:
    """Each conversation that the splitter takes is a row."""
    page = split(body)
    if page is None or not page.documents:
        return
    by_id = {fields.key: each for fields, each in zip(page.key_fields, page.documents, strict=True)}
    told = {"conversation_id": list(by_id), "document": [each.decode() for each in by_id.values()]}
    with tempfile.TemporaryDirectory() as folder:
        tables = decode(pl.LazyFrame(told).with_columns(partition_date=pl.lit(DAY)), Path(folder), CONVERSATION).tables
        assert tables["staging.conversations"].collect().height == len(by_id)
        for table in tables.values():
            table.collect()


def personal_values_are_scrubbed(document: bytes) -> None:
    """A document is refused without being repeated, or is an object that scrubbing again leaves as it is."""
    for scrubber in SCRUBBERS:
        try:
            once = scrubber.scrub(document)
        except PrivacyError as error:
            assert TOKEN not in str(error)  # noqa: PT017 - either is right
            continue
        assert type(json.loads(once)) is dict
        dropped = SCRUBBERS[-1]
        assert json.loads(dropped.scrub(once)) == json.loads(dropped.scrub(document))


def no_mark_is_left(values: list[str]) -> None:
    """Whatever surrounds a personal value, it is not stored; an attribute's name is kept, and is none."""
    told = json.loads(marked(DOCUMENT).decode())
    session = told["participants"][0]["sessions"][0]
    session |= {"ani": values[0] + TOKEN, "callbackNumbers": [TOKEN + each for each in values]}
    told["participants"][0]["attributes"] = {each.replace(TOKEN, "name"): TOKEN + each for each in values}
    for scrubber in SCRUBBERS:
        assert TOKEN.encode() not in scrubber.scrub(json.dumps(told).encode())


def headers_are_numbers_or_nothing(given: tuple[str, str, int, bytes]) -> None:
    """A header is a bounded number or nothing, an answer a result or an error of the project."""
    one, other, status, body = given
    seconds = retry_after_seconds({"retry-after": one}, NOW)
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)
    names = ("inin-ratelimit-allowed", "inin-ratelimit-count", "inin-ratelimit-reset")
    for values in ((one, other, other), (other, one, "3"), ("3", "1", one)):
        window = rate_window(dict(zip(names, values, strict=True)))
        assert window is None or math.isfinite(window.reset_seconds)
    answer = ApiResponse(status, {"retry-after": one, "inin-correlation-id": other}, body)
    error = error_of(answer, "GET", "/api/v2/users", NOW)
    assert (error is None) is (status in OK_STATUSES)
    assert is_one_line(str(error))
    try:
        assert token_of(answer, 0.0).renew_at >= 0
    except GenesysError as refused:
        assert is_one_line(str(refused))  # noqa: PT017 - either is right


def cursors_lead_on_or_nowhere(given: tuple[str, str]) -> None:
    """A link is a path of the API or refused, an instant one in UTC or none, a cursor itself."""
    link, instant = given
    try:
        path, _ = _linked(link, "/api/v2/users")
        assert path.startswith("/")
        assert path.isprintable()
    except GenesysError as error:
        assert is_one_line(str(error))  # noqa: PT017 - either is right
    told = moment(instant)
    assert told is None or told.utcoffset() is not None
    page = split(json.dumps({"conversations": [], "cursor": link}).encode())
    assert page is None or page.cursor == (link or None)


def names_stay_names(names: tuple[str, str]) -> None:
    """A quoted name is one identifier and a literal one text; a zero, which ends a statement, leaves it unfinished."""
    name, text = names
    query = f"SELECT {literal(text)} AS {quoted(name)}"
    if "\0" in name + text:
        with pytest.raises(duckdb.ParserException):
            _engine().execute(query)
        return
    result = _engine().execute(query)
    assert result.description[0][0] == name
    assert result.fetchall() == [(text,)]


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    """One for all names: making one takes longer than a thousand queries."""
    return duckdb.connect(":memory:")


_names = mutated_text(NAMES)
TARGETS = {
    "pages": Target(mutated(PAGES), pages_hold_their_documents, PAGES),
    "documents": Target(mutated(PAGES), documents_of_pages_are_rows, PAGES),
    "scrubber": Target(
        mutated([DOCUMENT, marked(DOCUMENT)]), personal_values_are_scrubbed, [DOCUMENT, marked(DOCUMENT)]
    ),
    "personal": Target(
        st.lists(st.text(), min_size=1, max_size=4), no_mark_is_left, [["\N{ZERO WIDTH SPACE}", "@"], [TOKEN]]
    ),
    "headers": Target(
        st.tuples(
            mutated_text(HEADERS), mutated_text(HEADERS), st.integers(200, 599), mutated([b'{"access_token":"x"}'])
        ),
        headers_are_numbers_or_nothing,
        [(one, one, 429, b"{}") for one in HEADERS],
    ),
    "cursors": Target(
        st.tuples(mutated_text(LINKS), mutated_text(INSTANTS)),
        cursors_lead_on_or_nowhere,
        [(link, instant) for link in LINKS for instant in INSTANTS],
    ),
    "quoting": Target(st.tuples(_names.filter(bool), _names), names_stay_names, [(name, name) for name in NAMES]),
}
