"""The pace of requests: when the next one may go. Pure arithmetic on instants; `client` does the waiting.

Two limits hold at once. Ours: at most `requests_per_minute` in any 60 seconds. Theirs: the fixed window that the
`inin-ratelimit-*` headers tell, counting also what is under way; between the end of a window and the first answer of
the next one its limit holds on. After a 429 everybody waits.
"""

from __future__ import annotations

import threading
from collections import deque

from genesys_assets.genesys.api.responses import RateWindow

MINUTE_SECONDS = 60.0
SHORTEST_WAIT_SECONDS = 0.001
"""Less may not move a floating-point clock at all."""
UNSETTLED_SECONDS = 0.05
"""While requests are under way it is not known whether the window's count has them already: ask again soon."""
ROUNDED_UP_SECONDS = 1.0
"""How much later than it is a window's end may be told: in whole seconds, rounded up."""
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
        self._ended_at = NO_RESET_KNOWN
        self._is_told = False
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

    def settle(self, started_at: float, now: float, window: RateWindow | None) -> None:
        """Take note that a request has ended.

        Args:
            started_at: When it was reserved.
            now: When its answer was there, or it was given up.
            window: The window that its answer told, None when it told none.
        """
        with self._lock:
            self._under_way -= 1
            self._turn_window(now)
            if window is None and self._is_told:
                self._counted += 1  # for all we know
            elif window is None:
                self._resets_at = NO_RESET_KNOWN  # nothing is told of a limit any more
            elif started_at + window.reset_seconds > self._ended_at + ROUNDED_UP_SECONDS:  # not that of an ended one
                self._note(started_at, now, window)

    def hold(self, until: float) -> None:
        """Let no request start before `until`."""
        with self._lock:
            self._held_until = max(self._held_until, until)

    def _wait_for_minute(self, now: float) -> float:
        while self._started and self._started[0] <= now - MINUTE_SECONDS:
            self._started.popleft()
        return self._started[0] + MINUTE_SECONDS - now if len(self._started) >= self._most else 0.0

    def _wait_for_window(self, now: float) -> float:
        self._turn_window(now)
        if self._resets_at == NO_RESET_KNOWN or self._counted + self._under_way < self._allowed:
            return 0.0
        until_reset = self._resets_at - now
        return until_reset if self._counted >= self._allowed else min(until_reset, UNSETTLED_SECONDS)

    def _turn_window(self, now: float) -> None:
        """Suppose a window of the same limit once one has ended, until an answer tells; it lasts a minute at most."""
        if NO_RESET_KNOWN < self._resets_at <= now:
            self._ended_at = self._resets_at
            self._counted, self._resets_at, self._is_told = 0, now + MINUTE_SECONDS, False

    def _note(self, started_at: float, now: float, window: RateWindow) -> None:
        """Take in a window that ends `reset_seconds` after some instant between the request's start and now.

        Answers overtake one another: of one window the highest count is the latest, the least reset the least late.
        """
        resets_at = now + window.reset_seconds
        self._allowed = window.allowed
        if self._is_told and started_at + window.reset_seconds - ROUNDED_UP_SECONDS > self._resets_at:
            self._ended_at, self._is_told = self._resets_at, False  # the next one has begun before we knew
        elif self._is_told or started_at + window.reset_seconds <= now:  # this one, or one that may be over by now
            self._counted = max(self._counted, window.count)
            self._resets_at = min(self._resets_at, resets_at)
            return
        self._counted, self._resets_at, self._is_told = window.count, resets_at, True
