from pathlib import Path

import pytest

from genesys_assets_tests.warehouse.support import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A warehouse in a new DuckDB file."""
    database = tmp_path / "data" / "warehouse.duckdb"
    return Engine(settings={"database": str(database)}, attach=f"ATTACH '{database}' AS eyes (READ_ONLY)")
