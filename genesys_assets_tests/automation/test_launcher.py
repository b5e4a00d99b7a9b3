"""What the launcher tells of a run, with real code servers that live, die, start again and reload."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import WorkerStatus
from dagster._core.test_utils import create_run_for_test
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import GrpcServerTarget
from dagster._grpc.client import DagsterGrpcClient

from genesys_assets.automation import launcher
from genesys_assets.automation.launcher import GRPC_INFO, WatchfulRunLauncher
from genesys_assets_tests.operations.deployment import free_port, wait_until

BIN = Path(sys.executable).parent
CODE = """
import time
import dagster as dg

@dg.op
def waits():
    while True:
        time.sleep(0.1)

@dg.job
def waiting():
    waits()

defs = dg.Definitions(jobs=[waiting])
"""


@dataclass
class CodeServer:
    """A code server with a job that never ends, in a process of its own, at an address that stays the same."""

    folder: Path
    instance: dg.DagsterInstance
    command: tuple[str, ...] = ("api", "grpc")
    port: int = field(default_factory=free_port)

    def start(self) -> CodeServer:
        file = self.folder / "code.py"
        file.write_text(CODE)
        command = [*self.command, "--host", "127.0.0.1", "--port", str(self.port), "--python-file", str(file)]
        self.process = subprocess.Popen([str(BIN / "dagster"), *command], start_new_session=True, env=self.environment)
        wait_until("the code server answers", self.answers, 120, every=0.1)
        return self

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DAGSTER_HOME": self.instance.root_directory}

    @property
    def client(self) -> DagsterGrpcClient:
        return DagsterGrpcClient(host="127.0.0.1", port=self.port)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping("well?"))
        except DagsterUserCodeUnreachableError:
            return False

    def launch(self) -> dg.DagsterRun:
        """A run of this server that is under way."""
        target = GrpcServerTarget("127.0.0.1", self.port, None, "code")
        with WorkspaceProcessContext(self.instance, target) as workspace:
            location = workspace.create_request_context().get_code_location("code")
            job = location.get_repository("__repository__").get_full_job("waiting")
            run = create_run_for_test(
                self.instance,
                job_name="waiting",
                remote_job_origin=job.get_remote_origin(),
                job_code_origin=job.get_python_origin(),
            )
            WatchfulRunLauncher.launch_run_from_grpc_client(self.instance, run, self.client)
        wait_until("the run is under way", lambda: self.now(run).status is dg.DagsterRunStatus.STARTED, 120, every=0.1)
        return self.now(run)

    def now(self, run: dg.DagsterRun) -> dg.DagsterRun:
        found = self.instance.get_run_by_id(run.run_id)
        assert found is not None
        return found

    def kill(self) -> None:
        """Ends the server and its runs as a reboot does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CodeServer]:
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        server = CodeServer(tmp_path, instance)
        yield server
        server.kill()


def status(run: dg.DagsterRun) -> WorkerStatus:
    return WatchfulRunLauncher().check_run_worker_health(run).status


def run_at(**address: object) -> dg.DagsterRun:
    """A run that a code server of that address started."""
    return dg.DagsterRun(job_name="day", tags={GRPC_INFO: json.dumps(address)} if address else {})


def test_a_run_lives_as_long_as_its_code_server(server: CodeServer) -> None:
    run = server.start().launch()
    assert status(run) is WorkerStatus.RUNNING
    server.kill()
    assert status(run) is WorkerStatus.FAILED
    server.start()
    assert status(run) is WorkerStatus.FAILED, "another server at the same address does not know it"


def test_a_run_outlives_that_its_code_is_loaded_again(server: CodeServer) -> None:
    server.command = ("code-server", "start")
    run = server.start().launch()
    server.client.reload_code(60)
    assert status(run) is WorkerStatus.RUNNING, "the server that has it stands behind the one that answers"


def test_a_socket_that_is_gone_is_a_server_that_is_gone(tmp_path: Path) -> None:
    assert status(run_at(host="localhost", socket=str(tmp_path / "gone"))) is WorkerStatus.FAILED


def test_a_server_that_does_not_answer_in_time_may_have_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        assert status(run_at(host="127.0.0.1", port=mute.getsockname()[1])) is WorkerStatus.RUNNING


def test_a_server_whose_name_cannot_be_resolved_may_have_the_run() -> None:
    assert status(run_at(host="code.invalid", port=4000)) is WorkerStatus.RUNNING


def test_a_run_that_no_code_server_started_is_left_alone() -> None:
    assert status(run_at()) is WorkerStatus.RUNNING
