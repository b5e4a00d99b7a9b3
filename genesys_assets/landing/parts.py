"""Parquet parts of a landing: conversations gathered until there are enough of them, and which of them count."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from genesys_assets.genesys.errors import InvalidPageError
from genesys_assets.genesys.pages import Head
from genesys_assets.genesys.slices import Batch

PART_BYTES = 8_000_000
"""A part is written when it has so many bytes of documents; with four slices at once that bounds the memory."""

DOCUMENTS_SCHEMA = pl.Schema(
    {
        "conversation_id": pl.String(),
        "conversation_start": pl.Datetime("us", "UTC"),
        "conversation_end": pl.Datetime("us", "UTC"),
        "document": pl.String(),
        "fetched_at": pl.Datetime("us", "UTC"),
    }
)
"""What a landing hands on, and what a part holds beside `is_active`."""


@dataclass(slots=True)
class PartBuffer:
    """Conversations that are not on disk yet."""

    heads: list[Head] = field(default_factory=list)
    documents: list[bytes | None] = field(default_factory=list)
    fetched_at: list[object] = field(default_factory=list)
    bytes: int = 0

    def add(self, batch: Batch) -> None:
        """Take a batch in."""
        self.heads += batch.heads
        self.documents += batch.documents
        self.fetched_at += [batch.fetched_at] * len(batch.heads)
        self.bytes += sum(len(document) for document in batch.documents if document is not None)

    @property
    def is_full(self) -> bool:
        """Whether there are enough for a part."""
        return self.bytes >= PART_BYTES

    def frame(self) -> pl.DataFrame:
        """The conversations in the part's columns.

        Raises:
            InvalidPageError: A document is not UTF-8.
        """
        documents = pl.Series(self.documents, dtype=pl.Binary)
        try:
            text = documents.cast(pl.String)
        except pl.exceptions.PolarsError:
            raise InvalidPageError("A conversation's document is not UTF-8: nothing of the day is stored.") from None
        return pl.DataFrame(
            {
                "conversation_id": [head.conversation_id for head in self.heads],
                "conversation_start": [head.conversation_start for head in self.heads],
                "conversation_end": [head.conversation_end for head in self.heads],
                "document": text,
                "fetched_at": self.fetched_at,
            },
            schema=DOCUMENTS_SCHEMA,
        ).with_columns(is_active=pl.col("document").is_not_null())


def write_part(frame: pl.DataFrame, path: Path) -> int:
    """Write a part, whole or not at all, and return its size in bytes."""
    unfinished = path.with_suffix(".unfinished")
    frame.write_parquet(unfinished, compression="zstd", compression_level=1, statistics=False)
    return unfinished.replace(path).stat().st_size


def scan_documents(parts: list[Path]) -> pl.LazyFrame:
    """The conversations that count, in the columns of `DOCUMENTS_SCHEMA`."""
    if not parts:
        return pl.LazyFrame(schema=DOCUMENTS_SCHEMA)
    winners = winning_heads(parts).select("row").lazy()
    return _scan(parts).join(winners, on="row", how="semi").select(DOCUMENTS_SCHEMA.names())


def winning_heads(parts: list[Path]) -> pl.DataFrame:
    """Of each conversation its last-fetched head, as long as that one was active on the day: row number, start and end.

    Heads only, 100 bytes of each: a day's documents are never in memory together.
    """
    heads = _scan(parts).drop("document")
    return (
        heads.sort("fetched_at", "row")
        .unique("conversation_id", keep="last", maintain_order=False)
        .filter("is_active")
        .select("row", "conversation_start", "conversation_end")
        .collect()
    )


def _scan(parts: list[Path]) -> pl.LazyFrame:
    return pl.scan_parquet(parts, row_index_name="row", glob=False)
