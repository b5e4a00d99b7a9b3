"""A day by details jobs, over real HTTP and scripted answers: every state is handled, no job is left behind."""

import asyncio
import signal
import time
from collections import Counter
from datetime import UTC, timedelta

import pytest

from genesys_assets.genesys import ExtractionSettings, NotCoveredError, extract
from genesys_assets.genesys.api.errors import InvalidPageError, JobError
from genesys_assets.genesys.details.jobs import JobReader
from genesys_assets.sandbox import on
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of
from genesys_assets_tests.genesys.support import (
    DAY,
    RESULTS,
    SMALL,
    STATUS,
    SUBMIT,
    Script,
    answer,
    assert_whole,
    run,
    session,
    world,
)
from genesys_assets_tests.genesys.virtual import run_virtually


def requests_when_cancelled_by(method: str) -> list[str]:
    """What is sent by a reading that is cancelled whenever a request of that method, or the last one, is under way."""
    readings: list[asyncio.Task[object]] = []

    def respond(request):
        if request.method in {method, "DELETE"}:
            readings[0].cancel()
        return answer(200, {"jobId": "j-1", "state": "RUNNING"})

    script = Script(respond)

    async def main():
        async with session(script) as cloud:
            reading = JobReader(cloud, CONVERSATIONS, ExtractionSettings()).read_slice(window_of(DAY, UTC), _sink)
            readings.append(asyncio.ensure_future(reading))
            with pytest.raises(asyncio.CancelledError):
                await readings[0]

    run_virtually(main())
    return [f"{request.method} {request.url.path.rpartition('/details/')[2]}" for request in script.requests]


async def _sink(_page):
    raise AssertionError("nothing is read")


def test_a_job_is_cancelled_though_the_reading_is_cancelled_twice():
    assert requests_when_cancelled_by("GET") == ["POST jobs", "GET jobs/j-1", "DELETE jobs/j-1"]


def test_a_job_whose_submission_is_under_way_is_cancelled_too():
    assert requests_when_cancelled_by("POST") == ["POST jobs", "DELETE jobs/j-1"]


def test_a_refused_cursor_is_sent_once_more_before_anything_else(here, checkpoint):
    here.sandbox.faults.add(on(RESULTS, times=1, refuse_cursor=True))
    assert_whole(here, checkpoint, "job")
    cursors = Counter(each.query["cursor"] for each in here.sandbox.requests if "cursor" in each.query)
    assert sorted(cursors.values())[-2:] == [1, 2]


def test_a_job_whose_cursors_are_refused_is_read_from_its_first_page(here, checkpoint):
    here.sandbox.faults.add(on(RESULTS, times=2, refuse_cursor=True))
    extraction = assert_whole(here, checkpoint, "job", jobs_at_once=1)
    assert (extraction.restarts, here.asked("details/jobs$")) == (1, 2)


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "unknown"])
def test_a_job_that_is_lost_is_submitted_again(here, checkpoint, state):
    here.sandbox.faults.add(on(STATUS, times=2, job=state))
    extraction = assert_whole(here, checkpoint, "job", jobs_at_once=1)
    assert (extraction.restarts, here.asked("details/jobs$")) == (2, 4)


@pytest.mark.parametrize("state", ["EXPIRED", "unknown"])
def test_a_job_that_is_lost_in_mid_paging_is_submitted_again(here, checkpoint, state):
    here.sandbox.faults.add(on(RESULTS, after=2, times=1, job=state))
    extraction = assert_whole(here, checkpoint, "job", jobs_at_once=1)
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
def test_a_job_that_is_lost_again_and_again_is_an_error(here, checkpoint, state, submissions, text):
    here.sandbox.faults.add(on(STATUS, job=state))
    with pytest.raises(JobError, match=text):
        here.extract(checkpoint, "job", jobs_at_once=1)
    assert here.asked("details/jobs$") == submissions


def test_a_job_is_waited_for_with_growing_waits(checkpoint):
    with world(job_seconds=100) as slow:
        assert_whole(slow, checkpoint, "job", jobs_at_once=1)
        first_job = slow.time.waits[: len(slow.time.waits) // 2]
        assert first_job[0] <= 1
        assert max(first_job) > 10
        assert slow.asked("jobs/[^/]+-[^/]+$", "GET") < 40


def test_a_job_that_takes_too_long_is_cancelled_and_an_error(checkpoint):
    with world(job_seconds=10_000) as slow:
        with pytest.raises(JobError, match="not fulfilled within 60 s and has been cancelled"):
            slow.extract(checkpoint, "job", jobs_at_once=1, job_seconds=60)
        assert slow.asked("details/jobs/", "DELETE") == 1


def test_at_most_two_jobs_run_at_once(checkpoint):
    with world(job_seconds=60) as slow:
        assert_whole(slow, checkpoint, "job", job_slice=timedelta(hours=3))
        running = most = 0
        for each in slow.sandbox.requests:
            running += each.path.endswith("details/jobs")
            most = max(most, running)
            running -= each.path.endswith("/results") and "cursor" not in each.query
        assert most == 2


@pytest.mark.parametrize(
    "effect", [{"error": "response.entity.too.large"}, {"status": 413}, {"status": 504}, {"status": 408}]
)
def test_a_page_of_results_that_is_too_large_is_halved(here, checkpoint, effect):
    here.sandbox.faults.add(on(RESULTS, above=10, **effect))
    assert_whole(here, checkpoint, "job")
    assert {
        each.query["pageSize"] for each in here.sandbox.requests if each.status == 200 and "pageSize" in each.query
    } == {"10"}


def test_a_terminated_run_stops_within_a_second_and_cancels_its_jobs(checkpoint):
    with world(job_seconds=10_000) as slow:
        stopped_at = asyncio.run(_terminated(slow, checkpoint))
        assert time.monotonic() - stopped_at < 1
        assert slow.asked("details/jobs/", "DELETE") == slow.asked("details/jobs$") == 2
        assert checkpoint.documents().collect().is_empty()


async def _terminated(slow, checkpoint):
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
        reading = asyncio.create_task(
            extract(cloud, CONVERSATIONS, window_of(DAY, UTC), checkpoint, ExtractionSettings("job"))
        )
        await both_run.wait()
        reading.cancel()
        stopped_at = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await reading
    return stopped_at


def test_an_interrupt_cancels_the_jobs_too(checkpoint):
    with world(job_seconds=10_000) as slow:

        async def sleep(_seconds):
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60)

        slow.time.sleep = sleep
        with pytest.raises(KeyboardInterrupt):
            slow.extract(checkpoint, "job", jobs_at_once=1, job_seconds=60)
        assert slow.asked("details/jobs/", "DELETE") == 1


def test_a_failed_run_cancels_its_job(here, checkpoint):
    here.sandbox.faults.add(on(RESULTS, garbage="page"))
    with pytest.raises(InvalidPageError):
        here.extract(checkpoint, "job", jobs_at_once=1)
    assert here.asked("details/jobs/", "DELETE") == 1


def test_smaller_pages_than_were_asked_for_come_whole(here, checkpoint):
    here.sandbox.faults.add(on(RESULTS, clamp=3))
    assert_whole(here, checkpoint, "job")


def test_a_page_that_leaves_its_conversations_out_is_asked_for_once_more(here, checkpoint):
    here.sandbox.faults.add(on(RESULTS, times=1, leave_out=("conversations",)))
    assert_whole(here, checkpoint, "job")


def test_a_page_that_leaves_its_conversations_out_is_not_taken_for_an_empty_one(here, checkpoint):
    """What began before the day nobody counts: the first page's conversations would be missing, and the day green."""
    here.sandbox.faults.add(on(RESULTS, times=2, leave_out=("conversations",)))
    with pytest.raises(InvalidPageError, match=r"Page 1 of the job for .* has no `conversations`"):
        here.extract(checkpoint, "job", jobs_at_once=1)


@pytest.mark.parametrize("after", [0, 1])
def test_a_page_that_does_not_tell_the_watermark_is_no_consent(here, checkpoint, after):
    here.sandbox.faults.add(on(RESULTS, after=after, times=1, leave_out=("dataAvailabilityDate",)))
    with pytest.raises(NotCoveredError, match="does not state its `dataAvailabilityDate`"):
        here.extract(checkpoint, "job", jobs_at_once=1, **SMALL)


def test_a_day_of_which_a_page_does_not_tell_the_watermark_is_read_by_query(here, checkpoint):
    here.sandbox.faults.add(on(RESULTS, leave_out=("dataAvailabilityDate",)))
    extraction = assert_whole(here, checkpoint, "auto")
    assert (extraction.method, extraction.complete) == ("query", False)


@pytest.mark.parametrize("told", [(2, 0), (0, 2)])
def test_of_pages_that_tell_several_watermarks_the_earliest_counts(told):
    days = [f"{DAY + timedelta(days=each)}T06:00:00Z" for each in told]
    first, last = ({"conversationId": each, "conversationStart": f"{DAY}T10:00:00Z"} for each in "ab")
    pages = [
        answer(200, {"conversations": [first], "cursor": "next", "dataAvailabilityDate": days[0]}),
        answer(200, {"conversations": [last], "dataAvailabilityDate": days[1]}),
    ]
    script = Script(answer(200, {"jobId": "job"}), answer(200, {"state": "FULFILLED"}), *pages)

    async def take(_page):
        pass

    async def ask(cloud):
        return await JobReader(cloud, CONVERSATIONS, ExtractionSettings()).read_slice(window_of(DAY, UTC), take)

    assert run(script, ask).available_until.date() == DAY


LEFT_OUT = [(SUBMIT, "jobId"), (STATUS, "state"), ("availability", "dataAvailabilityDate")]


@pytest.mark.parametrize(("where", "key"), LEFT_OUT)
def test_an_answer_without_what_it_is_asked_for_is_an_error(here, checkpoint, where, key):
    here.sandbox.faults.add(on(where, leave_out=(key,)))
    with pytest.raises(InvalidPageError, match=key):
        here.extract(checkpoint, "job")


def test_a_jobs_id_does_not_lead_elsewhere():
    script = Script(lambda request: answer(200, {"jobId": "../../users?x=1#", "state": "CANCELLED"}))

    async def ask(cloud):
        return await JobReader(cloud, CONVERSATIONS, ExtractionSettings()).read_slice(window_of(DAY, UTC), _sink)

    with pytest.raises(JobError):
        run(script, ask)
    assert script.requests[1].url.raw_path.endswith(b"/details/jobs/..%2F..%2Fusers%3Fx%3D1%23")
