"""The environment as resources: each setting reaches what it is for."""

from pathlib import Path

import pytest

from genesys_assets import settings
from genesys_assets.metrics import ServiceLevelOptions
from genesys_assets.resources import figures_from_environment, warehouse_from_environment


def spool_folder() -> Path:
    """Where the warehouse that the environment describes puts its passing files."""
    with warehouse_from_environment().process_config_and_initialize_cm() as manager:
        return manager._spool.parent


@pytest.fixture(autouse=True)
def work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The work folder that the environment names."""
    monkeypatch.setenv(settings.WORK_FOLDER.name, str(tmp_path / "work"))
    return tmp_path / "work"


@pytest.mark.parametrize("location", ["ducklake:postgres:host=db", "ducklake:lake.duckdb", "md:calls"])
def test_the_passing_files_of_what_is_no_file_go_into_the_work_folder(
    monkeypatch: pytest.MonkeyPatch, work: Path, location: str
) -> None:
    monkeypatch.setenv(settings.DATABASE.name, location)
    assert spool_folder() == work / "spool"


def test_the_passing_files_of_a_file_go_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(settings.DATABASE.name, str(tmp_path / "genesys.duckdb"))
    assert spool_folder() == tmp_path / "genesys.duckdb.spool"


def test_the_options_of_the_figures_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENESYS_ASSETS_INTERVAL_MINUTES", "15")
    monkeypatch.setenv("GENESYS_ASSETS_INCLUDE_FLOWOUTS_IN_CALCULATION", "true")
    monkeypatch.setenv("GENESYS_ASSETS_INCLUDE_SHORT_ABANDONS_IN_CALCULATION", "false")
    monkeypatch.setenv("GENESYS_ASSETS_INCLUDE_ABANDONS_IN_CALCULATION", "true")
    options = figures_from_environment()
    assert options.interval_minutes == 15
    assert options.service_level == ServiceLevelOptions(
        include_flowouts_in_calculation=True,
        include_short_abandons_in_calculation=False,
        include_abandons_in_calculation=True,
    )
