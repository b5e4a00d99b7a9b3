"""How others are waited for: with jitter, in growing pauses, up to a moment.

Belongs here: the pauses alone. What is waited for, and what is said when it does not come, belongs to the engines.
"""

import random
from collections.abc import Callable

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 1.0


class Wait:
    """One wait of at most `seconds`, by `clock` and `sleep`; it begins when it is made."""

    def __init__(self, seconds: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._began_at = clock()
        self._pause = _FIRST_PAUSE_SECONDS

    @property
    def waited(self) -> float:
        """Returns the seconds since it began."""
        return self._clock() - self._began_at

    @property
    def left(self) -> float:
        """Returns the seconds that are left of it."""
        return max(0.0, self.seconds - self.waited)

    def pause(self) -> None:
        """Sleeps a little: each time up to twice as long, never beyond the end."""
        jittered = self._pause * random.uniform(0.5, 1.0)  # noqa: S311  # not a secret
        self._sleep(min(jittered, self.left))
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
