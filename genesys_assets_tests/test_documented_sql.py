"""Every SQL block of README and docs runs on a stored day, and shows nothing that would mislead: no nan, no HUGEINT."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import pytest

from genesys_assets.marts import with_names
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets.warehouse.engines.extensions import packaged
from genesys_assets_tests.conftest import Chain
from genesys_assets_tests.lakes import PACKAGE
from genesys_assets_tests.marts.staging import Conversation, Session, staged

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "deploy").rglob("*.md"))]
OF_A_LAKE = "ducklake_"
"""Maintenance of a lake: its own test runs it."""

FLOWED_OUT = "queue-of-flow-outs"


def statements() -> list[Any]:
    """Each documented statement, with the page that it is on."""
    found = []
    for page in PAGES:
        for block in re.findall(r"^ *```sql\n(.*?)^ *```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            parts = [part.strip() for part in block.split(";") if part.strip()]
            found += [pytest.param(part, id=f"{page.name} {number}") for number, part in enumerate(parts)]
    return found


STATEMENTS = statements()
OF_SEVERAL = "your-dagster.md"
"""Of several organisations at once: `several` runs it."""
OF_A_DAY = [each for each in STATEMENTS if OF_A_LAKE not in each.values[0] and OF_SEVERAL not in str(each.id)]


@pytest.fixture(scope="module")
def folder(materialised: Chain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a stored day with its exports, and one queue more, from which a flow took all that it was offered."""
    copied = tmp_path_factory.mktemp("documented")
    for file in materialised.folder.glob("genesys.duckdb*"):
        if file.is_file():
            shutil.copy(file, copied / file.name)
    shutil.copytree(materialised.folder / "exports", copied / "exports")
    queue = Session("acd", [("nOffered", 1, 600), ("tFlowOut", 60, 601)], queue=FLOWED_OUT)
    rows = with_names(queue_performance(staged(Conversation(600, 601, [queue]))["session_metrics"])).collect()
    rows.write_parquet(copied / "more.parquet")
    with duckdb.connect(str(copied / "genesys.duckdb")) as connection:
        connection.execute(f"CREATE TEMP VIEW more AS FROM read_parquet('{copied / 'more.parquet'}')")
        connection.execute(
            "INSERT INTO marts.queue_performance BY NAME SELECT * REPLACE (queue_id AS queue_name) FROM more"
        )
    return copied


@pytest.fixture(params=["UTC", "Australia/Sydney", "America/Los_Angeles"])
def reader(
    folder: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader's connection, somewhere in the world."""
    monkeypatch.chdir(folder)
    with duckdb.connect("genesys.duckdb", read_only=True) as connection:
        connection.execute(f"SET TimeZone = '{request.param}'")
        yield connection


def test_there_are_statements_in_the_readme_and_in_the_docs() -> None:
    pages = {str(each.id).split(" ")[0] for each in STATEMENTS}
    assert {"README.md", "exports.md", "warehouse.md"} <= pages


@pytest.mark.parametrize("statement", OF_A_DAY)
def test_a_documented_statement_has_rows_and_no_misleading_value(
    statement: str, reader: duckdb.DuckDBPyConnection
) -> None:
    shown = reader.execute(statement)
    types = {str(column[1]) for column in shown.description or []}
    rows = shown.fetchall()
    assert rows
    assert "HUGEINT" not in types
    assert not [value for row in rows for value in row if isinstance(value, float) and not math.isfinite(value)]


def test_a_queue_without_answers_and_abandons_has_no_service_level_rather_than_nan(
    reader: duckdb.DuckDBPyConnection,
) -> None:
    shown = reader.execute(STATEMENTS[0].values[0])
    columns = [column[0] for column in shown.description or []]
    queues = {row[0]: dict(zip(columns, row, strict=True)) for row in shown.fetchall()}
    assert queues[FLOWED_OUT] == {
        "queue_name": FLOWED_OUT,
        "offered": 1,
        "service_level": None,
        "average_speed_of_answer_seconds": None,
    }


def test_no_documented_statement_goes_by_the_day_of_the_readers_clock() -> None:
    assert [each.id for each in OF_A_DAY if re.search("current_date|today", each.values[0])] == []


def test_the_documented_maintenance_of_a_lake_runs(tmp_path: Path) -> None:
    if version(PACKAGE) != duckdb.__version__:
        pytest.skip(f"{PACKAGE} is not for DuckDB {duckdb.__version__}")
    with duckdb.connect() as connection:
        connection.execute(f"LOAD '{packaged('ducklake')}'")
        connection.execute(f"ATTACH 'ducklake:{tmp_path}/lake.duckdb' AS warehouse (DATA_PATH '{tmp_path}/files')")
        connection.execute("CREATE TABLE warehouse.calls AS SELECT 1 AS n")
        of_a_lake = [each.values[0] for each in STATEMENTS if OF_A_LAKE in each.values[0]]
        for statement in of_a_lake:
            connection.execute(statement)
        assert len(of_a_lake) == 3
        assert connection.sql("FROM warehouse.calls").fetchall() == [(1,)]
