"""What runs that did not come to their end have left on disk of a conversation.

Belongs here: checkpoints, by the Parquet parts in them. A checkpoint is only what a retry goes on with: it is removed
whole, and a retry reads that day from its start.
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
        folders: The checkpoints that hold some of it, or a part that cannot be read and may.
        conversations: The conversations, each with what was asked for by which it was found: itself, or a contact.
    """

    folders: list[Path]
    conversations: dict[str, str]


def found_in_checkpoints(checkpoints: Path, request: Request, conversation_ids: Iterable[str] = ()) -> InCheckpoints:
    """Return what the folders below `checkpoints` hold of a request, and of other conversations that belong to it."""
    wanted = request.conversation_ids.union(conversation_ids)
    folders: set[Path] = set()
    conversations: dict[str, str] = {}
    for part in sorted(checkpoints.rglob("*.parquet")):
        try:
            found = dict(_found(part, wanted, request.external_contact_ids))
        except (pl.exceptions.PolarsError, OSError):
            folders.add(part.parent)
            continue
        conversations |= found
        folders |= {part.parent} if found else set()
    folders |= {part.parent for part in checkpoints.rglob("*.unfinished")}  # of a writer that was killed
    return InCheckpoints(sorted(folders), conversations)


def remove_checkpoints(folders: Iterable[Path]) -> None:
    """Remove the folders of checkpoints."""
    for folder in folders:
        shutil.rmtree(folder)


def _found(part: Path, wanted: frozenset[str], contacts: frozenset[str]) -> Iterable[tuple[str, str]]:
    """Yield the conversations of a part that match, each with the id or the contact by which it was found."""
    rows = pl.scan_parquet(part, glob=False, hive_partitioning=False)
    ids = rows.select("conversation_id").filter(pl.col("conversation_id").is_in(list(wanted))).collect()
    yield from ((each, each) for each in ids["conversation_id"])
    if contacts and "document" in rows.collect_schema():
        named = rows.filter(pl.any_horizontal(pl.col("document").str.contains(each, literal=True) for each in contacts))
        for conversation_id, document in named.select("conversation_id", "document").collect().iter_rows():
            told = json.loads(document)
            took_part = contacts & {each.get("externalContactId") for each in told.get("participants") or []}
            yield from ((conversation_id, each) for each in sorted(took_part)[:1])
