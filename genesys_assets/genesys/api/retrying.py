"""Whether a failed request is sent again, and after how long. Pure: `client` does the waiting.

The answer to an error is a number of seconds, or the error itself. A 429 never uses up the attempts; it is bounded by
the time spent waiting. Whatever the errors, a request ends some time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genesys_assets.genesys.api.errors import (
    InternalServerError,
    ThrottledError,
    TimedOutError,
    TransientError,
)
from genesys_assets.genesys.api.limits import REQUEST_SECONDS

SHORTEST_THROTTLE_SECONDS = 0.5
"""A Retry-After of 0, or a date just past, would have us hammer."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How much a request puts up with.

    Attributes:
        attempts: How often it is sent before a passing error (408, 502, 503, 504, a broken answer) is final.
        attempts_at_500: How often it is sent before a 500 is final.
        attempts_at_timeout: How often it is sent before a timeout is final.
        throttled_seconds: How long it waits for 429s altogether.
        first_wait_seconds: The wait after the first error; each later one is twice as long.
        longest_wait_seconds: No wait is longer.
    """

    attempts: int = 6
    attempts_at_500: int = 3
    attempts_at_timeout: int = 4
    throttled_seconds: float = 900.0
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 30.0


PATIENT = Patience()


class Trial:
    """The attempts of one request so far.

    Args:
        patience: How much the request puts up with.
        random: Returns numbers from [0, 1); spreads the waits of parallel requests.
        clock: A monotonic clock, in seconds.
    """

    def __init__(self, patience: Patience, random: Callable[[], float], clock: Callable[[], float]) -> None:
        self._patience = patience
        self._random = random
        self._clock = clock
        self._ends_at = clock() + REQUEST_SECONDS
        self._failures: dict[type[TransientError], int] = {}
        self._throttles = 0
        self._throttled_seconds = 0.0

    def wait_after(self, error: TransientError) -> float:
        """Return the seconds to wait before the request is sent again.

        Raises:
            TransientError: The given error, when it is final.
        """
        wait = self._wait_after(error)
        if self.is_over_in(wait):
            raise error
        return wait

    def is_over_in(self, seconds: float) -> bool:
        """Tell whether the request, with all its repetitions and waits, has no more time then."""
        return self._clock() + seconds > self._ends_at

    def _wait_after(self, error: TransientError) -> float:
        if isinstance(error, ThrottledError):
            return self._wait_after_throttle(error)
        kind = type(error)
        self._failures[kind] = self._failures.get(kind, 0) + 1
        if self._failures[kind] >= self._most(error) or sum(self._failures.values()) >= self._patience.attempts:
            raise error
        return self._backed_off(sum(self._failures.values()))

    def _most(self, error: TransientError) -> int:
        if isinstance(error, InternalServerError):
            return self._patience.attempts_at_500
        if isinstance(error, TimedOutError):
            return self._patience.attempts_at_timeout
        return self._patience.attempts

    def _wait_after_throttle(self, error: ThrottledError) -> float:
        self._throttles += 1
        wait = error.retry_after_seconds
        if wait is None:
            wait = self._backed_off(self._throttles)
        wait = max(wait, SHORTEST_THROTTLE_SECONDS)
        self._throttled_seconds += wait
        if self._throttled_seconds > self._patience.throttled_seconds:
            raise error
        return wait

    def _backed_off(self, failures: int) -> float:
        """Return a wait that doubles with each failure: a random half to all of it, so that requests spread out."""
        whole = min(self._patience.longest_wait_seconds, self._patience.first_wait_seconds * 2.0 ** (failures - 1))
        return whole * (0.5 + self._random() / 2)
