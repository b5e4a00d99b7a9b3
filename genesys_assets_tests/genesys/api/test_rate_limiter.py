from heapq import heappop, heappush
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.genesys.api.rate_limiter import RateLimiter, RateWindow, rate_window


def test_requests_go_at_once_until_a_minute_is_used_up():
    limiter = RateLimiter(3)
    assert [limiter.acquire(at) for at in (0.0, 1.0, 2.0)] == [0.0, 0.0, 0.0]
    assert limiter.acquire(10.0) == 50.0
    assert limiter.acquire(60.0) == 0.0


@given(most=st.integers(1, 20), gaps=st.lists(st.floats(0, 30, width=32), min_size=1, max_size=60))
def test_no_sixty_seconds_see_more_requests_than_allowed(most, gaps):
    limiter, now, starts = RateLimiter(most), 0.0, []
    for gap in gaps:
        now += gap
        while wait := limiter.acquire(now):
            now += wait
        starts.append(now)
    assert all(later - earlier > 59.999 for earlier, later in zip(starts, starts[most:], strict=False))


def test_a_window_that_the_api_tells_is_kept_to_until_it_ends():
    limiter = RateLimiter(1_000)
    limiter.acquire(0.0)
    limiter.release(0.0, 0.5, RateWindow(allowed=180, count=180, reset_seconds=20))
    assert limiter.acquire(1.0) == 19.5
    assert limiter.acquire(20.5) == 0.0


def test_requests_under_way_count_against_the_window():
    limiter = RateLimiter(1_000)
    assert [limiter.acquire(0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    limiter.release(0.0, 1.0, RateWindow(allowed=10, count=7, reset_seconds=30))
    assert limiter.acquire(1.0) == 0.0  # 7 counted, 2 under way
    assert limiter.acquire(1.0) == 0.05  # 7 counted, 3 under way: full, unless they are among the 7
    limiter.release(0.0, 1.1, RateWindow(allowed=10, count=10, reset_seconds=30))
    assert limiter.acquire(1.2) > 29


def test_answers_that_overtake_one_another_do_not_lower_the_count():
    limiter = RateLimiter(1_000)
    for _ in range(2):
        limiter.acquire(0.0)
    limiter.release(0.0, 1.0, RateWindow(allowed=10, count=10, reset_seconds=30))
    limiter.release(0.0, 1.1, RateWindow(allowed=10, count=9, reset_seconds=30))
    assert limiter.acquire(1.2) > 0


def test_the_next_window_begins_at_its_own_count():
    limiter = RateLimiter(1_000)
    limiter.acquire(0.0)
    limiter.release(0.0, 0.0, RateWindow(allowed=10, count=10, reset_seconds=30))
    assert limiter.acquire(30.0) == 0.0
    limiter.release(30.0, 30.1, RateWindow(allowed=10, count=1, reset_seconds=60))
    assert limiter.acquire(30.2) == 0.0


def test_after_a_429_everybody_waits():
    limiter = RateLimiter(1_000)
    limiter.pause_until(42.0)
    limiter.pause_until(7.0)
    assert limiter.acquire(2.0) == 40.0
    assert limiter.acquire(42.0) == 0.0


def test_an_answer_without_headers_leaves_the_window_as_it_was():
    limiter = RateLimiter(1_000)
    limiter.acquire(0.0)
    limiter.release(0.0, 0.0, RateWindow(allowed=1, count=1, reset_seconds=30))
    limiter.pause_until(5.0)
    assert limiter.acquire(5.0) == 25.0


def told(count, reset, allowed=5):
    return RateWindow(allowed=allowed, count=count, reset_seconds=reset)


def test_between_the_end_of_a_window_and_the_first_answer_of_the_next_its_limit_holds_on():
    limiter = RateLimiter(1_000)
    limiter.acquire(0.0)
    limiter.release(0.0, 0.1, told(5, 60))
    assert [limiter.acquire(60.2) for _ in range(6)] == [0.0] * 5 + [0.05]


def test_an_answer_of_the_last_window_that_comes_late_tells_nothing_of_this_one():
    limiter = RateLimiter(1_000)
    for at in (0.0, 59.0):
        limiter.acquire(at)
    limiter.release(0.0, 0.1, told(1, 60))
    assert [limiter.acquire(60.2) for _ in range(4)] == [0.0] * 4
    for count in range(1, 5):
        limiter.release(60.2, 60.4, told(count, 60))
    limiter.release(59.0, 60.5, told(2, 1))  # else this window would end at 61.5, and with it its count of four
    assert [limiter.acquire(62.0) for _ in range(2)] == [0.0, 0.05]


def test_an_answer_of_the_next_window_begins_it_though_this_one_was_thought_to_last():
    limiter = RateLimiter(1_000)
    limiter.acquire(0.0)
    limiter.release(0.0, 0.1, told(1, 60))
    for at in (60.0, 60.0):  # handled at 60.0, when the window had ended; it is thought to last until 60.1
        limiter.acquire(at)
    for count in (1, 2):
        limiter.release(60.0, 60.05, told(count, 60))
    assert [limiter.acquire(60.2) for _ in range(4)] == [0.0] * 3 + [0.05]


def test_a_server_that_stops_telling_its_windows_stops_nobody():
    limiter = RateLimiter(100)
    limiter.acquire(0.0)
    limiter.release(0.0, 0.1, told(1, 60))
    for _ in range(20):
        assert limiter.acquire(61.0) == 0.0
        limiter.release(61.0, 61.0, None)


def test_a_request_of_which_no_answer_came_counts_in_its_window():
    limiter = RateLimiter(100)
    limiter.acquire(0.0)
    limiter.release(0.0, 0.1, told(4, 60))
    limiter.acquire(1.0)
    limiter.release(1.0, 2.0, None)
    assert limiter.acquire(3.0) > 50


class FixedWindows:
    """A server that counts as Genesys Cloud does: the window begins with its first request and is told in seconds."""

    def __init__(self, allowed):
        self.allowed, self.ends_at, self.count, self.throttled = allowed, 0.0, 0, 0

    def window(self, at):
        if at >= self.ends_at:
            self.ends_at, self.count = at + 60.0, 0
        self.count += 1
        self.throttled += self.count > self.allowed
        return RateWindow(self.allowed, self.count, max(1, ceil(self.ends_at - at)))


@given(
    allowed=st.integers(1, 8),
    readers=st.integers(1, 6),
    latencies=st.lists(st.tuples(*[st.floats(0, 6, width=16)] * 2), min_size=8, max_size=40),
)
def test_once_a_window_was_told_no_request_goes_beyond_one_however_answers_overtake_one_another(
    allowed, readers, latencies
):
    limiter, server, ways = RateLimiter(1_000), FixedWindows(allowed), list(latencies)
    limiter.acquire(0.0)
    limiter.release(0.0, 0.5, server.window(0.25))
    due = [(1.0, number, "ask", None) for number in range(readers)]
    while due:
        now, number, step, what = heappop(due)
        if step == "ask" and ways and (wait := limiter.acquire(now)):
            heappush(due, (now + wait, number, "ask", None))
        elif step == "ask" and ways:
            way = ways.pop()
            heappush(due, (now + way[0], number, "count", (now, way[1])))
        elif step == "count":
            heappush(due, (now + what[1], number, "release", (what[0], server.window(now))))
        elif step == "release":
            limiter.release(what[0], now, what[1])
            heappush(due, (now, number, "ask", None))
    assert server.throttled == 0


def test_the_rate_window_is_read_from_the_headers():
    window = rate_window({"inin-ratelimit-count": "1", "inin-ratelimit-allowed": "180", "inin-ratelimit-reset": "61"})
    assert (window.count, window.allowed, window.reset_seconds) == (1, 180, 61.0)


@pytest.mark.parametrize("reset", ["1e12", "inf", "nan", "-1", "1795867200"])
def test_a_rate_window_that_would_have_us_wait_for_ever_is_none(reset):
    told = {"inin-ratelimit-count": "1", "inin-ratelimit-allowed": "180", "inin-ratelimit-reset": reset}
    assert rate_window(told) is None


@pytest.mark.parametrize("allowed", ["0", "many", None])
def test_a_rate_window_that_makes_no_sense_is_none(allowed):
    headers = {"inin-ratelimit-count": "1", "inin-ratelimit-reset": "61"}
    assert rate_window(headers | ({} if allowed is None else {"inin-ratelimit-allowed": allowed})) is None
