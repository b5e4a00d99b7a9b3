"""The environment as resources: each setting reaches what it is for."""

from pathlib import Path

import pytest

from genesys_assets.databases import database_of, wait_policy_of_commands, warehouse_of
from genesys_assets.marts import ServiceLevelOptions
from genesys_assets.organisation import VARIABLES, Organisation
from genesys_assets.resources import figures_of, genesys_of
from genesys_assets.whose import pinned_database_of


def spool_folder() -> Path:
    """Where the warehouse that the environment describes puts its temporary files."""
    with warehouse_of(Organisation.from_environment()).process_config_and_initialize_cm() as manager:
        return manager._spool.parent


@pytest.fixture(autouse=True)
def work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The work folder that the environment names."""
    monkeypatch.setenv(VARIABLES["work_folder"], str(tmp_path / "work"))
    return tmp_path / "work"


@pytest.mark.parametrize("location", ["ducklake:postgres:host=db", "ducklake:lake.duckdb"])
def test_the_temporary_files_of_what_is_no_file_go_into_the_work_folder(
    monkeypatch: pytest.MonkeyPatch, work: Path, location: str
) -> None:
    monkeypatch.setenv(VARIABLES["database"], location)
    assert spool_folder() == work / "spool"


def test_the_temporary_files_of_a_file_go_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLES["database"], str(tmp_path / "genesys.duckdb"))
    assert spool_folder() == tmp_path / "genesys.duckdb.spool"


@pytest.mark.parametrize(("setting", "run", "command"), [(None, 600, 120), ("", 600, 120), ("7", 7, 7), ("0", 0, 0)])
def test_others_are_waited_for_as_the_setting_says_and_longer_by_runs_than_by_commands(
    monkeypatch: pytest.MonkeyPatch, setting: str | None, run: float, command: float
) -> None:
    if setting is not None:
        monkeypatch.setenv("GENESYS_ASSETS_DATABASE_WAIT_SECONDS", setting)
    assert warehouse_of(Organisation.from_environment()).lock_timeout_seconds == run
    assert wait_policy_of_commands(Organisation.from_environment()).timeout_seconds == command
    assert database_of(Organisation.from_environment())._wait_policy == wait_policy_of_commands(
        Organisation.from_environment()
    )
    assert pinned_database_of(Organisation.from_environment())._wait_policy == wait_policy_of_commands(
        Organisation.from_environment()
    )


def test_who_waits_in_vain_is_told_of_the_copy_and_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENESYS_ASSETS_EXPORT_URL", "/srv/exports")
    for remedy in (
        warehouse_of(Organisation.from_environment()).remedy,
        wait_policy_of_commands(Organisation.from_environment()).remedy,
    ):
        assert "let it read the copy for readers, /srv/exports/contact_centre.duckdb" in remedy
        assert "raise GENESYS_ASSETS_DATABASE_WAIT_SECONDS" in remedy


def test_a_command_tells_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    wait_policy_of_commands(Organisation()).tell("Waiting for data/genesys.duckdb, held by process 4711 (python).")
    assert capsys.readouterr().err == "Waiting for data/genesys.duckdb, held by process 4711 (python).\n"


def test_the_options_of_the_figures_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENESYS_ASSETS_INTERVAL_MINUTES", "15")
    monkeypatch.setenv("GENESYS_ASSETS_INCLUDE_FLOWOUTS_IN_CALCULATION", "true")
    monkeypatch.setenv("GENESYS_ASSETS_INCLUDE_SHORT_ABANDONS_IN_CALCULATION", "false")
    monkeypatch.setenv("GENESYS_ASSETS_INCLUDE_ABANDONS_IN_CALCULATION", "true")
    options = figures_of(Organisation.from_environment())
    assert options.interval_minutes == 15
    assert options.service_level == ServiceLevelOptions(
        include_flowouts_in_calculation=True,
        include_short_abandons_in_calculation=False,
        include_abandons_in_calculation=True,
    )


def test_what_a_difference_from_genesys_cloud_is_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENESYS_ASSETS_MISMATCH", "warning")
    resource = genesys_of(Organisation.from_environment()).process_config_and_initialize()
    assert resource.mismatch == "warning"
