"""How published extractors lose data without a word, one test for each way: here the day is whole, or the run fails.

Through raw/conversations, over HTTP; every document is compared. What is no matter of reading stands elsewhere: one
wide frame that counts twice (12) in `metrics`, a region that is not the first (15) in `genesys.test_regions`.
"""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from genesys_assets.sandbox import Faults, Sandbox, on
from genesys_assets_tests.assets.reading import facts_of, known_by_query, why
from genesys_assets_tests.conftest import DAY, NOW

SMALL = {"query_slice": timedelta(hours=12), "query_page_size": 10, "job_page_size": 20}
QUERY, RESULTS = "details/query", "jobs/.*/results"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(conversations_per_day=60, now=lambda: NOW, requests_per_minute=None)


@pytest.fixture
def chain(chain_on, sandbox):
    """Makes a chain on the sandbox that reads by this source, in pieces so small that there are many."""
    return lambda source, **reading: chain_on(sandbox, source=source, reading=SMALL | reading)


def asked(sandbox: Sandbox, path: str) -> int:
    return sum(path in request.path for request in sandbox.requests)


def is_refused(chain, said: str) -> None:
    """The run fails, says so, and stores nothing."""
    result = chain.fetch(DAY)
    assert not result.success
    assert said in why(result)
    assert chain.documents() == {}


def test_01_no_number_of_pages_is_the_end_of_a_day(chain, sandbox):
    one_by_one = chain("query", query_page_size=1, query_slice=timedelta(days=2))
    assert facts_of(one_by_one.fetch(DAY))["pages"] > 60
    assert one_by_one.documents() == known_by_query(sandbox, DAY)


def test_01_pages_that_never_end_are_an_error(chain, sandbox):
    sandbox.faults = Faults(on(RESULTS, repeat=True))
    is_refused(chain("job"), "does not end")


@pytest.mark.parametrize(("source", "where"), [("query", QUERY), ("job", RESULTS)])
def test_02_the_result_cap_is_no_success(chain, sandbox, source, where):
    capped = chain(source)
    sandbox.faults = Faults(on(where, cap=30))
    assert capped.fetch(DAY).success
    assert capped.documents() == (sandbox.conversations(DAY) if source == "job" else known_by_query(sandbox, DAY))


def test_03_a_span_longer_than_the_interval_limit_leaves_no_hole(chain, sandbox):
    far = chain("query", lookback_days=40, query_slice=timedelta(days=1))
    assert far.fetch(DAY).success
    assert far.documents() == known_by_query(sandbox, DAY, since=DAY - timedelta(days=40))
    assert set(far.documents()) > set(known_by_query(sandbox, DAY))


def test_04_pages_read_before_a_passing_failure_are_kept_for_the_retry(chain, sandbox):
    whole = facts_of(chain("query", parallel=1).fetch(DAY))
    sandbox.requests.clear()
    sandbox.faults = Faults(on(QUERY, status=503, after=9, times=6))
    retried = chain("query", parallel=1)
    facts = facts_of(retried.fetch(DAY))
    assert facts["slices_resumed"] > 0
    assert asked(sandbox, QUERY) < 2 * whole["pages"], "no slice is read twice but for the one that failed"
    assert retried.documents() == known_by_query(sandbox, DAY)


def test_04_a_re_execution_from_failure_reads_only_what_is_missing(chain, sandbox, monkeypatch):
    sandbox.faults = Faults(on(QUERY, after=9, status=400))
    failing = chain("query", parallel=1)
    failed = failing.fetch(DAY)
    assert not failed.success
    first = slices_asked(sandbox)
    sandbox.faults.clear()
    sandbox.requests.clear()
    origin = {"root_run_id": failed.run_id, "parent_run_id": failed.run_id}
    monkeypatch.setattr(failing.instance, "create_run_for_job", partial(failing.instance.create_run_for_job, **origin))
    facts = facts_of(failing.fetch(DAY))
    assert facts["slices_resumed"] == len(first) - 1 > 0
    assert len(first & slices_asked(sandbox)) == 1, "only the one that failed"
    assert failing.documents() == known_by_query(sandbox, DAY)


def slices_asked(sandbox: Sandbox) -> set[str]:
    return {json.loads(request.body)["interval"] for request in sandbox.requests if QUERY in request.path}


def test_04_a_later_materialisation_starts_afresh(chain, sandbox):
    again = chain("query")
    first, second = facts_of(again.fetch(DAY)), facts_of(again.fetch(DAY))
    assert second["slices_resumed"] == 0
    assert second["pages"] == first["pages"]


def test_04_pages_read_before_a_lasting_failure_are_not_taken_for_a_day(chain, sandbox):
    sandbox.faults = Faults(on(QUERY, status=400, after=9))
    is_refused(chain("query", parallel=1), "400")


def test_05_all_pages_of_a_job_are_read_and_none_before_it_is_fulfilled(chain_on):
    slow = Sandbox(conversations_per_day=60, now=lambda: NOW, requests_per_minute=None, job_seconds=0.2)
    chain = chain_on(slow, source="job", reading=SMALL)
    assert chain.fetch(DAY).success
    assert chain.documents() == slow.conversations(DAY)
    assert asked(slow, "/results") > 2


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "CANCELLED"])
def test_06_a_job_at_its_end_is_not_polled_for_ever(chain, sandbox, state):
    sandbox.faults = Faults(on(r"GET .*details/jobs/[^/]+-[^/]+$", job=state))
    is_refused(chain("job"), "job")
    assert len(sandbox.requests) < 4 * 30, "30 for each of the four attempts of the step"


def test_07_and_08_a_day_read_again_has_what_settled_since(chain_on):
    clock = [datetime(2026, 11, 21, 6, tzinfo=UTC)]
    settling = Sandbox(conversations_per_day=60, now=lambda: clock[0], requests_per_minute=None)
    chain = chain_on(settling, source="job")
    assert chain.fetch(DAY).success
    early = chain.documents()
    clock[0] = NOW
    assert chain.fetch(DAY).success
    late = chain.documents()
    assert late == settling.conversations(DAY)
    assert [name for name in early if "conversationEnd" not in early[name] and "conversationEnd" in late[name]]


@pytest.mark.parametrize("fault", [on(QUERY, after=2, status=400), on(QUERY, after=2, garbage="page")])
def test_09_an_error_body_is_not_parsed_as_a_page(chain, sandbox, fault):
    sandbox.faults = Faults(fault)
    is_refused(chain("query"), "details/query")


def test_10_an_empty_page_before_the_announced_total_is_not_the_end(chain, sandbox):
    sandbox.faults = Faults(on(QUERY, after=1, times=1, shift=-1_000))
    misled = chain("query", parallel=1, query_slice=timedelta(days=2))
    assert facts_of(misled.fetch(DAY))["slices_restarted"] == 1
    assert misled.documents() == known_by_query(sandbox, DAY)


def test_11_a_window_that_holds_more_than_the_cap_is_narrowed_until_it_does_not(chain, sandbox):
    narrowed = chain("query", query_cap=15, query_slice=timedelta(days=2))
    assert facts_of(narrowed.fetch(DAY))["slices"] > 5
    assert narrowed.documents() == known_by_query(sandbox, DAY)


def test_13_a_job_over_a_day_that_the_data_lake_lacks_in_part_is_not_believed(chain, sandbox):
    behind = (NOW - datetime(DAY.year, DAY.month, DAY.day, 16, tzinfo=UTC)).total_seconds()
    sandbox.faults = Faults(on("details/jobs$", lag=behind))
    is_refused(chain("job"), f"not yet the whole of {DAY}")


def test_13_rows_that_a_job_omits_without_a_word_are_missed(chain, sandbox):
    sandbox.faults = Faults(on(RESULTS, shift=-2))
    every = len(known_by_query(sandbox, DAY, since=DAY))
    is_refused(chain("job"), f"read {every - 6} of the {every} conversations that the query counts on the day")


def test_14_a_429_is_answered_with_patience_and_not_with_a_new_token(chain, sandbox):
    sandbox.faults = Faults(on(QUERY, after=3, times=5, retry_after="42"))
    throttled = chain("query", parallel=1)
    assert facts_of(throttled.fetch(DAY))["throttled"] == 5
    assert asked(sandbox, "oauth/token") == 1
    assert throttled.documents() == known_by_query(sandbox, DAY)


def test_14_a_limit_that_never_lifts_is_an_error(chain, sandbox):
    sandbox.faults = Faults(on(QUERY, after=3, retry_after="42"))
    is_refused(chain("query", parallel=1), "429")


@pytest.mark.parametrize(
    "fault",
    [on(QUERY, slow=0.2, times=3), on(QUERY, shift=3, after=1, times=4), on(QUERY, limit=9, times=40)],
    ids=["slow bodies", "pages that shift and repeat rows", "a low rate limit"],
)
def test_nothing_else_that_a_live_api_does_costs_a_conversation(chain, sandbox, fault):
    sandbox.faults = Faults(fault)
    disturbed = chain("query")
    assert disturbed.fetch(DAY).success
    assert disturbed.documents() == known_by_query(sandbox, DAY)
