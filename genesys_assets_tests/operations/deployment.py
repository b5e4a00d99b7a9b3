"""A real Dagster in processes of its own, on a new DAGSTER_HOME and a new database, driven through its GraphQL API."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import httpx

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
CONVERSATIONS = dg.AssetKey(["raw", "conversations"])
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
LAUNCH = """mutation($it: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $it) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
REEXECUTE = """mutation($it: ReexecutionParams!) { reexecutePartitionBackfill(reexecutionParams: $it) {
    __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
BACKFILL = (
    """query($it: String!) { partitionBackfillOrError(backfillId: $it) { ... on PartitionBackfill { status } } }"""
)
START_SENSOR = """mutation($it: SensorSelector!) { startSensor(sensorSelector: $it) {
    __typename ... on PythonError { message } } }"""
START_SCHEDULE = """mutation($it: ScheduleSelector!) { startSchedule(scheduleSelector: $it) {
    __typename ... on PythonError { message } } }"""


def free_port() -> int:
    """A port that nobody listened at a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until(what: str, condition: Callable[[], Any], seconds: float, every: float = 0.5) -> Any:
    """What `condition` returns once that is true; an AssertionError when it takes longer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(every)  # other processes work meanwhile: there is no clock to hand in
    raise AssertionError(f"After {seconds} seconds still not: {what}")


@dataclass
class Deployment:
    """Webserver and daemon as processes; a context manager.

    Attributes:
        folder: Where DAGSTER_HOME, database, work folder and the processes' output lie.
        settings: Environment of the processes, beside what this one has.
        programs: Where the programs of the virtual environment are.
        project: The folder in which they are started.
        loads: The options that tell Dagster's programs what to load.
        location: The name of the code location.
    """

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    programs: Path = BIN
    project: Path = ROOT
    loads: tuple[str, ...] = ("-w", "workspace.yaml")
    location: str = "genesys_assets"

    def __enter__(self) -> Deployment:
        self.port = free_port()
        self.database = Path(self.settings.get("GENESYS_ASSETS_DATABASE", self.folder / "genesys.duckdb"))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.home.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "dagster.yaml", self.home)
        self._stack = ExitStack()
        self.instance = self._stack.enter_context(dg.DagsterInstance.from_config(str(self.home)))
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.stop(name)
        self._stack.close()

    @property
    def home(self) -> Path:
        """DAGSTER_HOME."""
        return self.folder / "home"

    @property
    def url(self) -> str:
        """The UI."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Environment of the processes."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GENESYS")}
        return {
            **inherited,
            "DAGSTER_HOME": str(self.home),
            "GENESYS_ASSETS_DATABASE": str(self.database),
            "GENESYS_ASSETS_WORK_FOLDER": str(self.folder / "work"),
            "GENESYS_ASSETS_EXPORT_URL": str(self.folder / "exports"),
            **self.settings,
        }

    def start(self, name: str, *command: str) -> None:
        """Starts a program of the virtual environment."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(self.programs / command[0]), *command[1:]],
                cwd=self.project,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_webserver(self) -> None:
        """Starts the webserver, and waits until it has loaded the definitions."""
        self.start("webserver", "dagster-webserver", *self.loads, "-p", str(self.port))
        wait_until("webserver answers", self.answers, 120)

    def start_daemon(self) -> None:
        """Starts the daemon."""
        self.start("daemon", "dagster-daemon", "run", *self.loads)

    def stop(self, name: str) -> None:
        """Ends a process as a service manager does; its code server and runs end with it."""
        process = self.processes.pop(name)
        _signal(process.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        _signal(process.pid, signal.SIGKILL)
        process.wait()

    def kill(self, name: str, *, with_children: bool) -> None:
        """SIGKILL for a process, and for all that it has started if so wanted (a reboot)."""
        process = self.processes.pop(name)
        if with_children:
            _signal(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()

    def answers(self) -> bool:
        """Whether the webserver serves the definitions."""
        try:
            return bool(
                self.ask("query { repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }")["nodes"]
            )
        except httpx.HTTPError:
            return False

    def ask(self, query: str, it: object = None) -> dict[str, Any]:
        """The only field of the answer to a GraphQL query with one variable, `it`."""
        body = {"query": query, "variables": {"it": it}}
        answer = httpx.post(f"{self.url}/graphql", json=body, timeout=60).raise_for_status().json()
        assert "errors" not in answer, answer
        (only,) = answer["data"].values()
        assert only.get("__typename") != "PythonError", only
        return dict(only)

    def launch_backfill(self, days: Iterable[str], assets: Iterable[dg.AssetKey]) -> str:
        """Requests a backfill, as the asset graph's Materialize does; returns its id."""
        selection = [{"path": list(key.path)} for key in assets]
        return str(self.ask(LAUNCH, {"assetSelection": selection, "partitionNames": list(days)})["backfillId"])

    def reexecute_backfill(self, backfill: str) -> str:
        """Requests what failed in a backfill again, as its page does; returns the new one's id."""
        it = {"parentRunId": backfill, "strategy": "FROM_FAILURE"}
        return str(self.ask(REEXECUTE, it)["backfillId"])

    def backfill_status(self, backfill: str) -> str:
        """Status of a backfill, in GraphQL's words."""
        return str(self.ask(BACKFILL, backfill)["status"])

    def switch_on_sensor(self, name: str) -> None:
        """Starts a sensor."""
        self.ask(START_SENSOR, {"sensorName": name, **self._repository})

    def switch_on_schedule(self, name: str) -> None:
        """Starts a schedule."""
        self.ask(START_SCHEDULE, {"scheduleName": name, **self._repository})

    def runs(self, *statuses: dg.DagsterRunStatus) -> list[dg.DagsterRun]:
        """Runs of those statuses; all, when none is named."""
        return list(self.instance.get_runs(dg.RunsFilter(statuses=list(statuses)) if statuses else None))

    def is_idle(self) -> bool:
        """Whether no run is queued or under way."""
        return not self.runs(*UNFINISHED)

    def worker_of(self, run: dg.DagsterRun) -> int:
        """Process id of a run that is under way."""
        for entry in self.instance.all_logs(run.run_id):
            event = entry.dagster_event
            pid = event.engine_event_data.metadata.get("pid") if event and event.is_engine_event else None
            if pid is not None:
                return int(str(pid.value))
        raise AssertionError(f"Run {run.run_id} has not told its process id.")

    def missed_retry(self, run: dg.DagsterRun) -> bool:
        """Whether the daemon has dealt with a run's failure, and not made the new run that it is to have."""
        records = self.instance.fetch_run_status_changes(dg.DagsterEventType.RUN_FAILURE, limit=100).records
        failed_at = next((each.storage_id for each in records if each.run_id == run.run_id), None)
        key = f"EVENT_LOG_CONSUMER_CURSOR-{dg.DagsterEventType.RUN_FAILURE.value}"
        dealt_with = int(self.instance.daemon_cursor_storage.get_cursor_values({key}).get(key, 0))
        run = self.instance.get_run_by_id(run.run_id) or run  # its tags come before the cursor
        is_pending = run.tags.get("dagster/will_retry") == "true" and "dagster/auto_retry_run_id" not in run.tags
        return failed_at is not None and dealt_with >= failed_at and is_pending

    def stored_days(self, asset: dg.AssetKey = CONVERSATIONS) -> set[str]:
        """Days that Dagster shows as materialised."""
        return set(self.instance.get_materialized_partitions(asset))

    def has(self, *assets: dg.AssetKey) -> bool:
        """Whether Dagster shows each of these assets, which have no partitions, as materialised."""
        return all(self.instance.get_latest_materialization_event(asset) for asset in assets)

    @property
    def _repository(self) -> dict[str, str]:
        return {"repositoryName": "__repository__", "repositoryLocationName": self.location}


def _signal(process_group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process_group, number)
