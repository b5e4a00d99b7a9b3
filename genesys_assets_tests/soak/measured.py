"""What is measured at the end of a simulated day: the process, and all that the project and Dagster keep in files.

What belongs here: the measures alone. Whether they are as they ought to be is `judge`.
"""

from __future__ import annotations

import os
import resource
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psutil

from genesys_assets.exports import COPY_PATH


@dataclass(frozen=True)
class Measured:
    """A day's end.

    Attributes:
        day: How many days the quarter is old.
        stored_days: Days of conversations in the database.
        runs_made: Runs since the beginning.
        runs_kept: Runs that Dagster still has.
        runs_allowed: The most that the retention lets it have.
        events_kept: Events of runs, those in the index counted as well.
        home_bytes: All files in DAGSTER_HOME.
        database_bytes: The database with its log.
        copy_bytes: The copy for readers.
        exported_files: Files of exports and reports.
        exported_bytes: Their bytes.
        memory_bytes: Resident memory of the process, now.
        peak_bytes: The most that it ever was.
        descriptors: Files, sockets and pipes that the process has open.
        threads: Its threads.
        children: Its child processes.
        spool_files: Files and folders that have not passed: in the database's spool, and beside the database.
        work_files: Files and folders in the work folder.
    """

    day: int
    stored_days: int
    runs_made: int
    runs_kept: int
    runs_allowed: int
    events_kept: int
    home_bytes: int
    database_bytes: int
    copy_bytes: int
    exported_files: int
    exported_bytes: int
    memory_bytes: int
    peak_bytes: int
    descriptors: int
    threads: int
    children: int
    spool_files: int
    work_files: int


@dataclass(frozen=True)
class Made:
    """What the quarter has counted itself: see `Measured`."""

    day: int
    stored_days: int
    runs_made: int
    runs_allowed: int


def measured(folder: Path, instance: dg.DagsterInstance, made: Made) -> Measured:
    """Measures this process, and what lies in the folder of the soak."""
    process = psutil.Process()
    exported = _files(folder / "exports")
    return Measured(
        **vars(made),
        runs_kept=instance.get_runs_count(),
        events_kept=_events(folder / "home"),
        home_bytes=_bytes(_files(folder / "home")),
        database_bytes=_bytes([folder / "genesys.duckdb", folder / "genesys.duckdb.wal"]),
        copy_bytes=_bytes([folder / "exports" / COPY_PATH]),
        exported_files=len(exported),
        exported_bytes=_bytes(exported),
        memory_bytes=process.memory_info().rss,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        descriptors=process.num_fds(),
        threads=process.num_threads(),
        children=len(process.children(recursive=True)),
        spool_files=sum(1 for beside in folder.glob("genesys.duckdb.*/") for _ in beside.rglob("*")),
        work_files=sum(1 for _ in (folder / "work").rglob("*")),
    )


def _files(folder: Path) -> list[Path]:
    return [Path(where) / name for where, _, names in os.walk(folder) for name in names]


def _bytes(files: Iterable[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.exists())


def _events(home: Path) -> int:
    return sum(_rows_of_events(file) for file in (home / "history" / "runs").glob("*.db"))


def _rows_of_events(file: Path) -> int:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM event_logs").fetchone()[0])
