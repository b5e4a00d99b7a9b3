"""Lock files: each is held by one process at a time, and has a note in it of which one.

Belongs here: waiting for a lock file, and finding out who holds it. What it protects is said by whoever takes it.
"""

import contextlib
import os
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import filelock

from genesys_assets.warehouse.waiting import Wait


def lock_at(lock_file: Path) -> filelock.BaseFileLock:
    """Return the lock of a lock file, not yet acquired; any thread may release it.

    On a file system without locks the library uses the file itself as the lock, and notes in it who holds it.
    """
    return filelock.FileLock(lock_file, thread_local=False)


def take(lock_file: Path, wait: Wait, held: Callable[[], str]) -> filelock.BaseFileLock:
    """Acquire the lock of a lock file and return it; the caller releases it.

    Args:
        lock_file: The file; it is created when there is none, and stays.
        wait: How long to wait for others who hold it.
        held: Returns what is waited for and who holds it.

    Raises:
        TimeoutError: Others held the lock for longer than the wait.
        OSError: The file cannot be created or opened.
    """
    lock = lock_at(lock_file)
    while True:
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            if wait.left_seconds <= 0:
                raise
            wait.queue(held)
        else:
            break
    if isinstance(lock, filelock.SoftFileLock):  # the file itself is the lock, and the library has written the note
        return lock
    with contextlib.suppress(OSError):  # where a lock also forbids writing the file, no holder is named
        lock_file.write_text(f"{os.getpid()} {process_name()} {socket.gethostname()}\n")
    return lock


def holder(lock_file: Path) -> str | None:
    """Return the process that holds the lock file, "process 4711 (python)"; None when there is no note."""
    try:
        pid, name, host = lock_file.read_text().split()
    except (OSError, ValueError):
        return None
    elsewhere = "" if host == socket.gethostname() else f" on {host}"
    return f"process {pid} ({name}){elsewhere}"


def opener(path: Path) -> str | None:
    """Return the process that has the file open in DuckDB, which locks it; None when there is none, or not on Linux.

    The system's list of locks is read, because opening and closing the file here would release this process's own
    locks on it.
    """
    try:
        found, locked = path.stat(), Path("/proc/locks").read_text().splitlines()
        name = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
        pids = [line.split()[4] for line in locked if " POSIX " in line and name in line.split()]
        pid = next(pid for pid in pids if int(pid) > 0)  # 0: in another container
    except (OSError, StopIteration):
        return None
    try:
        return f"process {pid} ({Path('/proc', pid, 'exe').readlink().name})"
    except OSError:  # the process is another user's
        return f"process {pid}"


def is_held_here(path: Path) -> bool:
    """Return whether this process has the file open in DuckDB; True also where that cannot be known (not on Linux)."""
    try:
        inode, locked = path.stat().st_ino, Path("/proc/locks").read_text().splitlines()
    except OSError:
        return True
    held = [line.split() for line in locked if " POSIX " in line]
    return any(str(os.getpid()) in words and any(word.endswith(f":{inode}") for word in words) for words in held)


def process_name() -> str:
    """Return the name of this process's program."""
    return Path(sys.executable or "python").name.replace(" ", "_")


def refusal(path: Path) -> str | None:
    """Return why nothing can ever be stored at `path` (a folder, a pipe, a link to itself); None otherwise."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, PermissionError):  # the error on opening it is clearer
        return None
    except OSError as error:
        return (error.strerror or "it cannot be looked at").lower()
    if stat.S_ISREG(mode):
        return None
    return "it is a folder" if stat.S_ISDIR(mode) else "it is a pipe, a socket or a device, and no file"
