"""What runs that did not come to their end have left on disk of a conversation.

Belongs here: landings, by the Parquet parts in them. A landing is only what a retry goes on with: it is removed whole,
and a retry reads that day from its start.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

import polars as pl


def landings_with(landings: Path, conversation_ids: Collection[str]) -> list[Path]:
    """Returns the folders below `landings` in which one of the conversations is, sorted."""
    wanted = list(conversation_ids)
    parts = sorted(landings.rglob("*.parquet"))
    return sorted({part.parent for part in parts if _has(part, wanted)})


def remove_landings(folders: Iterable[Path]) -> None:
    """Removes landings."""
    for folder in folders:
        shutil.rmtree(folder)


def _has(part: Path, conversation_ids: list[str]) -> bool:
    rows = pl.scan_parquet(part, glob=False, hive_partitioning=False)
    found = rows.filter(pl.col("conversation_id").is_in(conversation_ids))
    return not found.select("conversation_id").head(1).collect().is_empty()
