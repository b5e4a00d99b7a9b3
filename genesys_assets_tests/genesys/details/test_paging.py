from itertools import cycle, islice, repeat

import pytest

from genesys_assets.genesys.api.errors import IncompleteError
from genesys_assets.genesys.details.pages import KeyFields, Page
from genesys_assets.genesys.details.paging import QueryPaging, ResultsPaging
from genesys_assets_tests.genesys.support import NOON


def page(size, total=None, cursor=None, first=0):
    key_fields = [KeyFields(key=f"c-{first + n}", start=NOON) for n in range(size)]
    return Page(key_fields, [b"{}"] * size, total_hits=total, cursor=cursor)


def advance_for_ever(paging, *pages):
    for each in islice(cycle(pages), 10_000):
        paging.advance(each)


def test_pages_are_numbered_up_to_the_announced_total():
    paging = QueryPaging("a slice", 100, cap=100_000)
    assert paging.request_params() == {"paging": {"pageSize": 100, "pageNumber": 1}}
    assert paging.advance(page(100, total=150))
    assert paging.request_params() == {"paging": {"pageSize": 100, "pageNumber": 2}}
    assert paging.advance(page(50, total=150, first=100))
    assert not paging.advance(page(0, total=150))


def test_an_empty_page_before_the_announced_total_is_not_the_end():
    paging = QueryPaging("a slice", 100, cap=100_000)
    assert paging.advance(page(100, total=300))
    assert paging.advance(page(0, total=300))
    assert paging.advance(page(100, total=300, first=100))
    assert paging.advance(page(100, total=300, first=200))
    assert not paging.advance(page(0, total=300))


def test_a_full_last_page_is_followed_by_another_since_totals_are_approximate():
    paging = QueryPaging("a slice", 100, cap=100_000)
    assert paging.advance(page(100, total=100))
    assert not paging.advance(page(20, total=100))


def test_without_a_total_an_empty_page_is_the_end():
    paging = QueryPaging("a slice", 100, cap=100_000)
    assert paging.advance(page(30))
    assert not paging.advance(page(0))


def test_a_cursor_is_sent_back_and_no_page_number_with_it():
    paging = QueryPaging("a slice", 100, cap=100_000)
    assert paging.advance(page(100, total=150, cursor="abc"))
    assert paging.request_params() == {"paging": {"pageSize": 100, "cursor": "abc"}, "cursor": "abc"}
    assert not paging.advance(page(50, total=150))


def test_the_absence_of_a_cursor_is_the_end_whatever_the_total_says():
    paging = QueryPaging("a slice", 100, cap=100_000)
    paging.advance(page(100, total=500, cursor="abc"))
    assert not paging.advance(page(100, total=500))


@pytest.mark.parametrize("cursor", ["abc", None])
def test_paging_that_never_ends_is_stopped_by_a_bound_from_the_announced_total(cursor):
    paging = QueryPaging("a slice", 100, cap=100_000)
    with pytest.raises(IncompleteError, match=r"brought 3010 of 1000 announced.*does not end"):
        advance_for_ever(paging, *[page(10, total=1_000, cursor=cursor, first=10 * n) for n in range(1_000)])
    assert paging.fetched.pages == 301


@pytest.mark.parametrize("cursor", ["abc", None])
def test_pages_that_repeat_are_stopped(cursor):
    paging = QueryPaging("a slice", 100, cap=100_000)
    with pytest.raises(IncompleteError, match="the last 10 pages nothing new"):
        advance_for_ever(paging, page(100, total=1_000, cursor=cursor))
    assert paging.fetched.pages == 11


def test_a_jobs_results_go_on_as_long_as_there_is_a_cursor():
    paging = ResultsPaging("a slice", 1_000, cap=400_000)
    assert paging.request_params() == {"pageSize": 1_000}
    assert paging.advance(page(1_000, cursor="a+b="))
    assert paging.request_params() == {"pageSize": 1_000, "cursor": "a+b="}
    assert not paging.advance(page(7, first=1_000))


def test_a_jobs_results_that_repeat_for_ever_are_stopped():
    paging = ResultsPaging("a slice", 1_000, cap=400_000)
    with pytest.raises(IncompleteError, match="the last 10 pages nothing new"):
        advance_for_ever(paging, page(1_000, cursor="same"))
    assert paging.fetched.pages == 11


def test_a_jobs_results_that_never_end_are_stopped():
    paging = ResultsPaging("a slice", 100, cap=1_000)
    with pytest.raises(IncompleteError, match="does not end"):
        advance_for_ever(paging, *[page(100, cursor="more", first=100 * n) for n in range(1_000)])


def test_a_page_can_be_halved_down_to_one_conversation():
    paging = ResultsPaging("a slice", 4, cap=1_000)
    assert [paging.halve(), paging.halve(), paging.halve()] == [True, True, False]


def prefetch(paging, sizes):
    """The numbers of the pages ahead, of the sizes given; two are under way at a time."""
    numbers, under_way, first = [], [], 1_000
    for number in paging.prefetch():
        numbers.append(number)
        under_way.append(number)
        if len(under_way) == 2:
            size = next(sizes)
            paging.update_state(page(size, first=first))
            under_way.pop()
            first += size
    for _ in under_way:
        paging.update_state(page(next(sizes), first=first))
    return numbers


def test_pages_that_are_certain_to_come_can_be_read_in_any_order():
    paging = QueryPaging("a slice", 100, cap=100_000)
    assert paging.advance(page(100, total=450))
    assert prefetch(paging, repeat(100)) == [2, 3, 4]
    assert paging.request_params() == {"paging": {"pageSize": 100, "pageNumber": 5}}
    assert paging.advance(page(50, total=450, first=5_000))
    assert not paging.advance(page(0, total=450))


def test_of_smaller_pages_than_were_asked_for_more_are_certain_to_come():
    paging = QueryPaging("a slice", 100, cap=100_000)
    assert paging.advance(page(25, total=260))
    assert prefetch(paging, repeat(25)) == list(range(2, 11))


def test_pages_ahead_that_bring_nothing_come_to_an_end():
    paging = QueryPaging("a slice", 100, cap=100_000)
    assert paging.advance(page(1, total=90_000))
    assert len(prefetch(paging, repeat(0))) <= 12


@pytest.mark.parametrize(("total", "cursor"), [(100, None), (200, None), (None, None), (900, "abc")])
def test_no_page_is_certain_to_come_beyond_the_next_one(total, cursor):
    paging = QueryPaging("a slice", 100, cap=100_000)
    paging.advance(page(100, total=total, cursor=cursor))
    assert list(paging.prefetch()) == []
