"""A team's project, made by create-dagster, with two organisations by the component, from the built wheel alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import pytest
import yaml

from genesys_assets.genesys import AGGREGATES, GenesysCloud, aggregates
from genesys_assets.resources import Genesys
from genesys_assets.sandbox import Sandbox, serve
from genesys_assets.windows import window_of
from genesys_assets_tests.operations.deployment import BIN, ROOT, Deployment, wait_until

pytestmark = pytest.mark.slow

LAUNCHED = datetime.now(UTC).date() - timedelta(days=4)
BACKFILLED = LAUNCHED + timedelta(days=1)
LONGEST_SECONDS = 600
"""On a machine that does much else: the team's executor starts a process for each step."""
OF_THE_TEAM = '''"""What the team has already: an asset, by an IO manager and an executor of its own."""

import json
from pathlib import Path

import dagster as dg


class Kept(dg.ConfigurableIOManager):
    folder: str

    def handle_output(self, context, obj):
        Path(self.folder, "-".join(context.asset_key.path)).write_text(json.dumps(obj))

    def load_input(self, context):
        return json.loads(Path(self.folder, "-".join(context.asset_key.path)).read_text())


@dg.asset
def forecast() -> int:
    return 1200


@dg.definitions
def ours() -> dg.Definitions:
    return dg.Definitions(
        assets=[forecast], resources={"io_manager": Kept(folder="kept")}, executor=dg.multiprocess_executor
    )
'''


@dataclass(frozen=True)
class Centre:
    """A contact centre of its own, over HTTP."""

    name: str
    sandbox: Sandbox
    url: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.sandbox.timezone)

    def counts(self, day: date) -> dict[str, int]:
        """What it counts itself on a business day."""
        genesys = Genesys(client_id="sandbox", client_secret="sandbox", api_url=self.url, login_url=self.url)

        async def counted(cloud: GenesysCloud) -> dict[str, int]:
            metrics = ["nOffered", "tAnswered", "tHandle"]
            window = window_of(day, self.zone)
            told = await aggregates(cloud, AGGREGATES["conversations"], window, metrics, by=["queueId"])
            return {
                metric: sum(each.count for each in told if each.group.get("queueId") and each.metric == metric)
                for metric in metrics
            }

        return genesys.run(counted)


@dataclass(frozen=True)
class Project:
    """The project and its environment."""

    folder: Path
    programs: Path
    environment: Mapping[str, str]

    def call(self, program: str, *arguments: str) -> str:
        """Runs a program of the environment in the project; its output, if it succeeds."""
        called = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert called.returncode == 0, called.stdout[-4000:] + called.stderr[-4000:]
        return called.stdout

    def describe(self, centre: Centre) -> None:
        """Scaffolds an organisation, and writes into its file what the sandbox needs."""
        self.call("dg", "scaffold", "defs", "genesys_assets.GenesysCloud", centre.name, "--timezone", str(centre.zone))
        file = self.folder / "src" / "team_data" / "defs" / centre.name / "defs.yaml"
        document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        document["attributes"] |= {
            "client_id": f"{{{{ env.{centre.name.upper()}_CLIENT_ID }}}}",
            "client_secret": f"{{{{ env.{centre.name.upper()}_CLIENT_SECRET }}}}",
            "api_url": centre.url,
            "login_url": centre.url,
            "requests_per_minute": 60_000,
            "start_date": str(LAUNCHED - timedelta(days=7)),
        }
        document["post_processing"] = {
            "assets": [{"target": f"group:{centre.name}_marts", "attributes": {"owners": ["team:planning"]}}]
        }
        file.write_text(yaml.safe_dump(document), encoding="utf-8")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that has the wheel, and what makes a project."""
    folder = tmp_path_factory.mktemp("installed")
    uv, python = str(BIN / "uv"), folder / "venv" / "bin" / "python"
    locked = folder / "locked.txt"
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked.write_text("\n".join(each.removesuffix(" \\") for each in lines if "==" in each), encoding="utf-8")
    for command in (
        ["build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(folder), str(ROOT)],
        ["venv", "--python", sys.executable, str(folder / "venv")],
    ):
        subprocess.run([uv, *command, "--quiet"], check=True)
    [wheel] = folder.glob("*.whl")
    install = [uv, "pip", "install", "--quiet", "--python", str(python), "--constraint", str(locked)]
    subprocess.run([*install, str(wheel)], check=True)
    tools = ["create-dagster", "dagster-dg-cli", "hatchling", "editables"]
    made = subprocess.run([*install, *tools], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"What makes a project cannot be installed here: {made.stderr.strip()[-300:]}")
    return python.parent


@pytest.fixture(scope="module")
def centres() -> Iterator[list[Centre]]:
    """Two contact centres, which differ in their traffic and in the clocks that they work by."""
    with ExitStack() as stack:
        made = []
        for name, seed, timezone in (("emea", 5, "Europe/Berlin"), ("apac", 6, "Asia/Kolkata")):
            sandbox = Sandbox(seed=seed, conversations_per_day=40, requests_per_minute=None, timezone=timezone)
            made.append(Centre(name, sandbox, stack.enter_context(serve(sandbox))))
        yield made


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, environment: Path, centres: list[Centre]) -> Project:
    """The team's project, with what the team had and both organisations."""
    folder = tmp_path_factory.mktemp("project")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GENESYS", "PYTHON"))}
    credentials = {f"{centre.name.upper()}_CLIENT_{part}": "sandbox" for centre in centres for part in ("ID", "SECRET")}
    path = f"{environment}{os.pathsep}{inherited['PATH']}"
    home = folder / "of-daemon" / "home"
    variables = {
        **inherited,
        **credentials,
        "PATH": path,
        "DAGSTER_HOME": str(home),
        "VIRTUAL_ENV": str(environment.parent),
    }
    made = Project(folder / "team-data", environment, variables)
    subprocess.run(
        [str(environment / "create-dagster"), "project", "--no-uv-sync", str(made.folder)],
        env=variables,
        check=True,
        capture_output=True,
    )
    (made.folder / "kept").mkdir()
    (made.folder / "src" / "team_data" / "defs" / "ours.py").write_text(OF_THE_TEAM, encoding="utf-8")
    install = ["pip", "install", "--python", str(environment / "python"), "--no-deps", "--no-build-isolation"]
    subprocess.run([str(BIN / "uv"), *install, "--quiet", "--editable", str(made.folder)], check=True)
    for centre in centres:
        made.describe(centre)
    return made


@pytest.fixture(scope="module")
def deployment(project: Project) -> Iterator[Deployment]:
    """The project's webserver and daemon."""
    folder = project.folder.parent / "of-daemon"
    own = Deployment(folder, project.environment, project.programs, project.folder, loads=(), location="team-data")
    with own as running:
        running.start_webserver()
        running.start_daemon()
        yield running


def test_a_day_of_both_by_hand_and_by_a_backfill_is_right_and_the_teams_own_stays_as_it_is(
    project: Project, deployment: Deployment, centres: list[Centre]
) -> None:
    project.call("dg", "check", "yaml")
    project.call("dg", "check", "defs")
    assert "genesys_assets.GenesysCloud" in project.call("dg", "list", "components", "--json")
    listed = json.loads(project.call("dg", "list", "defs", "--json"))
    owners = {each["asset_key"]: each["owners"] for each in listed["assets"]}
    assert owners["emea/marts/queue_performance"] == owners["apac/marts/queue_performance"] == [{"team": "planning"}]
    assert "forecast" in owners

    project.call("dg", "launch", "--assets", "forecast")
    for centre in centres:
        project.call("dg", "launch", "--job", f"{centre.name}_refresh_directory")
        project.call("dg", "launch", "--job", f"{centre.name}_day", "--partition", str(LAUNCHED))
    backfills = [deployment.launch_backfill([str(BACKFILLED)], of_a_day(owners, centre.name)) for centre in centres]
    for backfill in backfills:
        wait_until("it has ended", lambda it=backfill: "COMPLETED" in deployment.backfill_status(it), LONGEST_SECONDS)
        assert deployment.backfill_status(backfill) == "COMPLETED_SUCCESS"

    assert deployment.runs(dg.DagsterRunStatus.FAILURE) == []
    for centre in centres:
        assert_every_day_is_right(project, centre)
    assert [(each.name, each.read_text()) for each in (project.folder / "kept").iterdir()] == [("forecast", "1200")]


def of_a_day(owners: Mapping[str, Any], name: str) -> list[dg.AssetKey]:
    """The assets of an organisation from its conversations to its queues' figures."""
    keys = [dg.AssetKey(key.split("/")) for key in owners]
    own = [key for key in keys if key.path[0] == name]
    return [key for key in own if key.path[1] in ("raw", "staging") or key.path[1:] == ["marts", "queue_performance"]]


def assert_every_day_is_right(project: Project, centre: Centre) -> None:
    """Both days hold the centre's conversations and no others, and the figures that it counts itself."""
    with duckdb.connect(str(project.folder / "data" / f"{centre.name}.duckdb"), read_only=True) as connection:
        for day in (LAUNCHED, BACKFILLED):
            window = window_of(day, centre.zone)
            utc_days = {window.start.astimezone(UTC).date(), (window.end - timedelta(seconds=1)).astimezone(UTC).date()}
            own = {name for each in utc_days for name in centre.sandbox.conversations(each)}
            [(stored,)] = connection.execute(
                "SELECT list(conversation_id) FROM raw.conversations WHERE partition_date = ?", [day]
            ).fetchall()
            assert stored
            assert set(stored) <= own
            assert len(stored) == len(set(stored))
            figures = connection.execute(
                "SELECT sum(offered)::INT, sum(answered)::INT, sum(handled)::INT FROM marts.queue_performance "
                "WHERE partition_date = ? AND queue_id IS NOT NULL",
                [day],
            ).fetchall()
            assert figures == [tuple(centre.counts(day).values())]
