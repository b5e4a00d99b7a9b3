"""A day's pages, made once and kept on disk: what the benchmarks' server serves, and what the floor stores and decodes.

    python -m genesys_assets_tests.benchmarks.day [conversations]

What belongs here: the files of a day. What a conversation looks like is `voice`, who asks for it is `server`.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from genesys_assets.activity import NEAR
from genesys_assets.marts import MARTS
from genesys_assets_tests.benchmarks.voice import DAY, Calls, Conversation

FORMAT = 1
"""Raised when what is kept on disk changes its shape."""
CACHE = Path(os.environ.get("GENESYS_ASSETS_BENCH_CACHE") or Path(tempfile.gettempdir()) / "genesys-assets-bench")
MIDNIGHT = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
LAKE = f'"dataAvailabilityDate":"{DAY + timedelta(days=2)}T00:00:00.000Z"'.encode()
TEMPLATES = 8_000
PART = 5_000
JOB_SLICES, JOB_PAGE = 2, 1_000
QUERY_SLICES, QUERY_PAGE = 24, 100


@dataclass(frozen=True, slots=True)
class Day:
    """A day on disk."""

    folder: Path

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of it: conversations, json_bytes, query_intervals, aggregates."""
        return dict(json.loads((self.folder / "facts.json").read_bytes()))

    @property
    def parts(self) -> list[Path]:
        """Parquet files of conversation_id, conversation_start, conversation_end, document."""
        return sorted((self.folder / "parquet").glob("*.parquet"))

    def page(self, style: str, interval: str, number: int) -> Path:
        """Return the file of a page (0-based), compressed; there is none after the last."""
        return self.folder / style / _name(interval) / f"{number}.json.gz"


@dataclass
class _Slice:
    """Pages of one slice being written."""

    folder: Path
    size: int
    facts: bytes
    has_cursor: bool
    waiting: list[bytes] = field(default_factory=list)
    pages: int = 0

    def add(self, document: bytes) -> None:
        if len(self.waiting) == self.size:
            self._write(is_last=False)
        self.waiting.append(document)

    def end(self) -> None:
        self._write(is_last=True)

    def _write(self, *, is_last: bool) -> None:
        cursor = b',"cursor":"%d"' % (self.pages + 1) if self.has_cursor and not is_last else b""
        body = b'{"conversations":[%b],%b%b}' % (b",".join(self.waiting), self.facts, cursor)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{self.pages}.json.gz").write_bytes(gzip.compress(body, 6, mtime=0))
        self.pages += 1
        self.waiting = []


def day_of(conversations: int) -> Day:
    """Return the day with so many conversations, made now when it is not there yet."""
    folder = CACHE / f"{FORMAT}-{conversations}"
    if not folder.exists():
        unfinished = CACHE / f"{FORMAT}-{conversations}.unfinished-{os.getpid()}"
        shutil.rmtree(unfinished, ignore_errors=True)
        _make(unfinished, conversations)
        unfinished.replace(folder)
    return Day(folder)


@cache
def _calls(templates: int) -> Calls:
    return Calls(templates)


def _make(folder: Path, count: int) -> None:
    calls = _calls(min(count, TEMPLATES))
    hits = Counter(_slice(each.start_seconds, QUERY_SLICES) for each in calls.conversations(count))
    jobs = [
        _Slice(folder / "job" / _name(interval), JOB_PAGE, LAKE, has_cursor=True)
        for interval in intervals(JOB_SLICES, near=NEAR)
    ]
    queries = [
        _Slice(folder / "query" / _name(interval), QUERY_PAGE, b'"totalHits":%d' % hits[number], has_cursor=False)
        for number, interval in enumerate(intervals(QUERY_SLICES))
    ]
    (folder / "parquet").mkdir(parents=True)
    json_bytes = 0
    for number, part in enumerate(_parts(calls.conversations(count))):
        _write_part(folder / "parquet" / f"{number:04}.parquet", part)
        json_bytes += sum(len(each.document) for each in part)
        for each in part:
            first, last = (_slice(seconds, JOB_SLICES) for seconds in (each.start_seconds, each.end_seconds))
            for half in jobs[first : last + 1]:
                half.add(each.document)
            queries[_slice(each.start_seconds, QUERY_SLICES)].add(each.document)
    for each_slice in (*jobs, *queries):
        each_slice.end()
    facts = {
        "conversations": count,
        "json_bytes": json_bytes,
        "query_intervals": intervals(QUERY_SLICES),
        "aggregates": {
            aggregates_asked(comparison.of, [*comparison.by.values()], comparison.by_interval): calls.aggregates(
                count, comparison
            )
            for mart in MARTS.values()
            for comparison in mart.comparisons
        },
    }
    (folder / "facts.json").write_text(json.dumps(facts))


def aggregates_asked(of: str, by: list[str], in_buckets: bool) -> str:
    """Return by what the aggregates of the day are told apart in its facts."""
    return " ".join([of, *by, *(["in buckets"] if in_buckets else [])])


def _slice(seconds: int, slices: int) -> int:
    """Return in which of so many slices of the day a second is."""
    return seconds * slices // 86_400


def _parts(conversations: Iterator[Conversation]) -> Iterator[list[Conversation]]:
    part: list[Conversation] = []
    for each in conversations:
        part.append(each)
        if len(part) == PART:
            yield part
            part = []
    yield part


def _write_part(file: Path, part: list[Conversation]) -> None:
    second = timedelta(seconds=1)
    pl.DataFrame(
        {
            "conversation_id": [each.conversation_id for each in part],
            "conversation_start": [MIDNIGHT + each.start_seconds * second for each in part],
            "conversation_end": [MIDNIGHT + each.end_seconds * second for each in part],
            "document": [each.document.decode() for each in part],
        },
        schema_overrides={
            "conversation_start": pl.Datetime("us", "UTC"),
            "conversation_end": pl.Datetime("us", "UTC"),
        },
    ).write_parquet(file, compression="lz4")


def intervals(slices: int, near: timedelta = timedelta()) -> list[str]:
    """Return the intervals of the day cut into so many slices, with `near` on either side, as a request names them."""
    cuts = [MIDNIGHT + number * timedelta(days=1) / slices for number in range(slices + 1)]
    return [f"{_instant(start - near)}/{_instant(end + near)}" for start, end in pairwise(cuts)]


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"


def _name(interval: str) -> str:
    return "".join(each for each in interval if each.isalnum())


if __name__ == "__main__":
    print(day_of(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000).folder)
