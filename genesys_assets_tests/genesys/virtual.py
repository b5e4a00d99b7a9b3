"""An event loop whose time passes only when nobody has anything to do: waiting for an hour takes no time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any


class _NoWaiting:
    """A selector that, instead of waiting for so many seconds, lets them have passed."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self.passed = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = self._selector.select(0)
        if not ready and timeout:
            self.passed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its `time` is virtual, and with it every `asyncio.sleep` and `asyncio.timeout`."""

    def __init__(self) -> None:
        self._virtual = _NoWaiting(selectors.DefaultSelector())
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.passed

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """Runs the function at once: a thread works in real time, while the loop would let hours pass."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


def run_virtually(main: Coroutine[Any, Any, Any]) -> Any:
    """What the coroutine returns, run in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
