from pathlib import Path

import pytest

from genesys_assets_tests.lakes import ducklake, lake, lake_server
from genesys_assets_tests.object_storage import s3_endpoint, s3_url
from genesys_assets_tests.warehouse.support import Engine, engine_of_file, engine_of_lake

__all__ = ["ducklake", "lake", "lake_server", "s3_endpoint", "s3_url"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the contract on every engine, but for tests that name theirs."""
    is_contract = "test_contract_" in metafunc.module.__name__ and "engine" in metafunc.fixturenames
    chosen = any("engine" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if is_contract and not chosen:
        metafunc.parametrize("engine", ["file", "lake"], indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """A new warehouse: a DuckDB file, or (`lake`) a lake with its catalogue in PostgreSQL."""
    if getattr(request, "param", "file") == "lake":
        return engine_of_lake(request.getfixturevalue("lake"))
    return engine_of_file(tmp_path / "data" / "warehouse.duckdb")
