"""The run launcher of dagster.yaml: Dagster's default one, and it notices that a run's host or code server was killed.

A code server reports its own dead workers within a second. When it dies with them (a reboot, `kill -9` of everything),
nobody does: with Dagster's default launcher such a run stays "started" for ever and keeps its place among the
concurrent runs. Run monitoring asks a launcher that can answer, and fails and retries the dead run.
"""

import json
import socket
from pathlib import Path

from dagster import DagsterRun, DefaultRunLauncher
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

GRPC_INFO = ".dagster/grpc_info"
"""The tag in which Dagster keeps the address of the code server that started a run."""
CONNECT_SECONDS = 5.0


class WatchfulRunLauncher(DefaultRunLauncher):
    """Starts runs as Dagster does by default, and can tell which of them have lost their code server."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes: run monitoring asks."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Failed when nobody listens where the run's code server did; running in every other case, doubt included.

        A run that no code server started (`dg launch`, `make demo`) is none of this launcher's.
        """
        address = json.loads(run.tags.get(GRPC_INFO, "{}"))
        if not address or _listens(address.get("host"), address.get("port"), address.get("socket")):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(
            WorkerStatus.FAILED, "The code server that started this run is gone, and the run with it."
        )


def _listens(host: str | None, port: int | None, path: str | None) -> bool:
    try:
        if path:
            return _listens_at(path)
        with socket.create_connection((host or "localhost", port or 0), CONNECT_SECONDS):
            return True
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    except OSError:  # slow, unreachable, not to be resolved: that does not tell that it is gone
        return True


def _listens_at(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(str(Path(path)))
        return True
