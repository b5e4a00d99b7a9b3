"""What Kubernetes is given of values.yaml, for the tools that read manifests: `python -m ... FOLDER` writes it there.

A run's job is made by Dagster's own code. The three deployments are made as the chart's templates do it, as far as our
values go (deployment-daemon.yaml, _deployment-webserver.tpl and deployment-user.yaml of the chart, Apache-2.0).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import kubernetes.client
import yaml
from dagster_k8s.container_context import K8sContainerContext
from dagster_k8s.job import DagsterK8sJobConfig, UserDefinedDagsterK8sConfig, construct_dagster_k8s_job

from genesys_assets_tests.deploy.recipes import VALUES, read

DIGEST = f"sha256:{'0' * 64}"
"""In place of the digests that `make -C deploy install` asks a registry for."""
NAMESPACE = "genesys"


def manifests(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The pods' manifests: of a run, the code server, the daemon and the webserver."""
    (code,) = values["dagster-user-deployments"]["deployments"]
    daemon, webserver = values["dagsterDaemon"], values["dagsterWebserver"]
    yield run_job(values)
    probe = {"exec": {"command": ["dagster", "api", "grpc-health-check", "-p", str(code["port"])]}}
    yield _deployment(
        "code",
        code,
        _container(code, {"args": ["dagster", "api", "grpc", *code["dagsterApiGrpcArgs"]]})
        | {"readinessProbe": probe, "livenessProbe": {**probe, **code["livenessProbe"]}},
        {"component": "user-deployments"},
    )
    for name, part in (("dagster-daemon", daemon), ("dagster-webserver", webserver)):
        container = _container(part, {"command": ["/bin/bash", "-c", name]})
        container |= {probe: part[probe] for probe in ("readinessProbe", "livenessProbe") if probe in part}
        container.setdefault("readinessProbe", part["livenessProbe"])  # the daemon serves nobody who could wait for it
        yield _deployment(name, part, container, {"component": name}, [_waits_for_the_code_server(part)])


def run_job(values: Mapping[str, Any]) -> dict[str, Any]:
    """The job of a run, from what the chart tells the launcher and the code server of its containers."""
    launcher = values["runLauncher"]["config"]["k8sRunLauncher"]
    (code,) = values["dagster-user-deployments"]["deployments"]
    of_launcher = K8sContainerContext(
        image_pull_policy=launcher["imagePullPolicy"],
        service_account_name="dagster",
        security_context=launcher["securityContext"],
        run_k8s_config=UserDefinedDagsterK8sConfig.from_dict(
            {
                "pod_spec_config": launcher["runK8sConfig"]["podSpecConfig"],
                "job_spec_config": launcher["runK8sConfig"]["jobSpecConfig"],
            }
        ),
    )
    of_code = K8sContainerContext(
        env_secrets=[each["name"] for each in code["envSecrets"]],
        volumes=code["volumes"],
        volume_mounts=code["volumeMounts"],
        resources=code["resources"],
    )
    job = construct_dagster_k8s_job(
        DagsterK8sJobConfig(
            job_image=_image(code["image"]),
            dagster_home=values["global"]["dagsterHome"],
            instance_config_map="dagster-instance",
            postgres_password_secret=values["global"]["postgresqlSecretName"],
        ),
        args=["dagster", "api", "execute_run"],
        job_name="dagster-run",
        component="run_worker",
        user_defined_k8s_config=of_launcher.merge(of_code).run_k8s_config,
    )
    made = dict(kubernetes.client.ApiClient().sanitize_for_serialization(job))
    made["metadata"]["namespace"] = NAMESPACE
    return made


def _image(image: Mapping[str, str]) -> str:
    return f"{image['repository']}@{DIGEST}"


def _container(part: Mapping[str, Any], command: Mapping[str, Any]) -> dict[str, Any]:
    password = {"secretKeyRef": {"name": "dagster-postgresql", "key": "postgresql-password"}}
    return {
        "name": "dagster",
        "image": _image(part["image"]),
        "imagePullPolicy": part["image"]["pullPolicy"],
        "securityContext": part["securityContext"],
        "resources": part["resources"],
        "volumeMounts": part["volumeMounts"],
        "env": [{"name": "DAGSTER_PG_PASSWORD", "valueFrom": password}],
        "envFrom": [{"secretRef": each} for each in part.get("envSecrets", ())],
        **command,
    }


def _waits_for_the_code_server(part: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": "init-user-deployment",
        "image": f"busybox:1.37@{DIGEST}",
        "command": ["sh", "-c", "until nslookup genesys-assets; do sleep 2; done"],
        "securityContext": part["securityContext"],
        "resources": part["initContainerResources"],
    }


def _deployment(
    name: str,
    part: Mapping[str, Any],
    container: Mapping[str, Any],
    labels: dict[str, str],
    init_containers: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    pod = {
        "serviceAccountName": "dagster",
        "automountServiceAccountToken": True,
        "securityContext": part["podSecurityContext"],
        "initContainers": init_containers or [],
        "containers": [dict(container)],
        "volumes": part["volumes"],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, manifest in enumerate(manifests(read(VALUES))):
        (folder / f"{number}-{manifest['kind'].lower()}.yaml").write_text(yaml.safe_dump(manifest))
