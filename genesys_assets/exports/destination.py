"""What a destination of exports does: files appear whole, or not at all.

What belongs here: the contract that every kind of destination keeps, and its errors.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from genesys_assets.errors import ProjectError


class ExportError(ProjectError):
    """A file could not be written or read, and another attempt would not help."""


class DestinationUnreachableError(ExportError):
    """The destination did not answer, or others wrote the same file: a later attempt may succeed."""

    transient = True


class Destination(ABC):
    """Somewhere that files are put, by paths with `/` relative to it."""

    @abstractmethod
    def address(self, path: str) -> str:
        """Return the absolute path or URL of a file for its readers; it never holds a credential."""

    @abstractmethod
    def replacing(self, path: str) -> contextlib.AbstractContextManager[Path]:
        """Yield a local file to write; when the block ends without an error it takes the place of `path`, whole.

        A block that writes no file leaves the file at `path` as it is.

        Raises:
            ExportError: The file could not be written; the one at `path` is as it was.
        """

    def sweep(self) -> int:
        """Remove unfinished files that killed processes have left; return how many living processes have some."""
        return 0

    @abstractmethod
    def at_hand(self, path: str) -> Path | None:
        """Return the file at `path` if it can be opened on this machine; None if it cannot, or there is none."""

    @abstractmethod
    def read(self, path: str) -> bytes | None:
        """Return the content of a file; None when there is none.

        Raises:
            ExportError: The destination refuses, or cannot be reached.
        """

    @abstractmethod
    def update(self, path: str, change: Callable[[bytes | None], bytes | None]) -> bool:
        """Replace a small file by what `change` makes of its content; concurrent updates do not undo one another.

        Args:
            path: The file.
            change: Returns the new content for the present one (None: no file), or None to leave it alone. It may be
                called again, when another process was quicker.

        Returns:
            Whether the file was replaced.

        Raises:
            ExportError: The destination refuses, or cannot be reached.
        """

    def write(self, path: str, content: bytes) -> None:
        """Replace a file by this content.

        Raises:
            ExportError: The file could not be written; the one at `path` is as it was.
        """
        with self.replacing(path) as file:
            file.write_bytes(content)
