"""The pauses of a wait, by a clock that goes on at each look."""

import itertools

from genesys_assets.warehouse.waiting import WaitPolicy


def test_no_pause_is_negative_however_time_passes_between_two_looks_at_the_clock() -> None:
    seconds, slept, told = itertools.count(), list[float](), list[str]()
    policy = WaitPolicy(100, lambda: float(next(seconds)), slept.append, told.append)
    wait = policy.wait()
    for _ in range(50):
        wait.pause(lambda: "the database")
    assert min(slept) == 0
    assert told
