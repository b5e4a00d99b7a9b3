import json
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from genesys_assets.sandbox import Faults, on
from genesys_assets.sandbox.document import without_attributes
from genesys_assets.sandbox.errors import ScriptError
from genesys_assets.sandbox.faults import EFFECTS, parse
from genesys_assets_tests.sandbox.support import DAY, JOBS, MORNING_AFTER, Api, by_id, small_sandbox


def faulty(*faults, **settings) -> Api:
    return Api(small_sandbox(faults=Faults(*faults), **settings))


def the_day(api: Api) -> dict[str, dict]:
    """Return what the query would find on DAY, were there no faults."""
    truth = api.sandbox.conversations(DAY)
    return {
        key: without_attributes(each) for key, each in truth.items() if each["conversationStart"].startswith(str(DAY))
    }


def test_a_fault_strikes_as_often_as_it_says_where_it_says_from_when_it_says():
    api = faulty(on("details/query", status=503, times=2, after=1))
    assert [api.query().status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    assert api.get(f"{JOBS}/availability").status_code == 200


def test_a_fault_without_a_number_strikes_always():
    api = faulty(on("details/query", status=500))
    assert [api.query().status_code for _ in range(4)] == [500] * 4


def test_a_fault_can_be_on_a_method_and_the_whole_of_a_path():
    api = faulty(on("POST .*details/jobs$", status=429))
    assert api.post(JOBS, json={}).status_code == 429
    assert api.get(f"{JOBS}/availability").status_code == 200


def test_a_fault_can_be_on_large_pages_alone():
    api = faulty(on("results", error="response.entity.too.large", above=20))
    job_id = api.submit()
    assert [api.results(job_id, size=size).status_code for size in (21, 20)] == [400, 200]
    assert api.results(job_id, size=21).json()["code"] == "response.entity.too.large"


def test_faults_can_be_changed_while_the_sandbox_runs():
    api = faulty()
    api.sandbox.faults.add(on("", status=504, times=1))
    assert [api.query().status_code, api.query().status_code] == [504, 200]
    api.sandbox.faults = Faults(on("", status=408))
    assert api.query().status_code == 408
    api.sandbox.faults.clear()
    assert api.query().status_code == 200


def test_the_same_words_work_in_a_request_header():
    api = faulty()
    headers = {"Sandbox-Faults": "details/query status=502 times=1; details/query shift=3"}
    assert [api.query(headers=headers).status_code for _ in range(2)] == [502, 200]
    assert api.query().status_code == 200


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("x status=502", on("x", status=502)),
        ("x drop=inside times=2 after=1", on("x", drop="inside", times=2, after=1)),
        ("POST.*x$ truncate", on("POST.*x$", truncate=True)),
        ("x slow=0.5 above=100", on("x", slow=0.5, above=100)),
    ],
)
def test_a_header_reads_as_the_call_does(header, fault):
    assert parse(header) == (fault,)


@pytest.mark.parametrize(
    "header", ["x", "x burn=1", "x status=much", "x drop=sideways", "x status=1 slow=2", "x times=1"]
)
def test_a_header_that_cannot_be_read_is_refused_with_the_reason(header):
    response = faulty().query(headers={"Sandbox-Faults": header})
    assert response.status_code == 400
    assert response.json()["message"].startswith("Sandbox-Faults: ")


def test_a_fault_without_one_effect_is_refused():
    with pytest.raises(ScriptError, match="exactly one effect"):
        on("details/query", status=500, slow=1)
    with pytest.raises(ScriptError, match="given: burn"):
        on("details/query", burn=True)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "bad.request"),
        (401, "credentials.expired"),
        (403, "missing.any.permissions"),
        (404, "not.found"),
        (408, "client.timeout"),
        (413, "request.entity.too.large"),
        (429, "too.many.requests.retry.after"),
        (500, "internal.server.error"),
        (503, "service.unavailable"),
        (504, "request.timeout"),
    ],
)
def test_a_status_comes_with_its_documented_body(status, code):
    response = faulty(on("query", status=status)).query()
    assert (response.status_code, response.json()["status"], response.json()["code"]) == (status, status, code)
    assert response.json()["contextId"] == response.headers["inin-correlation-id"]


def test_a_403_names_the_permissions():
    assert "analytics:conversationDetail:view" in faulty(on("query", status=403)).query().json()["message"]


def test_a_502_is_a_page_of_html():
    response = faulty(on("query", status=502)).query()
    assert (response.status_code, response.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert response.text.startswith("<html>")


def test_a_429_says_when_to_come_back_in_seconds_as_a_date_or_unreadably():
    api = faulty(
        on("", retry_after="7", times=1),
        on("", retry_after="date", after=1, times=1),
        on("", retry_after="soon", after=2),
    )
    api.sandbox.faults = Faults(
        *[on("query", retry_after=text, after=n, times=1) for n, text in enumerate(("7", "date", "soon"))]
    )
    seconds, date, unreadable = api.query(), api.query(), api.query()
    assert {each.status_code for each in (seconds, date, unreadable)} == {429}
    assert seconds.headers["retry-after"] == "7"
    assert parsedate_to_datetime(date.headers["retry-after"]).astimezone(UTC) == MORNING_AFTER + timedelta(seconds=1)
    assert unreadable.headers["retry-after"] == "soon"


@pytest.mark.parametrize("where", ["before", "inside"])
def test_a_dropped_connection_fails_in_process_as_it_does_over_a_network(where):
    with pytest.raises(httpx.RemoteProtocolError):
        faulty(on("query", drop=where)).query()


def test_truncated_json_comes_with_status_200():
    response = faulty(on("query", truncate=True)).query()
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_slow_body_is_whole():
    assert faulty(on("query", slow=0.01)).query().json() == faulty().query().json()


def test_latency_delays_the_answer():
    assert faulty(on("query", latency=0.01)).query().json() == faulty().query().json()


def test_an_expired_token_stays_expired_until_a_new_one_is_taken():
    api = faulty(on("query", expire_token=True, times=1, after=1))
    assert [api.query().status_code for _ in range(3)] == [200, 401, 401]
    assert api.query().json()["code"] == "credentials.expired"
    api.login()
    assert api.query().status_code == 200


def test_a_refused_cursor_costs_only_requests_with_a_cursor():
    api = faulty(on("results", refuse_cursor=True, times=1))
    job_id = api.submit()
    cursor = api.results(job_id, size=20).json()["cursor"]
    refused, again = api.results(job_id, size=20, cursor=cursor), api.results(job_id, size=20, cursor=cursor)
    assert (refused.status_code, refused.json()["message"]) == (400, "Cursor is invalid or has expired")
    assert again.status_code == 200


@pytest.mark.parametrize("place", ["paging", "body"])
def test_in_cursor_mode_the_query_ignores_page_numbers_and_each_cursor_is_good_once(place):
    api = faulty(on("query", next_page_cursor=True))
    first = api.query(1, size=20).json()
    assert api.query(3, size=20).json()["conversations"] == first["conversations"]
    rows, cursor = first["conversations"], first["nextPageCursor"]
    while cursor:
        sent = {"paging": {"pageSize": 20, "cursor": cursor}} if place == "paging" else {"nextPageCursor": cursor}
        response = api.query(size=20, **sent)
        assert api.query(size=20, **sent).json()["message"] == "Cursor is invalid or has expired"
        rows += response.json()["conversations"]
        cursor = response.json().get("nextPageCursor")
    assert (len(rows), by_id(rows)) == (len(the_day(api)), the_day(api))


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "CANCELLED"])
def test_a_job_ends_in_a_state_for_good(state):
    api = faulty(on(r"details/jobs/[^/]+$", job=state, times=1))
    job_id = api.submit()
    shown = [api.get(f"{JOBS}/{job_id}").json() for _ in range(2)]
    assert [each["state"] for each in shown] == [state, state]
    assert ("errorMessage" in shown[0]) == (state == "FAILED")
    assert api.results(job_id).status_code == 404


def test_a_job_expires_in_mid_paging():
    api = faulty(on("results", job="EXPIRED", after=1, times=1))
    job_id = api.submit()
    cursor = api.results(job_id, size=20).json()["cursor"]
    assert api.results(job_id, size=20, cursor=cursor).status_code == 404
    assert api.get(f"{JOBS}/{job_id}").json()["state"] == "EXPIRED"
    assert len(api.job_all(api.submit())) == len(api.sandbox.conversations(DAY))


def test_a_job_is_forgotten():
    api = faulty(on("results", job="unknown", times=1))
    job_id = api.submit()
    assert [api.results(job_id).status_code, api.get(f"{JOBS}/{job_id}").status_code] == [404, 404]


def test_a_lagging_lake_tells_its_watermark_and_omits_the_rest():
    api = faulty(on("details/jobs", lag=12 * 3_600))
    watermark = MORNING_AFTER - timedelta(hours=12)
    assert api.get(f"{JOBS}/availability").json()["dataAvailabilityDate"] == f"{watermark:%Y-%m-%dT%H:%M:%SZ}"
    assert by_id(api.job_all(api.submit())) == api.sandbox.conversations(DAY, at=watermark)


@pytest.mark.parametrize("read", ["query", "job"])
def test_shifting_pages_hold_rows_twice_and_lose_none(read):
    api = faulty(on("query|results", shift=3))
    rows = api.query_all(size=20) if read == "query" else api.job_all(api.submit(), size=20)
    expected = the_day(api) if read == "query" else api.sandbox.conversations(DAY)
    assert len(rows) > len(by_id(rows))
    assert by_id(rows) == expected


@pytest.mark.parametrize("read", ["query", "job"])
def test_pages_shifted_the_other_way_miss_rows(read):
    api = faulty(on("query|results", shift=-3))
    rows = api.query_all(size=20) if read == "query" else api.job_all(api.submit(), size=20)
    expected = the_day(api) if read == "query" else api.sandbox.conversations(DAY)
    assert by_id(rows).keys() < expected.keys()


@pytest.mark.parametrize("noise", [5, -5])
def test_the_announced_total_is_only_about_right(noise):
    assert faulty(on("query", total_hits=noise)).query().json()["totalHits"] == len(the_day(faulty())) + noise


def test_pages_repeat_for_ever():
    api = faulty(on("query|results", repeat=True))
    assert api.query(1, size=20).content == api.query(9, size=20).content
    job_id = api.submit()
    first = api.results(job_id, size=20).json()
    assert api.results(job_id, size=20, cursor=first["cursor"]).json() == first


def test_a_low_cap_ends_paging_by_query_and_by_job():
    api = faulty(on("query|results", cap=40))
    assert [api.query(number, size=20).status_code for number in (1, 2, 3)] == [200, 200, 400]
    assert api.query(3, size=20).json()["message"].startswith("Pagination may not exceed 40 results.")
    job_id = api.submit()
    assert api.results(job_id, size=40).status_code == 200
    assert api.results(job_id, size=41).json()["message"].startswith("pagination may not exceed 40 results.")


def test_a_low_rate_limit_is_told_and_kept():
    api = faulty(on("", limit=2))
    answers = [api.query() for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[0].headers["inin-ratelimit-allowed"] == "2"


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("id", lambda page: "conversationId" not in page["conversations"][-1]),
        ("start", lambda page: page["conversations"][-1]["conversationStart"] == "yesterday"),
        ("record", lambda page: page["conversations"][-1] == "no conversation"),
        ("page", lambda page: isinstance(page, list)),
    ],
)
def test_garbage_is_garbage_of_the_kind_asked_for(kind, wrong):
    assert wrong(faulty(on("query", garbage=kind)).query().json())


def test_novelties_are_new_keys_and_values_beside_the_known_ones():
    rows = faulty(on("query", unknown=True)).query().json()["conversations"]
    assert rows[0]["originatingDirection"] == "sideways"
    assert "conversationMood" in rows[0]
    assert by_id(rows).keys() <= the_day(faulty()).keys()


def test_every_effect_says_what_it_does():
    assert all(effect.meaning for effect in EFFECTS.values())
