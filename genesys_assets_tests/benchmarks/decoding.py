"""How fast voice calls decode, and in how much memory: `python -m genesys_assets_tests.benchmarks.decoding [CALLS]`.

The documents are those of the benchmarks' day, read from Parquet. CPU time is told beside the wall's: on a machine that
others use too it is the steadier of the two. Goals: 20,000 a second on two idle cores; a peak below 400 MB.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from genesys_assets.tables.decode import decode
from genesys_assets.tables.staging.conversation_tree import CONVERSATION
from genesys_assets_tests.benchmarks.day import day_of
from genesys_assets_tests.benchmarks.voice import DAY


def main(count: int) -> None:
    """Prints the rates of two rounds: the second tells whether the memory stays."""
    documents = pl.scan_parquet(day_of(count).parts).select(partition_date=pl.lit(DAY), document="document")
    print(f"{count:,} conversations; before: {_peak():,.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            wall, cpu = time.perf_counter(), time.process_time()
            decode(documents, Path(folder), CONVERSATION)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            print(f"{count / wall:,.0f} a second, {count / cpu:,.0f} a second of CPU; peak {_peak():,.0f} MB")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
