"""The settings of Dagster in deploy/, held against Dagster's own schema, the API's limit and the top-level ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from genesys_assets.definitions import defs
from genesys_assets.names import names_of
from genesys_assets.organisation import VARIABLES, Organisation
from genesys_assets.pool import API_POOL
from genesys_assets_tests.deploy.recipes import (
    COMPOSE,
    DEPLOY,
    GENESYS_LIMIT,
    IMAGES,
    ROOT,
    VALUES,
    chart_instance,
    compose,
    instance_errors,
    read,
)

COMPOSE_INSTANCE = DEPLOY / "compose" / "dagster.yaml"
SHARED = ("run_retries", "backfills", "sensors", "schedules", "retention", "freshness", "telemetry", "nux")
"""What must not depend on the size of the fleet."""
DATA_PATH = "GENESYS_ASSETS_DATA_PATH"


def _compose_instance() -> dict[str, Any]:
    return read(COMPOSE_INSTANCE)


def _chart_instance() -> dict[str, Any]:
    return chart_instance(read(VALUES))


def _compose_settings() -> dict[str, str]:
    return dict(compose(IMAGES)["services"]["code"]["environment"])


def _chart_settings() -> dict[str, str]:
    (deployment,) = read(VALUES)["dagster-user-deployments"]["deployments"]
    return dict(deployment["env"])


INSTANCES = pytest.mark.parametrize("instance", [_compose_instance, _chart_instance], ids=["compose", "kubernetes"])
RECIPES = pytest.mark.parametrize(
    ("instance", "settings"),
    [(_compose_instance, _compose_settings), (_chart_instance, _chart_settings)],
    ids=["compose", "kubernetes"],
)
Read = Callable[[], dict[str, Any]]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in compose(IMAGES)["x-instance"].items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DAGSTER_POSTGRES_PASSWORD", "for the test")
    monkeypatch.setenv("DAGSTER_PG_PASSWORD", "for the test")


@INSTANCES
def test_dagster_knows_every_setting(instance: Read, tmp_path: Path) -> None:
    assert list(instance_errors(instance(), tmp_path)) == []


@INSTANCES
def test_the_driver_of_the_storage_is_installed(instance: Read) -> None:
    database = instance()["storage"]["postgres"]["postgres_db"]
    assert create_engine(f"{database['scheme']}://somewhere/dagster").driver == "psycopg2"


def test_a_misspelt_setting_of_the_launcher_would_be_found(tmp_path: Path) -> None:
    instance = _chart_instance()
    instance["run_launcher"]["config"]["image_pull_polcy"] = "Always"
    assert any("image_pull_polcy" in error for error in instance_errors(instance, tmp_path))


@RECIPES
def test_all_runs_together_keep_the_limit_of_genesys_cloud(instance: Read, settings: Read) -> None:
    assert instance()["concurrency"]["pools"]["default_limit"] > 1, "the runs divide the pace by this"
    assert int(settings()[VARIABLES["requests_per_minute"]]) <= GENESYS_LIMIT


def test_everything_that_asks_genesys_cloud_is_in_the_limited_pool() -> None:
    graph = defs.resolve_asset_graph()
    asking = {
        node.key.to_user_string()
        for key in graph.get_all_asset_keys()
        if names_of(Organisation()).resource("genesys") in (node := graph.get(key)).assets_def.op.required_resource_keys
    }
    pooled = {key.to_user_string() for key in graph.get_all_asset_keys() if API_POOL in (graph.get(key).pools or ())}
    assert asking
    assert asking <= pooled


@INSTANCES
def test_a_dead_run_gives_its_place_back(instance: Read) -> None:
    monitoring = instance()["run_monitoring"]
    assert monitoring["enabled"]
    assert 0 < monitoring["free_slots_after_run_end_seconds"] <= 60
    assert monitoring["max_runtime_seconds"] == read(ROOT / "dagster.yaml")["run_monitoring"]["max_runtime_seconds"]


@INSTANCES
@pytest.mark.parametrize("section", SHARED)
def test_what_is_not_about_size_is_as_at_the_top_of_the_repository(instance: Read, section: str) -> None:
    assert _agrees(instance()[section], read(ROOT / "dagster.yaml").get(section, {}))


def _agrees(here: Any, there: Any) -> bool:
    """Whether everything that is set there has the same value here."""
    if isinstance(there, dict):
        return all(_agrees(here.get(name), value) for name, value in there.items())
    return bool(here == there)


@INSTANCES
def test_a_run_waits_in_the_queue_and_not_in_a_worker(instance: Read) -> None:
    assert instance()["concurrency"]["pools"]["granularity"] == "run"


def test_every_setting_of_ours_is_one_that_the_project_reads() -> None:
    example = (COMPOSE.parent / "example.genesys.env").read_text().splitlines()
    named = {*_compose_settings(), *_chart_settings(), *(line.split("=")[0] for line in example if "=" in line)}
    assert {name for name in named if name.startswith("GENESYS")} <= {*VARIABLES.values()} | {DATA_PATH}
