"""docs/limits.md, written from the numbers that are kept to: `make docs`.

Belongs here: the page. What a limit is for stands with it in `limits`, `retrying` and `slices`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from genesys_assets.genesys.api import limits
from genesys_assets.genesys.api.limits import MB
from genesys_assets.genesys.api.retrying import DEFAULT_RETRY
from genesys_assets.genesys.details.slices import ExtractionSettings
from genesys_assets.genesys.details.source import Source
from genesys_assets.texts import LONGEST_NAME, LONGEST_SENTENCE
from genesys_assets.variables import variable_of

_PAGE = """# Limits

<!-- Written by `make docs` from genesys_assets/genesys/api/limits.py: edit that. -->

What Genesys Cloud sends, or whoever stands in its place, has limits: so much memory and time and no more, whatever
comes. Not even the largest organisations reach one. Where one is reached, the error says so, and nothing incomplete is
stored.

| what | at the most | why, and what then |
|---|---|---|
{rows}

Whatever a server sends, reading a day takes less than 600 MB of memory beside what a process has anyway: large
responses are decompressed, decoded and put into the checkpoint one at a time.
`genesys_assets_tests/genesys/test_hostile.py` sends gzip bodies of a megabyte that inflate to a thousand, bodies
without an end, and JSON that is small as text and large in memory, as every kind of response, and measures the most
memory that the process has had. `genesys_assets_tests/genesys/test_bounds.py` tests the other limits, in hours of
virtual time.
"""


def page(sources: Iterable[Source]) -> str:
    """Return docs/limits.md: every limit in one table, those of the sources among them."""
    rows = [*_of_a_response(), *_of_time(), *_of_slices(sources), *_of_paging(), *_of_texts()]
    return _PAGE.format(rows="\n".join(f"| {what} | {most} | {why} |" for what, most, why in rows))


def _of_a_response() -> list[tuple[str, str, str]]:
    return [
        (
            "a response, compressed and decompressed",
            f"{limits.RESPONSE_BYTES / MB:g} MB",
            "a page of 1,000 calls is 6 MB; a larger one is requested in half its size, anything else fails",
        ),
        (
            "an error's body, the login's responses",
            f"{limits.SMALL_BYTES / MB:g} MB",
            "a few hundred bytes; the rest of an error is not read",
        ),
        (
            "values in a response that is decoded as a whole, in one conversation",
            f"{limits.MOST_VALUES:,}",
            "a value takes 100 bytes of memory, however short its text; fails",
        ),
        (
            "conversations on a page",
            f"{limits.MOST_ENTRIES:,}",
            "1,000 are requested; more are requested in halves",
        ),
        (
            "a page that is no JSON as it stands, to be repaired",
            f"{limits.MOST_REPAIRED_BYTES / MB:g} MB",
            "the repair takes many times its size; a larger one is requested in half its size",
        ),
        ("parts of a gzip body", f"{limits.MOST_MEMBERS}", "servers send one; counts as a broken response"),
        ("an id", f"{limits.LONGEST_ID} characters", "Genesys Cloud's have 36; fails"),
        ("a cursor, a link", f"{limits.LONGEST_CURSOR:,} characters", "the next request has to carry it; fails"),
        ("an access token", f"{limits.LONGEST_TOKEN:,} characters", "of those that a header may have; counts as none"),
        ("nesting", "as deep as msgspec reads", "fails; in a page it is repaired, see [data-model](data-model.md)"),
        ("headers", "100 kB", "h11's own limit; counts as a broken response. Cookies are not kept"),
    ]


def _of_time() -> list[tuple[str, str, str]]:
    day = ExtractionSettings()
    return [
        ("a response, to its last byte", _time(limits.RESPONSE_SECONDS), "24 MB in this time are 1 Mbit/s; a timeout"),
        (
            "a request with all repetitions and waits",
            _time(limits.REQUEST_SECONDS),
            (
                f"{DEFAULT_RETRY.attempts_at_timeout} timeouts, or 429s for "
                f"{_time(DEFAULT_RETRY.throttled_seconds)}, have room; fails"
            ),
        ),
        (
            "a rate window that is reported",
            _time(limits.LONGEST_WINDOW_SECONDS),
            "windows last a minute; a longer one is ignored",
        ),
        ("429s of a request", _time(DEFAULT_RETRY.throttled_seconds), "`Retry-After` included; fails"),
        ("a details job", _time(day.job_seconds), "it is cancelled; fails"),
        ("waiting for the data lake", f"`{variable_of('availability_seconds')}`", "a setting; fails"),
        ("a listing", _time(limits.LISTING_SECONDS), "18,000 pages at 300 requests a minute; fails"),
        (
            "a day's reading",
            _time(day.day_seconds),
            "a million conversations by query take half an hour; fails, the next attempt goes on with what is whole",
        ),
        (
            "an access token's life",
            f"{_time(limits.SHORTEST_TOKEN_SECONDS)} to {_time(limits.LONGEST_TOKEN_SECONDS)}",
            "a longer or shorter life is not believed; a 401 brings a new token anyway",
        ),
    ]


def _of_slices(sources: Iterable[Source]) -> list[tuple[str, str, str]]:
    return [
        (
            f"{source.plural} of a slice",
            f"{source.limits.query_cap:,} by query, {source.limits.job_cap:,} by job",
            "what Genesys Cloud pages through; a slice of more is split",
        )
        for source in sources
    ]


def _of_paging() -> list[tuple[str, str, str]]:
    return [
        ("entities of a listing", f"{limits.MOST_ENTITIES:,}", "tens of thousands of users are many; fails"),
        (
            "all pages of a listing",
            f"{limits.MOST_LISTED_BYTES / MB:g} MB, {limits.MOST_LISTED_VALUES:,} values",
            "it is held in memory; fails",
        ),
        ("pages in a row that bring nothing new", f"{limits.SPARE_PAGES}", "they repeat; fails"),
        (
            "entries beyond what can be there",
            f"{limits.SPARE_ENTRIES:,}",
            "beyond twice what is announced, and beyond the most of a slice or listing; fails",
        ),
    ]


def _of_texts() -> list[tuple[str, str, str]]:
    return [
        ("a message in an error", f"{LONGEST_SENTENCE} characters", "cut, as one line without control characters"),
        ("a code, path, name or id in an error", f"{LONGEST_NAME} characters", "likewise"),
    ]


def _time(seconds: float) -> str:
    for unit, length in (("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1))):
        if seconds > length.total_seconds():
            return f"{seconds / length.total_seconds():g} {unit}"
    return f"{seconds:g} s"
