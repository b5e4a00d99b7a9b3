"""The pauses of a wait, by a clock that goes on at each look."""

import itertools

from genesys_assets.warehouse.waiting import Patience


def test_no_pause_is_negative_however_time_passes_between_two_looks_at_the_clock() -> None:
    seconds, slept, told = itertools.count(), list[float](), list[str]()
    wait = Patience(seconds=100, clock=lambda: float(next(seconds)), sleep=slept.append, tell=told.append).wait()
    for _ in range(50):
        wait.pause(lambda: "the database")
    assert min(slept) == 0
    assert told
