"""Charts as pictures, drawn by a separate process.

What belongs here: starting that process, and reading its answer. The drawing library aborts its process on some texts,
which nothing in that process can catch. In a separate process it ends no run, and only its pictures are missing.
"""

from __future__ import annotations

import atexit
import base64
import functools
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from genesys_assets.reports.drawing import specification

if TYPE_CHECKING:
    import altair as alt

PROGRAM = Path(__file__).with_name("drawer.py")
SECONDS = 60.0
"""All charts of a report take one second."""


class Drawer:
    """A process that draws; it starts with the first picture, or with `start` to warm up while the charts are made.

    Attributes:
        command: The command that is run.
        seconds: How long all pictures that are asked for together may take.
    """

    def __init__(self, command: Sequence[str] = (sys.executable, "-P", str(PROGRAM)), seconds: float = SECONDS) -> None:
        self.command = list(command)
        self.seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._one_at_a_time = threading.RLock()

    def start(self) -> None:
        """Start the process if it does not run."""
        with self._one_at_a_time:
            if self._process is not None and self._process.poll() is None:
                return
            self.close()
            try:
                self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a file of ours
                    self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
            except OSError:  # no memory, no more processes
                self._process = None

    def close(self) -> None:
        """End the process."""
        with self._one_at_a_time:
            if self._process is not None:
                self._process.kill()
                self._process.communicate()
                self._process = None

    def pictures(self, charts: Sequence[alt.TopLevelMixin]) -> list[str | None]:
        """Return each chart as a data URI of an SVG: sharp on every screen, and a third of a PNG's size.

        Returns:
            None for a chart that could not be drawn; None for all if the process died or took too long.
        """
        if not charts:
            return []
        asked = json.dumps([specification(chart) for chart in charts]).encode()
        with self._one_at_a_time:
            self.start()
            try:
                drawn = json.loads(self._answer(asked))
            except (ValueError, OSError):
                self.close()
                return [None] * len(charts)
        return [svg and _data_uri(svg) for svg in drawn]

    def _answer(self, asked: bytes) -> bytes:
        """Return the line that the process answers, empty if it has ended or was killed for taking too long."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return b""
        too_long = threading.Timer(self.seconds, process.kill)
        too_long.start()
        try:
            process.stdin.write(asked + b"\n")
            process.stdin.flush()
            return process.stdout.readline()
        finally:
            too_long.cancel()
            too_long.join()


def shared_drawer() -> Drawer:
    """Return the drawer that everything in this process draws with."""
    return _drawer_of(os.getpid())


@functools.cache
def _drawer_of(process: int) -> Drawer:
    drawer = Drawer()
    atexit.register(_close, drawer, process)
    return drawer


def _close(drawer: Drawer, process: int) -> None:
    if os.getpid() == process:  # a forked process inherits the drawer, which is not its own
        drawer.close()


def _data_uri(svg: str) -> str:
    """Return the picture as a data URI.

    Screen readers do not read inside it, so the descriptions of each bar, a third of the text, are left out.
    """
    lean = re.sub(r"<[a-z]+ [^>]*>", lambda tag: re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", tag[0]), svg)
    return f"data:image/svg+xml;base64,{base64.b64encode(lean.encode()).decode()}"
