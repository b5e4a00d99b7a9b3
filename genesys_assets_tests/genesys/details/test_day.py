"""A day over real HTTP from a sandbox that misbehaves: it comes whole, or it fails and says why."""

import re
from contextlib import contextmanager
from datetime import UTC, timedelta

import msgspec
import pytest

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys import (
    ConfigurationError,
    ForbiddenError,
    IncompleteError,
    NotCoveredError,
    extract,
)
from genesys_assets.genesys.api.errors import (
    BrokenResponseError,
    CapExceededError,
    CursorRefusedError,
    InternalServerError,
    InvalidPageError,
    RefusedError,
    ThrottledError,
    TimedOutError,
    UnauthorisedError,
    UnavailableError,
)
from genesys_assets.genesys.details.slices import ExtractionSettings
from genesys_assets.sandbox import on
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of
from genesys_assets_tests.genesys.support import (
    DAY,
    QUERY,
    RESULTS,
    SMALL,
    STATUS,
    SUBMIT,
    adjusted,
    assert_whole,
    documents_in,
    world,
)

DAYLONG = timedelta(days=1)


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_day_comes_whole(here, checkpoint, source):
    extraction = assert_whole(here, checkpoint, source)
    truth = here.truth(source)
    assert extraction.method == source
    assert extraction.complete is (source == "job")
    assert extraction.active == len(truth)
    assert extraction.open == sum("conversationEnd" not in each for each in truth.values())
    assert extraction.fetched >= extraction.expected > 0
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
def test_a_fault_that_passes_leaves_the_day_whole(here, checkpoint, source, where, effect):
    times = 1 if "expire_token" in effect else 2  # a second 401 of one request is an error
    here.sandbox.faults.add(on(where, after=2, times=times, **effect))
    extraction = here.extract(checkpoint, source, **SMALL)
    assert set(documents_in(checkpoint)) == set(here.truth(source))
    if "unknown" not in effect:
        assert documents_in(checkpoint) == here.truth(source)
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
def test_a_fault_that_lasts_is_a_clear_error(here, checkpoint, source, where, effect, kind, text):
    after = 0 if effect.keys() & {"shift", "repeat", "refuse_cursor"} else 2
    if effect == {"refuse_cursor": True} and source == "query":
        here.sandbox.faults.add(on(QUERY, next_page_cursor=True))
    here.sandbox.faults.add(on(where, after=after, **effect))
    with pytest.raises(kind, match=text):
        here.extract(
            checkpoint, source, parallel=1, jobs_at_once=1, **SMALL | {"query_slice": DAYLONG, "job_slice": DAYLONG}
        )
    assert checkpoint.documents().collect().height < len(here.truth("job"))


@pytest.mark.parametrize(("source", "where"), [("query", QUERY), ("job", RESULTS)])
def test_a_slice_over_the_cap_is_split_until_it_fits(here, checkpoint, source, where):
    here.sandbox.faults.add(on(where, cap=20))
    extraction = assert_whole(here, checkpoint, source)
    assert extraction.slices > 8


def test_a_second_over_the_cap_fails_loudly(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, cap=0))
    with pytest.raises(CapExceededError, match="A second is the shortest slice"):
        here.extract(checkpoint, "query", **SMALL)


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_total_that_is_never_reached_is_an_error_with_both_numbers(here, checkpoint, source):
    here.sandbox.faults.add(on(QUERY, total_hits=1))
    with pytest.raises(
        IncompleteError, match=r"has \d+ conversations by its totalHits|read \d+ of the \d+ conversations"
    ):
        here.extract(checkpoint, source, **SMALL)


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_total_that_is_never_reached_names_the_setting_that_allows_for_it(here, tmp_path, source):
    here.sandbox.faults.add(on(QUERY, total_hits=1))
    with pytest.raises(IncompleteError, match="certain that the total counts some twice") as refused:
        here.extract(ParquetCheckpoint(tmp_path / "refused"), source, **SMALL)
    share = float(re.search(r"GENESYS_ASSETS_TOLERATED_SHORTFALL=(0\.\d+)", str(refused.value))[1])
    assert share < 0.1
    if source == "job":
        assert_whole(here, ParquetCheckpoint(tmp_path / "allowed"), source, tolerated_shortfall=share)


@contextmanager
def world_in_which_a_conversation_tells_other_times(**times):
    """A sandbox that lists a conversation for the day, whose document gives it other times."""
    with world() as odd:
        told = odd.sandbox.document
        name = min(name for name, each in odd.truth("job").items() if each["conversationStart"] > str(DAY))

        def document(head, at, *, attributes):
            each = msgspec.json.decode(told(head, at, attributes=attributes))
            return msgspec.json.encode(each | times if each["conversationId"] == name else each)

        odd.sandbox.document = document
        yield odd, name


DAYS_BEFORE = {"conversationStart": "2026-11-12T10:00:00.000Z", "conversationEnd": "2026-11-12T10:05:00.000Z"}


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_conversation_that_is_announced_for_the_day_and_stored_on_none_fails_the_day(checkpoint, source):
    with (
        world_in_which_a_conversation_tells_other_times(**DAYS_BEFORE) as (odd, name),
        pytest.raises(IncompleteError, match="GENESYS_ASSETS_TOLERATED_SHORTFALL") as failed,
    ):
        odd.extract(checkpoint, source, **SMALL)
    if source == "query":
        assert f"1 were not active on 2026-11-22 by their own start and end ({name})" in str(failed.value)


@pytest.mark.parametrize("source", ["query", "job"])
def test_such_a_conversation_may_be_allowed_for(checkpoint, source):
    with world_in_which_a_conversation_tells_other_times(**DAYS_BEFORE) as (odd, name):
        odd.extract(checkpoint, source, tolerated_shortfall=0.1, **SMALL)
    assert name not in documents_in(checkpoint)


def test_a_count_of_nought_is_not_believed_of_a_day_of_which_jobs_bring_some(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, total_hits=-1_000_000))
    with pytest.raises(IncompleteError, match=r"read [1-9]\d* of the 0 conversations"):
        here.extract(checkpoint, "job", **SMALL)


@pytest.mark.parametrize("source", ["query", "job"])
def test_who_knows_their_totals_to_be_approximate_may_allow_for_it(here, checkpoint, source):
    here.sandbox.faults.add(on(QUERY, total_hits=1))
    assert_whole(here, checkpoint, source, tolerated_shortfall=0.2)


SECOND_ROW_MISSED = on(RESULTS, shift=-1, times=1)
"""With pages of one row: the second-oldest conversation, open for days, is missing in one half."""
ROW_BY_ROW = {"job_page_size": 1, "jobs_at_once": 1}


def test_an_old_conversation_that_only_one_half_of_the_day_brings_is_read_again(here, checkpoint):
    here.sandbox.faults.add(SECOND_ROW_MISSED)
    assert_whole(here, checkpoint, "job", **ROW_BY_ROW)
    assert here.asked("details/jobs$") == 4
    assert any("1 conversations are in only one of the two jobs" in line for line in here.lines)


def test_an_old_conversation_that_only_one_half_of_the_day_ever_brings_is_an_error(here, checkpoint):
    here.sandbox.faults.add(SECOND_ROW_MISSED)
    with pytest.raises(
        IncompleteError, match=r"1 times over: .* 1 conversations are in only one of the two jobs that they overlap"
    ):
        here.extract(checkpoint, "job", rereads=0, **SMALL | ROW_BY_ROW)


def test_auto_takes_the_job_when_the_data_lake_has_the_day(here, checkpoint):
    extraction = assert_whole(here, checkpoint, "auto")
    assert (extraction.method, extraction.complete) == ("job", True)
    assert len(extraction.job_ids) == 2


def test_auto_takes_the_query_until_then(here, checkpoint):
    here.sandbox.faults.add(on("availability", lag=here.lag()))
    extraction = assert_whole(here, checkpoint, "auto")
    assert (extraction.method, extraction.complete, extraction.job_ids) == ("query", False, ())
    assert extraction.watermark < window_of(DAY, UTC).end


def test_auto_takes_the_query_when_the_last_page_tells_of_an_older_lake(here, checkpoint):
    here.sandbox.faults.add(on(SUBMIT, after=1, lag=here.lag()))
    extraction = assert_whole(here, checkpoint, "auto", jobs_at_once=1)
    assert extraction.method == "query"
    assert any("by query instead" in line for line in here.lines)


def test_job_waits_for_the_data_lake(here, checkpoint):
    here.sandbox.faults.add(on("availability", lag=here.lag(), times=4))
    assert assert_whole(here, checkpoint, "job").complete
    assert here.asked("availability") == 5


def test_job_waits_no_longer_than_it_should(here, checkpoint):
    here.sandbox.faults.add(on("availability", lag=here.lag()))
    with pytest.raises(NotCoveredError, match=r"up to 2026-11-22T23:\d\d:\d\d.000Z, not yet the whole of 2026-11-22"):
        here.extract(checkpoint, "job")
    assert here.asked("details/jobs$") == 0


def test_a_step_retry_reads_only_what_is_missing(here, tmp_path):
    here.sandbox.faults.add(on(QUERY, after=9, status=400))
    with pytest.raises(RefusedError):
        here.extract(ParquetCheckpoint(tmp_path / "day"), "query", parallel=1, **SMALL)
    committed = ParquetCheckpoint(tmp_path / "day").committed()
    here.sandbox.faults.clear()
    here.sandbox.requests.clear()
    again = ParquetCheckpoint(tmp_path / "day")
    extraction = assert_whole(here, again, "query")
    asked = {msgspec.json.decode(each.body)["interval"] for each in here.sandbox.requests if QUERY in each.path}
    assert committed
    assert extraction.resumed_slices == len(committed) == 4 - len(asked)
    assert asked.isdisjoint(each.iso() for each in committed)


def test_a_step_retry_by_job_reads_only_the_missing_half(here, tmp_path):
    here.sandbox.faults.add(on(STATUS, after=1, status=400))
    with pytest.raises(RefusedError):
        here.extract(ParquetCheckpoint(tmp_path / "day"), "job", jobs_at_once=1)
    here.sandbox.faults.clear()
    here.sandbox.requests.clear()
    assert assert_whole(here, ParquetCheckpoint(tmp_path / "day"), "job").resumed_slices == 1
    assert here.asked("details/jobs$") == 1


REFUSED_IN_MID_DAY = {"query": on(QUERY, after=9, status=400), "job": on(STATUS, after=1, status=400)}


@pytest.mark.parametrize("source", ["query", "job"])
def test_what_another_organisation_has_begun_to_tell_is_not_gone_on_with(here, tmp_path, source):
    here.sandbox.faults.add(REFUSED_IN_MID_DAY[source])
    with pytest.raises(RefusedError):
        here.extract(ParquetCheckpoint(tmp_path / "day"), source, parallel=1, jobs_at_once=1, **SMALL)
    assert ParquetCheckpoint(tmp_path / "day").committed()
    with world(seed=2) as other:
        assert set(other.truth(source)).isdisjoint(here.truth(source))
        assert assert_whole(other, ParquetCheckpoint(tmp_path / "day"), source).resumed_slices == 0


def test_what_another_organisation_has_begun_to_tell_at_the_same_address_is_not_gone_on_with(here, tmp_path):
    def read(organisation_id):
        day, checkpoint = window_of(DAY, UTC), ParquetCheckpoint(tmp_path / "day")
        settings = adjusted(ExtractionSettings("query"), parallel=1, **SMALL)
        return here.do(lambda cloud: extract(cloud, CONVERSATIONS, day, checkpoint, settings, organisation_id))

    here.sandbox.faults.add(REFUSED_IN_MID_DAY["query"])
    with pytest.raises(RefusedError):
        read("one")
    here.sandbox.faults.clear()
    assert ParquetCheckpoint(tmp_path / "day").committed()
    assert read("two").resumed_slices == 0


def test_a_split_slice_is_resumed_in_its_halves(here, tmp_path):
    here.sandbox.faults.add(on(QUERY, cap=20), on(QUERY, after=25, status=400))
    with pytest.raises(RefusedError):
        here.extract(ParquetCheckpoint(tmp_path / "day"), "query", parallel=1, **SMALL)
    committed = ParquetCheckpoint(tmp_path / "day").committed()
    here.sandbox.faults.clear()
    here.sandbox.faults.add(on(QUERY, cap=20))
    here.sandbox.requests.clear()
    assert_whole(here, ParquetCheckpoint(tmp_path / "day"), "query", parallel=1)
    asked = {msgspec.json.decode(each.body)["interval"] for each in here.sandbox.requests if QUERY in each.path}
    assert committed
    assert asked.isdisjoint(each.iso() for each in committed)


def test_auto_resumes_what_it_has_begun_though_the_data_lake_has_caught_up(here, tmp_path):
    here.sandbox.faults.add(on("availability", lag=here.lag(), times=1), on(QUERY, after=9, status=400))
    with pytest.raises(RefusedError):
        here.extract(ParquetCheckpoint(tmp_path / "day"), "auto", parallel=1, **SMALL)
    here.sandbox.faults.clear()
    extraction = assert_whole(here, ParquetCheckpoint(tmp_path / "day"), "auto")
    assert (extraction.method, extraction.resumed_slices > 0) == ("query", True)


def test_nothing_is_asked_for_what_is_there_in_full(here, tmp_path):
    assert_whole(here, ParquetCheckpoint(tmp_path / "day"), "query")
    here.sandbox.requests.clear()
    assert_whole(here, ParquetCheckpoint(tmp_path / "day"), "query")
    assert len(here.sandbox.requests) == 0


def test_one_login_serves_a_run(here, tmp_path):
    here.time.at += 86_400  # whatever was shared before has ended
    for name in ("one", "two"):
        assert_whole(here, ParquetCheckpoint(tmp_path / name), "query")
    assert here.asked("oauth/token") == 1


def test_the_limit_that_the_headers_tell_is_kept_to(here, checkpoint):
    here.sandbox.faults.add(on("", limit=5))
    extraction = assert_whole(here, checkpoint, "query")
    assert extraction.throttled == 0
    assert extraction.seconds >= 60 * (extraction.requests // 5 - 1)


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_wrong_secret_is_one_clear_sentence(here, checkpoint, source):
    async def ask(cloud):
        await extract(cloud, CONVERSATIONS, window_of(DAY, UTC), checkpoint, ExtractionSettings(source))

    with pytest.raises(ConfigurationError, match="refused the OAuth client's secret"):
        here.do(ask, client_secret="wrong")
    with pytest.raises(ConfigurationError, match="does not know the OAuth client id"):
        here.do(ask, client_id="wrong")


@pytest.mark.parametrize("source", ["query", "job"])
def test_a_missing_permission_is_named(checkpoint, source):
    with (
        world(permissions={"routing:queue:view"}) as poor,
        pytest.raises(ForbiddenError, match="analytics:conversationDetail:view"),
    ):
        poor.extract(checkpoint, source)


def test_progress_is_told_now_and_then(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, retry_after="11", after=8, times=1))
    assert_whole(here, checkpoint, "query", parallel=1)
    assert len(here.lines) == 3, here.lines
    begun, waiting, told = here.lines
    assert begun == "2026-11-22 by query: 4 slices to read."
    assert waiting.startswith("Waiting 11 s")
    assert re.fullmatch(
        r"2026-11-22 by query: 1 of 4 slices, \d pages, \d\d conversations, \d a second, about \d\d s left\.", told
    )


@pytest.mark.parametrize("settings", [{"method": "magic"}, {"lookback_days": -1}, {"parallel": 0}, {"jobs_at_once": 0}])
def test_settings_that_make_no_sense_are_refused(settings):
    with pytest.raises(ConfigurationError):
        ExtractionSettings(**settings)
