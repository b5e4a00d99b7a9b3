"""`make -C deploy digests`, `image`, `install` with stand-ins for docker, helm and kubectl, which no test may need."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from genesys_assets_tests.deploy.recipes import DEPLOY

ANSWER = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in *imagetools*) printf "$REGISTRY" ;; esac
"""
DIGEST = f"sha256:{'5' * 64}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of deploy/ beside programs that only note how they were called."""
    shutil.copytree(DEPLOY, tmp_path / "deploy", ignore=shutil.ignore_patterns(".env", "secrets"))
    (tmp_path / "bin").mkdir()
    for name in ("docker", "helm", "kubectl"):
        (tmp_path / "bin" / name).write_text(ANSWER)
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def make(folder: Path, *targets: str, registry: str = f"{DIGEST}\\n") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "CALLS": str(folder / "calls"),
        "REGISTRY": registry,
    }
    return subprocess.run(
        ["make", "-s", "-C", folder / "deploy", *targets],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def calls(folder: Path, program: str) -> list[str]:
    return [line for line in (folder / "calls").read_text().splitlines() if line.startswith(f"{program} ")]


def test_digests_are_written_once_beside_what_stands_in_the_file(folder: Path) -> None:
    settings = folder / "deploy" / "compose" / ".env"
    settings.write_text("GENESYS_ASSETS_VERSION=0.1.0\nPYTHON_IMAGE=python@sha256:old\n")
    for _ in range(2):
        assert make(folder, "digests").returncode == 0
    assert settings.read_text().splitlines() == [
        "GENESYS_ASSETS_VERSION=0.1.0",
        f"PYTHON_IMAGE=python@{DIGEST}",
        f"POSTGRES_IMAGE=postgres@{DIGEST}",
    ]


@pytest.mark.parametrize("target", ["digests", "image", "install"])
def test_without_a_registry_nothing_is_done(folder: Path, target: str) -> None:
    done = make(folder, target, registry="")
    assert done.returncode != 0
    assert "no digest of " in done.stderr
    assert not (folder / "deploy" / "compose" / ".env").exists()
    assert {line.split()[1] for line in calls(folder, "docker")} == {"buildx"}


def test_an_image_is_built_on_the_base_image_of_that_digest(folder: Path) -> None:
    assert make(folder, "image").returncode == 0
    (build,) = [call for call in calls(folder, "docker") if call.startswith("docker build ")]
    assert f"--build-arg PYTHON_IMAGE=python@{DIGEST}" in build


def test_the_chart_is_installed_with_every_image_by_its_digest(folder: Path) -> None:
    assert make(folder, "install", "IMAGE=registry.example.internal:5000/genesys-assets:0.1.0").returncode == 0
    (install,) = calls(folder, "helm")
    for part in ("dagster-user-deployments.deployments[0]", "dagsterDaemon", "dagsterWebserver"):
        assert f"--set {part}.image.digest={DIGEST}" in install
    assert f"--set busybox.image.tag=1.37@{DIGEST}" in install
    assert "--namespace genesys" in install
    assert "network.yaml" in calls(folder, "kubectl")[0]
