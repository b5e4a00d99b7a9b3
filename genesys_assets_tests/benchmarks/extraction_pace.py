"""How close a day by query comes to the least time that the rate limit allows: requests divided by the limit.

    python -m genesys_assets_tests.benchmarks.extraction_pace

Every answer takes 250 ms. The limit is Genesys Cloud's 300 requests a minute, ten times as fast: once as 3,000 in
windows of a minute, once as 300 in windows of six seconds. Each is measured in virtual time, where the machine's own
speed does not count, and over real HTTP. Goal: at most 1.10 times the least time, and no 429.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from unittest import mock

import httpx

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys import (
    Credentials,
    Extraction,
    ExtractionSettings,
    GenesysCloud,
    Hosts,
    extract,
)
from genesys_assets.sandbox import Faults, Sandbox, on, serve
from genesys_assets.sources import CONVERSATIONS
from genesys_assets.windows import window_of
from genesys_assets_tests.genesys.support import adjusted
from genesys_assets_tests.genesys.virtual import run_virtually

LATENCY_SECONDS = 0.25
REQUESTS_A_MINUTE = 3_000
DAY = window_of(date(2026, 11, 22), UTC)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
AS_MANY_AS_NEEDED = 20
"""Readers at once: 50 requests a second that take 250 ms each keep 13 of them busy."""


def sandbox_of(window_seconds: float, clock: Callable[[], float]) -> Sandbox:
    """A sandbox of 1,000 conversations a day with the limit in such windows."""
    return Sandbox(
        conversations_per_day=1_000,
        now=lambda: NOON,
        clock=clock,
        requests_per_minute=round(REQUESTS_A_MINUTE * window_seconds / 60),
        rate_window_seconds=window_seconds,
        faults=Faults(on("", latency=LATENCY_SECONDS)),
    )


async def read(url: str, clock: Callable[[], float], transport: httpx.AsyncBaseTransport | None = None) -> Extraction:
    """Read the day, one conversation a page."""
    settings = adjusted(ExtractionSettings("query"), parallel=AS_MANY_AS_NEEDED, query_page_size=1)
    with tempfile.TemporaryDirectory() as folder:
        async with GenesysCloud(
            Hosts(url, url),
            Credentials("sandbox", "sandbox"),
            requests_per_minute=REQUESTS_A_MINUTE,
            transport=transport,
            clock=clock,
        ) as cloud:
            return await extract(cloud, CONVERSATIONS, DAY, ParquetCheckpoint(Path(folder) / "day"), settings)


def virtually(window_seconds: float) -> Extraction:
    """Read the day in virtual time."""

    async def at_once(work: Callable[..., object], *given: object) -> object:
        return work(*given)

    async def main() -> Extraction:
        clock = asyncio.get_running_loop().time
        app = sandbox_of(window_seconds, clock).app
        return await read("http://sandbox", clock, httpx.ASGITransport(app))

    with mock.patch("asyncio.to_thread", at_once):
        return run_virtually(main())


def really(window_seconds: float) -> Extraction:
    """Read the day over real HTTP."""
    with serve(sandbox_of(window_seconds, time.monotonic)) as url:
        return asyncio.run(read(url, time.monotonic))


def main() -> None:
    """Measure and print."""
    for window_seconds in (60.0, 6.0):
        for measured in (virtually, really):
            extraction = measured(window_seconds)
            least_seconds = extraction.requests / REQUESTS_A_MINUTE * 60
            print(
                f"windows of {window_seconds:.0f} s, {measured.__name__}: {extraction.requests:,} requests in "
                f"{extraction.seconds:.1f} s, {extraction.seconds / least_seconds:.3f} times the least "
                f"{least_seconds:.1f} s; 429s: {extraction.throttled}"
            )


if __name__ == "__main__":
    main()
