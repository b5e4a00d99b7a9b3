"""The Helm values, held against the official chart's models as far as they use them, and Kubernetes' own types."""

from collections.abc import Iterator
from typing import Any

import kubernetes.client as k8s
import pytest
import yaml
from dagster_k8s.models import k8s_model_from_dict, k8s_snake_case_dict

from genesys_assets_tests.deploy.manifests import manifests
from genesys_assets_tests.deploy.recipes import ROOT, VALUES, read

IMAGE = {"repository", "tag", "pullPolicy"}
POD = {"env", "envConfigMaps", "envSecrets", "annotations", "nodeSelector", "affinity", "tolerations", "labels"}
POD |= {"podSecurityContext", "securityContext", "resources", "livenessProbe", "readinessProbe", "startupProbe"}
POD |= {"volumeMounts", "volumes", "schedulerName", "initContainerResources", "checkDbReadyInitContainer"}
TICKS = {"useThreads", "numWorkers", "numSubmitWorkers"}
PURGES = {"skipped", "success", "failure", "started"}

CHART: dict[str, set[str]] = {
    "": {
        *("global", "nameOverride", "fullnameOverride", "rbacEnabled", "imagePullSecrets", "dagsterWebserver"),
        *("computeLogManager", "dagster-user-deployments", "scheduler", "runLauncher", "concurrency", "postgresql"),
        *("generatePostgresqlPasswordSecret", "generateCeleryConfigSecret", "rabbitmq", "redis", "flower", "ingress"),
        *("dagsterDaemon", "busybox", "migrate", "telemetry", "serviceAccount", "retention", "pythonLogs"),
        "additionalInstanceConfig",
    },
    "global": {"postgresqlSecretName", "dagsterHome", "serviceAccountName", "celeryConfigSecretName"},
    "postgresql": {
        *("enabled", "image", "postgresqlScheme", "postgresqlHost", "postgresqlUsername", "postgresqlPassword"),
        *("postgresqlDatabase", "postgresqlParams", "service"),
    },
    "dagster-user-deployments": {"enabled", "enableSubchart", "imagePullSecrets", "deployments"},
    "dagster-user-deployments/deployments": POD
    | {"name", "image", "dagsterApiGrpcArgs", "codeServerArgs", "includeConfigInLaunchedRuns", "port"},
    "dagster-user-deployments/deployments/image": IMAGE,
    "runLauncher": {"type", "config"},
    "runLauncher/config": {"k8sRunLauncher"},
    "runLauncher/config/k8sRunLauncher": {
        *("image", "imagePullPolicy", "jobNamespace", "loadInclusterConfig", "kubeconfigFile", "envConfigMaps"),
        *("envSecrets", "envVars", "volumeMounts", "volumes", "labels", "failPodOnRunFailure", "resources"),
        *("schedulerName", "securityContext", "runK8sConfig"),
    },
    "runLauncher/config/k8sRunLauncher/runK8sConfig": {
        *("containerConfig", "podSpecConfig", "podTemplateSpecMetadata", "jobSpecConfig", "jobMetadata"),
    },
    "concurrency": {"enabled", "pools", "runs"},
    "concurrency/pools": {"defaultLimit", "granularity", "opGranularityRunBuffer"},
    "concurrency/runs": {"maxConcurrentRuns", "tagConcurrencyLimits"},
    "dagsterDaemon": POD
    | {"enabled", "image", "runCoordinator", "heartbeatTolerance", "deploymentLabels", "runMonitoring", "runRetries"}
    | {"sensors", "schedules"},
    "dagsterDaemon/image": IMAGE,
    "dagsterDaemon/runCoordinator": {"enabled", "type", "config"},
    "dagsterDaemon/runCoordinator/config": {"queuedRunCoordinator", "customRunCoordinator"},
    "dagsterDaemon/runCoordinator/config/queuedRunCoordinator": {
        *("maxConcurrentRuns", "tagConcurrencyLimits", "dequeueIntervalSeconds", "dequeueNumWorkers"),
        "dequeueUseThreads",
    },
    "dagsterDaemon/sensors": TICKS,
    "dagsterDaemon/schedules": TICKS,
    "dagsterWebserver": POD
    | {"replicaCount", "image", "nameOverride", "service", "workspace", "deploymentLabels", "enableReadOnly"}
    | {"pathPrefix", "logLevel", "dbStatementTimeout", "dbPoolRecycle"},
    "dagsterWebserver/image": IMAGE,
    "dagsterWebserver/service": {"type", "port", "annotations"},
    "retention": {"enabled", "sensor", "schedule", "autoMaterialize"},
    "retention/sensor": {"purgeAfterDays"},
    "retention/schedule": {"purgeAfterDays"},
    "retention/sensor/purgeAfterDays": PURGES,
    "retention/schedule/purgeAfterDays": PURGES,
}
"""The keys that the chart's models allow (helm/dagster/schema of dagster-io/dagster, Apache-2.0), by section."""

REQUIRED = {
    "dagster-user-deployments/deployments": {"name", "image", "port"},
    "dagster-user-deployments/deployments/image": IMAGE,
    "dagsterDaemon/image": IMAGE,
    "dagsterWebserver/image": IMAGE,
    "retention/sensor/purgeAfterDays": PURGES,
    "retention/schedule/purgeAfterDays": PURGES,
}
TYPED = {
    "podSecurityContext": k8s.V1PodSecurityContext,
    "securityContext": k8s.V1SecurityContext,
    "resources": k8s.V1ResourceRequirements,
    "readinessProbe": k8s.V1Probe,
    "livenessProbe": k8s.V1Probe,
    "initContainerResources": k8s.V1ResourceRequirements,
    "podSpecConfig": k8s.V1PodSpec,
    "jobSpecConfig": k8s.V1JobSpec,
    "volumes": k8s.V1Volume,
    "volumeMounts": k8s.V1VolumeMount,
    "envSecrets": k8s.V1SecretEnvSource,
}
COMPLETED = {"podSpecConfig": {"containers": []}, "jobSpecConfig": {"template": {}}}
"""What Dagster adds to parts that are not whole by themselves."""


@pytest.fixture
def values() -> dict[str, Any]:
    return read(VALUES)


@pytest.fixture
def deployment(values: dict[str, Any]) -> dict[str, Any]:
    (only,) = values["dagster-user-deployments"]["deployments"]
    return dict(only)


def _sections(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        for item in value:
            yield from _sections(item, path)
    elif isinstance(value, dict):
        yield path, value
        for name, part in value.items():
            yield from _sections(part, f"{path}/{name}".lstrip("/"))


def test_the_chart_knows_every_key(values: dict[str, Any]) -> None:
    unknown = {f"{path}/{name}" for path, part in _sections(values) for name in part.keys() - CHART.get(path, part)}
    assert unknown == set()


def test_every_section_that_the_chart_requires_whole_is_whole(values: dict[str, Any]) -> None:
    missing = {f"{path}/{name}" for path, part in _sections(values) for name in REQUIRED.get(path, set()) - part.keys()}
    assert missing == set()


def test_kubernetes_knows_what_is_handed_on_to_it(values: dict[str, Any]) -> None:
    handed_on = [
        (name, item)
        for path, section in _sections(values)
        for name, part in section.items()
        if name in TYPED and not path.endswith("podSpecConfig")  # whose own parts its type checks
        for item in (part if isinstance(part, list) else [part])
    ]
    assert {name for name, _ in handed_on} == TYPED.keys()
    for name, item in handed_on:
        kind = TYPED[name]
        k8s_model_from_dict(kind, k8s_snake_case_dict(kind, {**COMPLETED.get(name, {}), **item}))


def test_the_runs_have_what_the_code_server_has(deployment: dict[str, Any], values: dict[str, Any]) -> None:
    launcher = values["runLauncher"]["config"]["k8sRunLauncher"]
    assert deployment["includeConfigInLaunchedRuns"] == {"enabled": True}
    assert launcher["securityContext"] == deployment["securityContext"]
    assert launcher["runK8sConfig"]["podSpecConfig"]["securityContext"] == deployment["podSecurityContext"]


def _pods(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [manifest["spec"]["template"]["spec"] for manifest in manifests(values)]


def test_every_pod_is_as_the_policy_restricted_asks(values: dict[str, Any]) -> None:
    for pod in _pods(values):
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] >= 10000
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert {"hostNetwork", "hostPID", "hostIPC"} & pod.keys() == set()
        assert all(volume.keys() <= {"name", "emptyDir"} for volume in pod["volumes"])
    (namespace,) = yaml.safe_load_all((VALUES.parent / "namespace.yaml").read_text())
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_container_can_write_but_into_its_own_bounded_folders(values: dict[str, Any]) -> None:
    for pod in _pods(values):
        for container in [*pod["containers"], *pod.get("initContainers", ())]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "privileged": False,
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
                "capabilities": {"drop": ["ALL"]},
            }
        assert {"/tmp", values["global"]["dagsterHome"]} <= {  # noqa: S108 - of a container
            mount["mountPath"] for container in pod["containers"] for mount in container["volumeMounts"]
        }
        assert all("sizeLimit" in volume["emptyDir"] for volume in pod["volumes"])


def test_every_container_has_requests_and_limits(values: dict[str, Any]) -> None:
    containers = [each for pod in _pods(values) for each in [*pod["containers"], *pod.get("initContainers", ())]]
    assert len(containers) == 6
    for container in containers:
        for kind in ("requests", "limits"):
            assert container["resources"][kind].keys() == {"cpu", "memory", "ephemeral-storage"}


def test_every_server_is_started_anew_when_it_no_longer_answers(values: dict[str, Any]) -> None:
    servers = [pod["containers"][0] for pod in _pods(values)[1:]]
    assert len(servers) == 3
    assert all("livenessProbe" in server for server in servers)


def test_pods_reach_only_whom_a_policy_names(values: dict[str, Any]) -> None:
    policies = {
        policy["metadata"]["name"]: policy["spec"]
        for policy in yaml.safe_load_all((VALUES.parent / "network.yaml").read_text())
    }
    assert policies["nothing-by-default"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    blocks = [
        to["ipBlock"]
        for spec in policies.values()
        for rule in spec.get("egress", ())
        for to in rule["to"]
        if "ipBlock" in to
    ]
    assert all(block["except"] == ["169.254.0.0/16"] for block in blocks), "a cloud's metadata service has credentials"
    opened = {
        name: [port["port"] for rule in spec.get("ingress", ()) for port in rule["ports"]]
        for name, spec in policies.items()
    }
    assert {name: ports for name, ports in opened.items() if ports} == {
        "code-server": [values["dagster-user-deployments"]["deployments"][0]["port"]],
        "ui": [values["dagsterWebserver"]["service"]["port"]],
    }
    runs = policies["runs"]["podSelector"]["matchLabels"]
    (run, *_) = manifests(values)
    assert runs.items() <= run["spec"]["template"]["metadata"]["labels"].items()


def test_every_image_is_the_projects_in_one_version(deployment: dict[str, Any], values: dict[str, Any]) -> None:
    images = [deployment["image"], values["dagsterDaemon"]["image"], values["dagsterWebserver"]["image"]]
    assert images == [deployment["image"]] * 3
    assert deployment["image"]["tag"] not in ("", "latest")


def test_no_secret_stands_in_the_values(deployment: dict[str, Any], values: dict[str, Any]) -> None:
    secret = ("SECRET", "PASSWORD", "ACCESS_KEY", "OAUTHCLIENT", "WEBHOOK")
    assert not [name for name in deployment["env"] if any(word in name for word in secret)]
    assert "postgresqlPassword" not in values["postgresql"]
    assert "password" not in deployment["env"]["GENESYS_ASSETS_DATABASE"]


def test_the_warehouse_is_one_that_pods_can_share(deployment: dict[str, Any]) -> None:
    assert deployment["env"]["GENESYS_ASSETS_DATABASE"].startswith("ducklake:")


def test_exports_and_reports_outlive_their_pod(deployment: dict[str, Any]) -> None:
    assert deployment["env"]["GENESYS_ASSETS_EXPORT_URL"].startswith(("s3://", "gs://", "az://"))


def test_the_webserver_is_asked_where_it_listens(values: dict[str, Any]) -> None:
    webserver = values["dagsterWebserver"]
    assert webserver["readinessProbe"]["httpGet"]["port"] == webserver["service"]["port"] > 1024


def test_the_chart_has_the_version_of_the_image() -> None:
    lock = (ROOT / "deploy" / "requirements.lock").read_text()
    (version,) = [line.split("==")[1].split()[0] for line in lock.splitlines() if line.startswith("dagster==")]
    assert f"--version {version} " in VALUES.read_text()
    assert f"\nCHART := {version}\n" in (ROOT / "deploy" / "Makefile").read_text()
