"""One file, two versions of DuckDB: GENESYS_ASSETS_OTHER_PYTHON is the interpreter of an environment with another."""

import os
import subprocess
from pathlib import Path

import duckdb
import polars as pl
import pytest

import genesys_assets
from genesys_assets_tests.warehouse.support import DAY, NEXT_DAY, Engine, calls, load, store

OTHER = os.environ.get("GENESYS_ASSETS_OTHER_PYTHON")
STORES_THE_NEXT_DAY = f"""
import sys, duckdb
from genesys_assets_tests.warehouse.support import Engine, calls, load, store
engine = Engine({{"database": sys.argv[1]}}, "")
store(engine, calls({NEXT_DAY!r}, ("b", 2, "other")), {NEXT_DAY!r})
assert load(engine)["note"].to_list() == ["this"]
print(duckdb.__version__)
"""


@pytest.mark.skipif(not OTHER, reason="GENESYS_ASSETS_OTHER_PYTHON names no environment with another DuckDB")
def test_two_versions_of_duckdb_store_in_and_load_from_one_file(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "this")))
    other = subprocess.run(
        [str(OTHER), "-W", "ignore", "-c", STORES_THE_NEXT_DAY, engine.settings["database"]],
        cwd=Path(genesys_assets.__file__).parent.parent,
        check=True,
        capture_output=True,
        text=True,
    )
    assert other.stdout.strip() != duckdb.__version__
    stored = pl.concat([calls(DAY, ("a", 1, "this")), calls(NEXT_DAY, ("b", 2, "other"))])
    assert load(engine, (DAY, NEXT_DAY)).sort("partition_date").equals(stored)
