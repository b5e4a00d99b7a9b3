"""Running a coroutine in a process that may be interrupted at any instant (Ctrl-C, a terminated run, a stopped pod).

What belongs here: signals and the event loop. A handler that raises, as Dagster's does, raises inside whatever callback
the loop is at, which may well swallow it. So while the loop runs an interrupt only cancels the main task, once, and is
raised when all has been wound up.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_interruptibly(main: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns.

    Raises:
        BaseException: What the signal's handler raises, when there was a signal; else what the coroutine raised.
    """
    if threading.current_thread() is not threading.main_thread():
        return asyncio.run(main)  # signals come to the main thread alone
    with _deferred_signals() as interruption:
        return asyncio.run(interruption.cancelling(main))


async def shielded(work: Coroutine[Any, Any, object]) -> None:
    """Await some work to its end, even if the caller is cancelled meanwhile; the work must end soon by itself."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


class _Interruption:
    """The signal that came, if one did, and what it cancels."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._cancel: Callable[[], object] | None = None

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal: the first one cancels, more of them change nothing."""
        if self.number is None:
            self.number = number
            if self._cancel:
                self._cancel()

    async def cancelling(self, main: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine, cancelled by a signal."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._cancel = partial(asyncio.get_running_loop().call_soon_threadsafe, task.cancel)
        try:
            if self.number is not None:
                self._cancel()
            return await main
        finally:
            self._cancel = None


@contextmanager
def _deferred_signals() -> Iterator[_Interruption]:
    """Hold signals that have a handler back until the end of the block."""
    interruption = _Interruption()
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    held = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in held:
        signal.signal(number, interruption.note)
    try:
        yield interruption
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
        if interruption.number is not None:
            held[signal.Signals(interruption.number)](interruption.number, None)
            raise KeyboardInterrupt  # the handler has only taken note of it
