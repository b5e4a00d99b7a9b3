"""One slice by details query over scripted answers: what a first page has to announce."""

import asyncio

import pytest

from genesys_assets.genesys import ExtractionSettings, Interval, count_begun
from genesys_assets.genesys.errors import InvalidPageError
from genesys_assets.genesys.query import read_slice
from genesys_assets_tests.genesys.support import DAY, Script, answer, run

CONVERSATION = {"conversationId": "c-1", "conversationStart": "2026-11-22T10:00:00.000Z"}


def read(*pages):
    """The facts of a slice that is answered by these pages."""

    async def ask(cloud):
        turns = asyncio.Semaphore(1)
        return await read_slice(cloud, ExtractionSettings(), turns, Interval.of_day(DAY), _sink)

    return run(Script(*(answer(200, page) for page in pages)), ask)


async def _sink(_page):
    """Keeps nothing."""


@pytest.mark.parametrize("page", [{}, {"conversations": []}, {"conversations": [CONVERSATION]}, {"totalHits": None}])
def test_a_first_page_that_announces_nothing_is_not_taken_for_a_slice(page):
    with pytest.raises(InvalidPageError, match=f"first page of {DAY}.* announces no totalHits"):
        read(page)


def test_a_total_of_nought_is_an_empty_slice():
    assert read({"totalHits": 0}).received == 0


def test_a_cursor_announces_what_comes():
    assert read({"conversations": [CONVERSATION], "nextPageCursor": "more"}, {}).received == 1


def test_a_count_of_what_began_that_is_none_is_an_error():
    with pytest.raises(InvalidPageError, match="announces no totalHits"):
        run(Script(answer(200, {})), lambda cloud: count_begun(cloud, Interval.of_day(DAY)))
