"""A folder as the destination of exports.

What belongs here: what makes a file appear whole on a file system. The contract is `destination`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from genesys_assets import files
from genesys_assets.exports.destination import Destination, DestinationUnreachableError, ExportError
from genesys_assets.warehouse import Spool

_WRITING = ".writing"
_LOCK_SECONDS = 60


class LocalFolder(Destination):
    """A folder of this machine or of a mounted share; files are written beside the tables and renamed into place.

    Only its owner may read the folder until its rights are widened: whoever may read it may read the files in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def address(self, path: str) -> str:
        """Return the absolute path of a file."""
        return str((self._folder / path).resolve())

    @contextlib.contextmanager
    def replacing(self, path: str) -> Iterator[Path]:
        """Yield a local file that takes the place of `path`."""
        target = self._folder / path
        with self._named_errors(path):
            # Outside every table's folder, so that nobody who reads a folder sees it; on the same file system.
            spool = Spool(self._writing())
            file = spool.step_folder(path) / target.name
        try:
            with files.private():
                yield file
            if not file.exists():
                return
            with self._named_errors(path):
                _to_disk(file)
                files.folder_like(target.parent, self._folder)
                files.open_to_readers(file, target, self._folder)
                file.replace(target)
        finally:
            spool.close()

    def at_hand(self, path: str) -> Path | None:
        """Return the file itself; None when there is none."""
        file = self._folder / path
        return file if file.is_file() else None

    def read(self, path: str) -> bytes | None:
        """Return the content of a file; None when there is none."""
        with self._named_errors(path):
            try:
                return (self._folder / path).read_bytes()
            except FileNotFoundError:
                return None

    def update(self, path: str, change: Callable[[bytes | None], bytes | None]) -> bool:
        """Replace a small file by what `change` makes of it."""
        import filelock  # noqa: PLC0415 - only writers of shared files need it

        with self._named_errors(path):
            lock = filelock.FileLock(self._writing() / f"{path.replace('/', '-')}.lock", timeout=_LOCK_SECONDS)
        try:
            with files.private(), lock:
                content = change(self.read(path))
                if content is not None:
                    self.write(path, content)
        except filelock.Timeout:
            raise DestinationUnreachableError(
                f"{self.address(path)} could not be written: another process has been writing it for "
                f"{_LOCK_SECONDS} seconds; run this step again."
            ) from None
        return content is not None

    def sweep(self) -> int:
        """Remove what killed processes have left, and return how many living ones have unfinished files."""
        with contextlib.closing(Spool(self._folder / _WRITING)) as spool:
            living = spool.sweep()
            for file in spool.parent.glob("*"):  # unfinished files of earlier releases
                if file.is_file() and file.suffix != ".lock":
                    file.unlink(missing_ok=True)
        return living

    def _writing(self) -> Path:
        """Return the folder of unfinished files; what killed processes left in it is removed with the next file."""
        return files.folder(self._folder / _WRITING)

    @contextlib.contextmanager
    def _named_errors(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ExportError(
                f"{self.address(path)} could not be written or read: {error.strerror or error}; free space on its "
                "disk, or give this process the right to write there."
            ) from error


def _to_disk(file: Path) -> None:
    """Flush the file to disk before it is renamed, so that a power cut leaves the old file or the new one."""
    with file.open("rb") as written:
        os.fsync(written.fileno())
