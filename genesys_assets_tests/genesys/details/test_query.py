"""A day by details query, over real HTTP and over scripted answers: cursors, caps, totals, intervals."""

from datetime import UTC, timedelta

import msgspec
import pytest

from genesys_assets.genesys import ExtractionSettings, total_hits
from genesys_assets.genesys.api.errors import InvalidPageError
from genesys_assets.genesys.details.query import QueryReader
from genesys_assets.sandbox import on
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of
from genesys_assets_tests.genesys.support import DAY, QUERY, Script, answer, assert_whole, run, world

CONVERSATION = {"conversationId": "c-1", "conversationStart": "2026-11-22T10:00:00.000Z"}


def read(*pages):
    """The facts of a slice that is answered by these pages."""

    async def ask(cloud):
        return await QueryReader(cloud, CONVERSATIONS, ExtractionSettings()).read_slice(window_of(DAY, UTC), _sink)

    return run(Script(*(answer(200, page) for page in pages)), ask)


async def _sink(_page):
    """Keeps nothing."""


def test_a_first_page_of_conversations_without_their_number_is_not_taken_for_a_slice():
    with pytest.raises(InvalidPageError, match=f"first page of {DAY}.* has no totalHits"):
        read({"conversations": [CONVERSATION]})


SILENT = [{}, {"conversations": []}, {"totalHits": None}]


@pytest.mark.parametrize("page", SILENT)
def test_a_first_page_that_says_nothing_twice_is_an_empty_slice(page):
    assert read(page, page).fetched == 0


@pytest.mark.parametrize("page", SILENT)
def test_a_first_page_that_says_nothing_is_asked_for_once_more(page):
    assert read(page, {"conversations": [CONVERSATION], "totalHits": 1}).fetched == 1


def test_a_total_of_nought_is_an_empty_slice():
    assert read({"totalHits": 0}).fetched == 0


def test_a_cursor_announces_what_comes():
    assert read({"conversations": [CONVERSATION], "nextPageCursor": "more"}, {}).fetched == 1


@pytest.mark.parametrize(("pages", "begun"), [([{}, {}], 0), ([{}, {"totalHits": 7}], 7), ([{"totalHits": 0}], 0)])
def test_what_began_is_counted_by_an_answer_that_says_so_or_is_empty_twice(pages, begun):
    script = Script(*(answer(200, page) for page in pages))
    assert run(script, lambda cloud: total_hits(cloud, CONVERSATIONS, window_of(DAY, UTC))) == begun


def test_a_count_of_what_began_that_is_none_is_an_error():
    with pytest.raises(InvalidPageError, match="has no totalHits"):
        run(
            Script(answer(200, {"conversations": [CONVERSATION]})),
            lambda cloud: total_hits(cloud, CONVERSATIONS, window_of(DAY, UTC)),
        )


def test_the_forums_cursor_mode_comes_whole(here, checkpoint):
    """The query gives nextPageCursor, page numbers ignored, a cursor good once only."""
    here.sandbox.faults.add(on(QUERY, next_page_cursor=True))
    assert_whole(here, checkpoint, "query")
    bodies = [msgspec.json.decode(each.body) for each in here.sandbox.requests if QUERY in each.path]
    by_cursor = [body for body in bodies if "cursor" in body]
    assert by_cursor
    assert all("pageNumber" not in body["paging"] for body in by_cursor)


def test_a_cursor_that_was_used_up_by_a_lost_answer_restarts_its_slice(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, next_page_cursor=True), on(QUERY, after=1, times=1, drop="inside"))
    extraction = assert_whole(here, checkpoint, "query", parallel=1)
    assert extraction.restarts == 1


def test_a_page_of_the_query_that_is_too_large_is_halved(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, above=5, error="response.entity.too.large"))
    assert_whole(here, checkpoint, "query")


def test_a_slice_that_announces_more_than_the_cap_is_split_before_it_is_paged(here, checkpoint):
    assert_whole(here, checkpoint, "query", query_cap=20)
    assert not any(
        msgspec.json.decode(each.body)["paging"]["pageNumber"] > 3
        for each in here.sandbox.requests
        if QUERY in each.path
    )


@pytest.mark.parametrize("matching", ["overlap_and_startday", "startday", "start_in_interval"])
def test_the_day_comes_whole_whatever_the_query_takes_an_interval_for(checkpoint, matching):
    with world(interval_matching=matching, conversations_per_day=20) as there:
        assert_whole(there, checkpoint, "query", query_slice=timedelta(hours=4))


def test_a_shortfall_is_read_again(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, after=1, times=4, shift=-4))
    extraction = assert_whole(here, checkpoint, "query", parallel=1, query_slice=timedelta(days=1))
    assert extraction.restarts >= 1


def test_a_total_that_is_too_low_does_not_end_the_paging(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, total_hits=-15))
    assert_whole(here, checkpoint, "query")


CLAMPS = [{"clamp": 3}, {"clamp": 1}]


@pytest.mark.parametrize("clamp", CLAMPS)
@pytest.mark.parametrize("noise", [0, -15, -1_000])
def test_smaller_pages_than_were_asked_for_come_whole_whatever_the_total_says(here, checkpoint, clamp, noise):
    here.sandbox.faults.add(on(QUERY, **clamp), on(QUERY, total_hits=noise))
    assert_whole(here, checkpoint, "query", query_slice=timedelta(hours=3))


def test_smaller_pages_than_were_asked_for_come_whole_by_cursor(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, clamp=3), on(QUERY, next_page_cursor=True))
    assert_whole(here, checkpoint, "query")


def test_smaller_pages_than_were_asked_for_are_read_ahead_as_well(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, clamp=2))
    assert_whole(here, checkpoint, "query", query_slice=timedelta(days=1), parallel=4)


def test_smaller_pages_without_a_total_are_not_taken_for_a_slice(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, clamp=3), on(QUERY, leave_out=("totalHits",)))
    with pytest.raises(InvalidPageError, match="has no totalHits"):
        here.extract(checkpoint, "query")


def test_a_page_without_its_conversations_does_not_make_the_slice_shorter(here, checkpoint):
    here.sandbox.faults.add(on(QUERY, after=2, times=2, leave_out=("conversations",)))
    assert_whole(here, checkpoint, "query", query_slice=timedelta(days=1), parallel=1)


def test_a_last_page_that_is_exactly_full_is_followed_by_an_empty_one_and_no_more():
    conversations = [CONVERSATION | {"conversationId": f"c-{number}"} for number in range(100)]
    facts = read({"conversations": conversations, "totalHits": 100}, {"totalHits": 100})
    assert (facts.fetched, facts.pages) == (100, 2)
