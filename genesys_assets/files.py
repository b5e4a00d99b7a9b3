"""Permissions of the files and folders that the project creates: who else on the machine may read them.

Belongs here: which permissions new files get, and how a file keeps owner and permissions when another one replaces it.
Imports nothing of the project, so that every package can import it.

DuckDB, polars and lock files create files with the umask of the process, so the umask is what is set, for as long as
something is written. Files that other threads create meanwhile may become more restricted by this, but never less.
Which umask it is, an entry point decides once for the process (`use`).
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
        ValueError: The text is not a umask, or one by which the process could not use its own files.
    """
    if not re.fullmatch(r"0{0,2}[0-7]{2}", text):
        raise ValueError("write a umask that leaves this user all rights, such as 077 (nobody else) or 027 (the group)")
    return int(text, 8)


def use(text: str) -> None:
    """Use a umask for everything that this process creates from now on.

    Raises:
        ValueError: The text is not a usable umask.
    """
    global _umask  # noqa: PLW0603 - as the umask is the process's, so is this
    _umask = umask_of(text)


@contextmanager
def private() -> Iterator[None]:
    """Create files with the umask in use during the block, in any library; blocks may be nested."""
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
    """Return the folder, created with its parents if it is missing."""
    with private():
        path.mkdir(parents=True, exist_ok=True)
    return path


def folder_like(path: Path, top: Path) -> Path:
    """Return the folder below `top`, created with the permissions of `top` if it is missing."""
    folder(top)
    missing = [each for each in (path, *path.parents) if each.is_relative_to(top) and not each.exists()]
    for each in reversed(missing):
        with suppress(FileExistsError), private():  # another process may be faster
            each.mkdir()
            each.chmod(top.stat().st_mode & 0o7777)
    return path


def keep_rights(file: Path, old: Path) -> None:
    """Give a file the owner and the permissions of the one that it is to replace.

    Raises:
        OSError: This process may not change the owner.
    """
    before, made = old.stat(), file.stat()
    if (before.st_uid, before.st_gid) != (made.st_uid, made.st_gid):
        os.chown(file, before.st_uid, before.st_gid)
    file.chmod(before.st_mode & 0o7777)


def open_to_readers(file: Path, old: Path, top: Path) -> None:
    """Give an exported file the permissions of the one that it replaces, or else let those read it who may read `top`.

    A read-only file stays read-only. If this process may not give it to the old owner, the process keeps it.
    """
    rights = top.stat().st_mode & 0o444 | 0o600
    if old.exists():
        rights = old.stat().st_mode & 0o7777
        with suppress(PermissionError):
            keep_rights(file, old)
    file.chmod(rights if file.stat().st_mode & 0o222 else rights & ~0o222)
