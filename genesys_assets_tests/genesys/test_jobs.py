"""A details job over scripted answers: it is cancelled for sure when the reading is."""

import asyncio

import pytest

from genesys_assets.genesys import ExtractionSettings, Interval
from genesys_assets.genesys.jobs import read_slice
from genesys_assets_tests.genesys.support import DAY, Script, answer, session
from genesys_assets_tests.genesys.virtual import run_virtually


def requests_when_cancelled_by(method: str) -> list[str]:
    """What is sent by a reading that is cancelled whenever a request of that method, or the last one, is under way."""
    readings: list[asyncio.Task[object]] = []

    def respond(request):
        if request.method in {method, "DELETE"}:
            readings[0].cancel()
        return answer(200, {"jobId": "j-1", "state": "RUNNING"})

    script = Script(respond)

    async def main():
        async with session(script) as cloud:
            reading = read_slice(cloud, ExtractionSettings(), Interval.of_day(DAY), _sink)
            readings.append(asyncio.ensure_future(reading))
            with pytest.raises(asyncio.CancelledError):
                await readings[0]

    run_virtually(main())
    return [f"{request.method} {request.url.path.rpartition('/details/')[2]}" for request in script.requests]


async def _sink(_page):
    raise AssertionError("nothing is read")


def test_a_job_is_cancelled_though_the_reading_is_cancelled_twice():
    assert requests_when_cancelled_by("GET") == ["POST jobs", "GET jobs/j-1", "DELETE jobs/j-1"]


def test_a_job_whose_submission_is_under_way_is_cancelled_too():
    assert requests_when_cancelled_by("POST") == ["POST jobs", "DELETE jobs/j-1"]
