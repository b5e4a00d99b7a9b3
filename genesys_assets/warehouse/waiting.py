"""How others are waited for: with jitter, in growing pauses, up to a moment; and that it is told.

Belongs here: the pauses, and when a wait is told. What is waited for, who holds it, and what is said when it does not
come, belongs to the engines.
"""

import contextlib
import logging
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

TOLD_AFTER_SECONDS = 5.0
"""A shorter wait is nobody's concern: a step stores for about as long."""
TOLD_AGAIN_SECONDS = 60.0

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 1.0
_QUEUE_PAUSE_SECONDS = 0.01


@dataclass(frozen=True)
class Patience:
    """How long others are waited for, and who is told of it.

    Attributes:
        seconds: How long to wait before giving up.
        clock: Seconds that only go forward.
        sleep: Waits for so many seconds.
        tell: Is given a sentence that names who is waited for, after five seconds and each minute again.
        remedy: What the error of a wait in vain advises: "..., then run this step again".
    """

    seconds: float = 600.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    tell: Callable[[str], object] = logging.getLogger(__name__).warning
    remedy: str = "end that process, or raise lock_timeout_seconds"

    def wait(self) -> "Wait":
        """Return a wait that begins now."""
        return Wait(self)


class Pauses:
    """Pauses that grow, with jitter, so that those who met do not meet again."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._next = _FIRST_PAUSE_SECONDS

    def pause(self, most: float = math.inf) -> None:
        """Sleep for a while, each time up to twice as long, but never longer than `most` seconds."""
        jittered = self._next * random.uniform(0.5, 1.0)  # noqa: S311  # not a secret
        self._sleep(max(0.0, min(jittered, most)))
        self._next = min(2 * self._next, _LONGEST_PAUSE_SECONDS)


class Wait:
    """One wait; it begins when it is made, and work does not count."""

    def __init__(self, patience: Patience) -> None:
        self.seconds = patience.seconds
        self.remedy = patience.remedy
        self._clock, self._sleep, self._tell = patience.clock, patience.sleep, patience.tell
        self._pauses = Pauses(patience.sleep)
        self._began_at = self._clock()
        self._told_next = TOLD_AFTER_SECONDS

    @property
    def waited(self) -> float:
        """Return the seconds since the wait began, without those spent in `over`."""
        return self._clock() - self._began_at

    @property
    def left(self) -> float:
        """Return the seconds that are left of the wait."""
        return max(0.0, self.seconds - self.waited)

    def pause(self, held: Callable[[], str]) -> None:
        """Sleep for a while, never beyond the end of the wait; report a long wait.

        Args:
            held: Returns what is waited for and who holds it: "data/genesys.duckdb, held by process 4711 (python)".
        """
        self._mention(held)
        self._pauses.pause(min(self.left, self._told_next - self.waited))

    def queue(self, held: Callable[[], str]) -> None:
        """Sleep only briefly, as in a queue where each turn is short, never beyond the end; report as `pause` does."""
        self._mention(held)
        self._sleep(min(_QUEUE_PAUSE_SECONDS, self.left))

    @contextlib.contextmanager
    def over(self) -> Iterator[None]:
        """Stop the timeout during the block, when the wait has succeeded; it goes on if another attempt is needed."""
        stopped_at = self._clock()
        try:
            yield
        finally:
            self._began_at += self._clock() - stopped_at

    def _mention(self, held: Callable[[], str]) -> None:
        if self.waited < self._told_next:
            return
        self._told_next = self.waited + TOLD_AGAIN_SECONDS
        self._tell(f"Waiting for {held()}. {self.waited:.0f} of at most {self.seconds:g} seconds have passed.")
