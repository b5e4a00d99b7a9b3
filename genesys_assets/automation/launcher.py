"""The run launcher of dagster.yaml: Dagster's default one, which also notices that a run has lost its code server.

A code server reports its own dead workers within a second. When it dies with them (a reboot, `kill -9` of everything, a
container that starts again), nobody does: with Dagster's default launcher such a run stays "started" for ever and
counts as one of the concurrent runs. Run monitoring asks this launcher, and fails and retries the dead run. It asks
about started runs only, and ignores the answer when the run has ended meanwhile.
"""

import json
import socket
from pathlib import Path
from typing import Any

from dagster import DagsterRun, DefaultRunLauncher

from genesys_assets.dagster_internals import (
    CanCancelExecutionRequest,
    CanCancelExecutionResult,
    CheckRunHealthResult,
    DagsterGrpcClient,
    DagsterUserCodeUnreachableError,
    GetCurrentRunsResult,
    WorkerStatus,
    deserialize_value,
)

GRPC_INFO = ".dagster/grpc_info"
"""The tag in which Dagster keeps the address of the code server that started a run."""
ANSWER_SECONDS = 5


class WatchfulRunLauncher(DefaultRunLauncher):
    """Starts runs as Dagster does by default, and knows which of them have lost their code server."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Return True: run monitoring asks whether this launcher checks the health of runs."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Return failed when nothing listens at the address of the run's code server, or a server without the run.

        Return running in every other case, also when in doubt: the server is slow or out of reach, its name cannot be
        resolved, or it is that of `dagster dev`, which passes runs on to a server behind it. The launcher knows nothing
        of a run that no code server started (`dg launch`, `make demo`).
        """
        address = json.loads(run.tags.get(GRPC_INFO, "{}"))
        if not address:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        if not _listens(address):
            return _failed("The code server that started this run is gone, and the run with it.")
        if not _may_have(address, run.run_id):
            return _failed("The code server that started this run has been started again, and the run ended with it.")
        return CheckRunHealthResult(WorkerStatus.RUNNING)


def _failed(reason: str) -> CheckRunHealthResult:
    return CheckRunHealthResult(WorkerStatus.FAILED, reason)


def _listens(address: dict[str, Any]) -> bool:
    try:
        if path := address.get("socket"):
            return _listens_at(path)
        with socket.create_connection((address.get("host") or "localhost", address["port"]), ANSWER_SECONDS):
            return True
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    except OSError:  # slow, unreachable or not resolved: it may still be running
        return True


def _listens_at(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(str(Path(path)))
        return True


def _may_have(address: dict[str, Any], run_id: str) -> bool:
    """Tell whether the code server has the run, or may have it.

    The first request has a time limit, but its answer is also no for a run that is being terminated. The proxy of
    `dagster dev` answers it for the latest server behind it only, and does not know the second request.
    """
    client = DagsterGrpcClient(**{"host": "localhost", **address})
    try:
        asked = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run_id), timeout=ANSWER_SECONDS)
        if deserialize_value(asked, CanCancelExecutionResult).can_cancel:
            return True
        return run_id in deserialize_value(client.get_current_runs(), GetCurrentRunsResult).current_runs
    except DagsterUserCodeUnreachableError:
        return True
