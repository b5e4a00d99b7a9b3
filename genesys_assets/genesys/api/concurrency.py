"""Running coroutines: several at a time, shielded from cancellation, and in a process that may be interrupted.

What belongs here: the event loop and signals (Ctrl-C, a terminated run, a stopped pod). A signal handler that raises,
as Dagster's does, raises inside whichever callback the loop is running, which may swallow the exception. So while the
loop runs, the first signal only cancels the main task; its handler is called once the loop has ended.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")
Item = TypeVar("Item")
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_interruptibly(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a new event loop, and return its result.

    Raises:
        BaseException: What the signal's handler raises if a signal came, otherwise what the coroutine raises.
    """
    if threading.current_thread() is not threading.main_thread():
        return asyncio.run(main)  # Python delivers signals to the main thread only
    with _deferred_signals() as interruption:
        return asyncio.run(interruption.cancelling(main))


async def in_parallel(work: Callable[[Item], Awaitable[None]], items: Iterable[Item], at_once: int) -> None:
    """Do the work for every item, started in their order, at most `at_once` at a time.

    Raises:
        BaseException: The first error of any of the work; the rest is cancelled.
    """
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
    except BaseExceptionGroup as errors:
        _raise_first(errors)


def _raise_first(errors: BaseExceptionGroup[BaseException]) -> NoReturn:
    first = errors.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        _raise_first(first)
    raise first from first.__cause__


async def shielded(work: Coroutine[Any, Any, object]) -> None:
    """Await some work to its end, even if the caller is cancelled meanwhile; the work must end soon by itself."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()


class _Interruption:
    """The signal that came, None so far, and the task that it cancels."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._cancel: Callable[[], object] | None = None

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal: the first one cancels the main task, later ones do nothing."""
        if self.number is None:
            self.number = number
            if self._cancel:
                self._cancel()

    async def cancelling(self, main: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine in a task that a signal cancels."""
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
    """Defer signals that have a handler to the end of the block."""
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
            raise KeyboardInterrupt  # the handler itself raised nothing
