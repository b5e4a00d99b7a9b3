"""What comes from outside beyond all measure is a clear error, over scripted answers and real HTTP; never a raw one."""

import gzip
import json

import httpx
import pytest

from genesys_assets.genesys import (
    GenesysError,
    Interval,
    conversation_aggregates,
    count_begun,
    data_availability,
    entities,
    organisation,
)
from genesys_assets.genesys import jobs as jobs_module
from genesys_assets.genesys.errors import InvalidPageError, TooLargeError
from genesys_assets.genesys.limits import LONGEST_CURSOR, LONGEST_ID, MOST_ENTRIES, MOST_VALUES, PAGE
from genesys_assets.genesys.pages import conversation_page
from genesys_assets_tests.genesys.support import DAY, Script, answer, assert_whole, run

ASKS = {
    "page": lambda cloud: count_begun(cloud, Interval.of_day(DAY)),
    "listing": lambda cloud: entities(cloud, "/api/v2/routing/queues"),
    "aggregates": lambda cloud: conversation_aggregates(cloud, Interval.of_day(DAY), ["nOffered"]),
    "availability": data_availability,
    "organisation": organisation,
}
DEEP = b"[" * 5_000 + b"]" * 5_000
RECORD = {"conversationId": "c-1", "conversationStart": "2026-11-22T10:00:00.000Z"}


def page(**told):
    return json.dumps({"conversations": [RECORD], "totalHits": 1} | told).encode()


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize(
    "body",
    [DEEP, b'{"x": ' + DEEP + b"}", b'{"entities": ' + DEEP + b"}", b'{"results": ' + DEEP + b"}", b'{"id": ' + DEEP],
    ids=["all", "unknown", "entities", "results", "unended"],
)
def test_what_is_nested_without_end_is_an_error_of_the_project(ask, body):
    with pytest.raises(GenesysError):
        run(Script(answer(200, body)), ask)


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Encoding": "br"},
        {"Content_Encoding": "zstd"},
        {"Content_Encoding": "gzip, gzip"},
        {"Content_Encoding": "\x1b[31m" + "x" * 60_000},
        {"Content_Encoding": "gzip"},
        {"Content_Encoding": "deflate"},
    ],
)
def test_a_content_encoding_that_is_none_is_a_short_error(ask, headers):
    with pytest.raises(GenesysError) as failed:
        run(Script(answer(200, b'{"totalHits": 0}', **headers)), ask)
    assert str(failed.value).isprintable()
    assert len(str(failed.value)) < 1_000


@pytest.mark.parametrize(
    "location",
    [
        "http://[",
        "http://a:99999999/",
        "//",
        "http://é",
        "http://xn--a",
        "javascript:1",
        "/" + "x" * 70_000,
        "\xff",
        "?",
    ],
)
@pytest.mark.parametrize("status", [301, 303, 307])
def test_a_redirect_wherever_to_is_an_error_of_the_project(status, location):
    script = Script(
        lambda _request: httpx.Response(status, headers={"location": location.encode()}, stream=httpx.ByteStream(b""))
    )
    with pytest.raises(GenesysError):
        run(script, ASKS["listing"])
    assert {request.url.host for request in script.requests} == {"api.test"}


def test_cookies_are_not_kept():
    script = Script(
        answer(200, {"entities": [{"id": "a"}], "total": 2}, Set_Cookie="a=b; Domain=api.test"),
        answer(200, {"entities": [{"id": "b"}], "total": 2}, Set_Cookie="c=d"),
    )
    run(script, ASKS["listing"])
    assert len(script.requests) == 2
    assert not any("cookie" in request.headers for request in script.requests)


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0000-01-01T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "x",
        "",
    ],
)
def test_a_watermark_that_no_calendar_has_is_an_error(text):
    with pytest.raises(InvalidPageError, match="names no instant"):
        run(Script(answer(200, {"dataAvailabilityDate": text})), data_availability)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-22T23:59:59.123+02:00"])
def test_a_watermark_however_far_away_is_told_in_utc(text):
    told = run(Script(answer(200, {"dataAvailabilityDate": text})), data_availability)
    assert told.utcoffset().total_seconds() == 0


@pytest.mark.parametrize(
    "told",
    [
        {"cursor": "x" * (LONGEST_CURSOR + 1)},
        {"nextPageCursor": "x" * (LONGEST_CURSOR + 1)},
        {"conversations": [RECORD | {"conversationId": "x" * (LONGEST_ID + 1)}]},
        {"conversations": [RECORD | {"x": [0] * (MOST_VALUES + 1)}]},
    ],
    ids=["cursor", "nextPageCursor", "id", "values"],
)
def test_a_page_with_something_beyond_all_measure_is_invalid(told):
    with pytest.raises(InvalidPageError) as failed:
        run(Script(answer(200, page(**told))), ASKS["page"])
    assert len(str(failed.value)) < 500


def test_a_page_with_the_most_of_everything_is_read():
    whole = conversation_page(page(cursor="x" * LONGEST_CURSOR, conversations=[RECORD] * MOST_ENTRIES))
    assert len(whole.documents) == MOST_ENTRIES
    with pytest.raises(TooLargeError):
        conversation_page(page(conversations=[RECORD] * (MOST_ENTRIES + 1)))


@pytest.mark.parametrize("source", ["job", "query"])
def test_a_day_of_pages_that_are_too_large_comes_whole_in_smaller_ones(here, landing, source, monkeypatch):
    largest = len(gzip.compress(json.dumps(list(here.truth(source).values())[:10]).encode()))
    small = type(PAGE)(wire=PAGE.wire, body=8 * largest)
    monkeypatch.setattr(jobs_module, "PAGE", small)
    monkeypatch.setattr("genesys_assets.genesys.query.PAGE", small)
    extraction = assert_whole(here, landing, source)
    assert extraction.pages > 12
