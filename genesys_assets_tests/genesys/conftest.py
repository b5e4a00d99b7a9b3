from collections.abc import Iterator
from pathlib import Path

import pytest

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.genesys.api.rate_limiter import MINUTE_SECONDS
from genesys_assets_tests.genesys.support import World, world


@pytest.fixture(scope="session")
def _served() -> Iterator[World]:
    with world() as served:
        yield served


@pytest.fixture
def here(_served: World) -> World:
    """A sandbox over real HTTP, as if new: no faults, no requests, in a new window of the rate limit, the day after."""
    served = _served
    served.settle()
    served.time.waits.clear()
    # The sessions of a process share their pace: what an earlier test has used up of a window would count here.
    served.time.at = float(int(served.time.at)) + MINUTE_SECONDS
    served.lines.clear()
    served.sandbox.requests.clear()
    return served


@pytest.fixture
def checkpoint(tmp_path: Path) -> ParquetCheckpoint:
    return ParquetCheckpoint(tmp_path / "checkpoint")
