"""Finds and removes purged records in the checkpoints that unfinished runs have left on disk.

Belongs here: searching the Parquet parts of checkpoints. A checkpoint with a match is removed whole: the next attempt
reads that day from its start.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from genesys_assets.purge.request import Kind, Request


@dataclass(frozen=True)
class InCheckpoints:
    """What checkpoints hold of a request.

    Attributes:
        folders: The checkpoints that hold some of it, or a part that cannot be read and might hold some.
        records: The ids of records, each with the requested id by which it was found: its own, or a person's.
    """

    folders: list[Path]
    records: dict[str, str]


def found_in_checkpoints(
    checkpoints: Path, request: Request, record_ids: Iterable[str] = (), *, of: str = "*"
) -> InCheckpoints:
    """Return what checkpoints hold of a request, and of the records that it has led to.

    Args:
        checkpoints: The folder with a folder for each run, in which is one for each asset.
        request: What is asked for.
        record_ids: The records that it has led to.
        of: A pattern of the assets' folders that are looked into.
    """
    wanted = frozenset(record_ids).union(*(request.ids[kind.name] for kind in request.kinds))
    folders: set[Path] = set()
    records: dict[str, str] = {}
    for part in sorted(checkpoints.glob(f"*/{of}/**/*.parquet")):
        try:
            found = dict(_found(part, wanted, request))
        except (pl.exceptions.PolarsError, OSError):
            folders.add(part.parent)
            continue
        records |= found
        folders |= {part.parent} if found else set()
    folders |= {part.parent for part in checkpoints.glob(f"*/{of}/**/*.unfinished")}  # their writers were killed
    return InCheckpoints(sorted(folders), records)


def remove_checkpoints(folders: Iterable[Path]) -> None:
    """Remove the folders of checkpoints."""
    for folder in folders:
        shutil.rmtree(folder)


def _found(part: Path, wanted: frozenset[str], request: Request) -> Iterable[tuple[str, str]]:
    """Yield the records of a part that match, each with its id or the person's by which it was found."""
    rows = pl.scan_parquet(part, glob=False, hive_partitioning=False)
    ids = rows.select("key").filter(pl.col("key").is_in(list(wanted))).collect()
    yield from ((each, each) for each in ids["key"])
    for kind in request.kinds if "document" in rows.collect_schema() else ():
        if persons := request.ids[kind.person]:
            yield from _of_persons(rows, kind, persons)


def _of_persons(rows: pl.LazyFrame, kind: Kind, persons: frozenset[str]) -> Iterable[tuple[str, str]]:
    named = rows.filter(pl.any_horizontal(pl.col("document").str.contains(each, literal=True) for each in persons))
    for record_id, document in named.select("key", "document").collect().iter_rows():
        yield from ((record_id, each) for each in sorted(persons & kind.persons_in(json.loads(document)))[:1])
