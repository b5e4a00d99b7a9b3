"""Secrets as files: how they get into a process, that a stranger's git never sees them, and that nobody types them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from genesys_assets_tests.deploy.recipes import COMPOSE, DEPLOY, ROOT

WITH_SECRETS = DEPLOY / "with-secrets"
SHOW = ["sh", "-c", "env; cat /proc/$$/cmdline | tr '\\0' ' '"]
NASTY = 'pass\'word $HOME "x" `id` \\ ü=;'
"""What a shell would make something else of."""
PAGES = [ROOT / "README.md", DEPLOY / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "SECRETS_FOLDER": str(folder)}
    return subprocess.run(
        [WITH_SECRETS, *command], env=environment, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_each_file_is_a_variable_by_its_name_whatever_it_holds(tmp_path: Path) -> None:
    write(tmp_path, "instance/DAGSTER_POSTGRES_PASSWORD", f"{NASTY}\n")
    write(tmp_path, "genesys/GENESYSCLOUD_OAUTHCLIENT_SECRET", "s3cret")
    shown = run(SHOW, tmp_path)
    assert f"DAGSTER_POSTGRES_PASSWORD={NASTY}\n" in shown.stdout
    assert "GENESYSCLOUD_OAUTHCLIENT_SECRET=s3cret\n" in shown.stdout
    command_line = shown.stdout.splitlines()[-1]
    assert "s3cret" not in command_line


def test_it_becomes_the_command_with_its_arguments_and_exit_status(tmp_path: Path) -> None:
    done = run(["sh", "-c", 'printf "%s|" "$0" "$@"; exit 7', "a b", "*"], tmp_path)
    assert (done.returncode, done.stdout) == (7, "a b|*|")


def test_without_secrets_nothing_is_added(tmp_path: Path) -> None:
    assert run(["true"], tmp_path / "missing").returncode == 0


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
def test_a_file_that_the_containers_user_cannot_read_is_told_and_nothing_starts(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become the container's user")
    folder = Path("/tmp") / f"with-secrets-{os.getpid()}"  # noqa: S108 - pytest's own folders are closed to others
    try:
        write(folder, "instance/DAGSTER_POSTGRES_PASSWORD", "s3cret").chmod(0o600)
        shutil.copy(WITH_SECRETS, folder / "with-secrets")
        for each in (folder, folder / "instance", folder / "with-secrets"):
            each.chmod(0o755)
        command = ["setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", folder / "with-secrets", "echo", "up"]
        done = subprocess.run(
            command,
            env={"PATH": os.environ["PATH"], "SECRETS_FOLDER": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(folder)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "user 10001 cannot read" in done.stderr
    assert "make -C deploy secrets" in done.stderr


def test_make_secrets_closes_the_folder_and_keeps_what_is_there(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "Makefile", tmp_path / "Makefile")
    (tmp_path / "compose").mkdir()
    for _ in range(2):
        subprocess.run(["make", "-s", "-C", tmp_path, "secrets"], check=True, umask=0o077)
    secrets = tmp_path / "compose" / "secrets"
    password = secrets / "instance" / "DAGSTER_POSTGRES_PASSWORD"
    kept = password.read_text()
    subprocess.run(["make", "-s", "-C", tmp_path, "secrets"], check=True, umask=0o077)
    assert re.fullmatch(r"[0-9a-f]{48}\n", kept)
    assert password.read_text() == kept
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o444 for file in secrets.glob("*/*")} == {0o444}


def told_to_make(page: Path) -> set[str]:
    """The files for settings and secrets that a page names, as paths of the repository."""
    named = re.findall(
        r"(?<![\w./-])((?:[\w.-]+/)*(?:[\w-]+)?\.env|secrets/[\w/]+)(?![\w/])", page.read_text(encoding="utf-8")
    )
    inside = {"README.md": ""}.get(page.name, "") if page.parent == ROOT else "deploy/compose/"
    return {
        name if name.startswith("deploy/") else inside + name
        for name in named
        if not Path(name).name.startswith("example")
    }


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone")
def test_git_ignores_every_secret_that_the_docs_tell_people_to_make_and_no_example() -> None:
    named = {name for page in PAGES for name in told_to_make(page)}
    assert {".env", "deploy/compose/.env", "deploy/compose/genesys.env"} <= named
    secrets = {
        *named,
        "deploy/compose/secrets/instance/DAGSTER_POSTGRES_PASSWORD",
        "deploy/compose/secrets/genesys/GENESYSCLOUD_OAUTHCLIENT_SECRET",
        *(f"deploy/kubernetes/{name}.env" for name in ("dagster-postgresql", "genesys-cloud", "genesys-lake")),
    }
    assert {name for name in secrets if not ignored(name)} == set()
    assert [path for path in COMPOSE.parent.iterdir() if path.name.startswith("example") and ignored(str(path))] == []


def ignored(path: str) -> bool:
    """Whether git would leave a path out."""
    return subprocess.run(["git", "check-ignore", "--quiet", "--no-index", path], cwd=ROOT, check=False).returncode == 0


def test_no_page_tells_people_to_type_a_secret_into_a_command_line() -> None:
    typed = re.compile(r"--from-literal|PASSWORD '|PASSWORD=\S|SECRET=[^.\s]|--set \S*(?:password|secret)\S*=")
    assert {page.name: typed.findall(page.read_text(encoding="utf-8")) for page in PAGES} == {
        page.name: [] for page in PAGES
    }
