"""The session over scripted answers: retries, waits, and what errors tell."""

import asyncio
import gzip
import traceback

import httpx
import msgspec
import pytest

from genesys_assets.genesys import (
    ForbiddenError,
    GenesysCloud,
    GenesysError,
    PermanentError,
    TransientError,
)
from genesys_assets.genesys.api.errors import (
    BrokenResponseError,
    InternalServerError,
    InvalidPageError,
    RefusedError,
    ThrottledError,
    TimedOutError,
    UnavailableError,
)
from genesys_assets.genesys.api.transport import decode_json
from genesys_assets_tests.genesys.support import HOSTS, ManualTime, Script, answer, problem, run

PATH = "/api/v2/things"
OK = {"good": True}


def ask(cloud: GenesysCloud):
    return cloud.get(PATH)


def test_a_request_carries_the_token_and_asks_for_json_in_gzip():
    script = Script(answer(200, OK))
    assert run(script, ask) == OK
    [request] = script.requests
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.headers["accept-encoding"] == "gzip"
    assert str(request.url) == f"{HOSTS.api}{PATH}"


@pytest.mark.parametrize("status", [408, 502, 503, 504])
def test_passing_errors_are_retried_with_back_off(status):
    time, script = ManualTime(), Script(problem(status), problem(status), answer(200, OK))
    assert run(script, ask, time) == OK
    assert len(script.requests) == 3
    assert 0.5 <= time.waits[0] <= 1
    assert 1 <= time.waits[1] <= 2


def test_a_502_with_a_page_of_html_is_retried():
    script = Script(answer(502, b"<html>Bad Gateway</html>", Content_Type="text/html"), answer(200, OK))
    assert run(script, ask) == OK


def test_a_500_is_retried_twice():
    script = Script(problem(500, "internal.server.error", "Unexpected."))
    with pytest.raises(InternalServerError, match=r"500 internal\.server\.error: Unexpected"):
        run(script, ask)
    assert len(script.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 413, 415, 422])
def test_other_4xx_are_not_retried(status):
    script = Script(problem(status, "some.code", "Something."))
    with pytest.raises(PermanentError):
        run(script, ask)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("refused"), UnavailableError),
        (httpx.ConnectTimeout("slow"), TimedOutError),
        (httpx.ReadTimeout("slow"), TimedOutError),
        (httpx.ReadError("reset"), BrokenResponseError),
        (httpx.RemoteProtocolError("closed"), BrokenResponseError),
    ],
)
def test_a_connection_that_fails_is_retried_and_then_an_error(failure, kind):
    assert run(Script(failure, failure, answer(200, OK)), ask) == OK
    with pytest.raises(kind):
        run(Script(failure), ask)


@pytest.mark.parametrize("body", [b'{"good": tr', b"<html>", b"", b'{"good": true}trailing'])
def test_a_200_that_is_no_json_is_retried_and_then_an_error(body):
    assert run(Script(answer(200, body), answer(200, OK)), ask) == OK
    with pytest.raises(BrokenResponseError, match="cut off or is no JSON"):
        run(Script(answer(200, body)), ask)


def test_a_compressed_body_that_is_cut_off_is_retried():
    whole = gzip.compress(b'{"good": true}' * 1)
    script = Script(answer(200, whole[:-4], Content_Encoding="gzip"), answer(200, whole, Content_Encoding="gzip"))
    assert run(script, ask) == OK
    assert len(script.requests) == 2


def test_json_of_another_shape_is_an_error_at_once():
    script = Script(answer(200, {"good": "maybe"}))

    class Good(msgspec.Struct):
        good: bool

    with pytest.raises(InvalidPageError, match="not as documented"):
        run(script, lambda cloud: cloud.request("GET", PATH, read=msgspec.json.Decoder(Good).decode, permission=""))
    assert len(script.requests) == 1


def test_json_that_is_no_utf_8_is_an_error_that_shows_none_of_it():
    with pytest.raises(InvalidPageError, match="not as documented") as raised:
        run(Script(answer(200, b'{"name": "Jos\xe9"}')), ask)
    assert "Jos" not in str(raised.value)


@pytest.mark.parametrize(
    ("retry_after", "wait"), [("42", 42.0), ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0)], ids=["seconds", "date"]
)
def test_a_429_waits_as_retry_after_says(retry_after, wait):
    time = ManualTime()
    run(Script(problem(429, Retry_After=retry_after), answer(200, OK)), ask, time)
    assert time.waits == [wait]


@pytest.mark.parametrize("retry_after", ["soon", "", "-1", "tomorrow, 12:00"])
def test_an_unreadable_retry_after_falls_back_to_back_off(retry_after):
    time = ManualTime()
    run(Script(problem(429, Retry_After=retry_after), answer(200, OK)), ask, time)
    assert 0.5 <= time.waits[0] <= 1


def test_429s_do_not_use_up_the_attempts_of_a_request():
    script = Script(*[problem(429, Retry_After="1")] * 30, *[problem(503)] * 3, answer(200, OK))
    assert run(script, ask) == OK


def test_429s_that_never_end_are_an_error_in_bounded_time():
    time = ManualTime()
    with pytest.raises(ThrottledError, match="GENESYS_ASSETS_REQUESTS_PER_MINUTE"):
        run(Script(problem(429, Retry_After="60")), ask, time)
    assert time.at <= 900


def test_a_429_stops_all_requests_of_the_session():
    time = ManualTime()
    started = []

    def throttled_once(request):
        started.append(time.at)
        return problem(429, Retry_After="42") if len(started) == 1 else answer(200, OK)

    async def one_after_the_other(cloud):
        first = asyncio.create_task(cloud.get(PATH))
        while not started:
            await asyncio.sleep(0)
        await asyncio.gather(first, cloud.get(PATH))

    run(Script(throttled_once), one_after_the_other, time)
    assert [at >= 42 for at in started] == [False, True, True]


def test_requests_keep_to_the_pace():
    time = ManualTime()

    async def many(cloud):
        for _ in range(25):
            await cloud.get(PATH)

    run(Script(answer(200, OK)), many, time, requests_per_minute=10)
    assert time.at == pytest.approx(120)


def test_requests_keep_to_the_window_that_the_headers_tell():
    time, counts = ManualTime(), []

    def counted(request):
        counts.append(time.at)
        in_window = sum(at // 60 == time.at // 60 for at in counts)
        reset = 60 - time.at % 60
        headers = {
            "inin_ratelimit_allowed": "5",
            "inin_ratelimit_count": str(in_window),
            "inin_ratelimit_reset": str(reset),
        }
        return answer(200, OK, **headers) if in_window <= 5 else problem(429, Retry_After=str(reset), **headers)

    async def many(cloud):
        for _ in range(12):
            await cloud.get(PATH)
        return cloud.stats

    stats = run(Script(counted), many, time, requests_per_minute=1_000)
    assert (stats.throttled, stats.rate_limit) == (0, 5)
    assert time.at == pytest.approx(120)


def test_stats_tell_what_a_session_did():
    async def ask_twice(cloud):
        await cloud.get(PATH)
        await cloud.get(PATH)
        return cloud.stats

    stats = run(Script(problem(429, Retry_After="3"), problem(503), answer(200, OK), answer(200, OK)), ask_twice)
    assert (stats.requests, stats.logins, stats.retries, stats.throttled) == (5, 1, 2, 1)
    assert stats.bytes > 0
    assert stats.waited_seconds >= 3


def test_a_missing_permission_is_named():
    message = "You must have at least one of the following permissions assigned: analytics:conversationDetail:view"
    with pytest.raises(ForbiddenError, match="Grant analytics:conversationDetail:view to a role of the OAuth client"):
        run(Script(problem(403, "missing.any.permissions", message)), ask)


@pytest.mark.parametrize(
    ("permission", "named"), [("routing:queue:view", "routing:queue:view"), ("", "the permission for this request")]
)
def test_a_missing_permission_that_is_not_said_is_the_one_that_the_request_needs(permission, named):
    script = Script(problem(403, "not.authorized", "You are not authorized to perform the requested action."))
    with pytest.raises(ForbiddenError, match=f"Grant {named} to a role of the OAuth client"):
        run(script, lambda cloud: cloud.request("GET", PATH, read=decode_json, permission=permission))


@pytest.mark.parametrize(
    "scripted",
    [
        problem(400, "bad.request", "No."),
        problem(401, "bad.credentials", "No."),
        problem(500),
        answer(200, b'{"name": "Jane Customer", "phone'),
        answer(200, {"name": "Jane Customer"}),
        httpx.ReadError("reset"),
    ],
    ids=["400", "401", "500", "truncated", "shape", "connection"],
)
def test_no_error_shows_a_token_a_secret_a_query_string_or_a_body(scripted):
    class Good(msgspec.Struct):
        good: bool

    lines = []
    with pytest.raises(GenesysError) as error:
        run(
            Script(scripted),
            lambda cloud: cloud.request(
                "POST",
                PATH,
                params={"cursor": "top-secret"},
                body={"x": "private"},
                permission="",
                read=msgspec.json.Decoder(Good).decode,
            ),
            log=lines.append,
        )
    shown = "".join(traceback.format_exception(error.value)) + "".join(lines)
    values = [repr(error.value), str(error.value.detail), *lines, str(error.value)]
    for secret in ("token-1", "token-2", "the-secret", "Jane", "top-secret"):
        assert secret not in shown
        assert all(secret not in value for value in values)


def test_parameters_are_url_encoded():
    script = Script(answer(200, OK))
    run(
        script, lambda cloud: cloud.request("GET", PATH, params={"cursor": "a+b/c=&d"}, read=decode_json, permission="")
    )
    assert script.requests[0].url.query == b"cursor=a%2Bb%2Fc%3D%26d"


def test_cancellation_stops_at_once():
    async def cancelled(cloud):
        asking = asyncio.create_task(cloud.get(PATH))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    run(Script(answer(200, OK)), cancelled)


def test_a_best_effort_request_waits_for_nothing_and_raises_nothing():
    script = Script(answer(200, OK), httpx.ReadError("reset"))
    time = ManualTime()

    async def leave(cloud):
        await cloud.get(PATH)
        await cloud.best_effort("DELETE", PATH)

    run(script, leave, time, requests_per_minute=1)
    assert [request.method for request in script.requests] == ["GET", "DELETE"]
    assert time.at == 0


def test_long_waits_are_told():
    lines = []
    run(Script(problem(429, Retry_After="42"), answer(200, OK)), ask, log=lines.append)
    assert lines == [f"Waiting 42 s: GET {PATH} was answered 429."]


def test_errors_of_a_step_are_transient_or_permanent():
    assert issubclass(RefusedError, PermanentError)
    assert issubclass(BrokenResponseError, TransientError)
