import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from genesys_assets.organisation import VARIABLES


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty folder that the command is called in: no `.env` of the developer's, no setting of the environment's."""
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    for variable in VARIABLES.values():
        os.environ.pop(variable, None)
    yield tmp_path
    os.environ.clear()  # whatever a command has loaded ends with the test
    os.environ.update(before)
