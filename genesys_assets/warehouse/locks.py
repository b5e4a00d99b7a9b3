"""Lock files: taken in turn within a wait, with a note of who holds them.

Belongs here: taking one, and telling who has it. What a lock file keeps apart belongs to whoever takes it.
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
    """Returns the lock of a lock file, not taken; any thread may let go of it.

    Where a file system has no locks the library makes do with the file itself, which says whose it is.
    """
    return filelock.FileLock(lock_file, thread_local=False)


def take(lock_file: Path, wait: Wait, held: Callable[[], str]) -> filelock.BaseFileLock:
    """Returns the lock of a lock file, taken; whoever called this releases it.

    Args:
        lock_file: The file; it is made when there is none, and stays.
        wait: How long those who have it are waited for.
        held: Returns what is waited for and who holds it.

    Raises:
        TimeoutError: It was not this process's turn within the wait.
        OSError: The file cannot be made or opened.
    """
    lock = lock_at(lock_file)
    while True:
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            if wait.left <= 0:
                raise
            wait.queue(held)
        else:
            break
    if isinstance(lock, filelock.SoftFileLock):  # which has made do with the file: what it says is the library's
        return lock
    with contextlib.suppress(OSError):  # where a lock keeps others from reading too, nobody is named
        lock_file.write_text(f"{os.getpid()} {process_name()} {socket.gethostname()}\n")
    return lock


def holder(lock_file: Path) -> str | None:
    """Returns the process that has taken the lock file, "process 4711 (python)"; None when it has left no note."""
    try:
        pid, name, host = lock_file.read_text().split()
    except (OSError, ValueError):
        return None
    elsewhere = "" if host == socket.gethostname() else f" on {host}"
    return f"process {pid} ({name}){elsewhere}"


def opener(path: Path) -> str | None:
    """Returns the process that has locked a file itself, as DuckDB does; None when there is none, or no Linux.

    The system's list is asked: opening and closing the file here would end this process's own locks on it.
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
    except OSError:  # it is another user's
        return f"process {pid}"


def is_held_here(path: Path) -> bool:
    """Whether this process has locked the file itself, or whether that cannot be told (no Linux)."""
    try:
        inode, locked = path.stat().st_ino, Path("/proc/locks").read_text().splitlines()
    except OSError:
        return True
    held = [line.split() for line in locked if " POSIX " in line]
    return any(str(os.getpid()) in words and any(word.endswith(f":{inode}") for word in words) for words in held)


def process_name() -> str:
    """Returns the name of this process's program."""
    return Path(sys.executable or "python").name.replace(" ", "_")


def refusal(path: Path) -> str | None:
    """Returns why nothing can ever be stored at `path`: a folder, a pipe, a link to itself; None: it may be a file."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, PermissionError):  # what opening it says is clearer
        return None
    except OSError as error:
        return (error.strerror or "it cannot be looked at").lower()
    if stat.S_ISREG(mode):
        return None
    return "it is a folder" if stat.S_ISDIR(mode) else "it is a pipe, a socket or a device, and no file"
