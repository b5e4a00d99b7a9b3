"""How much memory, and how long, a large day takes from the wire into its checkpoint and on to one Parquet file.

    python -m genesys_assets_tests.benchmarks.extraction_memory [conversations] [job|query]

The pages come over loopback from another process; the peak is this process's own, everything imported included.
"""

import asyncio
import resource
import sys
import tempfile
import time
from datetime import UTC
from pathlib import Path

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys import Credentials, ExtractionSettings, GenesysCloud, Hosts, extract
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of
from genesys_assets_tests.benchmarks.day import day_of
from genesys_assets_tests.benchmarks.server import served
from genesys_assets_tests.benchmarks.voice import DAY


def peak_mb() -> float:
    """The process's peak so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_seconds() -> float:
    """Processor time of this process so far, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def read(url: str, checkpoint: ParquetCheckpoint, source: str) -> None:
    """Read the day."""
    credentials = Credentials("x", "x")
    async with GenesysCloud(Hosts(url, url), credentials, requests_per_minute=1_000_000, log=print) as cloud:
        await extract(
            cloud, CONVERSATIONS, window_of(DAY, UTC), checkpoint, ExtractionSettings(source, lookback_days=0)
        )


def main(conversations: int, source: str) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, served(day_of(conversations)) as url:
        checkpoint = ParquetCheckpoint(Path(folder) / "checkpoint")
        print(f"before: {peak_mb():,.0f} MB")
        began_at, cpu = time.monotonic(), cpu_seconds()
        asyncio.run(read(url, checkpoint, source))
        seconds = time.monotonic() - began_at
        print(
            f"extracted {conversations:,} conversations in {seconds:.1f} s ({cpu_seconds() - cpu:.1f} s of processor): "
            f"{conversations / seconds:,.0f} a second; peak {peak_mb():,.0f} MB"
        )
        began_at = time.monotonic()
        stored = Path(folder) / "day.parquet"
        checkpoint.documents().sink_parquet(stored, compression="zstd", compression_level=1, row_group_size=4_000)
        seconds = time.monotonic() - began_at
        parts = sum(part.stat().st_size for part in (Path(folder) / "checkpoint").iterdir())
        print(
            f"sunk {parts / 1e6:,.0f} MB of parts to {stored.stat().st_size / 1e6:,.0f} MB in {seconds:.1f} s: "
            f"{conversations / seconds:,.0f} a second; peak {peak_mb():,.0f} MB"
        )


if __name__ == "__main__":
    given = dict(enumerate(sys.argv))
    main(int(given.get(1, 300_000)), given.get(2, "job"))
