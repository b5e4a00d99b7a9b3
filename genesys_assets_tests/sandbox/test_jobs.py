import base64
from datetime import timedelta

import pytest

from genesys_assets_tests.sandbox.support import (
    DAY,
    JOBS,
    MORNING_AFTER,
    Api,
    Clock,
    by_id,
    interval_of,
    small_sandbox,
)


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(small_sandbox())


def test_a_job_gives_every_conversation_active_on_the_day_as_the_truth_has_it(api):
    assert by_id(api.job_all(api.submit())) == api.sandbox.conversations(DAY)


def test_a_job_is_accepted_with_202_and_its_id_alone(api):
    response = api.post(JOBS, json={"interval": interval_of(DAY), "paging": {"pageSize": 1}})
    assert (response.status_code, response.json().keys()) == (202, {"jobId"})


def test_a_job_is_queued_then_pending_then_fulfilled_then_expired():
    clock = Clock()
    api = Api(small_sandbox(clock=clock, job_seconds=30, job_lifetime_seconds=600))
    job_id = api.submit()
    states = []
    for seconds in (0, 11, 20, 600):
        clock.seconds += seconds
        states.append(api.get(f"{JOBS}/{job_id}").json()["state"])
    assert states == ["QUEUED", "PENDING", "FULFILLED", "EXPIRED"]
    assert api.results(job_id).status_code == 404


def test_a_fulfilled_job_says_until_when_its_results_last(api):
    status = api.get(f"{JOBS}/{api.submit()}").json()
    assert status.keys() == {"state", "submissionDate", "completionDate", "expirationDate"}


def test_results_read_too_early_are_empty_without_a_word():
    api = Api(small_sandbox(clock=Clock(), job_seconds=30))
    response = api.results(api.submit())
    assert (response.status_code, response.json().keys()) == (200, {"dataAvailabilityDate"})


def test_the_last_page_has_no_cursor(api):
    job_id = api.submit()
    first = api.results(job_id, size=50).json()
    second = api.results(job_id, size=50, cursor=first["cursor"]).json()
    assert first.keys() == {"conversations", "cursor", "dataAvailabilityDate"}
    assert "cursor" not in second
    assert len(by_id(first["conversations"] + second["conversations"])) == len(api.sandbox.conversations(DAY))


def test_a_cursor_can_be_used_again(api):
    job_id = api.submit()
    cursor = api.results(job_id, size=20).json()["cursor"]
    assert api.results(job_id, size=20, cursor=cursor).content == api.results(job_id, size=20, cursor=cursor).content


def test_a_cursor_is_of_one_job_alone(api):
    cursor = api.results(api.submit(), size=20).json()["cursor"]
    refused = api.results(api.submit(), size=20, cursor=cursor)
    assert (refused.status_code, refused.json()["message"]) == (400, "Cursor is invalid or has expired")


@pytest.mark.parametrize("cursor", ["?", "Y3Vyc29y", base64.b64encode(b"\xff").decode(), "é"])
def test_what_is_no_cursor_is_refused(api, cursor):
    assert api.results(api.submit(), cursor=cursor).status_code == 400


@pytest.mark.parametrize("place", ["-5", "1e3", "\u0663", ""])
def test_a_cursor_of_a_place_that_is_none_is_refused(api, place):
    job_id = api.submit()
    cursor = base64.b64encode(f"cursor_v2>{job_id}?{place}".encode()).decode()
    assert api.results(job_id, cursor=cursor).status_code == 400


def test_cursors_need_to_be_url_encoded(api):
    job_id = api.submit()
    cursors = [api.results(job_id, size=size).json()["cursor"] for size in range(1, 12)]
    assert any(set(cursor) & {"+", "/", "="} for cursor in cursors)


def test_pages_hold_1000_unless_asked_otherwise_and_never_more_than_10000():
    api = Api(small_sandbox(conversations_per_day=1_100))
    job_id = api.submit()
    assert len(api.get(f"{JOBS}/{job_id}/results").json()["conversations"]) == 1_000
    assert "cursor" not in api.results(job_id, size=1_000_000).json()


def test_a_cancelled_job_says_so_and_has_no_results(api):
    job_id = api.submit()
    assert api.request("DELETE", f"{JOBS}/{job_id}").status_code == 204
    assert api.get(f"{JOBS}/{job_id}").json()["state"] == "CANCELLED"
    assert api.results(job_id).status_code == 404


def test_an_unknown_job_is_not_found(api):
    assert [api.get(f"{JOBS}/nobody").status_code, api.results("nobody").status_code] == [404, 404]


def test_the_flag_leaves_out_what_began_before_the_first_day(api):
    everything = by_id(api.job_all(api.submit()))
    began = by_id(api.job_all(api.submit(startOfDayIntervalMatching=True)))
    expected = {key for key, each in everything.items() if each["conversationStart"].startswith(str(DAY))}
    assert began.keys() == expected < everything.keys()


def test_a_job_over_several_days_holds_each_conversation_once(api):
    rows = api.job_all(api.submit(interval=interval_of(DAY - timedelta(days=1), 2)))
    expected = api.sandbox.conversations(DAY) | api.sandbox.conversations(DAY - timedelta(days=1))
    assert (len(rows), by_id(rows)) == (len(expected), expected)


def test_a_limit_bounds_the_results(api):
    assert len(api.job_all(api.submit(limit=9))) == 9


def test_filters_hold_for_jobs_too(api):
    chats = [{"type": "and", "predicates": [{"type": "dimension", "dimension": "mediaType", "value": "chat"}]}]
    found = api.job_all(api.submit(segmentFilters=chats))
    assert found
    assert all("'mediaType': 'chat'" in str(row) for row in found)


def test_the_watermark_is_told_by_the_availability_and_on_every_page():
    lag = timedelta(hours=2)
    api = Api(small_sandbox(availability_lag=lag))
    told = {"dataAvailabilityDate": f"{MORNING_AFTER - lag:%Y-%m-%dT%H:%M:%SZ}"}
    assert api.get(f"{JOBS}/availability").json() == told
    assert told.items() <= api.results(api.submit()).json().items()


def test_what_the_lake_does_not_have_yet_is_omitted_without_a_word():
    lag = timedelta(hours=12)
    api = Api(small_sandbox(availability_lag=lag))
    job_id = api.submit()
    assert api.get(f"{JOBS}/{job_id}").json()["state"] == "FULFILLED"
    at_watermark = api.sandbox.conversations(DAY, at=MORNING_AFTER - lag)
    assert by_id(api.job_all(job_id)) == at_watermark
    assert len(at_watermark) < len(api.sandbox.conversations(DAY))


def test_a_conversation_of_days_is_in_every_day_that_it_lives():
    api = Api(small_sandbox(mix={"email_of_days": 1}, conversations_per_day=3))
    days = [DAY - timedelta(days=days) for days in (3, 2, 1)]
    lived = [set(by_id(api.job_all(api.submit(interval=interval_of(day))))) for day in days]
    assert lived[0] & lived[1] & lived[2]


def test_an_interval_of_more_than_31_days_is_refused(api):
    assert api.post(JOBS, json={"interval": interval_of(DAY, 32)}).status_code == 400


@pytest.mark.parametrize(
    "broken",
    [{"segmentFilters": [{"type": "and"}]}, {"orderBy": "mood"}, {"limit": -1}, {"limit": "nine"}, {"order": ["asc"]}],
)
def test_a_job_that_cannot_be_understood_is_refused_at_once(api, broken):
    assert api.post(JOBS, json={"interval": interval_of(DAY)} | broken).status_code == 400


def test_an_empty_page_of_a_job_has_a_list_of_conversations():
    api = Api(small_sandbox(conversations_per_day=0))
    assert api.results(api.submit()).json()["conversations"] == []
