"""The pace of requests: when the next one may go. Pure arithmetic on instants; `client` does the waiting.

Two limits hold at once. Ours: at most `requests_per_minute` in any 60 seconds. Theirs: the fixed window that the
`inin-ratelimit-*` headers tell, counting also what is under way. After a 429 everybody waits.
"""

from __future__ import annotations

import threading
from collections import deque

from genesys_assets.genesys.responses import RateWindow

MINUTE_SECONDS = 60.0
SHORTEST_WAIT_SECONDS = 0.001
"""Less may not move a floating-point clock at all."""
UNSETTLED_SECONDS = 0.05
"""While requests are under way it is not known whether the window's count has them already: ask again soon."""
NO_RESET_KNOWN = float("-inf")


class Pace:
    """The pace of all the requests that one OAuth client sends from this process; safe to share between threads.

    Args:
        requests_per_minute: At most this many requests start in any 60 seconds.
    """

    def __init__(self, requests_per_minute: int) -> None:
        self._most = requests_per_minute
        self._started: deque[float] = deque()
        self._under_way = 0
        self._allowed = requests_per_minute
        self._counted = 0
        self._resets_at = NO_RESET_KNOWN
        self._held_until = NO_RESET_KNOWN
        self._lock = threading.Lock()

    def reserve(self, now: float) -> float:
        """Return 0.0 when a request may start now (it is counted then), else the seconds until asking again."""
        with self._lock:
            wait = max(self._held_until - now, self._wait_for_minute(now), self._wait_for_window(now))
            if wait > 0:
                return max(wait, SHORTEST_WAIT_SECONDS)
            self._started.append(now)
            self._under_way += 1
            return 0.0

    def settle(self, now: float, window: RateWindow | None) -> None:
        """Take note that a request has ended, and of the window that its answer told (None: it told none)."""
        with self._lock:
            self._under_way -= 1
            if window is None:
                return
            resets_at = now + window.reset_seconds
            if now >= self._resets_at:
                self._counted, self._resets_at = window.count, resets_at
            else:  # answers overtake one another: the highest count is the latest, the least reset the least delayed
                self._counted = max(self._counted, window.count)
                self._resets_at = min(self._resets_at, resets_at)
            self._allowed = window.allowed

    def hold(self, until: float) -> None:
        """Let no request start before `until`."""
        with self._lock:
            self._held_until = max(self._held_until, until)

    def _wait_for_minute(self, now: float) -> float:
        while self._started and self._started[0] <= now - MINUTE_SECONDS:
            self._started.popleft()
        return self._started[0] + MINUTE_SECONDS - now if len(self._started) >= self._most else 0.0

    def _wait_for_window(self, now: float) -> float:
        if now >= self._resets_at or self._counted + self._under_way < self._allowed:
            return 0.0
        until_reset = self._resets_at - now
        return until_reset if self._counted >= self._allowed else min(until_reset, UNSETTLED_SECONDS)
