"""The compose file, held against the Compose specification's own schema and against what it must not do."""

import importlib.resources
import json
import re
from pathlib import PurePosixPath
from typing import Any

import pytest
from jsonschema import Draft7Validator

from genesys_assets_tests.deploy.recipes import COMPOSE, DEPLOY, DOCKERFILE, ROOT, compose, read

ENVIRONMENT = {"POSTGRES_PASSWORD": "for the test"}
PROGRAMS = {"dagster", "dagster-daemon", "dagster-webserver"}


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    return dict(compose(ENVIRONMENT)["services"])


def test_the_file_is_valid_by_the_compose_specification() -> None:
    text = (importlib.resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text()
    errors = [error.message for error in Draft7Validator(json.loads(text)).iter_errors(compose(ENVIRONMENT))]
    assert errors == []


def test_it_does_not_start_without_a_password() -> None:
    with pytest.raises(ValueError, match=r"POSTGRES_PASSWORD: write it into \.env"):
        compose({})


def test_its_own_processes_are_the_projects_image_and_others_have_a_version(
    services: dict[str, dict[str, Any]],
) -> None:
    images = {service["image"] for service in services.values()}
    assert len(images) == 2
    assert all(":" in image and not image.endswith(":latest") for image in images)
    assert all(service.get("command", ["dagster"])[0] in PROGRAMS for service in services.values())


def test_every_service_is_restarted_and_tells_whether_it_is_well(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if service["restart"] != "unless-stopped"} == set()
    assert {name for name, service in services.items() if not service["healthcheck"]["test"]} == set()


def test_only_the_code_server_has_the_organisations_credentials(services: dict[str, dict[str, Any]]) -> None:
    assert [name for name, service in services.items() if service.get("env_file")] == ["code"]
    others = [service["environment"] for name, service in services.items() if name != "code"]
    assert not any(variable.startswith("GENESYS") for environment in others for variable in environment)


def test_nothing_is_published_beyond_this_machine(services: dict[str, dict[str, Any]]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_file_that_is_mounted_or_built_from_exists(services: dict[str, dict[str, Any]]) -> None:
    sources = [volume.split(":")[0] for service in services.values() for volume in service["volumes"]]
    files = [source for source in sources if source.startswith(".")]
    assert files
    assert all((COMPOSE.parent / file).is_file() for file in files)
    build = services["code"]["build"]
    context = (COMPOSE.parent / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).is_file()
    assert (COMPOSE.parent / "example.genesys.env").is_file()


def test_every_volume_is_declared_and_every_dependency_is_a_service(services: dict[str, dict[str, Any]]) -> None:
    used = {volume.split(":")[0] for service in services.values() for volume in service["volumes"]}
    assert {name for name in used if not name.startswith(".")} == set(compose(ENVIRONMENT)["volumes"])
    assert {name for service in services.values() for name in service.get("depends_on", {})} <= set(services)


def test_database_exports_and_logs_outlive_their_containers(services: dict[str, dict[str, Any]]) -> None:
    code = services["code"]
    mounted = [PurePosixPath(volume.split(":")[1]) for volume in code["volumes"]]
    database = PurePosixPath(code["environment"]["GENESYS_ASSETS_DATABASE"])
    exports = PurePosixPath(code["environment"]["GENESYS_ASSETS_EXPORT_URL"])
    logs = PurePosixPath(read(DEPLOY / "compose" / "dagster.yaml")["compute_logs"]["config"]["base_dir"])
    assert database.parent in mounted
    assert exports in mounted
    assert logs in mounted
    assert any(volume.endswith(f":{logs}") for volume in services["webserver"]["volumes"])


def test_every_volume_of_the_code_server_is_a_folder_that_the_image_gives_to_its_user(
    services: dict[str, dict[str, Any]],
) -> None:
    """A new volume takes the owner of the folder below it; where there is none, it is root's."""
    made = re.search(r"mkdir -p ([^&]+)&&\s+chown -R genesys:genesys ([^\n]+)", DOCKERFILE.read_text())
    assert made
    folders, owned = ([PurePosixPath(word) for word in group.replace("\\", " ").split()] for group in made.groups())
    volumes = [volume.split(":") for volume in services["code"]["volumes"] if not volume.startswith(".")]
    assert {name for name, *_ in volumes} == {"logs", "data", "work", "exports"}
    assert [folder for _, folder in volumes if PurePosixPath(folder) not in folders] == []
    assert [folder for folder in folders if not any(folder.is_relative_to(above) for above in owned)] == []


def test_webserver_and_daemon_look_for_the_code_server_where_it_listens(services: dict[str, dict[str, Any]]) -> None:
    (location,) = read(DEPLOY / "compose" / "workspace.yaml")["load_from"]
    server = location["grpc_server"]
    command = services[server["host"]]["command"]
    assert command[command.index("--port") + 1] == str(server["port"])
    assert command[command.index("--host") + 1] == "0.0.0.0"  # noqa: S104 - within the container's own network
    assert server["location_name"] == "genesys_assets"
