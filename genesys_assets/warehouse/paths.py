"""Paths that DuckDB and polars read as they are written, whatever characters are in them.

Belongs here: the characters that readers misread, the way around them, and the names that no database can have.

In a path that DuckDB reads, `*`, `?` and `[` are a pattern, a backslash beside them a slash, and a leading `~` the home
folder. Nothing switches that off, so a folder with such a name is reached through a link with a plain one.
A folder `column=value` would be read as a Hive partition; that can be switched off, and whoever reads Parquet does. A
database is opened under any name but one with a question mark: the log of `what?/file` would be at `what.wal?/file`.
"""

import atexit
import contextlib
import functools
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from genesys_assets.warehouse.errors import DeclarationError

_MISREAD = re.compile(r"[*?\[\]\\]")
_LONGEST_NAME_BYTES = 255
_LONGEST_PATH_BYTES = 4_095
_SPOOL_BYTES = 120
"""What the names of temporary files add to a database's path."""
_SUFFIX_BYTES = 24
"""What the names of the files beside it (`.lock`, `.tmp-...`) add to a database's file name."""


def plain(folder: Path) -> Path:
    """Return the absolute path of the same folder, through a link where a reader would misread a name in it.

    The folder need not exist yet. The link is removed when this process ends.

    Raises:
        DeclarationError: The folder for temporary files, where links are, has such a name too.
    """
    folder = folder.absolute()
    return _linked(folder, os.getpid()) if _MISREAD.search(str(folder)) else folder


@contextlib.contextmanager
def attachable(file: Path) -> Iterator[Path]:
    """Yield a path at which DuckDB can create a database; when the block has ended, that database stands at `file`."""
    if "?" not in str(file.resolve()):
        yield file.absolute()
        return
    from genesys_assets.warehouse.spool import Spool, temporary_folder  # noqa: PLC0415 - it imports this module

    with contextlib.closing(Spool(temporary_folder())) as spool, spool.scoped_folder() as folder:
        made = folder / "made.duckdb"
        yield made
        if made.exists():
            shutil.move(made, file)


def refuse_impossible(location: str) -> None:
    """Refuse a path that cannot be a database's file.

    Raises:
        DeclarationError: The path cannot be one; the text says why.
    """
    try:
        names = [len(os.fsencode(name)) for name in Path(location).parts] or [0]
        location.encode()
    except (ValueError, UnicodeError):
        raise DeclarationError("The database's path is not text in UTF-8: rename the folder or the file.") from None
    begins = f"{location[:60]!r}"
    if "\0" in location:
        raise DeclarationError(f"The database's path {begins} holds a NUL character, which no path can: remove it.")
    if location.startswith("~/") or location == "~":
        raise DeclarationError(
            f"The database's path {begins} begins with a ~ that nothing has replaced by your home folder: write that "
            "folder out, or ./~ where a folder of that name is meant."
        )
    absolute = len(os.fsencode(Path(location).absolute())) + _SPOOL_BYTES
    if max(*names, names[-1] + _SUFFIX_BYTES) > _LONGEST_NAME_BYTES or absolute > _LONGEST_PATH_BYTES:
        raise DeclarationError(
            f"The database's path {begins}... is too long: no folder's name may have more than {_LONGEST_NAME_BYTES} "
            f"bytes, the file's no more than {_LONGEST_NAME_BYTES - _SUFFIX_BYTES}, and all of them together no more "
            f"than {_LONGEST_PATH_BYTES - _SPOOL_BYTES}."
        )
    if "?" in os.path.realpath(location):  # which takes a link to itself as it is
        raise DeclarationError(
            f"The database's path {location!r} has a question mark, and DuckDB takes what follows one for something "
            "else: keep the database in a folder without one."
        )
    if "\\" in os.path.realpath(location) and not duckdb.__version__.startswith("1."):
        raise DeclarationError(
            f"The database's path {location!r} has a backslash, which DuckDB {duckdb.__version__} takes for a slash: "
            "keep the database in a folder without one."
        )


@functools.cache
def _linked(folder: Path, process: int) -> Path:
    """Create a link to a folder and return it; each process has its own, which is removed when the process ends."""
    home = Path(tempfile.mkdtemp(prefix=f"warehouse-{process}-"))
    if _MISREAD.search(str(home)):
        home.rmdir()
        raise DeclarationError(
            f"The folder {folder} has a name that DuckDB misreads, and so has the folder for temporary files through "
            "which it could be reached: set TMPDIR to another one, or rename either."
        )
    link = home / "folder"
    link.symlink_to(folder, target_is_directory=True)
    atexit.register(_remove, home, process)
    return link


def _remove(home: Path, process: int) -> None:
    if os.getpid() == process:  # a fork inherits this exit handler, but the link is its parent's
        with contextlib.suppress(OSError):
            (home / "folder").unlink()
        shutil.rmtree(home, ignore_errors=True)
