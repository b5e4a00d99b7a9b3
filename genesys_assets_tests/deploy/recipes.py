"""The recipes of deploy/ as Docker Compose, Helm and Dagster read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.ref import InstanceRef
from dagster._serdes.config_class import class_from_code_pointer

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
VALUES = DEPLOY / "kubernetes" / "values.yaml"
IMAGES = {"PYTHON_IMAGE": "python@sha256:0", "POSTGRES_IMAGE": "postgres@sha256:0"}
"""What `make -C deploy digests` writes into compose/.env."""
GENESYS_LIMIT = 300
"""Requests a minute that Genesys Cloud allows a client credentials token."""

_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def read(path: Path) -> dict[str, Any]:
    """A YAML file."""
    return dict(yaml.safe_load(path.read_text()))


def interpolated(text: str, environment: Mapping[str, str]) -> str:
    """Compose's `${NAME}`, `${NAME:-default}` and `${NAME:?error}`; ValueError with the error when it is missing."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if environment.get(name):
            return environment[name]
        if kind == "-":
            return str(rest)
        raise ValueError(f"{name}: {rest}")

    return _VARIABLE.sub(value, text)


def compose(environment: Mapping[str, str]) -> dict[str, Any]:
    """The compose file, its variables replaced."""
    return dict(yaml.safe_load(interpolated(COMPOSE.read_text(), environment)))


def chart_instance(values: Mapping[str, Any]) -> dict[str, Any]:
    """The dagster.yaml that the official chart makes of its values, as far as ours go.

    Derived from the chart's templates configmap-instance.yaml, _run-launcher.tpl, _run-coordinator.tpl and
    _concurrency.tpl: which value becomes which setting, and which two must not stand together.
    """
    launcher = values["runLauncher"]["config"]["k8sRunLauncher"]
    queue = values["dagsterDaemon"]["runCoordinator"]["config"]["queuedRunCoordinator"]
    pools, runs = values["concurrency"]["pools"], values["concurrency"]["runs"]
    if queue.get("maxConcurrentRuns") is not None and runs.get("maxConcurrentRuns") is not None:
        raise ValueError("the chart refuses maxConcurrentRuns in both places")
    instance = {
        "storage": {
            "postgres": {
                "postgres_db": {
                    "scheme": values["postgresql"]["postgresqlScheme"],
                    "hostname": values["postgresql"]["postgresqlHost"],
                    "port": values["postgresql"]["service"]["port"],
                    "db_name": values["postgresql"]["postgresqlDatabase"],
                    "username": values["postgresql"]["postgresqlUsername"],
                    "password": {"env": "DAGSTER_PG_PASSWORD"},
                }
            }
        },
        "run_launcher": {
            "module": "dagster_k8s",
            "class": "K8sRunLauncher",
            "config": {
                "service_account_name": "dagster",
                "dagster_home": values["global"]["dagsterHome"],
                "instance_config_map": "dagster-instance",
                "postgres_password_secret": values["global"]["postgresqlSecretName"],
                "load_incluster_config": launcher["loadInclusterConfig"],
                "image_pull_policy": launcher["imagePullPolicy"],
                "security_context": launcher["securityContext"],
                "run_k8s_config": {snake(name): part for name, part in launcher["runK8sConfig"].items()},
            },
        },
        "run_coordinator": {
            "module": "dagster._core.run_coordinator",
            "class": "QueuedRunCoordinator",
            "config": {snake(name): value for name, value in queue.items() if value is not None},
        },
        "concurrency": {
            "pools": {snake(name): value for name, value in pools.items()},
            "runs": {snake(name): value for name, value in runs.items()},
        },
        "compute_logs": {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"},
        "telemetry": values["telemetry"],
        "retention": {
            name: {snake(key): value for key, value in kind.items()}
            for name, kind in values["retention"].items()
            if name != "enabled"
        },
        **{
            name: {snake(key): value for key, value in values["dagsterDaemon"][name].items()}
            for name in ("sensors", "schedules")
        },
    }
    twice = instance.keys() & values["additionalInstanceConfig"].keys()
    if twice:
        raise ValueError(f"additionalInstanceConfig repeats what the chart writes: {', '.join(sorted(twice))}")
    return {**instance, **values["additionalInstanceConfig"]}


def snake(camel: str) -> str:
    """`maxConcurrentRuns` as `max_concurrent_runs`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9][a-z]|[A-Z])", "_", camel).lower()


def instance_errors(instance: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """What Dagster says against a dagster.yaml, and each configured class against its part of it.

    Args:
        instance: The settings.
        folder: Where they may be written.

    Raises:
        DagsterInvalidConfigError: Dagster does not know a setting.
    """
    (folder / "dagster.yaml").write_text(yaml.safe_dump(dict(instance)))
    ref = InstanceRef.from_dir(str(folder))
    for data in (ref.run_launcher_data, ref.run_coordinator_data, ref.compute_logs_data, ref.storage_data):
        assert data is not None
        kind = class_from_code_pointer(data.module_name, data.class_name)
        result = process_config(resolve_to_config_type(kind.config_type()), data.config_dict)
        yield from (f"{data.class_name}: {error.message}" for error in result.errors or [])
