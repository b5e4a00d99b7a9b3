from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.genesys.pacing import Pace
from genesys_assets.genesys.responses import RateWindow


def test_requests_go_at_once_until_a_minute_is_used_up():
    pace = Pace(3)
    assert [pace.reserve(at) for at in (0.0, 1.0, 2.0)] == [0.0, 0.0, 0.0]
    assert pace.reserve(10.0) == 50.0
    assert pace.reserve(60.0) == 0.0


@given(most=st.integers(1, 20), gaps=st.lists(st.floats(0, 30, width=32), min_size=1, max_size=60))
def test_no_sixty_seconds_see_more_requests_than_allowed(most, gaps):
    pace, now, starts = Pace(most), 0.0, []
    for gap in gaps:
        now += gap
        while wait := pace.reserve(now):
            now += wait
        starts.append(now)
    assert all(later - earlier > 59.999 for earlier, later in zip(starts, starts[most:], strict=False))


def test_a_window_that_the_api_tells_is_kept_to_until_it_ends():
    pace = Pace(1_000)
    pace.reserve(0.0)
    pace.settle(0.5, RateWindow(allowed=180, count=180, reset_seconds=20))
    assert pace.reserve(1.0) == 19.5
    assert pace.reserve(20.5) == 0.0


def test_requests_under_way_count_against_the_window():
    pace = Pace(1_000)
    assert [pace.reserve(0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    pace.settle(1.0, RateWindow(allowed=10, count=7, reset_seconds=30))
    assert pace.reserve(1.0) == 0.0  # 7 counted, 2 under way
    assert pace.reserve(1.0) == 0.05  # 7 counted, 3 under way: full, unless they are among the 7
    pace.settle(1.1, RateWindow(allowed=10, count=10, reset_seconds=30))
    assert pace.reserve(1.2) > 29


def test_answers_that_overtake_one_another_do_not_lower_the_count():
    pace = Pace(1_000)
    for _ in range(2):
        pace.reserve(0.0)
    pace.settle(1.0, RateWindow(allowed=10, count=10, reset_seconds=30))
    pace.settle(1.1, RateWindow(allowed=10, count=9, reset_seconds=30))
    assert pace.reserve(1.2) > 0


def test_the_next_window_begins_at_its_own_count():
    pace = Pace(1_000)
    pace.reserve(0.0)
    pace.settle(0.0, RateWindow(allowed=10, count=10, reset_seconds=30))
    assert pace.reserve(30.0) == 0.0
    pace.settle(30.1, RateWindow(allowed=10, count=1, reset_seconds=60))
    assert pace.reserve(30.2) == 0.0


def test_after_a_429_everybody_waits():
    pace = Pace(1_000)
    pace.hold(until=42.0)
    pace.hold(until=7.0)
    assert pace.reserve(2.0) == 40.0
    assert pace.reserve(42.0) == 0.0


def test_an_answer_without_headers_leaves_the_window_as_it_was():
    pace = Pace(1_000)
    pace.reserve(0.0)
    pace.settle(0.0, RateWindow(allowed=1, count=1, reset_seconds=30))
    pace.hold(5.0)
    assert pace.reserve(5.0) == 25.0
