import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner, Result

from genesys_assets.cli import main
from genesys_assets.cli.demo import as_table
from genesys_assets.pinning import Identity
from genesys_assets.warehouse import Database
from genesys_assets.warehouse.facts import pin

ACME = Identity.disclosed("0c9e1c1a-7a54-4b3f-8f62-0d3c7d5c6a01", "Acme", "client", "https://api.example")
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


@pytest.fixture
def demo(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Calls the demo on a small sandbox in an empty folder, with further settings."""
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    monkeypatch.setenv("GENESYS_ASSETS_SANDBOX_CONVERSATIONS_PER_DAY", "40")

    def run(*arguments: str, **settings: str) -> Result:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(main, ["demo", *arguments])

    return run


@pytest.fixture
def database(folder: Path) -> Database:
    """The database that a demo in this folder fills."""
    return Database(folder / "data" / "genesys.duckdb")


def is_refused(result: Result, said: str) -> None:
    """The demo says so in one line, and nothing has been launched."""
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.output.splitlines()) == 1
    assert not Path("data").exists()


@pytest.mark.slow
def test_the_demo_stores_a_day_and_prints_its_figures(demo, database, folder):
    result = demo("--day", str(YESTERDAY))
    assert result.exit_code == 0, result.output
    table = [line for line in result.output.splitlines() if line.startswith("|")]
    titles = [cell.strip() for cell in table[0].split("|")[1:-1]]
    assert titles[:5] == ["Queue", "Media", "Offer", "Answer", "Abandon"]
    with database.reading() as connection:
        (offered,) = connection.execute("SELECT sum(offered) FROM marts.queue_performance").fetchall()[0]
        (days,) = connection.execute("SELECT array_agg(DISTINCT partition_date) FROM raw.conversations").fetchall()[0]
    assert sum(int(line.split("|")[3]) for line in table[2:]) == offered > 0
    assert days == [YESTERDAY]
    with duckdb.connect("exports/contact_centre.duckdb", read_only=True) as copy:
        assert copy.execute("SELECT sum(offered) FROM marts.queue_performance").fetchall() == [(offered,)]
    assert "duckdb -readonly exports/contact_centre.duckdb" in result.output
    assert f"{Path(sys.executable).with_name('genesys-assets')} doctor" in result.output


@pytest.mark.parametrize("day", [YESTERDAY + timedelta(days=1), YESTERDAY + timedelta(days=30), "2019-12-31"])
def test_a_day_that_has_no_partition_is_refused(demo, day):
    is_refused(demo("--day", str(day)), f"give one from 2026-01-01 to {YESTERDAY}.")


def test_one_credential_without_the_other_is_refused(demo):
    is_refused(demo(GENESYSCLOUD_OAUTHCLIENT_ID="mine"), "GENESYSCLOUD_OAUTHCLIENT_SECRET is not: set both")


@pytest.mark.parametrize("command", ["demo", "doctor"])
def test_a_start_date_that_is_none_is_one_line(folder, command):
    """In a process of its own: partitions read the date when they are imported."""
    (folder / ".env").write_text("GENESYS_ASSETS_START_DATE=soon\n")
    program = [sys.executable, "-c", "from genesys_assets.cli import main; main()", command]
    called = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)
    assert called.returncode == 1
    assert "Traceback" not in called.stderr
    assert "write a date as YYYY-MM-DD" in called.stdout + called.stderr


def test_the_sandbox_does_not_take_the_place_of_an_organisations_conversations(demo, database):
    with database.writing() as connection:
        pin(connection, ACME.facts())
    result = demo()
    assert result.exit_code == 1
    assert 'holds the data of "Acme"' in result.stderr
    assert "the current credentials are those of the sandbox" in result.stderr
    assert "name another database in GENESYS_ASSETS_DATABASE" in result.stderr


def test_conversations_from_before_organisations_were_recorded_are_not_replaced_by_the_sandbox(demo, database):
    with database.writing() as connection:
        connection.execute("CREATE SCHEMA raw; CREATE TABLE raw.conversations AS SELECT '{}' AS document")
    result = demo()
    assert result.exit_code == 1
    assert "set the credentials of the organisation" in result.stderr


def test_a_database_that_cannot_be_kept_is_refused(demo):
    is_refused(demo(GENESYS_ASSETS_DATABASE=":memory:"), "cannot be ':memory:'")


def test_figures_are_shown_as_a_person_reads_them():
    figures = pl.DataFrame(
        {
            "queue_name": ["Billing", None],
            "media_type": ["voice", "email"],
            "offered": [10, 1],
            "answered": [9, 0],
            "abandoned": [1, 0],
            "service_level": [0.825, None],
            "average_speed_of_answer_ms": [22_400.0, None],
            "average_handle_time_ms": [3_725_000.0, None],
            "transferred": [2, 0],
        }
    )
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in as_table(figures).splitlines()]
    assert rows[2] == ["Billing", "voice", "10", "9", "1", "82.5 %", "00:00:22", "01:02:05", "2"]
    assert rows[3] == ["-", "email", "1", "0", "0", "-", "-", "-", "0"]
