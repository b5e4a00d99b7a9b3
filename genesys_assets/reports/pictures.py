"""Charts as pictures, drawn by a process of their own.

What belongs here: starting that process, and what is made of its answer. The drawing library aborts its process on some
texts, which nothing in that process can catch: here it takes no run with it, and what it did not draw is left out.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from genesys_assets.reports.drawing import specification

if TYPE_CHECKING:
    import altair as alt

PROGRAM = Path(__file__).with_name("drawer.py")
SECONDS = 60.0
"""All charts of a report take one second."""


class Drawer:
    """The process that draws, from the start of a `with` block on: it warms up while the charts are made.

    Attributes:
        command: What is run.
        seconds: How long all pictures together may take.
    """

    def __init__(self, command: Sequence[str] = (sys.executable, "-P", str(PROGRAM)), seconds: float = SECONDS) -> None:
        self.command = list(command)
        self.seconds = seconds

    def __enter__(self) -> Self:
        try:
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(  # noqa: S603 - this interpreter, and a file of ours
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:  # no memory, no more processes
            self._process = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def pictures(self, charts: Sequence[alt.TopLevelMixin]) -> list[str | None]:
        """Each chart as a URI that holds it, in SVG: sharp on every screen, and a third of a PNG's size.

        Returns:
            None in place of what could not be drawn: all of them where the process died or took too long.
        """
        nothing: list[str | None] = [None] * len(charts)
        if self._process is None or not charts:
            return nothing
        asked = json.dumps([specification(chart) for chart in charts]).encode()
        try:
            answer, _ = self._process.communicate(asked, timeout=self.seconds)
            drawn = json.loads(answer)
        except (subprocess.TimeoutExpired, ValueError, OSError):
            return nothing
        return [svg and _data_uri(svg) for svg in drawn]


def _data_uri(svg: str) -> str:
    """The picture; a screen reader does not look into it, so what Vega tells it of each bar, a third, is left out."""
    lean = re.sub(r"<[a-z]+ [^>]*>", lambda tag: re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", tag[0]), svg)
    return f"data:image/svg+xml;base64,{base64.b64encode(lean.encode()).decode()}"
