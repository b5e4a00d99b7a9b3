"""An engine that was let go of is used again, and is as good as a new one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from genesys_assets.warehouse import Database
from genesys_assets.warehouse.instances import running_instance


@pytest.fixture
def config() -> dict[str, str]:
    """Settings that no other test has."""
    return {"custom_user_agent": "test_started"}


def use(config: dict[str, str], spill: Path, *statements: str) -> int:
    """Runs statements, and returns by what its catalogue is known: which engine it is."""
    with running_instance(config, spill) as engine:
        for statement in statements:
            engine.connection.execute(statement)
        return number_of(engine.connection)


def number_of(connection: duckdb.DuckDBPyConnection) -> int:
    """A number that stays with the engine: how often this was asked of it."""
    connection.execute("CREATE SEQUENCE IF NOT EXISTS memory.main.uses")
    (number,) = connection.execute("SELECT nextval('memory.main.uses')").fetchall()[0]
    return int(number)


def test_an_engine_is_used_again_with_the_same_settings_and_no_others(config: dict[str, str], tmp_path: Path) -> None:
    assert [use(config, tmp_path), use(config, tmp_path)] == [1, 2]
    assert use({**config, "threads": "1"}, tmp_path) == 1


def test_settings_and_temporary_tables_end_with_their_use(config: dict[str, str], tmp_path: Path) -> None:
    use(config, tmp_path, "CREATE TEMP TABLE passing (n INTEGER)", "SET TimeZone = 'Asia/Kolkata'")
    with running_instance(config, tmp_path) as engine:
        assert engine.connection.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
        assert engine.connection.execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall() == [(0,)]


@pytest.mark.parametrize("limit", [None, "300MB"])
def test_the_next_use_may_have_as_much_memory(config: dict[str, str], tmp_path: Path, limit: str | None) -> None:
    limited = config | {"threads": "3"} | ({"memory_limit": limit} if limit else {})
    told = []
    for _ in range(3):
        with running_instance(limited, tmp_path) as engine:
            told += engine.connection.execute("SELECT current_setting('memory_limit')").fetchall()
    assert set(told) == {told[0]}


MEMORY = """
import resource, sys
from pathlib import Path
from genesys_assets.warehouse.instances import running_instance

def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 2**20

config, folder = eval(sys.argv[1]), Path(sys.argv[2])
with running_instance(config, folder):
    idle = megabytes()
with running_instance(config, folder) as engine:
    engine.connection.execute("CREATE TABLE memory.large AS SELECT n, md5(n::VARCHAR) FROM range(2000000) r(n)")
    engine.connection.execute("DROP TABLE memory.large")
    held = megabytes()
print(held - idle, megabytes() - idle)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell a process's memory")
@pytest.mark.parametrize("config", [{}, {"memory_limit": "400MB"}], ids=["by default", "limited"])
def test_an_engine_that_waits_for_its_next_use_holds_no_memory(config: dict[str, str], tmp_path: Path) -> None:
    called = [sys.executable, "-c", MEMORY, repr(config), str(tmp_path)]
    told = subprocess.run(called, capture_output=True, text=True, check=True).stdout
    in_use, idle = map(int, told.split())
    assert in_use > 60, "the table takes that much"
    assert idle < 25


def test_what_does_not_fit_in_memory_goes_where_its_use_says(config: dict[str, str], tmp_path: Path) -> None:
    for folder in ("first", "second"):
        with running_instance(config, tmp_path / folder) as engine:
            (where,) = engine.connection.execute("SELECT current_setting('temp_directory')").fetchall()[0]
            assert where == str(tmp_path / folder)


def test_an_engine_that_spilled_is_not_used_again(config: dict[str, str], tmp_path: Path) -> None:
    small = {**config, "memory_limit": "64MB", "threads": "1"}
    sort = "CREATE TEMP TABLE large AS SELECT n, hash(n) AS h, repeat('x', 60) FROM range(1500000) r(n) ORDER BY h"
    use(small, tmp_path / "first", sort)
    assert use(small, tmp_path / "second") == 1


def test_an_engine_is_ended_by_an_error(config: dict[str, str], tmp_path: Path) -> None:
    failing = {**config, "threads": "2"}
    with pytest.raises(duckdb.Error):
        use(failing, tmp_path, "CREATE SEQUENCE memory.main.uses", "SELECT * FROM nowhere")
    assert use(failing, tmp_path) == 1


def test_a_database_is_closed_however_its_use_ends(tmp_path: Path) -> None:
    """Whoever opens the file read-write has it for himself, so it must have been let go of."""
    path = tmp_path / "calls.duckdb"
    database = Database(path)
    with database.writing() as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 1 AS number")
    with pytest.raises(duckdb.Error), database.reading() as connection:
        connection.execute("SELECT error('enough') FROM numbers")
    with pytest.raises(duckdb.Error), database.writing() as connection:
        connection.execute("INSERT INTO numbers VALUES (2); SELECT error('enough')")
    with database.reading() as connection:
        connection.execute("FROM numbers, range(5000)")  # whose rows nobody fetches
    with duckdb.connect(path) as other:
        assert other.execute("FROM numbers").fetchall() == [(1,)]
