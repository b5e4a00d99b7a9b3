"""The component as a project has it: loaded from files, beside others, changed by Dagster's post-processing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster.components.testing import create_defs_folder_sandbox

from genesys_assets import GenesysCloud
from genesys_assets.genesys import ConfigurationError
from genesys_assets.resources import Genesys
from genesys_assets.setting import SettingsError

pytestmark = [  # what Dagster's loading of files calls
    pytest.mark.filterwarnings("ignore:`parse_obj_as` is deprecated"),
    pytest.mark.filterwarnings("ignore::dagster.PreviewWarning"),
    pytest.mark.filterwarnings("ignore::dagster.BetaWarning"),
]
SECRET = "s3cr3t-9f3a77c1"


@pytest.fixture
def project() -> Iterator[Any]:
    """A project with a folder for definitions."""
    with create_defs_folder_sandbox() as made:
        (made.defs_folder_path / "__init__.py").touch()
        (made.defs_folder_path.parent / "__init__.py").touch()
        yield made


def write(project: Any, name: str, attributes: dict[str, Any] | None, **more: Any) -> Path:
    folder: Path = project.defs_folder_path / name
    folder.mkdir()
    document = {"type": "genesys_assets.GenesysCloud", "attributes": attributes, **more}
    (folder / "defs.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return folder


def built(project: Any) -> dg.Definitions:
    with project.build_all_defs() as defs:
        dg.Definitions.validate_loadable(defs)
        return defs


def groups(defs: dg.Definitions) -> set[str]:
    return {str(spec.group_name) for spec in defs.resolve_all_asset_specs()}


def test_what_is_scaffolded_loads_as_organisations_called_as_their_folders(project: Any) -> None:
    for name, params in (("emea", {"timezone": "Europe/Berlin"}), ("Asia-Pacific", {"timezone": "Asia/Kolkata"})):
        project.scaffold_component(GenesysCloud, name, scaffold_params=params)
    project.scaffold_component(GenesysCloud, "52", scaffold_format="python")
    defs = built(project)
    assert {group.removesuffix("_marts") for group in groups(defs) if group.endswith("_marts")} == {
        "emea",
        "asia_pacific",
        "genesys_52",
    }
    zones = {
        key.path[0]: defs.resolve_assets_def(key).partitions_def.timezone
        for key in defs.resolve_asset_graph().get_all_asset_keys()
        if key.path[1:] == ["raw", "conversations"]
    }
    assert zones == {"emea": "Europe/Berlin", "asia_pacific": "Asia/Kolkata", "genesys_52": "UTC"}
    assert str(project.project_root.resolve() / "data/emea.duckdb") in repr(
        defs.resources["emea_genesys_assets_warehouse"]
    )


def test_a_file_without_attributes_is_the_sandbox(project: Any) -> None:
    write(project, "genesys", None)
    genesys = built(project).resources["genesys_assets_genesys"]
    assert isinstance(genesys, Genesys)
    assert genesys.is_sandbox


def test_credentials_are_read_when_a_run_starts_and_shown_nowhere(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attributes = {"client_id": "{{ env.EMEA_ID }}", "client_secret": "{{ env.EMEA_SECRET }}", "privacy": "hash"}
    write(project, "emea", {**attributes, "key_prefix": "emea", "privacy_key": "{{ env.EMEA_KEY }}"})
    defs = built(project)  # none of the variables is set
    for name in ("EMEA_ID", "EMEA_SECRET", "EMEA_KEY"):
        monkeypatch.setenv(name, SECRET)
    genesys = defs.resources["emea_genesys_assets_genesys"]
    privacy = defs.resources["emea_genesys_assets_privacy"]
    assert SECRET not in f"{built(project).resources}"
    assert (genesys.client_id, genesys.client_secret) == (dg.EnvVar("EMEA_ID"), dg.EnvVar("EMEA_SECRET"))
    assert genesys.process_config_and_initialize().client_secret == SECRET
    assert privacy.process_config_and_initialize().key == SECRET


def test_variables_that_are_empty_are_no_sandbox(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, "emea", {"client_id": "{{ env.EMEA_ID }}", "client_secret": "{{ env.EMEA_SECRET }}"})
    monkeypatch.setenv("EMEA_ID", "")
    monkeypatch.setenv("EMEA_SECRET", "")
    genesys = built(project).resources["genesys_assets_genesys"].process_config_and_initialize()
    assert not genesys.is_sandbox
    with pytest.raises(ConfigurationError, match="are empty: set both for your organisation"):
        genesys.connect()


def test_other_attributes_may_come_from_the_environment_when_definitions_load(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOW_MANY", "120")
    write(project, "emea", {"requests_per_minute": "{{ env.HOW_MANY }}", "region": "{{ env('WHERE', 'eu-west-2') }}"})
    genesys = built(project).resources["genesys_assets_genesys"]
    assert (genesys.requests_per_minute, genesys.region) == (120, "eu-west-2")


def test_a_variable_that_is_not_set_is_told_with_the_attribute(project: Any) -> None:
    write(project, "emea", {"region": "{{ env.NOT_SET }}"})
    with pytest.raises(Exception, match="Error while loading component emea") as refused:
        built(project)
    assert "region: nothing came of {{ env.NOT_SET }}: set that variable" in str(refused.value.__cause__)


def test_dagsters_post_processing_changes_what_it_names(project: Any) -> None:
    processing = {
        "assets": [
            {
                "target": "group:emea_marts",
                "attributes": {
                    "owners": ["team:planning"],
                    "tags": {"tier": "gold"},
                    "automation_condition": "{{ dg.AutomationCondition.eager() }}",
                },
            },
            {"target": "key:emea/raw/conversations", "attributes": {"group_name": "from_genesys"}},
        ]
    }
    write(project, "emea", {"key_prefix": "emea"}, post_processing=processing)
    specs = {spec.key.to_user_string(): spec for spec in built(project).resolve_all_asset_specs()}
    mart = specs["emea/marts/agent_performance"]
    assert (mart.owners, mart.tags["tier"]) == (["team:planning"], "gold")
    assert mart.automation_condition == dg.AutomationCondition.eager()
    assert mart.metadata["dagster/column_schema"].columns
    assert specs["emea/raw/conversations"].group_name == "from_genesys"
    assert "tier" not in specs["emea/staging/sessions"].tags


def test_what_cannot_be_used_is_told_with_the_files_folder(project: Any) -> None:
    folder = write(project, "emea", {"key_prefix": "raw"})
    with pytest.raises(Exception, match="Error while loading component emea") as refused:
        built(project)
    cause = refused.value.__cause__
    assert isinstance(cause, SettingsError)
    assert str(cause).startswith(f"{folder}: key_prefix: 'raw' cannot be used: ")
