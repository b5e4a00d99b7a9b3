"""A database of one organisation survives every job and every command, whoever else's the settings are.

Jobs and commands are found from the definitions and the command line themselves: a new one is in here by itself.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from genesys_assets.assembly import build_defs
from genesys_assets.assets.exports import Exports
from genesys_assets.cli import main
from genesys_assets.definitions import defs
from genesys_assets.organisation import Organisation
from genesys_assets.resources import Genesys
from genesys_assets.sandbox import Sandbox, serve
from genesys_assets.warehouse import Database, Warehouse
from genesys_assets.work import WorkFolder
from genesys_assets_tests.conftest import DAY, NOW, chains

ACME, BETA = "0c9e1c1a-7a54-4b3f-8f62-0d3c7d5c6a01", "4f6a2d11-2b1f-4c0e-9d15-8a5f3b9b7e02"
STRANGERS = ("no credentials", "others' credentials", "a sandbox's URL")
JOBS = sorted(job.name for job in defs.resolve_all_job_defs())
COMMANDS = sorted(main.commands)
ARGUMENTS: dict[str, list[list[str]]] = {
    "adopt": [[], ["--yes"]],
    "copy": [
        ["--from", "{database}", "--to", "{folder}/new.duckdb"],
        ["--from", "{folder}/theirs.duckdb", "--to", "{database}", "--replace"],
    ],
    "dbt-sources": [],
    "sandbox": [["--faults", "none of these"]],
}
"""What a command is called with where it needs to be: the sandbox would serve for ever. dbt-sources, which prints what
the code declares, opens no database and is not called. All others without anything."""
CALLS = [(command, arguments) for command in COMMANDS for arguments in ARGUMENTS.get(command, [[]])]


@dataclass(frozen=True)
class Stored:
    """The folder of an organisation's database and exports, and a conversation that is in it."""

    folder: Path
    conversation_id: str

    @property
    def path(self) -> Path:
        return self.folder / "genesys.duckdb"

    @property
    def database(self) -> Database:
        return Database(self.path)

    def contents(self) -> dict[str, Any]:
        """Rows and hashes of every table, and every exported file."""
        with self.database.reading() as connection:
            names = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
            tables: dict[str, Any] = {
                ".".join(name): connection.execute(
                    f"SELECT count(*), sum(hash(stored)::HUGEINT) FROM {'.'.join(name)} AS stored"
                ).fetchall()
                for name in names
            }
        exports = self.folder / "exports"
        return tables | {
            str(file): file.read_bytes() for file in exports.rglob("*") if file.is_file() and file.suffix != ".lock"
        }


def sandbox_of(organisation_id: str = "", name: str = "") -> Sandbox:
    named = {"organisation_id": organisation_id, "organisation_name": name} if name else {}
    return Sandbox(conversations_per_day=40, now=lambda: NOW, requests_per_minute=None, **named)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    """The database of Acme, with a directory and a day."""
    folder = tmp_path_factory.mktemp("acme")
    with chains(folder) as make:
        chain = make(sandbox_of(ACME, "Acme"))
        assert chain.run("refresh_directory").success
        assert chain.run("day", DAY).success
        assert chain.run("copy_database").success
        yield Stored(folder, next(iter(chain.documents())))


@dataclass(frozen=True)
class Stranger:
    """Somebody else's settings: as a resource, as the environment, and what was asked of whoever answers."""

    name: str
    genesys: Genesys
    environment: dict[str, str]
    sandbox: Sandbox | None

    @property
    def asked(self) -> set[str]:
        return {request.path for request in self.sandbox.requests} if self.sandbox else set()


WITHOUT_DATABASE = {"forget_runs"}
"""Jobs that have to do with Dagster's instance alone, so that there is nothing to compare."""


@pytest.fixture(scope="module", params=STRANGERS)
def stranger(request: pytest.FixtureRequest) -> Iterator[Stranger]:
    none = {"GENESYSCLOUD_OAUTHCLIENT_ID": "", "GENESYSCLOUD_OAUTHCLIENT_SECRET": ""}
    if request.param == STRANGERS[0]:
        yield Stranger("the sandbox", Genesys(), none, None)
        return
    is_beta = request.param == STRANGERS[1]
    sandbox = sandbox_of(BETA, "Beta") if is_beta else sandbox_of()
    with ExitStack() as servers:
        url = servers.enter_context(serve(sandbox))
        credentials = {"client_id": "sandbox", "client_secret": "sandbox", "api_url": url, "login_url": url}
        environment = {
            "GENESYSCLOUD_OAUTHCLIENT_ID": "sandbox",
            "GENESYSCLOUD_OAUTHCLIENT_SECRET": "sandbox",
            "GENESYSCLOUD_API_URL": url,
            "GENESYSCLOUD_LOGIN_URL": url,
        }
        name = "Beta" if is_beta else "the sandbox"
        yield Stranger(name, Genesys(**credentials, requests_per_minute=100_000), environment, sandbox)


def definitions(stored: Stored, stranger: Stranger, folder: Path) -> dg.Definitions:
    return build_defs(
        Organisation.from_environment(),
        resources={
            "genesys": stranger.genesys,
            "io_manager": Warehouse(database=str(stored.path)),
            "work": WorkFolder(path=str(folder / "work")),
            "exports": Exports(url=str(stored.folder / "exports")),
        },
    )


@pytest.mark.parametrize("name", sorted({*JOBS} - WITHOUT_DATABASE))
def test_no_job_touches_the_database_of_another_organisation(stored, stranger, name, tmp_path):
    before = stored.contents()
    config = {"ops": {"purge_conversations": {"config": {"conversation_ids": [stored.conversation_id]}}}}
    job = definitions(stored, stranger, tmp_path).resolve_job_def(name)
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            instance=instance,
            partition_key=str(DAY) if job.partitions_def else None,
            run_config=config if name == "purge" else None,
            raise_on_error=False,
        )
    failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    said = [failure.user_failure_data.description for failure in failures if failure.user_failure_data]
    assert not result.success
    assert failures
    assert len(said) == len(failures)
    assert all(f'holds the data of "Acme" ({ACME})' in text and stranger.name in text for text in said)
    assert stored.contents() == before
    assert stranger.asked <= {"/oauth/token", "/api/v2/organizations/me"}


@pytest.mark.parametrize("name", sorted(WITHOUT_DATABASE))
def test_a_job_that_opens_no_database_leaves_it_alone(stored, stranger, name, tmp_path):
    before = stored.contents()
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions(stored, stranger, tmp_path).resolve_job_def(name).execute_in_process(instance=instance)
    assert result.success
    assert stored.contents() == before
    assert stranger.asked <= {"/oauth/token", "/api/v2/organizations/me"}


@pytest.mark.parametrize(("command", "arguments"), CALLS, ids=lambda value: "".join(value).replace("{database}", "it"))
def test_no_command_touches_the_database_of_another_organisation(
    stored, stranger, command, arguments, tmp_path, monkeypatch
):
    with Database(tmp_path / "theirs.duckdb").writing() as connection:
        connection.execute("CREATE SCHEMA raw; CREATE TABLE raw.conversations AS SELECT 1 AS conversation_id")
    settings = {
        "GENESYS_ASSETS_DATABASE": str(stored.path),
        "GENESYS_ASSETS_EXPORT_URL": str(stored.folder / "exports"),
        "GENESYS_ASSETS_WORK_FOLDER": str(tmp_path / "work"),
        "DAGSTER_HOME": str(tmp_path),
        **stranger.environment,
    }
    for setting, value in settings.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.chdir(tmp_path)
    before = stored.contents()
    given = [argument.format(database=stored.path, folder=tmp_path) for argument in arguments]
    result = CliRunner().invoke(main, [command, *given])
    assert result.exit_code != 0, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert stored.contents() == before
    assert not (tmp_path / "new.duckdb").exists()


def test_the_jobs_and_commands_of_the_project_are_among_them():
    assert {"day", "restate_marts", "purge", "copy_database", "refresh_directory"} <= set(JOBS)
    assert {"demo", "doctor", "copy", "adopt"} <= set(COMMANDS)
