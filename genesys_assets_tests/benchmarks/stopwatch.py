"""What a contender says of itself when it is done: one line of JSON, the last one on its standard output.

Belongs here: time of this process and of its parts, from after its imports to the end of its work. Imports nothing but
the standard library, since some contenders live in an environment of their own.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Stopwatch:
    """Times a block, and prints what it took at its end.

    Args:
        conversations: How many were treated.
    """

    def __init__(self, conversations: int) -> None:
        self.conversations = conversations
        self.facts: dict[str, Any] = {}
        self.parts: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._began = time.perf_counter(), _cpu_seconds()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wall, cpu = self._began
        if error is None:
            said = {
                "conversations": self.conversations,
                "seconds": time.perf_counter() - wall,
                "cpu_seconds": _cpu_seconds() - cpu,
                "peak_mb": _peak_mb(),
                "parts": self.parts,
                **self.facts,
            }
            print(json.dumps(said), flush=True)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Times a part of the work."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.parts[name] = self.parts.get(name, 0.0) + time.perf_counter() - began


def _cpu_seconds() -> float:
    """Processor time of this process, all its threads, and of processes that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _peak_mb() -> float:
    """Peak of this process's resident memory; `ru_maxrss` would begin with that of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
