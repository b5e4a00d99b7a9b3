"""Decides whether a failed request is sent again, and after how many seconds. Pure: `client` does the waiting.

A 429 does not count as an attempt, since the server only asks for patience; it is bounded by the time spent waiting.
Whatever the errors, `REQUEST_SECONDS` bounds the request with all its attempts.
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
"""The least wait after a 429: a Retry-After of 0 or of a past date would make the client hammer the server."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a request is sent, and how long it waits in between.

    Attributes:
        attempts: How often it is sent before any transient error is final (408, 502, 503, 504, a broken response).
        attempts_at_500: How often it is sent before a 500 is final.
        attempts_at_timeout: How often it is sent before a timeout is final.
        throttled_seconds: How long it waits after 429s, all of them together.
        first_wait_seconds: The wait after the first error; it doubles with each further one.
        longest_wait_seconds: The longest wait after an error that is not a 429.
    """

    attempts: int = 6
    attempts_at_500: int = 3
    attempts_at_timeout: int = 4
    throttled_seconds: float = 900.0
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 30.0


DEFAULT_RETRY = RetryPolicy()


class RetryState:
    """The failed attempts of one request, and the time it has left.

    Args:
        policy: How often the request is sent.
        random: Returns numbers from [0, 1), which spread the waits of parallel requests.
        clock: A monotonic clock, in seconds.
    """

    def __init__(self, policy: RetryPolicy, random: Callable[[], float], clock: Callable[[], float]) -> None:
        self._policy = policy
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
        """Tell whether the request will have used up its time, attempts and waits together, in so many seconds."""
        return self._clock() + seconds > self._ends_at

    def _wait_after(self, error: TransientError) -> float:
        if isinstance(error, ThrottledError):
            return self._wait_after_throttle(error)
        kind = type(error)
        self._failures[kind] = self._failures.get(kind, 0) + 1
        failures = sum(self._failures.values())
        if self._failures[kind] >= self._attempts_at(error) or failures >= self._policy.attempts:
            raise error
        return self._backoff(failures)

    def _attempts_at(self, error: TransientError) -> int:
        if isinstance(error, InternalServerError):
            return self._policy.attempts_at_500
        if isinstance(error, TimedOutError):
            return self._policy.attempts_at_timeout
        return self._policy.attempts

    def _wait_after_throttle(self, error: ThrottledError) -> float:
        self._throttles += 1
        wait = error.retry_after_seconds
        if wait is None:
            wait = self._backoff(self._throttles)
        wait = max(wait, SHORTEST_THROTTLE_SECONDS)
        self._throttled_seconds += wait
        if self._throttled_seconds > self._policy.throttled_seconds:
            raise error
        return wait

    def _backoff(self, failures: int) -> float:
        """Return a wait that doubles with each failure; half of it is random, so that parallel requests spread out."""
        longest = min(self._policy.longest_wait_seconds, self._policy.first_wait_seconds * 2.0 ** (failures - 1))
        return longest * (0.5 + self._random() / 2)
