"""An interrupt while the event loop runs: work is wound up once, and the interrupt is never lost."""

import asyncio
import signal
import threading

import pytest

from genesys_assets.genesys import run_interruptibly
from genesys_assets.genesys.api.concurrency import shielded


class Terminated(BaseException):
    """What Dagster's handler raises, in its way."""


@pytest.fixture(autouse=True)
def _handled():
    """Signals have a handler that raises, as in a Dagster run."""

    def terminate(_number, _frame):
        raise Terminated

    before = {number: signal.signal(number, terminate) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_inside_a_callback_cancels_the_work_and_is_raised_afterwards(number):
    wound_up = []

    async def main():
        asyncio.get_running_loop().call_soon(signal.raise_signal, number)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            wound_up.append(True)

    with pytest.raises(Terminated):
        run_interruptibly(main())
    assert wound_up == [True]


def test_more_interrupts_do_not_cut_the_winding_up_short():
    wound_up = []

    async def main():
        signal.raise_signal(signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(0)
            wound_up.append(True)

    with pytest.raises(Terminated):
        run_interruptibly(main())
    assert wound_up == [True]


@pytest.mark.parametrize("ending", [ValueError("as it fails"), None], ids=["fails", "succeeds"])
def test_an_interrupt_counts_for_more_than_how_the_work_ends(ending):
    async def main():
        signal.raise_signal(signal.SIGINT)
        if ending:
            raise ending

    with pytest.raises(Terminated):
        run_interruptibly(main())


def test_an_interrupt_that_is_only_taken_note_of_ends_the_work_too():
    noted = []
    signal.signal(signal.SIGINT, lambda number, _frame: noted.append(number))

    async def main():
        signal.raise_signal(signal.SIGINT)
        await asyncio.Event().wait()

    with pytest.raises(KeyboardInterrupt):
        run_interruptibly(main())
    assert noted == [signal.SIGINT]


def test_handlers_are_as_they_were_afterwards():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    async def main():
        return 5

    assert run_interruptibly(main()) == 5
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_thread_runs_its_work_as_ever():
    found = []

    async def main():
        return 5

    thread = threading.Thread(target=lambda: found.append(run_interruptibly(main())))
    thread.start()
    thread.join()
    assert found == [5]


def test_what_is_shielded_ends_however_often_it_is_cancelled():
    done = []

    async def work():
        for _ in range(5):
            await asyncio.sleep(0)
        done.append(True)

    async def main():
        task = asyncio.ensure_future(shielded(work()))
        while not task.done():
            await asyncio.sleep(0)
            task.cancel()

    asyncio.run(main())
    assert done == [True]
