"""The services of compose.yaml as processes of this machine, with other addresses and folders than in containers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

import dagster as dg
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._grpc.client import DagsterGrpcClient

from genesys_assets_tests.deploy.recipes import COMPOSE, IMAGES, compose
from genesys_assets_tests.operations.deployment import Deployment, free_port, wait_until
from genesys_assets_tests.postgres import Postgres

CONTAINER_HOME = "/opt/dagster/dagster_home"
CONTAINER_LOGS = "/var/lib/dagster/logs"


def instance_environment(postgres: Postgres) -> dict[str, str]:
    """What dagster.yaml takes from the environment, for a PostgreSQL on this machine."""
    return {
        **compose(IMAGES)["x-instance"],
        "DAGSTER_POSTGRES_PASSWORD": postgres.password,
        "DAGSTER_POSTGRES_HOST": postgres.host,
        "DAGSTER_POSTGRES_PORT": str(postgres.port),
    }


@dataclass
class Fleet(Deployment):
    """Code server, daemon and webserver by the commands of compose.yaml; a context manager.

    Attributes:
        folder: Where all that they write lies.
        settings: The code server's settings, in place of genesys.env, and before those of compose.yaml.
        postgres: The instance's storage; `instance_environment` of it must be in this process's environment too.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    postgres: Postgres = field(kw_only=True)

    def __enter__(self) -> Fleet:
        self.port, self.code_port = free_port(), free_port()
        self.database = self.folder / "genesys.duckdb"
        self.processes = {}
        self.home.mkdir(parents=True)
        self.services = compose(IMAGES)["services"]
        for name in ("dagster.yaml", "workspace.yaml"):
            (self.home / name).write_text(self._here((COMPOSE.parent / name).read_text()))
        self._stack = ExitStack()
        self.instance = self._stack.enter_context(dg.DagsterInstance.from_config(str(self.home)))
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.kill(name, with_children=True)  # nobody needs what they would tidy up
        self._stack.close()

    @property
    def environment(self) -> dict[str, str]:
        """Environment of all processes: the code server's has everything that the others' have."""
        environment = {
            **self.services["code"]["environment"],
            "TMPDIR": str(self.folder),
            **super().environment,
            **instance_environment(self.postgres),
        }
        environment.pop(
            "PYTHONDONTWRITEBYTECODE", None
        )  # the image's modules are compiled: a run starts in half the time
        return environment

    def start_all(self) -> None:
        """Starts the services in the order of their dependencies, each when the one before it answers."""
        self.start_service("code")
        wait_until("the code server answers", self._code_server_answers, 120)
        self.start_service("daemon")
        self.start_service("webserver")
        wait_until("the webserver answers", self.answers, 120)

    def start_service(self, name: str) -> None:
        """Starts one service."""
        self.start(name, *(self._here(word) for word in self.services[name]["command"]))

    def _here(self, text: str) -> str:
        """A command's word or a file's text with this machine's addresses and folders in place of the containers'."""
        moved = {
            CONTAINER_HOME: str(self.home),
            CONTAINER_LOGS: str(self.folder / "logs"),
            "host: code": "host: 127.0.0.1",
            "port: 4000": f"port: {self.code_port}",
        }
        for there, here in moved.items():
            text = text.replace(there, here)
        words = {"0.0.0.0": "127.0.0.1", "3000": str(self.port), "4000": str(self.code_port)}  # noqa: S104 - replaced
        return words.get(text, text)

    def _code_server_answers(self) -> bool:
        try:
            return bool(DagsterGrpcClient(host="127.0.0.1", port=self.code_port).ping("well?"))
        except DagsterUserCodeUnreachableError:
            return False
