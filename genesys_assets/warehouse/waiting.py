"""How others are waited for: with jitter, in growing pauses, up to a moment.

Belongs here: the pauses alone. What is waited for, and what is said when it does not come, belongs to the engines.
"""

import contextlib
import math
import random
from collections.abc import Callable, Iterator

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 1.0


class Pauses:
    """Pauses that grow, with jitter, so that those who met do not meet again."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._next = _FIRST_PAUSE_SECONDS

    def pause(self, most: float = math.inf) -> None:
        """Sleeps a little: each time up to twice as long, never longer than `most` seconds."""
        jittered = self._next * random.uniform(0.5, 1.0)  # noqa: S311  # not a secret
        self._sleep(min(jittered, most))
        self._next = min(2 * self._next, _LONGEST_PAUSE_SECONDS)


class Wait:
    """One wait of at most `seconds`, by `clock` and `sleep`; it begins when it is made, and work does not count."""

    def __init__(self, seconds: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.seconds = seconds
        self._clock = clock
        self._pauses = Pauses(sleep)
        self._began_at = clock()

    @property
    def waited(self) -> float:
        """Returns the seconds since it began."""
        return self._clock() - self._began_at

    @property
    def left(self) -> float:
        """Returns the seconds that are left of it."""
        return max(0.0, self.seconds - self.waited)

    def pause(self) -> None:
        """Sleeps a little, never beyond the end."""
        self._pauses.pause(self.left)

    @contextlib.contextmanager
    def over(self) -> Iterator[None]:
        """Stands still during the block: what was waited for is there. It goes on when others spoil it."""
        stopped_at = self._clock()
        try:
            yield
        finally:
            self._began_at += self._clock() - stopped_at
