"""How long many requests take under latency and a rate limit, in virtual time: whatever the machine's own speed."""

import asyncio
import math

import httpx
import pytest

from genesys_assets.genesys import Credentials, GenesysCloud
from genesys_assets_tests.genesys.support import HOSTS, NOON, answer, granted, problem
from genesys_assets_tests.genesys.virtual import run_virtually

LATENCY_SECONDS = 0.25


class Limited(httpx.AsyncBaseTransport):
    """A server that takes its time, and counts requests in fixed windows as Genesys Cloud does."""

    def __init__(self, allowed: int, window_seconds: float) -> None:
        self.allowed = allowed
        self.window_seconds = window_seconds
        self.throttled = 0
        self._ends_at, self._count = 0.0, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return granted()(request)
        now = asyncio.get_running_loop().time()
        if now >= self._ends_at:
            self._ends_at, self._count = now + self.window_seconds, 0
        self._count += 1
        told = {
            "inin_ratelimit_count": str(self._count),
            "inin_ratelimit_allowed": str(self.allowed),
            "inin_ratelimit_reset": str(math.ceil(self._ends_at - now)),
        }
        is_refused = self._count > self.allowed
        await asyncio.sleep(LATENCY_SECONDS)
        if is_refused:
            self.throttled += 1
            return problem(429, Retry_After=told["inin_ratelimit_reset"], **told)(request)
        return answer(200, {}, **told)(request)


async def _asked(server: Limited, requests: int, parallel: int, requests_per_minute: int) -> float:
    loop = asyncio.get_running_loop()
    waiting = iter(range(requests))

    async with GenesysCloud(
        HOSTS,
        Credentials("x", "x"),
        requests_per_minute=requests_per_minute,
        transport=server,
        clock=loop.time,
        now=lambda: NOON,
    ) as cloud:

        async def reader() -> None:
            for _ in waiting:
                await cloud.get("/api/v2/things")

        await asyncio.gather(*(reader() for _ in range(parallel)))
    return loop.time()


@pytest.mark.parametrize(
    ("allowed", "window_seconds", "requests"),
    [(300, 6.0, 1_500), (300, 60.0, 1_050), (30, 6.0, 100)],
)
def test_many_requests_take_hardly_longer_than_the_limit_demands(allowed, window_seconds, requests):
    """At most 1.10 times requests / limit, and no 429."""
    per_minute = round(allowed * 60 / window_seconds)
    server = Limited(allowed, window_seconds)
    seconds = run_virtually(_asked(server, requests, 20, per_minute))
    assert server.throttled == 0
    assert seconds <= 1.10 * requests / per_minute * 60


@pytest.mark.parametrize("allowed", [7, 180, 299])
def test_a_limit_below_our_pace_is_found_out_without_a_429(allowed):
    server = Limited(allowed, 60.0)
    seconds = run_virtually(_asked(server, 3 * allowed, 4, 300))
    assert server.throttled == 0
    assert seconds <= 60 * 3 * 1.05


def test_a_pace_below_the_limit_is_kept_to():
    server = Limited(10_000, 60.0)
    seconds = run_virtually(_asked(server, 250, 4, 100))
    assert 120 <= seconds <= 150


def test_a_small_day_does_not_wait_at_all():
    assert run_virtually(_asked(Limited(300, 60.0), 60, 4, 300)) == pytest.approx(60 / 4 * LATENCY_SECONDS)
