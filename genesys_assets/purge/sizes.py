"""What taking the bytes of deleted rows out of a database did to its size; the same for a file and a lake."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rewritten:
    """The size of the file, or of a lake's files, before and after."""

    bytes_before: int
    bytes_after: int
