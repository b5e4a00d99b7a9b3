"""Marked values and secrets go in; every job and every command, well and failing, is searched for them where it tells.

Jobs and commands are found from the definitions and the command line themselves: a new one is in here by itself. What
is searched: all that Dagster remembers, with every library's log at DEBUG (its managed loggers are on root), what is
printed, what the webhook gets, the command lines of processes, and every byte of every file.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.run_status_sensor_definition import RunStatusSensorCursor

from genesys_assets.automation import alerts
from genesys_assets.automation.sensors import failed_runs
from genesys_assets.cli import main
from genesys_assets.definitions import defs
from genesys_assets.organisation import VARIABLES, Organisation
from genesys_assets.resources import Privacy
from genesys_assets.sandbox import Faults, on, serve
from genesys_assets.sandbox import access as sandbox_access
from genesys_assets_tests.automation.webhook import listening
from genesys_assets_tests.conftest import DAY, NOW, Hurried
from genesys_assets_tests.privacy.conftest import KEY, MarkedChain, MarkedSandbox, excerpts, on_disk
from genesys_assets_tests.privacy.marked import TOKEN

SECRET, HOOK = "s3cr3t-QZX9-of-the-client", "T0QZX9-of-the-webhook"
FIRST, LAST = ["refresh_directory", "day"], ["purge"]
JOBS = [*FIRST, *sorted({job.name for job in defs.resolve_all_job_defs()} - {*FIRST, *LAST}), *LAST]
MODES = ["keep", "hash", "drop"]
POOLS = {"concurrency": {"pools": {"default_limit": 2, "granularity": "run"}}}
ROOT_AT_DEBUG = {"python_logs": {"managed_python_loggers": ["root"], "python_log_level": "DEBUG"}}
ARGUMENTS = {
    "demo": ["--day", "{yesterday}"],
    "adopt": ["--yes"],
    "copy": ["--from", "{folder}/data/genesys.duckdb", "--to", "{folder}/copy.duckdb"],
    "sandbox": ["--faults", "none of these"],
}
BEFORE = ["demo", "doctor"]
COMMANDS = [*BEFORE, *sorted(set(main.commands) - set(BEFORE))]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of SQLite's, which a failed run of Dagster leaves open
]
_started: list[str] = []
_is_watching: list[bool] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _is_watching and event in {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"}:
        _started.append(repr(arguments[:2]))  # what follows is the environment, which nobody else sees


class Planted(MarkedSandbox):
    """A contact centre that has texts in fields of codes, too."""

    def _encoded(self, *args: object) -> bytes:
        told = super()._encoded(*args)
        return told.replace(b'"segmentType":', b'"errorCode": "call QZX7PERSONAL back", "segmentType":')


@dataclass
class World:
    """A chain whose secrets are known, and all that it has told."""

    chain: MarkedChain
    centre: Planted
    folder: Path
    printed: Callable[[], str]
    posted: list[str] = field(default_factory=list)

    @property
    def secrets(self) -> list[str]:
        """What no text may hold."""
        return [SECRET, HOOK, KEY, *self.centre.tokens._ends]

    def told(self) -> str:
        """What was said, to whomever."""
        instance = on_disk(self.folder / "instance")
        return "\n".join([self.chain.told(), self.printed(), instance, *self.posted, *_started])

    def found(self, text: str, *, personal: bool = True) -> list[str]:
        """What stands around the secrets and, unless it may be there, the marked values."""
        wanted = [*self.secrets, *([TOKEN] if personal else [])]
        return [excerpt for each in wanted if each in text for excerpt in excerpts(text, each)]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd, caplog) -> Iterator[Callable[..., World]]:
    """Makes a world under a privacy mode."""
    monkeypatch.setattr(sandbox_access, "CLIENT_SECRET", SECRET)
    monkeypatch.setattr(alerts, "SECONDS_BETWEEN", 0)
    monkeypatch.setattr(dg.RetryPolicy, "calculate_delay", lambda _policy, _attempt: 0)
    caplog.set_level(logging.DEBUG)
    sys.addaudithook(_watch)
    _is_watching.append(True)
    (tmp_path / "instance").mkdir()
    printed: list[str] = []

    def said() -> str:
        printed.extend([*capfd.readouterr(), caplog.text])
        return "".join(printed)

    with ExitStack() as stack:
        instance = stack.enter_context(dg.DagsterInstance.local_temp(str(tmp_path / "instance"), ROOT_AT_DEBUG))

        def make(mode: str, now: datetime = NOW) -> World:
            centre = Planted(conversations_per_day=25, now=lambda: now, requests_per_minute=None)
            url = stack.enter_context(serve(centre))
            credentials = {"client_id": "sandbox", "client_secret": SECRET, "api_url": url, "login_url": url}
            genesys = Hurried(**credentials, requests_per_minute=100_000)
            privacy = Privacy(mode=mode, key=KEY if mode == "hash" else None)
            chain = MarkedChain(tmp_path / "data", genesys, instance, centre, privacy=privacy)
            return World(chain, centre, tmp_path, said)

        yield make
    _is_watching.clear()
    _started.clear()


def run(world: World, job: str) -> bool:
    """Runs a job, whatever comes of it."""
    definition = world.chain.defs.resolve_job_def(job)
    ids = ["none"] if job == "purge" else []
    if job == "purge" and (world.chain.folder / "genesys.duckdb").is_file():
        try:
            ids = [min(world.chain.documents(), default="none")]
        except Exception:  # it is broken on purpose
            ids = ["none"]
    config = {"ops": {"purge_conversations": {"config": {"conversation_ids": ids}}}} if job == "purge" else None
    return bool(
        definition.execute_in_process(
            instance=world.chain.instance,
            partition_key=str(DAY) if definition.partitions_def else None,
            run_config=config,
            raise_on_error=False,
        ).success
    )


@pytest.mark.parametrize("mode", MODES)
def test_no_job_tells_a_secret_or_what_people_said(world, mode):
    here = world(mode)
    assert [job for job in JOBS if not run(here, job)] == []
    told, disk = here.told(), on_disk(here.chain.folder)
    assert excerpts(told, "STEP_SUCCESS")
    assert excerpts(told, "DEBUG")
    assert here.found(told) == []
    assert here.found(disk + here.chain.stored(), personal=mode != "keep") == []
    assert here.found(on_disk(here.chain.folder / "exports")) == []


def refuse(world: World) -> None:
    world.centre.faults = Faults(on(".*", status=403))


def answer_garbage(world: World) -> None:
    world.centre.faults = Faults(on("details/(query|jobs/.*/results)", garbage="record"))


def be_down(world: World) -> None:
    world.centre.faults = Faults(on(".*", status=503))


def break_the_database(world: World) -> None:
    world.chain.folder.mkdir()
    (world.chain.folder / "genesys.duckdb").write_bytes(b"no database " * 999)


def put_a_file_where_exports_go(world: World) -> None:
    world.chain.folder.mkdir()
    (world.chain.folder / "exports").write_text("no folder")


FAILURES = [refuse, answer_garbage, be_down, break_the_database, put_a_file_where_exports_go]


@pytest.mark.parametrize(
    ("fail", "mode"),
    [*((fail, "keep") for fail in FAILURES), (answer_garbage, "hash")],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_no_job_that_fails_tells_a_secret_or_what_people_said(world, monkeypatch, fail, mode):
    here = world(mode)
    fail(here)
    assert [job for job in JOBS if not run(here, job)]
    with listening() as hook:
        monkeypatch.setenv("GENESYS_ASSETS_ALERT_WEBHOOK", f"{hook.url}/{HOOK}")
        everything = RunStatusSensorCursor(record_id=-1).to_json()
        failed_runs(Organisation.from_environment()).evaluate_tick(
            dg.build_sensor_context(here.chain.instance, everything)
        )
        here.posted += hook.texts
    assert here.posted
    told, disk = here.told(), on_disk(here.chain.folder)
    assert excerpts(told, "STEP_FAILURE")
    assert here.found(told) == []
    assert here.found(disk, personal=mode != "keep") == []


def bare() -> dict[str, str]:
    """This environment without settings of the project."""
    return {name: value for name, value in os.environ.items() if name not in VARIABLES.values()}


def commands(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The exit status and all that is printed of each command, in processes of their own."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    for command in COMMANDS:
        given = [each.format(yesterday=yesterday, folder=folder) for each in ARGUMENTS.get(command, [])]
        called = [sys.executable, "-c", "from genesys_assets.cli import main; main()", command, *given]
        done = subprocess.run(called, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        yield f"{command}: {done.returncode}"
        yield done.stdout + done.stderr


@pytest.mark.parametrize(("fail", "mode"), [(None, "keep"), (None, "hash"), (refuse, "keep")])
def test_no_command_tells_a_secret_or_what_people_said(world, fail, mode):
    here = world(mode, datetime.now(UTC))
    url = here.chain.genesys.api_url
    environment = {
        "GENESYSCLOUD_OAUTHCLIENT_ID": "sandbox",
        "GENESYSCLOUD_OAUTHCLIENT_SECRET": SECRET,
        "GENESYSCLOUD_API_URL": url,
        "GENESYSCLOUD_LOGIN_URL": url,
        "GENESYS_ASSETS_REQUESTS_PER_MINUTE": "100000",
        "GENESYS_ASSETS_SOURCE": "query",
        "GENESYS_ASSETS_PRIVACY": mode,
        "GENESYS_ASSETS_PRIVACY_KEY": KEY,
        "GENESYS_ASSETS_ALERT_WEBHOOK": f"https://hooks.example.com/{HOOK}",
    }
    here.chain.folder.mkdir()
    home = here.folder / "instance" / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text(json.dumps({**ROOT_AT_DEBUG, **POOLS, "telemetry": {"enabled": False}}))
    if fail:
        fail(here)
    said = list(commands(here.chain.folder, {**bare(), **environment, "DAGSTER_HOME": str(home)}))
    assert fail or {"demo: 0", "doctor: 0", "copy: 0"} <= set(said)
    told = "\n".join([*said, here.told()])
    assert here.found(told) == []
    assert here.found(on_disk(here.chain.folder), personal=mode != "keep") == []
