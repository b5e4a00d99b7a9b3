import gzip
import json
import re
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.genesys.api.errors import (
    BrokenResponseError,
    CapExceededError,
    ForbiddenError,
    GenesysError,
    InternalServerError,
    PermanentError,
    RefusedError,
    ThrottledError,
    TimedOutError,
    TooLargeError,
    TransientError,
    UnauthorisedError,
    UnavailableError,
)
from genesys_assets.genesys.api.limits import MOST_MEMBERS
from genesys_assets.genesys.api.responses import ApiResponse, decompress, error_of, retry_after_seconds

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATH = "/api/v2/analytics/conversations/details/query"
MOST = 10_000


def said(status, code="", message="", **headers):
    body = json.dumps({"message": message, "code": code, "status": status, "contextId": "c-1", "details": []}).encode()
    return error_of(ApiResponse(status, headers, body), "POST", PATH, NOW)


def with_body(status, **body):
    return error_of(ApiResponse(status, {}, json.dumps(body).encode()), "POST", PATH, NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_is_no_problem(status):
    assert error_of(ApiResponse(status, {}, b""), "POST", PATH) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, RefusedError),
        (400, RefusedError),
        (401, UnauthorisedError),
        (403, ForbiddenError),
        (404, RefusedError),
        (405, RefusedError),
        (408, TimedOutError),
        (409, RefusedError),
        (410, RefusedError),
        (413, TooLargeError),
        (415, RefusedError),
        (418, RefusedError),
        (429, ThrottledError),
        (500, InternalServerError),
        (502, UnavailableError),
        (503, UnavailableError),
        (504, TimedOutError),
        (599, UnavailableError),
    ],
)
def test_every_status_has_its_error(status, kind):
    assert type(said(status)) is kind


def test_an_error_tells_message_code_status_correlation_id_method_and_path():
    text = str(said(400, "bad.request", "Nonsense.", **{"inin-correlation-id": "abc"}))
    assert f"POST {PATH} was answered 400 bad.request: Nonsense (correlation id abc)" in text


def test_the_correlation_id_of_the_body_serves_when_the_header_has_none():
    assert "c-1" in str(said(400))


def test_an_html_body_is_read_as_the_error_that_its_status_is():
    error = error_of(ApiResponse(502, {}, b"<html><h1>502 Bad Gateway</h1></html>"), "GET", PATH)
    assert isinstance(error, UnavailableError)
    assert "<" not in str(error)


def test_a_long_message_is_cut():
    assert len(str(said(400, "bad.request", "x" * 5_000))) < 600


def test_what_a_server_says_is_one_line_without_control_characters():
    text = str(said(400, "bad\x1b[2Jrequest", "Line\nand \u202eback\x07.", **{"inin-correlation-id": "a\x1bb"}))
    assert text.startswith(f"POST {PATH} was answered 400 bad\ufffd[2Jrequest: Line and \ufffdback\ufffd")
    assert text.isprintable()


def test_a_missing_permission_says_what_to_grant():
    error = said(
        403,
        "missing.any.permissions",
        "Unable to perform the requested action. You must have at least one of the following permissions assigned: "
        "analytics:conversationDetail:view, analytics:agentConversationDetail:view",
    )
    both = "analytics:conversationDetail:view or analytics:agentConversationDetail:view"
    assert f"Grant {both} to a role of the OAuth client" in str(error)


@pytest.mark.parametrize(
    "parameters",
    [
        {"permissions": "[analytics:agentConversationDetail:view]"},
        {"permissions": ["analytics:agentConversationDetail:view"]},
    ],
)
def test_a_permission_that_only_the_messages_parameters_name_is_named(parameters):
    error = with_body(403, message="You lack {permissions}.", code="missing.permissions", messageParams=parameters)
    assert "Grant analytics:agentConversationDetail:view to a role" in str(error)


def test_a_permission_that_stands_late_in_a_long_message_is_named():
    assert "Grant routing:queue:view to a role" in str(said(403, "no", "x" * 1_000 + " routing:queue:view"))


LIMITS = {
    "details.jobs.concurrent.access.max": "Lower GENESYS_ASSETS_JOBS_AT_ONCE",
    "details.jobs.rate.per.second": "Lower GENESYS_ASSETS_JOBS_AT_ONCE",
    "token.rate.per.minute": "Lower GENESYS_ASSETS_REQUESTS_PER_MINUTE",
    "client.credentials.token.rate.per.minute": "Lower GENESYS_ASSETS_REQUESTS_PER_MINUTE",
    "org.app.user.rate.per.minute": "Lower GENESYS_ASSETS_REQUESTS_PER_MINUTE",
    "details.query.points.max": "Let fewer clients share this limit, or ask Genesys Cloud's support to raise it",
}


@pytest.mark.parametrize(("key", "remedy"), LIMITS.items(), ids=LIMITS)
@pytest.mark.parametrize("status", [400, 413, 429])
def test_the_limit_that_was_reached_is_named_with_what_helps_against_it(status, key, remedy):
    text = str(with_body(status, message="No.", limit={"key": key, "namespace": "analytics.conversation", "value": 10}))
    assert f"limit {key} of analytics.conversation, 10" in text
    assert remedy in text
    assert len(re.findall("GENESYS_ASSETS_", text)) <= 1


def test_the_limit_of_an_error_inside_the_error_is_named():
    inner = {"limit": {"key": "details.jobs.concurrent.access.max"}}
    assert "(limit details.jobs.concurrent.access.max; corr" in str(with_body(429, contextId="c-1", errors=[inner]))


@pytest.mark.parametrize("limit", [None, 3, "many", [], {}, {"key": None}, {"key": ""}, {"key": 7}])
def test_a_limit_that_cannot_be_read_leaves_the_rest_of_the_error(limit):
    text = str(with_body(429, message="Too many", code="too.many.requests", limit=limit))
    assert "too.many.requests: Too many" in text
    assert "GENESYS_ASSETS_REQUESTS_PER_MINUTE" in text


@pytest.mark.parametrize("body", [b"[]", b"7", b'{"message": 5, "code": "bad.request"}', b"[" * 5_000, b"\xff"])
def test_a_body_of_another_shape_is_read_as_the_error_that_its_status_is(body):
    assert isinstance(error_of(ApiResponse(400, {}, body), "GET", PATH), RefusedError)


@pytest.mark.parametrize("field", ["message", "code", "contextId"])
@pytest.mark.parametrize("status", [400, 401, 403, 408, 413, 429, 500, 503, 504])
def test_what_a_server_says_becomes_one_line_of_bounded_length(status, field):
    text = str(with_body(status, **{field: "a\x1b[31m\r\n\u202eb\x00" + "x" * 100_000}))
    assert text.isprintable()
    assert len(text) < 1_000


@pytest.mark.parametrize("part", ["key", "namespace", "value"])
def test_a_limit_becomes_one_line_of_bounded_length(part):
    limit = {"key": "k", part: "a\x1b[31m\n" + "x" * 100_000}
    text = str(with_body(429, limit=limit))
    assert text.isprintable()
    assert len(text) < 1_000


@pytest.mark.parametrize(("status", "code"), [(302, ""), (404, ""), (405, "method.not.allowed")])
def test_an_address_that_is_not_the_apis_names_the_settings_to_check(status, code):
    assert "GENESYSCLOUD_API_URL" in str(said(status, code))


@pytest.mark.parametrize(
    "message", ["Pagination may not exceed 100000 results.\n\nTip: ...", "pagination may not exceed 400000 results"]
)
def test_the_cap_is_an_error_of_its_own(message):
    error = said(400, "bad.request", message)
    assert isinstance(error, CapExceededError)
    assert not error.transient


def test_a_response_over_the_size_limit_is_an_error_of_its_own():
    assert isinstance(said(400, "response.entity.too.large", "The response is over the size limit."), TooLargeError)


@given(status=st.integers(300, 599), body=st.binary(max_size=200))
def test_any_answer_that_is_no_success_is_either_worth_a_retry_of_the_step_or_not(status, body):
    error = error_of(ApiResponse(status, {}, body), "GET", PATH, NOW)
    assert isinstance(error, GenesysError)
    assert isinstance(error, TransientError) is not isinstance(error, PermanentError)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("42", 42.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (" 7 ", 7.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:59:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("99999999999999999999", None),
        ("Mon, 99 Foo 2026", None),
        ("Mon, 23 Nov 2026 12:00:00 +99999999999999999999", None),
        ("Mon, 23 Nov 99999999999999 12:00:00 +0000", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date_and_tolerantly(text, seconds):
    assert retry_after_seconds({"retry-after": text}, NOW) == seconds


@given(st.text())
def test_no_retry_after_whatsoever_is_a_crash(text):
    seconds = retry_after_seconds({"retry-after": text}, NOW)
    assert seconds is None or seconds >= 0


def test_a_429_carries_its_retry_after():
    assert said(429, **{"retry-after": "42"}).retry_after_seconds == 42


@given(st.binary(max_size=2_000))
def test_a_body_is_decompressed(body):
    assert decompress(gzip.compress(body), "gzip", MOST) == body
    assert decompress(zlib.compress(body), "deflate", MOST) == body
    assert decompress(body, "", MOST) == body


@given(st.binary(min_size=1, max_size=500), st.data())
def test_a_compressed_body_that_is_cut_off_is_broken(body, data):
    compressed = gzip.compress(body)
    with pytest.raises(BrokenResponseError):
        decompress(compressed[: data.draw(st.integers(0, len(compressed) - 1))], "gzip", MOST)


@given(st.lists(st.binary(max_size=500), min_size=1, max_size=8), st.integers(0, 20))
def test_a_body_in_several_members_is_read_whole(parts, padding):
    assert decompress(b"".join(map(gzip.compress, parts)) + bytes(padding), "gzip", MOST) == b"".join(parts)


@pytest.mark.parametrize(
    "rest",
    [b"x", gzip.compress(b"more")[:-1], gzip.compress(b"more")[:-6] + b"!" * 6],
    ids=["no member", "a member cut off", "a member of another length"],
)
def test_what_follows_a_member_and_is_none_is_broken(rest):
    with pytest.raises(BrokenResponseError):
        decompress(gzip.compress(b"body") + rest, "gzip", MOST)


def test_more_members_than_any_server_sends_are_broken():
    with pytest.raises(BrokenResponseError):
        decompress(gzip.compress(b"") * (MOST_MEMBERS + 1), "gzip", MOST)


@pytest.mark.parametrize("sizes", [[MOST + 1], [MOST, 1], [1] * 9 + [MOST], [100_000_000]], ids=str)
def test_a_body_of_more_than_the_most_bytes_is_too_large(sizes):
    with pytest.raises(TooLargeError, match=r"more than the 0\.01 MB"):
        decompress(b"".join(gzip.compress(bytes(size)) for size in sizes), "gzip", MOST)


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_a_body_of_the_most_bytes_is_not_too_large(encoding):
    body = bytes(MOST)
    raw = {"": body, "gzip": gzip.compress(body), "deflate": zlib.compress(body)}[encoding]
    assert decompress(raw, encoding, MOST) == body


def test_an_encoding_that_nobody_asked_for_is_broken():
    with pytest.raises(BrokenResponseError, match="'br'"):
        decompress(b"", "br", MOST)
