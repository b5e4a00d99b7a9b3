"""Rights of the files and folders that the project makes: who else on the machine may read what people said and did.

What belongs here: by which rights something is made, and how a file keeps owner and rights when another one takes its
place. What is written, and where, is the rooms' business. Imports nothing but the errors, so that every room, and a
warehouse that is lifted out, can import it.

DuckDB, polars and lock files make their files by themselves, by the umask of the process: so that is what is set, for
as long as something is written. Other threads' files come out as closed meanwhile, never more open. Which umask it is,
is decided once for the process, by whoever owns it (`use`).
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DEFAULT = "077"
"""Nobody but the user of the process: folders 700, files 600."""

_lock = threading.Lock()
_writers, _before = 0, 0
_umask = int(DEFAULT, 8)


def umask_of(text: str) -> int:
    """Read a umask, written as the shell does.

    Raises:
        ValueError: The text is none, or one that would keep the process itself from its files.
    """
    if not re.fullmatch(r"0{0,2}[0-7]{2}", text):
        raise ValueError("write a umask that leaves this user all rights, such as 077 (nobody else) or 027 (the group)")
    return int(text, 8)


def use(text: str) -> None:
    """Take a umask for all that this process makes from now on.

    Raises:
        ValueError: The text is none.
    """
    global _umask  # noqa: PLW0603 - as the umask is the process's, so is this
    _umask = umask_of(text)


@contextmanager
def private() -> Iterator[None]:
    """Give what any library makes during the block the rights of the umask in use; blocks may be nested."""
    global _writers, _before  # noqa: PLW0603 - as the umask is the process's, so is this
    with _lock:
        if _writers == 0:
            _before = os.umask(_umask)
        _writers += 1
    try:
        yield
    finally:
        with _lock:
            _writers -= 1
            if _writers == 0:
                os.umask(_before)


def folder(path: Path) -> Path:
    """Return the folder, made with those above it where it is not there."""
    with private():
        path.mkdir(parents=True, exist_ok=True)
    return path


def folder_like(path: Path, top: Path) -> Path:
    """Return the folder below `top`, made where it is not there, with the rights that `top` has."""
    folder(top)
    missing = [each for each in (path, *path.parents) if each.is_relative_to(top) and not each.exists()]
    for each in reversed(missing):
        with suppress(FileExistsError), private():  # another process was quicker
            each.mkdir()
            each.chmod(top.stat().st_mode & 0o7777)
    return path


def keep_rights(file: Path, old: Path) -> None:
    """Give a file the owner and the rights of the one whose place it is to take.

    Raises:
        OSError: This process may not give it to that owner.
    """
    before, made = old.stat(), file.stat()
    if (before.st_uid, before.st_gid) != (made.st_uid, made.st_gid):
        os.chown(file, before.st_uid, before.st_gid)
    file.chmod(before.st_mode & 0o7777)


def open_to_readers(file: Path, old: Path, top: Path) -> None:
    """Give a file for others its rights: those of the one whose place it takes, or who may read in the folder `top`.

    One that nobody may write stays so. Where this process may not give it to its old owner, it is this process's.
    """
    rights = top.stat().st_mode & 0o444 | 0o600
    if old.exists():
        rights = old.stat().st_mode & 0o7777
        with suppress(PermissionError):
            keep_rights(file, old)
    file.chmod(rights if file.stat().st_mode & 0o222 else rights & ~0o222)
