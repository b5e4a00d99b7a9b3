from collections.abc import Iterator
from pathlib import Path

import pytest

from genesys_assets.landing import Landing
from genesys_assets_tests.genesys.support import World, world


@pytest.fixture(scope="session")
def _served() -> Iterator[World]:
    with world() as served:
        yield served


@pytest.fixture
def here(_served: World) -> World:
    """A sandbox over real HTTP, as if new: no faults, no requests, noon of the day after."""
    served = _served
    served.settle()
    served.time.waits.clear()
    served.time.at = float(int(served.time.at))
    served.lines.clear()
    served.sandbox.requests.clear()
    return served


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")
