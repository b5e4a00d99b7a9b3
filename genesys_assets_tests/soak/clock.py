"""The soak's clock, a wall clock that is turned on from one instant to the next, and goes on between them as ever.

What belongs here: the clock, and who goes by it: every module of the project that reads the time of day, and Dagster,
whose run storage has its times. Clocks that only measure (`time.monotonic`) stay the machine's.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import ModuleType
from typing import Any

import dagster._time
import pytest

_real_time = time.time


@dataclass(frozen=True)
class Clock:
    """The time of day, shared with the process of the contact centre."""

    ahead_seconds: Any = field(default_factory=lambda: mp.get_context("spawn").Value("d", 0.0, lock=False))

    def seconds(self) -> float:
        """Now, as `time.time` tells it."""
        return _real_time() + float(self.ahead_seconds.value)

    def now(self) -> datetime:
        """Now, UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def turn_to(self, instant: datetime) -> None:
        """Makes it that instant, unless it is later already: time does not go back."""
        self.ahead_seconds.value += max(0.0, instant.timestamp() - self.seconds())

    def begin_at(self, instant: datetime) -> None:
        """Makes it that instant."""
        self.ahead_seconds.value = instant.timestamp() - _real_time()


class _OnClock(datetime):
    """The class `datetime` for those who ask it for the time of day."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Now by `time.time`, which is the clock's."""
        return datetime.fromtimestamp(time.time(), tz)


@contextmanager
def lived_by(clock: Clock) -> Iterator[None]:
    """The project and Dagster go by this clock for as long as the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", clock.seconds)
        for reader in (dagster._time, *_readers()):
            patch.setattr(reader, "datetime", _OnClock)
        yield


def _readers() -> list[ModuleType]:
    """The project's modules that are loaded and ask `datetime` for the time of day."""
    loaded = [module for name, module in sys.modules.items() if name.startswith("genesys_assets.")]
    return [each for each in loaded if "datetime.now(" in Path(str(each.__file__)).read_text(encoding="utf-8")]


def give_files_the_time(folder: Path, clock: Clock) -> None:
    """Gives what has just been written into a folder the clock's time: the system has given it its own."""
    now = clock.seconds()
    for path in folder.rglob("*"):
        if path.stat().st_mtime > now:
            os.utime(path, (now, now))
