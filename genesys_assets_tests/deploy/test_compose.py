"""The compose file, held against the Compose specification's own schema and against what it must not do."""

import importlib.resources
import json
import re
from pathlib import PurePosixPath
from typing import Any

import pytest
from jsonschema import Draft7Validator

from genesys_assets_tests.deploy.recipes import COMPOSE, DEPLOY, DOCKERFILE, IMAGES, ROOT, compose, read

WRITABLE = {"postgres", "logs", "data", "work", "exports"}
PROGRAMS = {"dagster", "dagster-daemon", "dagster-webserver"}


def mounts(service: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Source, target and whether it is read-only, of the short and of the long spelling."""
    short = [volume.split(":") for volume in service["volumes"] if isinstance(volume, str)]
    long = [volume for volume in service["volumes"] if not isinstance(volume, str)]
    return [
        *((source, target, rest == ["ro"]) for source, target, *rest in short),
        *((volume["source"], volume["target"], volume["read_only"]) for volume in long),
    ]


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    return dict(compose(IMAGES)["services"])


def test_the_file_is_valid_by_the_compose_specification() -> None:
    text = (importlib.resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text()
    errors = [error.message for error in Draft7Validator(json.loads(text)).iter_errors(compose(IMAGES))]
    assert errors == []


@pytest.mark.parametrize("missing", IMAGES)
def test_it_does_not_start_with_an_image_that_nobody_has_pinned(missing: str) -> None:
    with pytest.raises(ValueError, match=rf"{missing}: make -C deploy digests writes it into \.env"):
        compose({name: image for name, image in IMAGES.items() if name != missing})


def test_its_own_processes_are_the_projects_image_and_others_have_a_digest(
    services: dict[str, dict[str, Any]],
) -> None:
    ours = {name: service["image"] for name, service in services.items() if name != "postgres"}
    assert set(ours.values()) == {"genesys-assets:0.1.0"}
    assert {services[name]["command"][0] for name in ours} <= PROGRAMS
    assert services["postgres"]["image"] == IMAGES["POSTGRES_IMAGE"]
    assert services["code"]["build"]["args"] == {"PYTHON_IMAGE": IMAGES["PYTHON_IMAGE"]}
    assert "sha256" not in COMPOSE.read_text(), "a digest that stands there is out of date, or made up"


def test_no_container_can_write_change_its_rights_or_take_the_machine(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"], "and nothing turns Docker's seccomp profile off"
        assert {
            "privileged",
            "cap_add",
            "pid",
            "ipc",
            "network_mode",
            "devices",
            "userns_mode",
        } & service.keys() == set()
        assert {source for source, _, read_only in mounts(service) if not read_only} <= WRITABLE
        assert not any("docker.sock" in source for source, *_ in mounts(service))


def test_every_container_has_limits(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
        assert all("size=" in mount for mount in service["tmpfs"])
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}


def test_nobody_is_root(services: dict[str, dict[str, Any]]) -> None:
    assert services["postgres"]["user"] == "999:999"
    assert [name for name, service in services.items() if "user" in service] == ["postgres"]
    assert "USER 10001:10001" in DOCKERFILE.read_text()


def test_secrets_are_files_and_stand_in_no_variable_or_command(services: dict[str, dict[str, Any]]) -> None:
    secret = re.compile(r"SECRET|PASSWORD|ACCESS_KEY|TOKEN|WEBHOOK")
    for name, service in services.items():
        named = {variable for variable in service["environment"] if secret.search(variable)}
        assert named <= {"POSTGRES_PASSWORD_FILE"}
        assert not secret.search(" ".join(service.get("command", ())))
        assert name == "postgres" or service["entrypoint"] == ["with-secrets"]
    for example in ("example.env", "example.genesys.env"):
        lines = [line.lstrip("# ") for line in (COMPOSE.parent / example).read_text().splitlines()]
        assert [line for line in lines if re.match(r"[A-Z_]+=", line) and secret.search(line.split("=")[0])] == []


def test_a_check_that_asks_the_database_has_the_password_too(services: dict[str, dict[str, Any]]) -> None:
    checks = [" ".join(service["healthcheck"]["test"]) for service in services.values()]
    assert [check for check in checks if "liveness-check" in check] == [
        "CMD with-secrets dagster-daemon liveness-check"
    ]


def test_only_the_code_server_has_a_way_out(services: dict[str, dict[str, Any]]) -> None:
    networks = compose(IMAGES)["networks"]
    assert networks["inside"] == {"internal": True}
    assert {name for name, service in services.items() if "outside" in service["networks"]} == {"code"}
    assert {name for name, service in services.items() if service["networks"] == ["inside"]} == {"postgres", "daemon"}


def test_every_service_is_restarted_and_tells_whether_it_is_well(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if service["restart"] != "unless-stopped"} == set()
    assert {name for name, service in services.items() if not service["healthcheck"]["test"]} == set()


def test_only_the_code_server_has_the_organisations_credentials(services: dict[str, dict[str, Any]]) -> None:
    secrets = {name: {source for source, *_ in mounts(each) if "secrets" in source} for name, each in services.items()}
    assert secrets.pop("code") == {"./secrets/instance", "./secrets/genesys"}
    assert all(sources == {"./secrets/instance"} for sources in secrets.values())
    assert [name for name, service in services.items() if service.get("env_file")] == ["code"]
    others = [service["environment"] for name, service in services.items() if name != "code"]
    assert not any(variable.startswith("GENESYS") for environment in others for variable in environment)


def test_nothing_is_published_beyond_this_machine(services: dict[str, dict[str, Any]]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_every_file_that_is_mounted_or_built_from_exists(services: dict[str, dict[str, Any]]) -> None:
    sources = [source for service in services.values() for source, *_ in mounts(service)]
    files = [source for source in sources if source.startswith(".") and not source.startswith("./secrets/")]
    assert files
    assert all((COMPOSE.parent / file).is_file() for file in files)
    build = services["code"]["build"]
    context = (COMPOSE.parent / build["context"]).resolve()
    assert context == ROOT
    assert (context / build["dockerfile"]).is_file()
    assert (COMPOSE.parent / "example.genesys.env").is_file()


def test_every_volume_is_declared_and_every_dependency_is_a_service(services: dict[str, dict[str, Any]]) -> None:
    used = {source for service in services.values() for source, *_ in mounts(service)}
    assert {name for name in used if not name.startswith(".")} == set(compose(IMAGES)["volumes"])
    assert {name for service in services.values() for name in service.get("depends_on", {})} <= set(services)


def test_database_exports_and_logs_outlive_their_containers(services: dict[str, dict[str, Any]]) -> None:
    code = services["code"]
    mounted = [PurePosixPath(target) for _, target, _ in mounts(code)]
    database = PurePosixPath(code["environment"]["GENESYS_ASSETS_DATABASE"])
    exports = PurePosixPath(code["environment"]["GENESYS_ASSETS_EXPORT_URL"])
    logs = PurePosixPath(read(DEPLOY / "compose" / "dagster.yaml")["compute_logs"]["config"]["base_dir"])
    assert database.parent in mounted
    assert exports in mounted
    assert logs in mounted
    assert any(PurePosixPath(target) == logs for _, target, _ in mounts(services["webserver"]))


def test_every_volume_of_the_code_server_is_a_folder_that_the_image_gives_to_its_user(
    services: dict[str, dict[str, Any]],
) -> None:
    """A new volume takes the owner of the folder below it; where there is none, it is root's."""
    made = re.search(r"mkdir -p ([^&]+)&&\s+chown -R genesys:genesys ([^\n]+)", DOCKERFILE.read_text())
    assert made
    folders, owned = ([PurePosixPath(word) for word in group.replace("\\", " ").split()] for group in made.groups())
    volumes = [(source, target) for source, target, _ in mounts(services["code"]) if not source.startswith(".")]
    assert {name for name, _ in volumes} == {"logs", "data", "work", "exports"}
    assert [folder for _, folder in volumes if PurePosixPath(folder) not in folders] == []
    assert [folder for folder in folders if not any(folder.is_relative_to(above) for above in owned)] == []


def test_webserver_and_daemon_look_for_the_code_server_where_it_listens(services: dict[str, dict[str, Any]]) -> None:
    (location,) = read(DEPLOY / "compose" / "workspace.yaml")["load_from"]
    server = location["grpc_server"]
    command = services[server["host"]]["command"]
    assert command[command.index("--port") + 1] == str(server["port"])
    assert command[command.index("--host") + 1] == "0.0.0.0"  # noqa: S104 - within the container's own network
    assert server["location_name"] == "genesys_assets"
