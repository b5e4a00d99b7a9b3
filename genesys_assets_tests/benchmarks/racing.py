"""A contender's run: its process, its server, and what it took.

What belongs here: starting and measuring processes. Which contenders there are is `contenders`; what is made of the
figures is the `report`'s business.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ALLOCATOR = "_RJEM_MALLOC_CONF"
"""Where polars leaves, when it is imported here, settings of its allocator that are none of a contender's."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a contender took.

    Attributes:
        conversations: How many it treated.
        seconds: Wall time, without its imports.
        cpu_seconds: Processor time of it and its children.
        peak_mb: Peak of its resident memory, everything imported included.
        said: All that it said of itself.
    """

    conversations: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    said: dict[str, Any]

    @property
    def rate(self) -> float:
        """Conversations a second."""
        return self.conversations / self.seconds


class ContenderError(Exception):
    """A contender failed; the text ends with what it wrote last."""


def raced(command: list[str], log: Path) -> Run:
    """Runs a contender to its end and returns what it took.

    Args:
        command: Its command line.
        log: Where its standard error goes.

    Raises:
        ContenderError: It failed.
    """
    own = {name: value for name, value in os.environ.items() if name != ALLOCATOR}
    with log.open("wb") as errors, subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=errors) as process:
        assert process.stdout
        lines = process.stdout.read().decode().strip().splitlines()
    if process.returncode or not lines:
        last = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise ContenderError(f"{' '.join(command)} ended with {process.returncode}:\n{last}")
    said = json.loads(lines[-1])
    return Run(said["conversations"], said["seconds"], said["cpu_seconds"], said["peak_mb"], said)


def module(name: str, *arguments: object) -> list[str]:
    """The command line of a contender in this environment."""
    return [sys.executable, "-m", f"genesys_assets_tests.benchmarks.contenders.{name}", *map(str, arguments)]


def script(python: Path, name: str, *arguments: object) -> list[str]:
    """The command line of a contender in an environment of its own."""
    return [str(python), str(Path(__file__).parent / "contenders" / f"{name}.py"), *map(str, arguments)]
