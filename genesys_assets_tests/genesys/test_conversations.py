"""A day over real HTTP from a sandbox that misbehaves: it comes whole, or it fails and says why."""

import asyncio
import re
import signal
import time
from collections import Counter
from datetime import timedelta

import msgspec
import pytest

from genesys_assets.genesys import (
    ConfigurationError,
    ForbiddenError,
    GenesysError,
    IncompleteError,
    Interval,
    NotCoveredError,
    extract,
)
from genesys_assets.genesys.errors import (
    BrokenResponseError,
    CapExceededError,
    CursorRefusedError,
    InternalServerError,
    InvalidPageError,
    JobError,
    RefusedError,
    ThrottledError,
    TimedOutError,
    UnauthorisedError,
    UnavailableError,
)
from genesys_assets.genesys.slices import ExtractionSettings
from genesys_assets.landing import Landing
from genesys_assets.sandbox import on
from genesys_assets_tests.genesys.support import DAY, landed, world

QUERY, SUBMIT, STATUS, RESULTS = (
    "details/query",
    "POST .*details/jobs$",
    r"GET .*details/jobs/[^/]+-[^/]+$",
    "jobs/.*/results",
)
DAYLONG = timedelta(days=1)
SMALL = {
    "query_slice": timedelta(hours=12),
    "query_page_size": 10,
    "job_page_size": 20,
}
"""Several pages in each slice."""


def assert_whole(here, landing, source, **settings):
    """The day comes whole: document by document what the sandbox knows."""
    extraction = here.extract(landing, source, **SMALL | settings)
    assert landed(landing) == here.truth(extraction.source)
    return extraction


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_day_comes_whole(here, landing, source):
    extraction = assert_whole(here, landing, source)
    truth = here.truth(source)
    assert extraction.source == source
    assert extraction.complete is (source == "job")
    assert extraction.conversations == len(truth)
    assert extraction.open_conversations == sum("conversationEnd" not in each for each in truth.values())
    assert extraction.received >= extraction.announced > 0
    assert extraction.requests == len(here.sandbox.requests)
    assert extraction.pages == here.asked(QUERY if source == "query" else RESULTS)


PASSING = {
    "429 in seconds": {"retry_after": "3"},
    "429 with a date": {"retry_after": "date"},
    "429 unreadable": {"retry_after": "soon"},
    "500": {"status": 500},
    "502 with HTML": {"status": 502},
    "503": {"status": 503},
    "504": {"status": 504},
    "408": {"status": 408},
    "dropped before the answer": {"drop": "before"},
    "dropped inside the body": {"drop": "inside"},
    "truncated JSON": {"truncate": True},
    "slow body": {"slow": 0.05},
    "token expired": {"expire_token": True},
    "refused cursor": {"refuse_cursor": True},
    "rows twice": {"shift": 4},
    "unknown fields and values": {"unknown": True},
}


@pytest.mark.parametrize("effect", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize(("source", "where"), [("query", QUERY), ("job", RESULTS)])
def test_a_fault_that_passes_leaves_the_day_whole(here, landing, source, where, effect):
    times = 1 if "expire_token" in effect else 2  # a second 401 of one request is an error
    here.sandbox.faults.add(on(where, after=2, times=times, **effect))
    extraction = here.extract(landing, source, **SMALL)
    assert set(landed(landing)) == set(here.truth(source))
    if "unknown" not in effect:
        assert landed(landing) == here.truth(source)
    if "retry_after" in effect:
        assert extraction.throttled == 2


LASTING = {
    "500": ({"status": 500}, InternalServerError, "correlation id"),
    "502 with HTML": ({"status": 502}, UnavailableError, "502"),
    "503": ({"status": 503}, UnavailableError, "503 service.unavailable"),
    "504": ({"status": 504}, TimedOutError, "504 request.timeout"),
    "dropped before the answer": ({"drop": "before"}, BrokenResponseError, "the connection broke"),
    "dropped inside the body": ({"drop": "inside"}, BrokenResponseError, "the connection broke"),
    "truncated JSON": ({"truncate": True}, BrokenResponseError, "cut off"),
    "429": ({"retry_after": "100"}, ThrottledError, "REQUESTS_PER_MINUTE"),
    "401": ({"expire_token": True}, UnauthorisedError, "new token was refused too"),
    "403": ({"status": 403}, ForbiddenError, "Grant analytics:conversationDetail:view or"),
    "refused cursor": ({"refuse_cursor": True}, CursorRefusedError, "Cursor is invalid|refused twice"),
    "no id": ({"garbage": "id"}, InvalidPageError, r"Page 3 of .*conversations\[\d+\]"),
    "no start": ({"garbage": "start"}, InvalidPageError, r"Page 3 of .*conversationStart"),
    "no record": ({"garbage": "record"}, InvalidPageError, r"Page 3 of .*conversations\[\d+\]"),
    "no page": ({"garbage": "page"}, InvalidPageError, "Page 3 of"),
    "rows missed": ({"shift": -3}, IncompleteError, r"\d+"),
    "pages for ever": ({"repeat": True}, IncompleteError, r"\d+"),
}


@pytest.mark.parametrize(("effect", "kind", "text"), LASTING.values(), ids=LASTING)
@pytest.mark.parametrize(("source", "where"), [("query", QUERY), ("job", RESULTS)])
def test_a_fault_that_lasts_is_a_clear_error(here, landing, source, where, effect, kind, text):
    after = 0 if effect.keys() & {"shift", "repeat", "refuse_cursor"} else 2
    if effect == {"refuse_cursor": True} and source == "query":
        here.sandbox.faults.add(on(QUERY, next_page_cursor=True))
    here.sandbox.faults.add(on(where, after=after, **effect))
    with pytest.raises(kind, match=text):
        here.extract(
            landing, source, parallel=1, jobs_at_once=1, **SMALL | {"query_slice": DAYLONG, "job_slice": DAYLONG}
        )
    assert landing.documents().collect().height < len(here.truth("job"))


def test_the_forums_cursor_mode_comes_whole(here, landing):
    """The query gives nextPageCursor, page numbers ignored, a cursor good once only."""
    here.sandbox.faults.add(on(QUERY, next_page_cursor=True))
    assert_whole(here, landing, "query")
    bodies = [msgspec.json.decode(each.body) for each in here.sandbox.requests if QUERY in each.path]
    by_cursor = [body for body in bodies if "cursor" in body]
    assert by_cursor
    assert all("pageNumber" not in body["paging"] for body in by_cursor)


def test_a_cursor_that_was_used_up_by_a_lost_answer_restarts_its_slice(here, landing):
    here.sandbox.faults.add(on(QUERY, next_page_cursor=True), on(QUERY, after=1, times=1, drop="inside"))
    extraction = assert_whole(here, landing, "query", parallel=1)
    assert extraction.restarts == 1


def test_a_refused_cursor_is_sent_once_more_before_anything_else(here, landing):
    here.sandbox.faults.add(on(RESULTS, times=1, refuse_cursor=True))
    assert_whole(here, landing, "job")
    cursors = Counter(each.query["cursor"] for each in here.sandbox.requests if "cursor" in each.query)
    assert sorted(cursors.values())[-2:] == [1, 2]


def test_a_job_whose_cursors_are_refused_is_read_from_its_first_page(here, landing):
    here.sandbox.faults.add(on(RESULTS, times=2, refuse_cursor=True))
    extraction = assert_whole(here, landing, "job", jobs_at_once=1)
    assert (extraction.restarts, here.asked("details/jobs$")) == (1, 2)


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "unknown"])
def test_a_job_that_is_lost_is_submitted_again(here, landing, state):
    here.sandbox.faults.add(on(STATUS, times=2, job=state))
    extraction = assert_whole(here, landing, "job", jobs_at_once=1)
    assert (extraction.restarts, here.asked("details/jobs$")) == (2, 4)


@pytest.mark.parametrize("state", ["EXPIRED", "unknown"])
def test_a_job_that_is_lost_in_mid_paging_is_submitted_again(here, landing, state):
    here.sandbox.faults.add(on(RESULTS, after=2, times=1, job=state))
    extraction = assert_whole(here, landing, "job", jobs_at_once=1)
    assert (extraction.restarts, here.asked("details/jobs$")) == (2, 3)


@pytest.mark.parametrize(
    ("state", "submissions", "text"),
    [
        ("FAILED", 3, "failed 3 times, at last with: The query failed: an internal service did not answer"),
        ("EXPIRED", 4, "is expired"),
        ("unknown", 4, "unknown to Genesys Cloud"),
        ("CANCELLED", 1, "cancelled by somebody else"),
    ],
)
def test_a_job_that_is_lost_again_and_again_is_an_error(here, landing, state, submissions, text):
    here.sandbox.faults.add(on(STATUS, job=state))
    with pytest.raises(JobError, match=text):
        here.extract(landing, "job", jobs_at_once=1)
    assert here.asked("details/jobs$") == submissions


def test_a_job_is_waited_for_with_growing_waits(landing):
    with world(job_seconds=100) as slow:
        assert_whole(slow, landing, "job", jobs_at_once=1)
        first_job = slow.time.waits[: len(slow.time.waits) // 2]
        assert first_job[0] <= 1
        assert max(first_job) > 10
        assert slow.asked("jobs/[^/]+-[^/]+$", "GET") < 40


def test_a_job_that_takes_too_long_is_cancelled_and_an_error(landing):
    with world(job_seconds=10_000) as slow:
        with pytest.raises(JobError, match="not fulfilled within 60 s and has been cancelled"):
            slow.extract(landing, "job", jobs_at_once=1, job_seconds=60)
        assert slow.asked("details/jobs/", "DELETE") == 1


def test_at_most_two_jobs_run_at_once(landing):
    with world(job_seconds=60) as slow:
        assert_whole(slow, landing, "job", job_slice=timedelta(hours=3))
        running = most = 0
        for each in slow.sandbox.requests:
            running += each.path.endswith("details/jobs")
            most = max(most, running)
            running -= each.path.endswith("/results") and "cursor" not in each.query
        assert most == 2


@pytest.mark.parametrize(
    "effect", [{"error": "response.entity.too.large"}, {"status": 413}, {"status": 504}, {"status": 408}]
)
def test_a_page_of_results_that_is_too_large_is_halved(here, landing, effect):
    here.sandbox.faults.add(on(RESULTS, above=10, **effect))
    assert_whole(here, landing, "job")
    assert {
        each.query["pageSize"] for each in here.sandbox.requests if each.status == 200 and "pageSize" in each.query
    } == {"10"}


def test_a_page_of_the_query_that_is_too_large_is_halved(here, landing):
    here.sandbox.faults.add(on(QUERY, above=5, error="response.entity.too.large"))
    assert_whole(here, landing, "query")


@pytest.mark.parametrize(("source", "where"), [("query", QUERY), ("job", RESULTS)])
def test_a_slice_over_the_cap_is_split_until_it_fits(here, landing, source, where):
    here.sandbox.faults.add(on(where, cap=20))
    extraction = assert_whole(here, landing, source)
    assert extraction.slices > 8


def test_a_slice_that_announces_more_than_the_cap_is_split_before_it_is_paged(here, landing):
    assert_whole(here, landing, "query", query_cap=20)
    assert not any(
        msgspec.json.decode(each.body)["paging"]["pageNumber"] > 3
        for each in here.sandbox.requests
        if QUERY in each.path
    )


def test_a_second_over_the_cap_fails_loudly(here, landing):
    here.sandbox.faults.add(on(QUERY, cap=0))
    with pytest.raises(CapExceededError, match="A second is the shortest slice"):
        here.extract(landing, "query", **SMALL)


@pytest.mark.parametrize("matching", ["overlap_and_startday", "startday", "start_in_interval"])
def test_the_day_comes_whole_whatever_the_query_takes_an_interval_for(landing, matching):
    with world(interval_matching=matching, conversations_per_day=20) as there:
        assert_whole(there, landing, "query", query_slice=timedelta(hours=4))


def test_a_shortfall_is_read_again(here, landing):
    here.sandbox.faults.add(on(QUERY, after=1, times=4, shift=-4))
    extraction = assert_whole(here, landing, "query", parallel=1, query_slice=timedelta(days=1))
    assert extraction.restarts >= 1


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_total_that_is_never_reached_is_an_error_with_both_numbers(here, landing, source):
    here.sandbox.faults.add(on(QUERY, total_hits=1))
    with pytest.raises(
        IncompleteError, match=r"announced \d+ conversations and brought \d+|\d+ conversations began .* brought \d+"
    ):
        here.extract(landing, source, **SMALL)


@pytest.mark.parametrize("source", ["query", "job"])
def test_who_knows_their_totals_to_be_approximate_may_allow_for_it(here, landing, source):
    here.sandbox.faults.add(on(QUERY, total_hits=1))
    assert_whole(here, landing, source, tolerated_shortfall=0.2)


SECOND_ROW_MISSED = on(RESULTS, shift=-1, times=1)
"""With pages of one row: the second-oldest conversation, open for days, is missing in one half."""
ROW_BY_ROW = {"job_page_size": 1, "jobs_at_once": 1}


def test_an_old_conversation_that_only_one_half_of_the_day_brings_is_read_again(here, landing):
    here.sandbox.faults.add(SECOND_ROW_MISSED)
    assert_whole(here, landing, "job", **ROW_BY_ROW)
    assert here.asked("details/jobs$") == 4
    assert any("with only one of two slices that they span: 1" in line for line in here.lines)


def test_an_old_conversation_that_only_one_half_of_the_day_ever_brings_is_an_error(here, landing):
    here.sandbox.faults.add(SECOND_ROW_MISSED)
    with pytest.raises(IncompleteError, match=r"with only one of two slices that they span: 1\), 1 times over"):
        here.extract(landing, "job", rereads=0, **SMALL | ROW_BY_ROW)


def test_a_total_that_is_too_low_does_not_end_the_paging(here, landing):
    here.sandbox.faults.add(on(QUERY, total_hits=-15))
    assert_whole(here, landing, "query")


def test_auto_takes_the_job_when_the_data_lake_has_the_day(here, landing):
    extraction = assert_whole(here, landing, "auto")
    assert (extraction.source, extraction.complete) == ("job", True)
    assert len(extraction.job_ids) == 2


def test_auto_takes_the_query_until_then(here, landing):
    here.sandbox.faults.add(on("availability", lag=here.lag()))
    extraction = assert_whole(here, landing, "auto")
    assert (extraction.source, extraction.complete, extraction.job_ids) == ("query", False, ())
    assert extraction.watermark < Interval.of_day(DAY).end


def test_auto_takes_the_query_when_the_last_page_tells_of_an_older_lake(here, landing):
    here.sandbox.faults.add(on(SUBMIT, after=1, lag=here.lag()))
    extraction = assert_whole(here, landing, "auto", jobs_at_once=1)
    assert extraction.source == "query"
    assert any("by query instead" in line for line in here.lines)


def test_job_waits_for_the_data_lake(here, landing):
    here.sandbox.faults.add(on("availability", lag=here.lag(), times=4))
    assert assert_whole(here, landing, "job").complete
    assert here.asked("availability") == 5


def test_job_waits_no_longer_than_it_should(here, landing):
    here.sandbox.faults.add(on("availability", lag=here.lag()))
    with pytest.raises(NotCoveredError, match=r"up to 2026-11-22T23:\d\d:\d\d.000Z, not yet the whole of 2026-11-22"):
        here.extract(landing, "job")
    assert here.asked("details/jobs$") == 0


def test_a_step_retry_reads_only_what_is_missing(here, tmp_path):
    here.sandbox.faults.add(on(QUERY, after=9, status=400))
    with pytest.raises(RefusedError):
        here.extract(Landing(tmp_path / "day"), "query", parallel=1, **SMALL)
    sealed = Landing(tmp_path / "day").sealed()
    here.sandbox.faults.clear()
    here.sandbox.requests.clear()
    again = Landing(tmp_path / "day")
    extraction = assert_whole(here, again, "query")
    asked = {msgspec.json.decode(each.body)["interval"] for each in here.sandbox.requests if QUERY in each.path}
    assert sealed
    assert extraction.resumed_slices == len(sealed) == 4 - len(asked)
    assert asked.isdisjoint(each.iso() for each in sealed)


def test_a_step_retry_by_job_reads_only_the_missing_half(here, tmp_path):
    here.sandbox.faults.add(on(STATUS, after=1, status=400))
    with pytest.raises(RefusedError):
        here.extract(Landing(tmp_path / "day"), "job", jobs_at_once=1)
    here.sandbox.faults.clear()
    here.sandbox.requests.clear()
    assert assert_whole(here, Landing(tmp_path / "day"), "job").resumed_slices == 1
    assert here.asked("details/jobs$") == 1


def test_a_split_slice_is_resumed_in_its_halves(here, tmp_path):
    here.sandbox.faults.add(on(QUERY, cap=20), on(QUERY, after=25, status=400))
    with pytest.raises(RefusedError):
        here.extract(Landing(tmp_path / "day"), "query", parallel=1, **SMALL)
    sealed = Landing(tmp_path / "day").sealed()
    here.sandbox.faults.clear()
    here.sandbox.faults.add(on(QUERY, cap=20))
    here.sandbox.requests.clear()
    assert_whole(here, Landing(tmp_path / "day"), "query", parallel=1)
    asked = {msgspec.json.decode(each.body)["interval"] for each in here.sandbox.requests if QUERY in each.path}
    assert sealed
    assert asked.isdisjoint(each.iso() for each in sealed)


def test_auto_resumes_what_it_has_begun_though_the_data_lake_has_caught_up(here, tmp_path):
    here.sandbox.faults.add(on("availability", lag=here.lag(), times=1), on(QUERY, after=9, status=400))
    with pytest.raises(RefusedError):
        here.extract(Landing(tmp_path / "day"), "auto", parallel=1, **SMALL)
    here.sandbox.faults.clear()
    extraction = assert_whole(here, Landing(tmp_path / "day"), "auto")
    assert (extraction.source, extraction.resumed_slices > 0) == ("query", True)


def test_nothing_is_asked_for_what_is_there_in_full(here, tmp_path):
    assert_whole(here, Landing(tmp_path / "day"), "query")
    here.sandbox.requests.clear()
    assert_whole(here, Landing(tmp_path / "day"), "query")
    assert len(here.sandbox.requests) == 0


def test_one_login_serves_a_run(here, tmp_path):
    here.time.at += 86_400  # whatever was shared before has ended
    for name in ("one", "two"):
        assert_whole(here, Landing(tmp_path / name), "query")
    assert here.asked("oauth/token") == 1


def test_the_limit_that_the_headers_tell_is_kept_to(here, landing):
    here.sandbox.faults.add(on("", limit=5))
    extraction = assert_whole(here, landing, "query")
    assert extraction.throttled == 0
    assert extraction.seconds >= 60 * (extraction.requests // 5 - 1)


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_wrong_secret_is_one_clear_sentence(here, landing, source):
    async def ask(cloud):
        await extract(cloud, Interval.of_day(DAY), landing, ExtractionSettings(source=source))

    with pytest.raises(ConfigurationError, match="refused the OAuth client's secret"):
        here.do(ask, client_secret="wrong")
    with pytest.raises(ConfigurationError, match="does not know the OAuth client id"):
        here.do(ask, client_id="wrong")


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_missing_permission_is_named(landing, source):
    with (
        world(permissions={"routing:queue:view"}) as poor,
        pytest.raises(ForbiddenError, match="analytics:conversationDetail:view"),
    ):
        poor.extract(landing, source)


def test_a_terminated_run_stops_within_a_second_and_cancels_its_jobs(landing):
    with world(job_seconds=10_000) as slow:
        stopped_at = asyncio.run(_terminated(slow, landing))
        assert time.monotonic() - stopped_at < 1
        assert slow.asked("details/jobs/", "DELETE") == slow.asked("details/jobs$") == 2
        assert landing.documents().collect().is_empty()


async def _terminated(slow, landing):
    both_run, for_ever = asyncio.Event(), asyncio.Event()
    waiting = 0

    async def sleep(_seconds):
        nonlocal waiting
        waiting += 1
        if waiting == 2:
            both_run.set()
        await for_ever.wait()

    slow.time.sleep = sleep
    async with slow.session() as cloud:
        reading = asyncio.create_task(extract(cloud, Interval.of_day(DAY), landing, ExtractionSettings(source="job")))
        await both_run.wait()
        reading.cancel()
        stopped_at = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await reading
    return stopped_at


def test_an_interrupt_cancels_the_jobs_too(landing):
    with world(job_seconds=10_000) as slow:

        async def sleep(_seconds):
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60)

        slow.time.sleep = sleep
        with pytest.raises(KeyboardInterrupt):
            slow.extract(landing, "job", jobs_at_once=1, job_seconds=60)
        assert slow.asked("details/jobs/", "DELETE") == 1


def test_a_failed_run_cancels_its_job(here, landing):
    here.sandbox.faults.add(on(RESULTS, garbage="page"))
    with pytest.raises(InvalidPageError):
        here.extract(landing, "job", jobs_at_once=1)
    assert here.asked("details/jobs/", "DELETE") == 1


def test_progress_is_told_now_and_then(here, landing):
    here.sandbox.faults.add(on(QUERY, retry_after="11", after=8, times=1))
    assert_whole(here, landing, "query", parallel=1)
    begun, waiting, told = here.lines
    assert begun == "2026-11-22 by query: 4 slices to read."
    assert waiting.startswith("Waiting 11 s")
    assert re.fullmatch(
        r"2026-11-22 by query: 1 of 4 slices, \d pages, \d\d conversations, \d a second, about \d\d s left\.", told
    )


@pytest.mark.parametrize("settings", [{"source": "magic"}, {"lookback_days": -1}, {"parallel": 0}, {"jobs_at_once": 0}])
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ConfigurationError):
        ExtractionSettings(**settings)


def test_every_error_of_an_extraction_is_a_genesys_error():
    assert all(issubclass(kind, GenesysError) for _, kind, _ in LASTING.values())
