"""`ParquetCheckpoint`: the documents of one day between Genesys Cloud and the warehouse, in a folder of their own.

Parquet parts of a few megabytes, and `manifest.jsonl`: its first line is the plan, each further one a committed slice
with its facts and its parts. Only what the manifest names counts, so the process may be killed at any instant: a part
appears under its name once it is complete, a line counts once it is complete, and what no line names is removed by the
next attempt. What is asked of Genesys Cloud does not belong here, nor what becomes of the documents.
"""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import filelock
import msgspec
import polars as pl

from genesys_assets import files
from genesys_assets.checkpoint.parts import (
    DOCUMENTS_SCHEMA,
    PartBuffer,
    inconsistent_at,
    scan_documents,
    winning_rows,
    write_part,
)
from genesys_assets.genesys import Batch, Bound, Counts, Interval, Plan, SliceFacts
from genesys_assets.warehouse import locks

MANIFEST = "manifest.jsonl"


ALIVE = "alive.lock"
"""Locked for as long as a process fills the checkpoint, so that others know that it is not abandoned."""


class _Part(msgspec.Struct, frozen=True):
    name: str
    bytes: int


class _Committed(msgspec.Struct, frozen=True):
    slice: str
    facts: SliceFacts
    parts: list[_Part]


@dataclass(slots=True)
class _Open:
    """A slice being read: what is in memory, and what is on disk already.

    A reading that is cancelled leaves pages behind in threads: they come one at a time, and after the end none.
    """

    buffer: PartBuffer = field(default_factory=PartBuffer)
    parts: list[_Part] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_closed: bool = False


class ParquetCheckpoint:
    """The documents of one day; implements `genesys.Checkpoint`. Each slice is filled by one reader at a time.

    Args:
        folder: Made when there is something to keep. With the same folder, what is there in full is not read again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._alive = locks.lock_at(folder / ALIVE)
        self._open: dict[Interval, _Open] = {}
        self._plan, self._committed = _read_manifest(folder)

    def plan(self) -> Plan | None:
        """Return the plan by which the checkpoint is being filled; None when it is empty."""
        return self._plan

    def start(self, plan: Plan) -> None:
        """Continue with what is there if it was read by the same plan; otherwise start afresh."""
        if plan != self._plan:
            self.discard()
        self._plan = plan
        files.folder(self._folder)
        # An earlier attempt in this process may hold the lock, or the file system may have no locks.
        with files.private(), suppress(OSError, filelock.Timeout):
            self._alive.acquire(blocking=False)
        unfinished = self._folder / f"{MANIFEST}.unfinished"
        with files.private():
            unfinished.write_bytes(b"".join(map(_line, [plan, *self._committed.values()])))
        unfinished.replace(self._folder / MANIFEST)
        kept = {MANIFEST, ALIVE, *(part.name for part in self._parts())}
        for leftover in self._folder.iterdir():
            if leftover.name not in kept:
                leftover.unlink()

    def committed(self) -> Mapping[Interval, SliceFacts]:
        """Return the slices that were read in full, with their facts."""
        with self._lock:
            return {interval: entry.facts for interval, entry in self._committed.items()}

    def add(self, interval: Interval, batch: Batch) -> None:
        """Add records of a slice; they count once it is committed, and what comes after that is ignored.

        Raises:
            InvalidPageError: A document is not UTF-8.
        """
        if interval in self.committed():
            return
        slot = self._slot(interval)
        with slot.lock:
            if slot.is_closed:
                return
            slot.buffer.add(batch)
            if slot.buffer.is_full:
                self._flush(slot)

    def commit(self, interval: Interval, facts: SliceFacts) -> None:
        """Declare a slice read in full.

        Raises:
            InvalidPageError: A document is not UTF-8.
        """
        slot = self._slot(interval)
        with slot.lock:
            slot.is_closed = True
            self._flush(slot)
        entry = _Committed(interval.iso(), facts, slot.parts)
        with self._lock:
            with (self._folder / MANIFEST).open("ab") as manifest:
                manifest.write(_line(entry))
            self._committed[interval] = entry
            del self._open[interval]

    def abort(self, interval: Interval) -> None:
        """Forget what was added of a slice that will not be committed."""
        with self._lock:
            slot = self._open.pop(interval, _Open())
        with slot.lock:
            slot.is_closed = True
            for part in slot.parts:
                (self._folder / part.name).unlink()

    def counts(self, totalled: Interval, totalled_by: Iterable[Bound]) -> Counts:
        """Count what the committed slices hold, and which of it the query's total of an interval counts."""
        paths = self._paths()
        if not paths:
            return Counts(0, 0, 0)
        rows = winning_rows(paths)
        instants = (pl.col(each) for each in totalled_by)
        within = [(each >= totalled.start) & (each < totalled.end) for each in instants]
        active = rows.filter("is_active")
        return Counts(active.height, rows.filter(pl.any_horizontal(within)).height, active["end"].null_count())

    def inconsistent(self) -> int:
        """Count the records that came with only one of two slices though their lifetime spans both."""
        committed = sorted(self._committed.items())
        paths = {interval: [self._folder / part.name for part in entry.parts] for interval, entry in committed}
        meeting = [(one, next_one) for one, next_one in pairwise(paths) if one.end == next_one.start]
        return sum(inconsistent_at(one.end, paths[one], paths[next_one]) for one, next_one in meeting)

    def documents(self) -> pl.LazyFrame:
        """Return the records active on the day, one row each, in the columns of `parts.DOCUMENTS_SCHEMA`.

        Of a record fetched more than once, the last version counts. The frame is read part by part, so it can be
        sunk in little memory (given a `row_group_size` of a few thousand: polars' default gathers 100,000 documents and
        more first). The checkpoint must not be discarded until the frame has been read.
        """
        paths = self._paths()
        return scan_documents(paths) if paths else pl.LazyFrame(schema=DOCUMENTS_SCHEMA)

    def discard(self) -> None:
        """Remove the folder and everything in it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._alive.release()
        self._plan = None
        self._open, self._committed = {}, {}

    def _slot(self, interval: Interval) -> _Open:
        with self._lock:
            return self._open.setdefault(interval, _Open())

    def _flush(self, slot: _Open) -> None:
        if slot.buffer.key_fields:
            name = f"{uuid.uuid4().hex}.parquet"
            slot.parts.append(_Part(name, write_part(slot.buffer.frame(), self._folder / name)))
            slot.buffer = PartBuffer()

    def _parts(self) -> Iterable[_Part]:
        return [part for entry in self._committed.values() for part in entry.parts]

    def _paths(self) -> list[Path]:
        return [self._folder / part.name for part in self._parts()]


def is_being_filled(folder: Path) -> bool:
    """Return whether a living process has begun to fill the checkpoint in a folder."""
    if not (folder / ALIVE).exists():
        return False
    try:
        with locks.lock_at(folder / ALIVE).acquire(blocking=False):
            return False
    except (filelock.Timeout, OSError):
        return True


def _line(entry: msgspec.Struct) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def _read_manifest(folder: Path) -> tuple[Plan | None, dict[Interval, _Committed]]:
    """Return the manifest's plan and the slices whose parts are complete; ignore a line cut off, and all after it."""
    try:
        lines = (folder / MANIFEST).read_bytes().split(b"\n")[:-1]
        plan = msgspec.json.decode(lines[0], type=Plan)
    except (FileNotFoundError, IndexError, msgspec.DecodeError):
        return None, {}
    committed: dict[Interval, _Committed] = {}
    for line in lines[1:]:
        try:
            entry = msgspec.json.decode(line, type=_Committed)
        except msgspec.DecodeError:
            break
        if all(_is_complete(folder / part.name, part.bytes) for part in entry.parts):
            committed[Interval.parse(entry.slice)] = entry
    return plan, committed


def _is_complete(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size
