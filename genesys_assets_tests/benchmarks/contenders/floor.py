"""The floor: what nobody can do without, each part bare, one after the other.

    python -m genesys_assets_tests.benchmarks.contenders.floor URL DAY-FOLDER WORK-FOLDER

Fetch every page and drop it; insert the documents into DuckDB, in the compression in which the warehouse keeps them;
decode each document once, with the type of the fields known beforehand. No table is made of what was decoded.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import httpx
import polars as pl

from genesys_assets_tests.benchmarks.day import JOB_SLICES, Day, intervals
from genesys_assets_tests.benchmarks.server import JOBS
from genesys_assets_tests.benchmarks.stopwatch import Stopwatch

PIECE = 250
LEARNT_FROM = 5_000


async def fetch(url: str) -> None:
    """Fetch the pages of a job for each slice of the day, the slices side by side."""
    async with httpx.AsyncClient(base_url=url) as http:
        await asyncio.gather(*(fetch_slice(http, interval) for interval in intervals(JOB_SLICES)))


async def fetch_slice(http: httpx.AsyncClient, interval: str) -> None:
    """Fetch the pages of one job."""
    job = (await http.post(JOBS, json={"interval": interval})).json()["jobId"]
    cursor: str | None = "0"
    while cursor:
        page = (await http.get(f"{JOBS}/{job}/results", params={"cursor": cursor})).content
        cursor = page[-20:].rpartition(b'"cursor":"')[2].rstrip(b'"}').decode() if b'"cursor":' in page[-20:] else None


def insert(parts: list[Path], database: Path) -> None:
    """Insert the documents into one table."""
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false; SET memory_limit = '400MB'")
        connection.execute(f"ATTACH '{database}' AS store (ROW_GROUP_SIZE 4096)")
        connection.execute(
            "CREATE TABLE store.conversations (conversation_id VARCHAR, conversation_start TIMESTAMPTZ, "
            "conversation_end TIMESTAMPTZ, document VARCHAR USING COMPRESSION ZSTD)"
        )
        connection.execute("INSERT INTO store.conversations FROM read_parquet(?)", [[str(part) for part in parts]])


def learnt(parts: list[Path]) -> pl.DataType:
    """Return the type of the documents; known beforehand, so not part of what is measured."""
    sample = pl.scan_parquet(parts).select("document").head(LEARNT_FROM).collect()["document"]
    return sample.str.json_decode(infer_schema_length=None).dtype


def decode(parts: list[Path], dtype: pl.DataType) -> None:
    """Decode every document, with as many threads as the project's decoding."""
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda part: decode_part(part, dtype), parts))


def decode_part(part: Path, dtype: pl.DataType) -> None:
    """Decode the documents of a part, in pieces that stay in the processor's cache."""
    documents = pl.read_parquet(part, columns=["document"])["document"]
    for start in range(0, len(documents), PIECE):
        documents.slice(start, PIECE).str.json_decode(dtype)


def main(url: str, day: Day, work: Path) -> None:
    """Do the three parts."""
    dtype = learnt(day.parts)
    with Stopwatch(day.facts["conversations"]) as watch:
        with watch.part("fetch"):
            asyncio.run(fetch(url))
        with watch.part("insert"):
            insert(day.parts, work / "floor.duckdb")
        with watch.part("decode"):
            decode(day.parts, dtype)


if __name__ == "__main__":
    main(sys.argv[1], Day(Path(sys.argv[2])), Path(sys.argv[3]))
