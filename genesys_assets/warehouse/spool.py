"""The spool: temporary files, of what a step stores before the database is opened, and of what it has loaded.

Belongs here: where such files are, and when they are removed. Each process has a folder of its own and holds a lock in
it for as long as it lives. What a step has loaded goes when the process turns to its next step, all of it when the run
is over; what a killed process left behind goes when the next one opens its spool: nobody holds its lock any more.
"""

import contextlib
import itertools
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import filelock

from genesys_assets import files
from genesys_assets.warehouse import locks
from genesys_assets.warehouse.errors import DatabaseBusyError, DiskFullError
from genesys_assets.warehouse.paths import plain
from genesys_assets.warehouse.waiting import WaitPolicy

FULL = re.compile(
    r"No space left on device|File too large|disk quota|Could not write all bytes|not enough space", re.IGNORECASE
)
"""What polars, DuckDB and the operating system say when a disk is full."""

ROW_GROUP_ROWS = 8_192
"""Rows in a Parquet row group, and in what polars computes at once: 8,192 documents of 5 kB are 40 MB.

Of 150,000 documents of 3.5 kB, 622 MB were in memory at once with 20,000 rows, and 429 MB with 10,000; it takes no
longer.
"""

LONG_ROW_GROUP_ROWS = 2_048
"""The same for a table with long texts."""

TEMPORARY_PREFIX = "genesys-assets-"
"""Begins the name of a user's folder among the temporary files."""
_PREFIX = "warehouse-"
_ALIVE = "alive.lock"


class Spool:
    """Temporary files of one process, under `parent`; nothing is created before the first file is asked for.

    Args:
        parent: The folder; it is made when it is needed.
        policy: How long to wait for another process that is cleaning the folder up.
    """

    def __init__(self, parent: Path, policy: WaitPolicy | None = None) -> None:
        self.parent = parent
        self._wait_policy = policy or WaitPolicy()
        self._guard = threading.Lock()
        self._folder: Path | None = None
        self._alive: filelock.BaseFileLock | None = None
        self._step: str | None = None
        self._numbers = itertools.count()

    @contextlib.contextmanager
    def scoped_folder(self) -> Iterator[Path]:
        """Yield an empty folder that is removed at the end of the block, whatever happens in it."""
        with self._guard:
            folder = self._new("output")
        try:
            with files.private():
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def run_folder(self) -> Iterator[Path]:
        """Yield an empty folder that stays until the spool is closed; it is removed when the block fails."""
        with self._guard:
            folder = self._new("stored")
        try:
            with files.private():
                yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def step_folder(self, step: str) -> Path:
        """Return an empty folder that stays until another step asks for one, or until the spool is closed."""
        with self._guard:
            if self._step not in (None, step) and self._folder is not None:
                for folder in self._folder.glob("input-*"):
                    shutil.rmtree(folder, ignore_errors=True)
            self._step = step
            return self._new("input")

    def spill(self) -> Path:
        """Return the path of a folder that DuckDB is to create when something does not fit in memory."""
        with self._guard:
            return self._named("spill")

    def sweep(self) -> int:
        """Remove what dead processes have left, and return how many folders of other living processes stay."""
        if not self.parent.is_dir():
            return 0
        with self._sweeping():
            left = [folder for folder in self.parent.glob(f"{_PREFIX}*") if not _remove_if_dead(folder)]
        return sum(not folder.name.startswith(f"{_PREFIX}{os.getpid()}-") for folder in left)

    def close(self) -> None:
        """Remove every file of this spool."""
        with self._guard:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None
            if self._alive is not None:
                self._alive.release()
                self._alive = None

    def _new(self, kind: str) -> Path:
        return files.folder(self._named(kind))

    def _named(self, kind: str) -> Path:
        if self._folder is None:
            self._open()
        assert self._folder is not None  # noqa: S101  # set by _open
        return self._folder / f"{kind}-{next(self._numbers)}"

    def _open(self) -> None:
        """Create this process's folder and delete those of dead processes."""
        files.folder(self.parent)
        # One process at a time, so that one that is just starting is not mistaken for a dead one.
        with files.private(), self._sweeping():
            for left in self.parent.glob(f"{_PREFIX}*"):
                _remove_if_dead(left)
            # DuckDB and polars read its files by their paths, which must hold none of the characters that they misread.
            folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=plain(self.parent)))
            self._alive = locks.lock_at(folder / _ALIVE)
            self._alive.acquire()
        self._folder = folder

    @contextlib.contextmanager
    def _sweeping(self) -> Iterator[None]:
        wait, sweep = self._wait_policy.wait(), self.parent / "sweep.lock"

        def held() -> str:
            return f"the spool folder {self.parent}, held by {locks.holder(sweep) or 'another process'}"

        try:
            lock = locks.take(sweep, wait, held)
        except TimeoutError:
            raise DatabaseBusyError(
                f"Waited {wait.seconds:g} seconds in vain for {held()}: {wait.remedy}, then run this step again."
            ) from None
        try:
            yield
        finally:
            lock.release()


def temporary_folder() -> Path:
    """Return this user's folder for temporary files that have no folder of their own."""
    return Path(tempfile.gettempdir()) / f"{TEMPORARY_PREFIX}{os.getuid() if hasattr(os, 'getuid') else 'spool'}"


def _remove_if_dead(folder: Path) -> bool:
    """Remove a folder unless a living process holds it, and return whether it is gone."""
    alive = locks.lock_at(folder / _ALIVE)
    try:
        with alive.acquire(blocking=False):
            shutil.rmtree(folder, ignore_errors=True)
    except (filelock.Timeout, OSError):
        return False
    return not folder.exists()


@contextlib.contextmanager
def full_disk_errors(folder: Path) -> Iterator[None]:
    """Turn what polars, DuckDB or the system raise when a disk is full into one error.

    Raises:
        DiskFullError: There was no room in `folder`.
    """
    try:
        yield
    except Exception as error:
        if not FULL.search(str(error)):
            raise
        raise DiskFullError(
            f"The spool folder {folder.parent} is full and nothing was changed: free space there or set "
            "spool_directory to a larger disk, and run this step again."
        ) from error
