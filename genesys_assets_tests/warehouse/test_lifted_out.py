"""The warehouse works in a project that has nothing of this one but the few modules that docs/architecture.md names."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import genesys_assets

PACKAGE = Path(genesys_assets.__file__).parent
WITH_IT = {"dagster_internals", "errors", "failures", "files", "secrecy", "texts"}

PROJECT = """
import dagster as dg
import polars as pl
from genesys_assets.warehouse import Warehouse

schema = dg.TableSchema([dg.TableColumn("call_id", "VARCHAR")])

@dg.asset(key=["raw", "calls"], metadata={"dagster/column_schema": schema})
def calls() -> pl.LazyFrame:
    return pl.LazyFrame({"call_id": ["a", "b"]})

defs = dg.Definitions([calls], resources={"io_manager": Warehouse(database="calls.duckdb")})
assert defs.get_implicit_global_asset_job_def().execute_in_process().success
print(defs.load_asset_value(["raw", "calls"], python_type=pl.DataFrame)["call_id"].sort().to_list())
"""


def test_the_warehouse_stores_and_loads_without_the_rest_of_the_project(tmp_path: Path) -> None:
    lifted = tmp_path / "genesys_assets"
    shutil.copytree(PACKAGE / "warehouse", lifted / "warehouse", ignore=shutil.ignore_patterns("__pycache__"))
    (lifted / "__init__.py").touch()
    for name in WITH_IT:
        shutil.copy(PACKAGE / f"{name}.py", lifted)
    (tmp_path / "project.py").write_text(PROJECT)
    done = subprocess.run(
        [sys.executable, "project.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["['a', 'b']"], done.stderr


def test_the_documentation_names_what_must_be_lifted_out_with_it() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text()
    (row,) = re.findall(r"^\| `warehouse` \|.*$", page, re.MULTILINE)
    assert {*re.findall(r"`(\w+)`", row)} == {"warehouse", *WITH_IT}
