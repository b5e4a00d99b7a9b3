"""Damaged DuckDB files: how damage is detected.

Belongs here: how many bytes a file lacks at its end, and DuckDB's messages about data that it cannot read back. What is
done about it belongs to whoever opens, stores or purges; docs/operations.md says how to restore a database.

DuckDB opens a file that was cut off: it reads a block only when it is asked for, and appends new ones behind the hole.
The size that `PRAGMA database_size` reports is no measure, since a healthy file that has shrunk goes on reporting the
old one. The last block that is not free is the measure: the header and the list of free blocks are read from the file
itself, as DuckDB 1.0 to 2.0 write them. A file of another format is left to DuckDB's own judgement.
"""

import contextlib
import re
import struct
from pathlib import Path
from typing import BinaryIO

from genesys_assets.warehouse import locks

_MESSAGES = re.compile(
    r"[Cc]orrupt|checksum|MetadataReader|metadata pointer|[Ff]ailed to deserialize|"
    r"Serialization Error|Could not read (enough|all) bytes|database has been invalidated because"
)
"""What DuckDB says when a file does not hold what was written to it."""

RESTORE = (
    "put it back from a copy and materialise the days that were stored since then; or move it away, run "
    "'genesys-assets new-database', and materialise all days (docs/operations.md: A damaged database)"
)
"""What to do with a file of which nothing can be kept."""

_MAGIC, _MAGIC_AT = b"DUCK", 8
_HEADER_BYTES = 4_096
_HEADERS = 3 * _HEADER_BYTES
_HEADER = struct.Struct("<8xQQQQQ")  # checksum, iteration, catalogue, list of free blocks, blocks, bytes in a block
_CHECKSUM_BYTES = 8
_PIECES = 64
"""A block of metadata has so many pieces; the first 8 bytes of each name the next one."""
_NOWHERE = 2**64 - 1
_BLOCK_BITS = 56


def reports_damage(error: Exception) -> bool:
    """Return whether DuckDB's error says that a file does not hold what was written to it."""
    return bool(_MESSAGES.search(str(error)))


def missing_bytes(path: Path) -> int:
    """Return how many bytes are missing at a DuckDB file's end; 0 when it is complete or when that cannot be known.

    The caller keeps others from writing meanwhile. A file that this process has open is not examined, because closing
    it here would release the process's own locks on it.
    """
    if locks.is_held_here(path):
        return 0
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            needed = _needed_bytes(file, size)
    except (OSError, struct.error, _UnknownFormatError):
        return 0
    return 0 if size >= needed or locks.opener(path) else needed - size  # whoever has opened it may be changing it


class _UnknownFormatError(Exception):
    """The file has a format that this module does not know."""


def _needed_bytes(file: BinaryIO, size: int) -> int:
    """Return the size that the file must have to contain its last used block."""
    start = file.read(_MAGIC_AT + len(_MAGIC))
    if not start.endswith(_MAGIC):
        raise _UnknownFormatError
    if size < _HEADERS:
        return _HEADERS
    headers = []
    for number in (1, 2):
        file.seek(number * _HEADER_BYTES)
        headers.append(_HEADER.unpack(file.read(_HEADER.size)))
    free_list: int
    blocks: int
    block_bytes: int
    _, _, free_list, blocks, block_bytes = max(headers)
    if not 2**14 <= block_bytes <= 2**18 or blocks > 2**40:
        raise _UnknownFormatError
    free: set[int] = set()
    with contextlib.suppress(EOFError):  # then the list itself is in the part that is missing
        free = _free_blocks(file, free_list, blocks, block_bytes)
    last = blocks - 1
    while last in free:
        last -= 1
    return _HEADERS + (last + 1) * block_bytes


def _free_blocks(file: BinaryIO, pointer: int, blocks: int, block_bytes: int) -> set[int]:
    """Return the numbers of the blocks that the file's list of free blocks names."""
    if pointer == _NOWHERE:
        return set()
    piece_bytes = (block_bytes - _CHECKSUM_BYTES) // _PIECES & ~7
    read_so_far, wanted = b"", 8
    while len(read_so_far) < wanted:
        block, piece = pointer & (2**_BLOCK_BITS - 1), pointer >> _BLOCK_BITS
        if block >= blocks or piece >= _PIECES:
            raise _UnknownFormatError
        file.seek(_HEADERS + block * block_bytes + _CHECKSUM_BYTES + piece * piece_bytes)
        read = file.read(piece_bytes)
        if len(read) < piece_bytes:
            raise EOFError
        pointer, read_so_far = struct.unpack_from("<Q", read)[0], read_so_far + read[8:]
        wanted = 8 + 8 * struct.unpack_from("<Q", read_so_far)[0]
        if wanted > 8 * (blocks + 1):
            raise _UnknownFormatError
    return set(struct.unpack_from(f"<{wanted // 8 - 1}Q", read_so_far, 8))
