"""What comes from outside beyond all measure is a clear error, over scripted answers and real HTTP; never a raw one."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import UTC
from itertools import count

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys import (
    ExtractionSettings,
    GenesysError,
    IncompleteError,
    data_availability,
    extract,
    organisation,
)
from genesys_assets.genesys.api.errors import InvalidPageError, ThrottledError, TimedOutError, TooLargeError
from genesys_assets.genesys.api.limits import (
    LONGEST_CURSOR,
    LONGEST_ID,
    MOST_ENTRIES,
    MOST_VALUES,
    REQUEST_SECONDS,
    RESPONSE_SECONDS,
)
from genesys_assets.genesys.api.paging import ListingPaging
from genesys_assets.genesys.details.jobs import JobReader
from genesys_assets.genesys.details.pages import PageReader
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of
from genesys_assets_tests.genesys import hostile
from genesys_assets_tests.genesys.support import (
    DAY,
    NOON,
    ManualTime,
    Script,
    answer,
    assert_whole,
    problem,
    run,
    session,
)
from genesys_assets_tests.genesys.virtual import run_virtually

ASKS = {name: ask for name, ask in hostile.ASKS.items() if name not in {"day", "login"}}
"""What is one request each."""
NASTY = "a\x1b[31m\r\n\u202eb\x00" + "x" * 100_000
DEEP = b"[" * 200_000 + b"]" * 200_000
"""Too deep for every version of Python: from 3.12 on 5,000 are not."""
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
        run(Script(answer(200, {"dataAvailabilityDate": text})), lambda cloud: data_availability(cloud, CONVERSATIONS))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-22T23:59:59.123+02:00"])
def test_a_watermark_however_far_away_is_told_in_utc_and_is_not_to_come(text):
    told = run(
        Script(answer(200, {"dataAvailabilityDate": text})), lambda cloud: data_availability(cloud, CONVERSATIONS)
    )
    assert told.utcoffset().total_seconds() == 0
    assert told <= NOON


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
    whole = PageReader(CONVERSATIONS)(page(cursor="x" * LONGEST_CURSOR, conversations=[RECORD] * MOST_ENTRIES))
    assert len(whole.documents) == MOST_ENTRIES
    with pytest.raises(TooLargeError):
        PageReader(CONVERSATIONS)(page(conversations=[RECORD] * (MOST_ENTRIES + 1)))


@pytest.mark.parametrize("source", ["job", "query"])
def test_a_day_of_pages_that_are_too_large_comes_whole_in_smaller_ones(here, checkpoint, source, tmp_path, monkeypatch):
    pages = assert_whole(here, ParquetCheckpoint(tmp_path / "in pages of any size"), source).pages
    largest = max(len(gzip.compress(json.dumps(each).encode())) for each in here.truth(source).values())
    monkeypatch.setattr("genesys_assets.genesys.api.client.RESPONSE_BYTES", 8 * largest)
    assert assert_whole(here, checkpoint, source).pages > pages


class Dripping(httpx.AsyncByteStream):
    """A body that goes on for ever, a byte every ten seconds."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(10)
            yield b" "


def in_virtual_time(ask, **options):
    """What `ask` raises of a session whose time is the event loop's, and the seconds until then."""

    async def main():
        loop = asyncio.get_running_loop()
        async with session(clock=loop.time, sleep=asyncio.sleep, now=lambda: NOON, **options) as cloud:
            with pytest.raises(GenesysError) as failed:
                await ask(cloud)
        return failed.value, loop.time()

    return run_virtually(main())


def dripping(status=200, **headers):
    return lambda _request: httpx.Response(status, headers=headers, stream=Dripping())


@pytest.mark.parametrize("status", [200, 400, 403, 500, 503, 429])
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_body_that_drips_for_ever_ends_within_the_time_of_a_request(ask, status):
    error, seconds = in_virtual_time(ask, script=Script(dripping(status)))
    assert isinstance(error, TimedOutError)
    assert seconds <= REQUEST_SECONDS + RESPONSE_SECONDS


def test_a_login_that_drips_for_ever_ends_within_the_time_of_a_request():
    error, seconds = in_virtual_time(ASKS["page"], script=Script(answer(), logins=[dripping()] * 99))
    assert isinstance(error, TimedOutError)
    assert seconds <= REQUEST_SECONDS + RESPONSE_SECONDS


class Slow(Script):
    """Answers as it is told, each time after so many seconds."""

    async def handle_async_request(self, request):
        await asyncio.sleep(290)
        return await super().handle_async_request(request)


@pytest.mark.parametrize("scripted", [problem(429, Retry_After="0"), problem(401), problem(503), answer(200, b"{")])
def test_a_request_that_is_answered_slowly_and_amiss_again_and_again_ends(scripted):
    _, seconds = in_virtual_time(ASKS["page"], script=Slow(scripted))
    assert seconds <= 2 * (REQUEST_SECONDS + RESPONSE_SECONDS)


def test_a_rate_limit_that_has_never_room_is_an_error():
    full = {"inin_ratelimit_count": "1", "inin_ratelimit_allowed": "1", "inin_ratelimit_reset": "900"}

    async def many(cloud):
        await asyncio.gather(*(cloud.get("/api/v2/things") for _ in range(20)))

    error, seconds = in_virtual_time(many, script=Script(answer(200, {}, **full)))
    assert isinstance(error, ThrottledError)
    assert "GENESYS_ASSETS_REQUESTS_PER_MINUTE" in str(error)
    assert seconds <= REQUEST_SECONDS


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_day_that_never_ends_is_an_error_after_so_many_hours(tmp_path, source):
    """Pages of one new conversation each, for ever, from a server that takes its time."""
    numbers = count()

    def respond(request):
        path = request.url.path
        if path.endswith("availability"):
            return answer(200, {"dataAvailabilityDate": "2026-12-24T00:00:00Z"})
        if path.endswith("jobs"):
            return answer(200, {"jobId": "j"})
        if path.endswith("jobs/j"):
            return answer(200, {"state": "FULFILLED"})
        record = RECORD | {"conversationId": f"c-{next(numbers)}"}
        told = {"totalHits": 90_000} if path.endswith("query") else {"dataAvailabilityDate": "2026-12-24T00:00:00Z"}
        return answer(200, {"conversations": [record], "cursor": "more", **told})

    async def read(cloud):
        await extract(
            cloud, CONVERSATIONS, window_of(DAY, UTC), ParquetCheckpoint(tmp_path), ExtractionSettings(source)
        )

    error, seconds = in_virtual_time(read, script=Slow(respond))
    assert isinstance(error, IncompleteError)
    assert "was read for 6 hours" in str(error)
    assert seconds <= 6 * 3600 + RESPONSE_SECONDS
    assert not list(tmp_path.glob("*.parquet"))


def test_a_listing_that_never_ends_is_an_error_after_an_hour():
    numbers = count()
    link = "/api/v2/routing/queues?pageNumber=2"
    script = Slow(lambda _request: answer(200, {"entities": [{"id": f"q-{next(numbers)}"}], "nextUri": link}))
    error, seconds = in_virtual_time(ASKS["listing"], script=script)
    assert isinstance(error, IncompleteError)
    assert "was read for 60 minutes" in str(error)
    assert seconds <= 3_600 + 2 * RESPONSE_SECONDS


@pytest.mark.parametrize(
    "filling", ['"' + "x" * 20_000_000 + '"', "[" + "0," * 1_500_000 + "0]"], ids=["bytes", "values"]
)
def test_a_listing_that_fills_the_memory_page_by_page_is_an_error(filling):
    numbers = count()

    def respond(_request):
        name = f"q-{next(numbers)}"
        return answer(200, f'{{"entities": [{{"id": "{name}", "x": {filling}}}], "total": 1000}}'.encode())

    script = Script(respond)
    with pytest.raises(TooLargeError, match="more than is accepted of a listing"):
        run(script, ASKS["listing"])
    assert 1 < len(script.requests) < 20


def test_a_listing_of_more_entities_than_any_organisation_has_is_an_error():
    paging = ListingPaging("a listing", 1_000)

    def go_on():
        for number in count():
            paging.advance([f"{number}-{each}" for each in range(100)], 10**12, None, has_next_uri=True)

    with pytest.raises(IncompleteError, match="does not end"):
        go_on()
    assert len(paging.fetched.seen) <= 2_100


@pytest.mark.parametrize(
    "link", ["/" + "x" * 100_000, "/a\x7fb", "/a\r\nb", "/a\x00b", "/\u202e", "/" + "é" * 3_000, "/x?" + "a=b&" * 1_900]
)
def test_a_link_that_no_request_can_carry_is_an_error_of_the_project(link):
    script = Script(answer(200, {"entities": [{"id": "a"}], "nextUri": link}), problem(404, "not.found"))
    with pytest.raises(GenesysError) as failed:
        run(script, ASKS["listing"])
    assert str(failed.value).isprintable()
    assert len(str(failed.value)) < 1_000


@pytest.mark.parametrize("name", ["a\r\nb", "\x00", "é" * 200, "😀" * 200, "\u202e", "x" * 201, "../..", "%0d%0a"])
def test_a_job_of_any_name_is_asked_for_by_it_or_refused(name):
    script = Script(lambda request: answer(200, {"jobId": name, "state": "CANCELLED"}))
    with pytest.raises(GenesysError) as failed:
        run(
            script,
            lambda cloud: JobReader(cloud, CONVERSATIONS, ExtractionSettings()).read_slice(window_of(DAY, UTC), print),
        )
    assert str(failed.value).isprintable()
    assert len(str(failed.value)) < 1_000
    paths = {request.url.raw_path.decode() for request in script.requests}
    assert all(path.startswith("/api/v2/analytics/conversations/details/jobs") for path in paths)


@pytest.mark.parametrize("name", ["x" * 201, "a\r\nb", "a\x1b[31m", "\u202ea"])
def test_an_organisation_of_an_id_that_cannot_be_one_is_an_error(name):
    with pytest.raises(InvalidPageError, match="an impossible id") as failed:
        run(Script(answer(200, {"id": name, "name": "Acme"})), organisation)
    assert str(failed.value).isprintable()


def test_an_organisation_has_a_name_of_one_line():
    told = run(Script(answer(200, {"id": "o-1", "name": "Acme\r\n\x1b[31m" + "x" * 100_000})), organisation)
    assert told.name.isprintable()
    assert len(told.name) <= 120


HEADERS = ["content-encoding", "retry-after", "inin-ratelimit-count", "inin-ratelimit-allowed", "inin-ratelimit-reset"]
NUMBERS = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["1e400", "0x10", "\u0661", "1_0", " 5 ", "-0", "9" * 5_000]),
)


@given(
    status=st.sampled_from([200, 302, 400, 401, 403, 429, 503]),
    headers=st.dictionaries(
        st.sampled_from([*HEADERS, "inin-correlation-id", "location", "set-cookie", "content-type"]),
        st.one_of(st.binary(max_size=60), NUMBERS.map(str.encode), st.datetimes().map(lambda at: at.ctime().encode())),
    ),
    body=st.one_of(st.binary(max_size=60), st.just(b'{"dataAvailabilityDate": "2026-11-22T00:00:00Z"}')),
)
def test_whatever_an_answer_is_made_of_it_is_read_or_an_error_of_the_project(status, headers, body):
    head = [(name.encode(), value) for name, value in headers.items()]
    script = Script(lambda _request: httpx.Response(status, headers=head, stream=httpx.ByteStream(body)))
    try:
        run(script, lambda cloud: data_availability(cloud, CONVERSATIONS))
    except GenesysError as error:
        assert str(error).isprintable()  # noqa: PT017 - either is right
        assert len(str(error)) < 1_000  # noqa: PT017


@pytest.mark.parametrize(
    "status",
    [{"state": "FAILED", "errorMessage": NASTY}, {"state": "FAILED", "errorMessage": ""}, {"state": NASTY}],
    ids=["errorMessage", "no errorMessage", "state"],
)
def test_what_a_job_says_of_itself_becomes_one_line(status):
    time, lines = ManualTime(), []

    def respond(request):
        return answer(200, status if request.method == "GET" else {"jobId": "j-1"})

    async def read(cloud):
        await JobReader(cloud, CONVERSATIONS, ExtractionSettings()).read_slice(window_of(DAY, UTC), print)

    with pytest.raises(GenesysError) as failed:
        run(Script(respond), read, time, log=lines.append)
    for text in (str(failed.value), *lines):
        assert text.isprintable()
        assert len(text) < 1_000


def test_an_error_of_a_link_that_was_followed_names_its_path_in_one_short_line():
    link = "/api/v2/" + "éx" * 2_000
    script = Script(answer(200, {"entities": [{"id": "a"}], "nextUri": link}), problem(404, "not.found"))
    with pytest.raises(GenesysError) as failed:
        run(script, ASKS["listing"])
    assert len(str(failed.value)) < 500
