"""Parquet parts of a checkpoint: records gathered until there are enough of them, and which of them count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from genesys_assets import files
from genesys_assets.genesys import Batch, InvalidPageError, KeyFields

PART_BYTES = 4_000_000
"""A part is written when it has so many bytes of documents; with four slices at once that bounds the memory."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

DOCUMENTS_SCHEMA = pl.Schema(
    {
        "key": pl.String(),
        "start": pl.Datetime("us", "UTC"),
        "end": pl.Datetime("us", "UTC"),
        "document": pl.String(),
        "fetched_at": pl.Datetime("us", "UTC"),
    }
)
"""What a checkpoint hands on, whatever the source calls its fields, and what a part holds beside `is_active`."""


@dataclass(slots=True)
class PartBuffer:
    """Records that are not on disk yet."""

    key_fields: list[KeyFields] = field(default_factory=list)
    documents: list[bytes | None] = field(default_factory=list)
    fetched_at: list[int] = field(default_factory=list)
    bytes: int = 0

    def add(self, batch: Batch) -> None:
        """Add a batch."""
        self.key_fields += batch.key_fields
        self.documents += batch.documents
        self.fetched_at += [_microseconds(batch.fetched_at)] * len(batch.key_fields)
        self.bytes += sum(len(document) for document in batch.documents if document is not None)

    @property
    def is_full(self) -> bool:
        """Return whether it holds enough bytes for a part."""
        return self.bytes >= PART_BYTES

    def frame(self) -> pl.DataFrame:
        """Return the records in the part's columns.

        Raises:
            InvalidPageError: A document is not UTF-8.
        """
        documents = pl.Series(self.documents, dtype=pl.Binary)
        try:
            text = documents.cast(pl.String)
        except pl.exceptions.PolarsError:
            raise InvalidPageError(
                f"The document of the record {self._first_not_utf_8()} is not UTF-8: nothing of the day is stored."
            ) from None
        return (
            pl.DataFrame(
                {
                    "key": pl.Series([fields.key for fields in self.key_fields], dtype=pl.String),
                    "start": _instants(_microseconds(fields.start) for fields in self.key_fields),
                    "end": _instants(
                        None if fields.end is None else _microseconds(fields.end) for fields in self.key_fields
                    ),
                    "document": text,
                    "fetched_at": _instants(self.fetched_at),
                }
            )
            .match_to_schema(DOCUMENTS_SCHEMA)
            .with_columns(is_active=pl.col("document").is_not_null())
        )

    def _first_not_utf_8(self) -> str:
        for fields, document in zip(self.key_fields, self.documents, strict=True):
            try:
                (document or b"").decode()
            except UnicodeDecodeError:
                return fields.key
        return "(unknown)"


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _instants(microseconds: Iterable[int | None]) -> pl.Series:
    """Return timestamps from microseconds since 1970; polars takes six times as long over datetime objects."""
    return pl.Series(list(microseconds), dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))


def write_part(frame: pl.DataFrame, path: Path) -> int:
    """Write a part, completely or not at all, and return its size in bytes."""
    unfinished = path.with_suffix(".unfinished")
    with files.private():
        frame.write_parquet(unfinished, compression="zstd", compression_level=1, statistics=False)
    return unfinished.replace(path).stat().st_size


def scan_documents(parts: list[Path]) -> pl.LazyFrame:
    """Return the records that count, in the columns of `DOCUMENTS_SCHEMA`.

    This is an IO source of its own, which holds one part at a time: of 750 MB of documents, polars' own scan of the
    parts with a semi-join on the row numbers kept 900 MB in memory, and this one keeps 100 MB.
    """

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _batch_rows: int | None
    ) -> Iterator[pl.DataFrame]:
        winners = winning_rows(parts).filter("is_active")["row"].sort()
        first = 0
        for part in parts:
            frame = _read([part], columns or DOCUMENTS_SCHEMA.names())
            here = winners.filter(winners.is_between(first, first + frame.height - 1)) - first
            first += frame.height
            batch = frame if here.len() == frame.height else frame[here]
            batch = batch.select(columns or DOCUMENTS_SCHEMA.names())
            batch = batch if predicate is None else batch.filter(predicate)
            batch = batch if rows is None else batch.head(rows)
            rows = None if rows is None else rows - batch.height
            yield batch

    return register_io_source(batches, schema=DOCUMENTS_SCHEMA, is_pure=True)


def winning_rows(parts: list[Path]) -> pl.DataFrame:
    """Return where the last fetched row of each record is, with its start and end, and if it was active on the day.

    The documents are not read, only some 100 bytes a row, so that those of a day are never in memory together.
    """
    rows = pl.scan_parquet(parts, row_index_name="row", glob=False, hive_partitioning=False)
    fetched = rows.drop("document").collect()
    is_repeated = fetched["key"].is_duplicated()
    repeated = fetched.filter(is_repeated).sort("fetched_at", "row").unique("key", keep="last")
    counting = pl.concat([fetched.filter(~is_repeated), repeated])
    return counting.select("row", "start", "end", "is_active")


def inconsistent_at(moment: datetime, before: list[Path], after: list[Path]) -> int:
    """Count the records that span the moment at which two slices meet, but are in the parts of only one."""
    one, other = _lives(before), _lives(after)
    spans = (pl.col("start") < moment) & (pl.col("end") > moment).fill_null(value=True)
    alone = [a.filter(spans).join(b, on="key", how="anti") for a, b in ((one, other), (other, one))]
    return pl.concat(alone)["key"].n_unique()


def _lives(parts: list[Path]) -> pl.DataFrame:
    columns = ["key", "start", "end"]
    return _read(parts, columns) if parts else DOCUMENTS_SCHEMA.to_frame().select(columns)


def _read(parts: list[Path], columns: list[str]) -> pl.DataFrame:
    return pl.read_parquet(parts, columns=columns, glob=False, hive_partitioning=False)
