import pytest

from genesys_assets.genesys.api.errors import (
    BrokenResponseError,
    InternalServerError,
    ThrottledError,
    TimedOutError,
    UnavailableError,
)
from genesys_assets.genesys.api.limits import REQUEST_SECONDS
from genesys_assets.genesys.api.retrying import RetryPolicy, RetryState
from genesys_assets_tests.genesys.support import ManualTime


def retry_state(clock=lambda: 0.0, **policy):
    return RetryState(RetryPolicy(**policy), lambda: 1.0, clock)


def waits(state, error):
    """All the waits between attempts that keep failing with the same error."""
    granted = []

    def go_on():
        while len(granted) < 10_000:
            granted.append(state.wait_after(error))

    with pytest.raises(type(error)):
        go_on()
    return granted


def test_passing_errors_are_retried_with_doubling_waits():
    assert waits(retry_state(attempts=5), UnavailableError("x")) == [1, 2, 4, 8]


def test_waits_are_bounded_and_jittered():
    assert waits(RetryState(RetryPolicy(attempts=8), lambda: 0.0, lambda: 0.0), BrokenResponseError("x"))[-1] == 15


def test_a_500_is_retried_twice():
    assert len(waits(retry_state(), InternalServerError("x"))) == 2


def test_a_timeout_has_a_bound_of_its_own():
    assert len(waits(retry_state(attempts_at_timeout=2), TimedOutError("x"))) == 1


def test_errors_of_different_kinds_share_one_bound():
    state = retry_state(attempts=4)
    state.wait_after(UnavailableError("x"))
    state.wait_after(BrokenResponseError("x"))
    state.wait_after(TimedOutError("x"))
    with pytest.raises(UnavailableError):
        state.wait_after(UnavailableError("x"))


def test_a_429_waits_as_it_says():
    assert retry_state().wait_after(ThrottledError("x", None, 42.0)) == 42.0


def test_a_429_that_says_nothing_backs_off():
    state = retry_state()
    assert [state.wait_after(ThrottledError("x", None, None)) for _ in range(3)] == [1, 2, 4]


def test_a_429_that_says_at_once_is_not_hammered():
    assert retry_state().wait_after(ThrottledError("x", None, 0.0)) == 0.5


def test_a_429_never_uses_up_the_attempts():
    state = retry_state(attempts=2)
    for _ in range(50):
        state.wait_after(ThrottledError("x", None, 1.0))
    assert state.wait_after(UnavailableError("x")) == 1


def test_429s_are_bounded_by_the_time_they_take():
    assert len(waits(retry_state(throttled_seconds=100), ThrottledError("x", None, 30.0))) == 3


@pytest.mark.parametrize("error", [UnavailableError("x"), ThrottledError("x", None, 0.5), TimedOutError("x")])
def test_whatever_the_errors_a_request_ends_some_time(error):
    time = ManualTime()
    state = retry_state(time.clock, attempts=1_000_000, attempts_at_timeout=1_000_000, throttled_seconds=1e9)

    def go_on():
        while True:
            time.at += 299.0 + state.wait_after(error)  # an answer that drips

    with pytest.raises(type(error)):
        go_on()
    assert 0 < time.at <= REQUEST_SECONDS + 299.0
