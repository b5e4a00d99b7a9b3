"""How close a day by query comes to the least time that the rate limit allows: requests divided by the limit.

    python -m genesys_assets_tests.benchmarks.extraction_pace

Every answer takes 250 ms. The limit is Genesys Cloud's 300 requests a minute, ten times as fast: once as 3,000 in
windows of a minute, once as 300 in windows of six seconds. Goal: at most 1.10 times the least time, and no 429.
"""

import asyncio
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from genesys_assets.genesys import (
    Credentials,
    Extraction,
    ExtractionSettings,
    GenesysCloud,
    Hosts,
    Interval,
    extract,
)
from genesys_assets.landing import Landing
from genesys_assets.sandbox import Faults, Sandbox, on, serve

LATENCY_SECONDS = 0.25
REQUESTS_A_MINUTE = 3_000
DAY = Interval.of_day(date(2026, 11, 22))
AS_FAST_AS_NEEDED = 20
"""Readers at once: 50 requests a second that take 250 ms each keep 13 of them busy."""


async def read(url: str, page_size: int) -> Extraction:
    """Read the day with that many conversations a page."""
    settings = ExtractionSettings(source="query", parallel=AS_FAST_AS_NEEDED, query_page_size=page_size)
    credentials = Credentials("sandbox", "sandbox")
    with tempfile.TemporaryDirectory() as folder:
        async with GenesysCloud(
            Hosts(url, url), credentials, requests_per_minute=REQUESTS_A_MINUTE, log=print
        ) as cloud:
            return await extract(cloud, DAY, Landing(Path(folder) / "day"), settings)


def main(window_seconds: float) -> None:
    """Measure and print."""
    sandbox = Sandbox(
        now=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC),
        requests_per_minute=round(REQUESTS_A_MINUTE * window_seconds / 60),
        rate_window_seconds=window_seconds,
        faults=Faults(on("", latency=LATENCY_SECONDS)),
    )
    for day in (date(2026, 11, 21), date(2026, 11, 22)):
        sandbox.conversations(day)  # generated once, before anything is measured
    with serve(sandbox) as url:
        extraction = asyncio.run(read(url, page_size=1))
    least_seconds = extraction.requests / REQUESTS_A_MINUTE * 60
    print(
        f"windows of {window_seconds:.0f} s: {extraction.requests:,} requests in {extraction.seconds:.1f} s, "
        f"{extraction.seconds / least_seconds:.3f} times the least {least_seconds:.1f} s; 429s: {extraction.throttled}"
    )


if __name__ == "__main__":
    for seconds in (60.0, 6.0):
        main(seconds)
