"""Decodes the documents of a source into staging's tables: each document once, batch by batch, in bounded memory.

A batch of documents goes through the validator, then through polars' JSON decoder with the type of the fields seen so
far, and is then flattened. Polars decodes pieces of a few hundred documents: its working memory is many times the text,
and small pieces stay in the processor's cache. Each batch leaves one Parquet file per table. Two batches are decoded at
a time, because polars' decoder uses one core.
"""

import shutil
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import dataframely as dy
import polars as pl

from genesys_assets.tables.flatten import flatten
from genesys_assets.tables.schema_drift import SchemaDrift
from genesys_assets.tables.schema_tree import SchemaNode
from genesys_assets.tables.validator import Validator, stripped

# Measured at 100,000 documents of 5.6 kB, in CPU seconds of flattening and writing: batches of 1,250 take 7.7, of 2,500
# 5.0, of 5,000 3.7; each doubling takes about 60, then 120 MB more memory.
BATCH = 2_500
PIECE = 250
THREADS = 2
_READ = {"partition_date", "document", "fetched_at"}
EMPTY = "empty.parquet"
"""The file of a table of which the documents have no row."""


class Decoded(NamedTuple):
    """The tables of the documents.

    Attributes:
        tables: A scan of the written rows, by table name ('staging.segments').
        files: The files of each table; a column that no document of a file has is not in it, and null.
        drifts: How the documents differ from the schemas, by partition.
    """

    tables: dict[str, pl.LazyFrame]
    files: dict[str, list[Path]]
    drifts: dict[date, SchemaDrift]


def decode(documents: pl.LazyFrame, into: Path, tree: SchemaNode) -> Decoded:
    """Write the rows of all tables of a tree as Parquet files, a folder per table.

    Args:
        documents: partition_date (Date), document (String: a record's JSON), optionally fetched_at and the column of
            the record's id (which errors name); one row per record and partition, any number of partitions.
        into: Folder of those folders; what an earlier decoding left in them is replaced.
        tree: The tables of the documents' source.

    Raises:
        UnreadableDocumentError: A document is not a JSON object with the id of its record.
    """
    schemas = {node.table: node.schema for node in tree.walk()}
    for table, schema in schemas.items():
        shutil.rmtree(into / table, ignore_errors=True)
        (into / table).mkdir(parents=True)
        schema.create_empty().write_parquet(into / table / EMPTY)
    drifts: dict[date, SchemaDrift] = {}
    for found in _decode_batches(documents, into, tree):
        for day, drift in found.items():
            drifts.setdefault(day, SchemaDrift()).add(drift)
    files = {table: _files(into / table) for table in schemas}
    return Decoded({table: _scan(files[table], schema) for table, schema in schemas.items()}, files, drifts)


def _files(folder: Path) -> list[Path]:
    # The empty one has every column, and each column that is written costs, null as it may be.
    return sorted(part for part in folder.iterdir() if part.name != EMPTY) or [folder / EMPTY]


def _scan(files: list[Path], schema: type[dy.Schema]) -> pl.LazyFrame:
    columns = schema.create_empty().schema
    return pl.scan_parquet(files, schema=columns, missing_columns="insert", glob=False, hive_partitioning=False)


def _decode_batches(documents: pl.LazyFrame, into: Path, tree: SchemaNode) -> Iterator[dict[date, SchemaDrift]]:
    """Yield each batch's drifts, in order. Only one batch more than there are threads is in memory."""
    wanted = [column for column in documents.collect_schema() if column in {*_READ, tree.fields[tree.key].name}]
    validators: SimpleQueue[Validator] = SimpleQueue()
    for _ in range(THREADS):
        validators.put(Validator(tree))
    running: deque[Future[dict[date, SchemaDrift]]] = deque()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="decode") as threads:
        for number, batch in enumerate(documents.select(wanted).collect_batches(chunk_size=BATCH)):
            running.append(threads.submit(_decode_batch, validators, batch, into, f"{number:06d}.parquet"))
            if len(running) > THREADS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _decode_batch(
    validators: SimpleQueue[Validator], batch: pl.DataFrame, into: Path, part: str
) -> dict[date, SchemaDrift]:
    days = batch["partition_date"].to_list()
    drifts = {day: SchemaDrift(documents=count) for day, count in Counter(days).items()}
    validator = validators.get()
    tree = validator.tree
    id_column = str(tree.fields[tree.key].name)
    ids = batch.get_column(id_column, default=None)
    try:
        documents, maps = validator.validate(batch["document"], days, drifts, None if ids is None else ids.to_list())
        records = _records(documents, validator)
    finally:
        validators.put(validator)  # or a later batch would wait for it forever
    frames = batch.drop("document", id_column, strict=False).with_columns(record=records)
    for table, frame in flatten(tree, frames, maps, drifts).items():
        # Uncompressed: these files live as long as their step, and compressing costs a third of the writing.
        frame.write_parquet(into / table / part, compression="uncompressed", statistics=False)
    return drifts


def _records(documents: pl.Series, validator: Validator) -> pl.Series:
    dtype = validator.dtype()
    pieces = range(0, len(documents), PIECE)
    return pl.concat([_piece(documents.slice(start, PIECE), dtype, validator.tree) for start in pieces])


def _piece(documents: pl.Series, dtype: pl.Struct, tree: SchemaNode) -> pl.Series:
    """Return the records of a piece, without what polars refuses (a number of 300 digits in an unknown field)."""
    try:
        return documents.str.json_decode(dtype)
    except pl.exceptions.PolarsError:
        return pl.Series([stripped(tree, each) for each in documents], dtype=pl.String).str.json_decode(dtype)
