"""Finds and removes purged conversations in the checkpoints that unfinished runs have left on disk.

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

from genesys_assets.purge.erase import Request


@dataclass(frozen=True)
class InCheckpoints:
    """What checkpoints hold of a request.

    Attributes:
        folders: The checkpoints that hold some of it, or a part that cannot be read and might hold some.
        conversations: The conversations, each with the requested id by which it was found: its own, or a contact's.
    """

    folders: list[Path]
    conversations: dict[str, str]


def found_in_checkpoints(
    checkpoints: Path, request: Request, conversation_ids: Iterable[str] = (), *, of: str = "*"
) -> InCheckpoints:
    """Return what checkpoints hold of a request, and of the conversations that it has led to.

    Args:
        checkpoints: The folder with a folder for each run, in which is one for each asset.
        request: What is asked for.
        conversation_ids: The conversations that it has led to.
        of: A pattern of the assets' folders that are looked into.
    """
    wanted = request.conversation_ids.union(conversation_ids)
    folders: set[Path] = set()
    conversations: dict[str, str] = {}
    for part in sorted(checkpoints.glob(f"*/{of}/**/*.parquet")):
        try:
            found = dict(_found(part, wanted, request.external_contact_ids))
        except (pl.exceptions.PolarsError, OSError):
            folders.add(part.parent)
            continue
        conversations |= found
        folders |= {part.parent} if found else set()
    folders |= {part.parent for part in checkpoints.glob(f"*/{of}/**/*.unfinished")}  # their writers were killed
    return InCheckpoints(sorted(folders), conversations)


def remove_checkpoints(folders: Iterable[Path]) -> None:
    """Remove the folders of checkpoints."""
    for folder in folders:
        shutil.rmtree(folder)


def _found(part: Path, wanted: frozenset[str], contacts: frozenset[str]) -> Iterable[tuple[str, str]]:
    """Yield the conversations of a part that match, each with the id or the contact by which it was found."""
    rows = pl.scan_parquet(part, glob=False, hive_partitioning=False)
    ids = rows.select("key").filter(pl.col("key").is_in(list(wanted))).collect()
    yield from ((each, each) for each in ids["key"])
    if contacts and "document" in rows.collect_schema():
        named = rows.filter(pl.any_horizontal(pl.col("document").str.contains(each, literal=True) for each in contacts))
        for conversation_id, document in named.select("key", "document").collect().iter_rows():
            participants = json.loads(document).get("participants") or []
            took_part = contacts & {each.get("externalContactId") for each in participants}
            yield from ((conversation_id, each) for each in sorted(took_part)[:1])
