"""How published extractors lose data without a word, one test for each way: here the day is whole, or the run fails.

Through `extract` and the landing; what concerns tables and regions is tested where those stand (12: `tables`, 15:
`test_regions`).
"""

from datetime import timedelta

import msgspec
import pytest

from genesys_assets.genesys import GenesysError, IncompleteError
from genesys_assets.genesys.errors import InvalidPageError, JobError, RefusedError, ThrottledError
from genesys_assets.genesys.pages import conversation_page
from genesys_assets.landing import Landing
from genesys_assets.sandbox import on
from genesys_assets_tests.genesys.support import landed, world

SMALL = {"query_slice": timedelta(hours=12), "query_page_size": 10, "job_page_size": 20}
QUERY, RESULTS = "details/query", "jobs/.*/results"


def test_01_no_number_of_pages_is_the_end_of_a_day(here, landing):
    extraction = here.extract(landing, "query", query_page_size=1, query_slice=timedelta(days=2), parallel=1)
    assert extraction.pages > 100
    assert landed(landing) == here.truth("query")


def test_01_pages_that_never_end_are_an_error(here, landing):
    here.sandbox.faults.add(on(RESULTS, repeat=True))
    with pytest.raises(IncompleteError, match="does not end"):
        here.extract(landing, "job", **SMALL)


@pytest.mark.parametrize(("source", "where"), [("query", QUERY), ("job", RESULTS)])
def test_02_the_result_cap_is_no_success(here, landing, source, where):
    here.sandbox.faults.add(on(where, cap=30))
    here.extract(landing, source, **SMALL)
    assert landed(landing) == here.truth(source)


def test_03_a_span_longer_than_the_interval_limit_leaves_no_hole(landing):
    with world(conversations_per_day=5) as there:
        there.extract(landing, "query", lookback_days=40, query_slice=timedelta(days=1))
        old = {name for name, each in there.truth("job").items() if each["conversationStart"] >= "2026-10-13"}
        assert set(landed(landing)) == old > set(there.truth("query"))


def test_04_pages_read_before_a_failure_are_neither_lost_nor_taken_for_a_day(here, tmp_path):
    here.sandbox.faults.add(on(QUERY, after=9, status=400))
    with pytest.raises(RefusedError):
        here.extract(Landing(tmp_path), "query", parallel=1, **SMALL)
    here.sandbox.faults.clear()
    assert here.extract(Landing(tmp_path), "query", **SMALL).resumed_slices > 0
    assert landed(Landing(tmp_path)) == here.truth("query")


def test_05_all_pages_of_a_job_are_read_and_none_before_it_is_fulfilled(landing):
    with world(job_seconds=45) as slow:
        slow.extract(landing, "job", **SMALL)
        assert landed(landing) == slow.truth("job")
        assert slow.asked(RESULTS) > 2


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "CANCELLED"])
def test_06_a_job_at_its_end_is_not_polled_for_ever(here, landing, state):
    here.sandbox.faults.add(on(r"GET .*details/jobs/[^/]+-[^/]+$", job=state))
    with pytest.raises(JobError):
        here.extract(landing, "job", **SMALL)
    assert len(here.sandbox.requests) < 30


def test_07_and_08_a_day_read_again_has_what_settled_since(tmp_path):
    with world() as there:
        there.time.at = -6 * 3600.0  # 06:00 of the day after
        there.extract(Landing(tmp_path / "early"), "job", **SMALL)
        early = landed(Landing(tmp_path / "early"))
        there.time.at = 5 * 86_400.0
        there.extract(Landing(tmp_path / "late"), "job", **SMALL)
        late = landed(Landing(tmp_path / "late"))
        assert late == there.truth("job")
        settled = [name for name in early if "conversationEnd" not in early[name] and "conversationEnd" in late[name]]
        assert settled


def test_09_an_error_body_is_not_parsed_as_a_page(here, landing):
    here.sandbox.faults.add(on(QUERY, after=2, status=400))
    with pytest.raises(RefusedError, match=r"400 bad\.request"):
        here.extract(landing, "query", **SMALL)


def test_09_an_error_body_with_status_200_is_no_page(here, landing):
    with pytest.raises(msgspec.ValidationError, match="none of the keys"):
        conversation_page(b'{"message": "Rate limit exceeded", "code": "too.many.requests", "status": 429}')
    here.sandbox.faults.add(on(QUERY, garbage="page"))
    with pytest.raises(InvalidPageError):
        here.extract(landing, "query", **SMALL)


def test_10_an_empty_page_before_the_announced_total_is_not_the_end(here, landing):
    here.sandbox.faults.add(on(QUERY, after=1, times=1, shift=-1_000))
    extraction = here.extract(landing, "query", parallel=1, **SMALL | {"query_slice": timedelta(days=2)})
    assert extraction.restarts == 1
    assert landed(landing) == here.truth("query")


def test_11_a_window_that_holds_more_than_the_cap_is_narrowed_until_it_does_not(here, landing):
    extraction = here.extract(landing, "query", query_cap=15, **SMALL | {"query_slice": timedelta(days=2)})
    assert extraction.slices > 10
    assert landed(landing) == here.truth("query")


def test_13_a_job_over_a_day_that_the_data_lake_lacks_in_part_is_not_believed(here, landing):
    here.sandbox.faults.add(on("details/jobs$", lag=here.lag(16)))
    with pytest.raises(GenesysError, match="not yet the whole of 2026-11-22"):
        here.extract(landing, "job", **SMALL)
    assert landed(landing) == {}


def test_13_rows_that_a_job_omits_without_a_word_are_missed(here, landing):
    here.sandbox.faults.add(on(RESULTS, shift=-2))
    with pytest.raises(IncompleteError, match=r"jobs brought \d+ of them"):
        here.extract(landing, "job", **SMALL)


def test_14_a_429_is_answered_with_patience_and_not_with_a_new_token(here, landing):
    here.time.at += 86_400  # no token from before
    here.sandbox.faults.add(on(QUERY, after=3, times=5, retry_after="42"))
    extraction = here.extract(landing, "query", parallel=1, **SMALL)
    assert extraction.throttled == 5
    assert here.time.waits == [42.0] * 5
    assert here.asked("oauth/token") == 1
    assert landed(landing) == here.truth("query")


def test_14_a_limit_that_never_lifts_is_an_error(here, landing):
    here.sandbox.faults.add(on(QUERY, after=3, retry_after="42"))
    with pytest.raises(ThrottledError):
        here.extract(landing, "query", parallel=1, **SMALL)
