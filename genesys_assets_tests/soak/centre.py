"""The contact centre of the soak: the project's own sandbox over HTTP, in a process of its own.

What belongs here: that process, so that what the sandbox remembers is not taken for what the pipeline holds.
"""

from __future__ import annotations

import multiprocessing as mp
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection

from genesys_assets.sandbox import Sandbox, serve
from genesys_assets_tests.soak.clock import Clock

CONVERSATIONS_PER_DAY = 40
LAG = timedelta(hours=3)
"""By so much its data lake is behind: the day is covered at three in the morning."""
_fresh = mp.get_context("spawn")


def sandbox_of(clock: Clock) -> Sandbox:
    """The sandbox by that clock: any two of them tell the same."""
    return Sandbox(
        conversations_per_day=CONVERSATIONS_PER_DAY, now=clock.now, availability_lag=LAG, requests_per_minute=None
    )


@contextmanager
def contact_centre(clock: Clock) -> Iterator[str]:
    """Its URL, for as long as the block."""
    ours, its = _fresh.Pipe()
    process = _fresh.Process(target=_serve, args=(clock, its), daemon=True)
    process.start()
    its.close()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.join()


def _serve(clock: Clock, its: Connection) -> None:
    with serve(sandbox_of(clock)) as url:
        its.send(url)
        its.poll(None)  # until the other end is closed
