"""When the next request may be sent: arithmetic on instants of a monotonic clock; `client` does the waiting.

Two limits hold at once. Our own setting allows at most `requests_per_minute` in any 60 seconds. Genesys Cloud counts in
fixed windows, which it reports in the `inin-ratelimit-*` headers; requests in flight count as well. When a window ends,
its limit is kept until a response reports the next one. After a 429 all requests pause.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from genesys_assets.genesys.api.limits import LONGEST_WINDOW_SECONDS

MINUTE_SECONDS = 60.0
SHORTEST_WAIT_SECONDS = 0.001
"""A shorter wait might be lost in the rounding of a floating-point clock."""
IN_FLIGHT_WAIT_SECONDS = 0.05
"""The window's count may or may not include the requests in flight, so ask again soon."""
RESET_ROUNDING_SECONDS = 1.0
"""The reported end of a window may be this much later than the real one, since it is rounded up to whole seconds."""
NO_RESET_KNOWN = float("-inf")


@dataclass(frozen=True, slots=True)
class RateWindow:
    """A fixed window of Genesys Cloud's rate limit, as a response reports it.

    Attributes:
        allowed: Requests allowed in each window.
        count: Requests counted in this window so far.
        reset_seconds: Until this window ends.
    """

    allowed: int
    count: int
    reset_seconds: float


def rate_window(headers: Mapping[str, str]) -> RateWindow | None:
    """Return the window that the headers `inin-ratelimit-count`, `-allowed` and `-reset` report, None if none is."""
    try:
        window = RateWindow(
            allowed=int(headers["inin-ratelimit-allowed"]),
            count=int(headers["inin-ratelimit-count"]),
            reset_seconds=float(headers["inin-ratelimit-reset"]),
        )
    except (KeyError, ValueError):
        return None
    is_usable = window.allowed > 0 and 0 <= window.reset_seconds <= LONGEST_WINDOW_SECONDS
    return window if is_usable else None


class RateLimiter:
    """Limits all the requests that one OAuth client sends from this process; threads may share it.

    Args:
        requests_per_minute: At most this many requests start in any 60 seconds.
    """

    def __init__(self, requests_per_minute: int) -> None:
        self._per_minute = requests_per_minute
        self._started_at: deque[float] = deque()
        self._in_flight = 0
        self._allowed = requests_per_minute
        self._count = 0
        self._resets_at = NO_RESET_KNOWN
        self._last_reset_at = NO_RESET_KNOWN
        self._is_reported = False
        self._paused_until = NO_RESET_KNOWN
        self._lock = threading.Lock()

    def acquire(self, now: float) -> float:
        """Return 0.0 and count a request when it may start now, otherwise the seconds after which to ask again."""
        with self._lock:
            wait = max(self._paused_until - now, self._wait_for_minute(now), self._wait_for_window(now))
            if wait > 0:
                return max(wait, SHORTEST_WAIT_SECONDS)
            self._started_at.append(now)
            self._in_flight += 1
            return 0.0

    def release(self, started_at: float, now: float, window: RateWindow | None) -> None:
        """Count a request as ended, and learn from the window that its response reports.

        Args:
            started_at: When it was acquired.
            now: When its response was there, or it failed.
            window: What its response reports, None if nothing.
        """
        with self._lock:
            self._in_flight -= 1
            self._start_next_window(now)
            if window is None and self._is_reported:
                self._count += 1  # it may have been counted
            elif window is None:
                self._resets_at = NO_RESET_KNOWN  # windows are no longer reported
            elif started_at + window.reset_seconds > self._last_reset_at + RESET_ROUNDING_SECONDS:  # not the last one's
                self._update_window(started_at, now, window)

    def pause_until(self, instant: float) -> None:
        """Let no request start before an instant."""
        with self._lock:
            self._paused_until = max(self._paused_until, instant)

    def _wait_for_minute(self, now: float) -> float:
        while self._started_at and self._started_at[0] <= now - MINUTE_SECONDS:
            self._started_at.popleft()
        return self._started_at[0] + MINUTE_SECONDS - now if len(self._started_at) >= self._per_minute else 0.0

    def _wait_for_window(self, now: float) -> float:
        self._start_next_window(now)
        if self._resets_at == NO_RESET_KNOWN or self._count + self._in_flight < self._allowed:
            return 0.0
        until_reset = self._resets_at - now
        return until_reset if self._count >= self._allowed else min(until_reset, IN_FLIGHT_WAIT_SECONDS)

    def _start_next_window(self, now: float) -> None:
        """Assume a window of the same limit, of at most a minute, when one has ended, until a response reports it."""
        if NO_RESET_KNOWN < self._resets_at <= now:
            self._last_reset_at = self._resets_at
            self._count, self._resets_at, self._is_reported = 0, now + MINUTE_SECONDS, False

    def _update_window(self, started_at: float, now: float, window: RateWindow) -> None:
        """Learn of a window that ends `reset_seconds` after some instant between the request's start and now.

        Responses overtake one another: of one window the highest count is the latest one, and the earliest end is the
        least delayed one.
        """
        resets_at = now + window.reset_seconds
        self._allowed = window.allowed
        if self._is_reported and started_at + window.reset_seconds - RESET_ROUNDING_SECONDS > self._resets_at:
            self._last_reset_at, self._is_reported = self._resets_at, False  # the next window began unnoticed
        elif self._is_reported or started_at + window.reset_seconds <= now:  # this one, or one that may be over by now
            self._count = max(self._count, window.count)
            self._resets_at = min(self._resets_at, resets_at)
            return
        self._count, self._resets_at, self._is_reported = window.count, resets_at, True
