"""How others are waited for: with jitter, in growing pauses, up to a timeout; a long wait is reported.

Belongs here: the pauses, when a wait is reported, and how long a database was waited for and held. What is waited for,
who holds it, and what is said when the wait was in vain, belongs to the engines.
"""

import contextlib
import logging
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

REPORTED_AFTER_SECONDS = 5.0
"""A shorter wait is not reported: a step stores for about as long."""
REPORTED_AGAIN_SECONDS = 60.0

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 1.0
_QUEUE_PAUSE_SECONDS = 0.01


@dataclass(frozen=True)
class WaitPolicy:
    """How long others are waited for, and to whom a long wait is reported.

    Attributes:
        timeout_seconds: How long to wait before giving up.
        clock: Seconds that only go forward.
        sleep: Waits for so many seconds.
        tell: Is given a sentence that names who is waited for, after five seconds and each minute again.
        remedy: What the error advises when the wait was in vain: "..., then run this step again".
    """

    timeout_seconds: float = 600.0
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

    def __init__(self, policy: WaitPolicy) -> None:
        self.seconds = policy.timeout_seconds
        self.remedy = policy.remedy
        self._clock, self._sleep, self._tell = policy.clock, policy.sleep, policy.tell
        self._pauses = Pauses(policy.sleep)
        self._began_at = self._clock()
        self._next_report = REPORTED_AFTER_SECONDS

    @property
    def waited_seconds(self) -> float:
        """Return the seconds since the wait began, without those for which its timeout was paused."""
        return self._clock() - self._began_at

    @property
    def left_seconds(self) -> float:
        """Return the seconds that are left of the wait."""
        return max(0.0, self.seconds - self.waited_seconds)

    def pause(self, held: Callable[[], str]) -> None:
        """Sleep for a while, never beyond the end of the wait; report a long wait.

        Args:
            held: Returns what is waited for and who holds it: "data/genesys.duckdb, held by process 4711 (python)".
        """
        self._report(held)
        self._pauses.pause(min(self.left_seconds, self._next_report - self.waited_seconds))

    def queue(self, held: Callable[[], str]) -> None:
        """Sleep only briefly, as in a queue where each turn is short, never beyond the end; report as `pause` does."""
        self._report(held)
        self._sleep(min(_QUEUE_PAUSE_SECONDS, self.left_seconds))

    @contextlib.contextmanager
    def pause_timeout(self) -> Iterator[None]:
        """Pause the timeout while the lock is held. It resumes if a conflict forces another attempt."""
        paused_at = self._clock()
        try:
            yield
        finally:
            self._began_at += self._clock() - paused_at

    def _report(self, held: Callable[[], str]) -> None:
        if self.waited_seconds < self._next_report:
            return
        self._next_report = self.waited_seconds + REPORTED_AGAIN_SECONDS
        self._tell(f"Waiting for {held()}. {self.waited_seconds:.0f} of at most {self.seconds:g} seconds have passed.")


@dataclass
class LockTiming:
    """How long a database was waited for, and then held; and how often other writers' changes got in the way."""

    waited_seconds: float = 0.0
    held_seconds: float = 0.0
    conflicts: int = 0
    retries: int = 0

    @contextlib.contextmanager
    def measured(self, clock: Callable[[], float], wait: Wait) -> Iterator[Callable[[], None]]:
        """Add the time that the block waits, and then holds the database.

        Yields a function to call when the wait is over; without that call nothing is added.
        """
        waited_before = wait.waited_seconds
        held_since: list[float] = []

        def hold_begins() -> None:
            held_since.append(clock())
            self.waited_seconds += wait.waited_seconds - waited_before

        try:
            yield hold_begins
        finally:
            for since in held_since:
                self.held_seconds += clock() - since
