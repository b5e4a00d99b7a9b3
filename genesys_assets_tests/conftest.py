"""What tests of more than one room need: a sandbox with a fixed clock, the whole chain on it, and its database."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import dagster as dg
import polars as pl
import pytest

from genesys_assets.assembly import build_defs
from genesys_assets.assets.exports import Exports
from genesys_assets.genesys import ExtractionSettings, GenesysCloud
from genesys_assets.organisation import Organisation
from genesys_assets.partitions import daily_partitions
from genesys_assets.resources import Genesys
from genesys_assets.sandbox import Sandbox, serve
from genesys_assets.warehouse import Database, Warehouse
from genesys_assets.work import WorkFolder
from genesys_assets_tests.genesys.support import ManualTime, adjusted
from genesys_assets_tests.quarantine import pytest_collection_modifyitems, pytest_terminal_summary

__all__ = ["pytest_collection_modifyitems", "pytest_terminal_summary"]

DAY = date(2026, 11, 20)
DAILY = daily_partitions(Organisation().start_date, Organisation().zone)
"""The partitions of an organisation that sets nothing."""
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Sandbox:
    """A small contact centre on the morning of NOW, without a rate limit."""
    return small_sandbox()


class Hurried(Genesys):
    """Genesys Cloud as ever, but nobody waits: sleeping only moves the clock."""

    reading: ClassVar[Mapping[str, Any]] = {}
    """How conversations are read, where a test wants it otherwise."""

    @property
    def extraction(self) -> ExtractionSettings:
        return adjusted(super().extraction, **self.reading)

    def connect(self, log: Callable[[str], None] | None = None) -> GenesysCloud:
        cloud = super().connect(log)
        cloud.clock, cloud._sleep = self._time.clock, self._time.sleep
        return cloud

    _time: ClassVar[ManualTime] = ManualTime()


@dataclass
class Chain:
    """The project's definitions on a sandbox served over HTTP, with a database of their own."""

    folder: Path
    genesys: Genesys
    instance: dg.DagsterInstance
    sandbox: Sandbox
    runs: dict[str, dg.ExecuteInProcessResult] = field(default_factory=dict)
    further: dict[str, object] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """The database that the chain stores in."""
        return Database(self.folder / "genesys.duckdb")

    @property
    def defs(self) -> dg.Definitions:
        """The definitions, assembled as the project does it."""
        warehouse = Warehouse(database=str(self.folder / "genesys.duckdb"))
        work = WorkFolder(path=str(self.folder / "work"))
        exports = Exports(url=str(self.folder / "exports"))
        own = {"genesys": self.genesys, "io_manager": warehouse, "work": work, "exports": exports}
        return build_defs(Organisation.from_environment(), resources={**own, **self.further})

    def run(self, job: str, day: date | None = None, **options: object) -> dg.ExecuteInProcessResult:
        """Runs a job, for a day if it has partitions; a failure is in the result."""
        self.runs[job] = self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance, partition_key=str(day) if day else None, raise_on_error=False, **options
        )
        return self.runs[job]

    def fetch(self, day: date, **options: object) -> dg.ExecuteInProcessResult:
        """Materialises raw/conversations alone, for a day; a failure is in the result."""
        return self.make(day, dg.AssetSelection.assets(["raw", "conversations"]), **options)

    def make(self, day: date, assets: dg.AssetSelection, **options: object) -> dg.ExecuteInProcessResult:
        """Materialises these assets alone, with their checks, for a day; a failure is in the result."""
        defs = self.defs
        keys = assets.resolve(defs.resolve_asset_graph())
        return defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=self.instance,
            partition_key=str(day),
            asset_selection=sorted(keys),
            raise_on_error=False,
            **options,
        )

    def documents(self) -> dict[str, dict[str, Any]]:
        """The stored documents by conversation; empty when there is no table yet."""
        with self.database.reading() as connection:
            tables = connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'raw'").fetchall()
        if not tables:
            return {}
        stored = self.table("raw.conversations").select("conversation_id", "document")
        return {conversation_id: json.loads(document) for conversation_id, document in stored.iter_rows()}

    def table(self, name: str) -> pl.DataFrame:
        """All rows of a stored table."""
        with self.database.reading() as connection:
            return pl.DataFrame(connection.sql(f"FROM {name}"))


@contextmanager
def chains(folder: Path) -> Iterator[Callable[..., Chain]]:
    """Makes chains on sandboxes, whose retries wait for nothing; further settings go to the Genesys resource.

    `reading` are further `ExtractionSettings` or `Limits`, of all chains from then on.
    """
    with (
        ExitStack() as servers,
        dg.DagsterInstance.ephemeral() as instance,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(dg.RetryPolicy, "calculate_delay", lambda _policy, _attempt: 0)

        def make(sandbox: Sandbox, reading: Mapping[str, Any] | None = None, **genesys: object) -> Chain:
            patch.setattr(Hurried, "reading", reading or {})
            url = servers.enter_context(serve(sandbox))
            resource = Hurried(
                client_id="sandbox",
                client_secret="sandbox",
                api_url=url,
                login_url=url,
                requests_per_minute=100_000,
                **genesys,
            )
            return Chain(folder, resource, instance, sandbox)

        yield make


@pytest.fixture
def chain_on(tmp_path: Path) -> Iterator[Callable[..., Chain]]:
    """Makes a chain on a sandbox; further settings go to the Genesys resource."""
    with chains(tmp_path) as make:
        yield make


@pytest.fixture
def chain(chain_on: Callable[..., Chain], sandbox: Sandbox) -> Chain:
    """The chain on the small sandbox."""
    return chain_on(sandbox)


def small_sandbox() -> Sandbox:
    """A small contact centre on the morning of NOW, without a rate limit."""
    return Sandbox(conversations_per_day=150, now=lambda: NOW, requests_per_minute=None)


@pytest.fixture(scope="session")
def materialised(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """A chain on the small sandbox with directory and DAY materialised; made once: do not change what it stores."""
    with chains(tmp_path_factory.mktemp("materialised")) as make:
        made = make(small_sandbox())
        assert made.run("refresh_directory").success
        assert made.run("day", DAY).success
        yield made


@pytest.fixture
def stored_day(materialised: Chain, tmp_path: Path) -> Iterator[Chain]:
    """A copy of what `materialised` stores, to be changed."""
    with copied(materialised, tmp_path / "stored_day") as chain:
        yield chain


@contextmanager
def copied(chain: Chain, folder: Path) -> Iterator[Chain]:
    """A copy of what a chain stores; its instance knows nothing of how that came about."""
    shutil.copytree(chain.folder, folder)
    with dg.DagsterInstance.ephemeral() as instance:
        yield replace(chain, folder=folder, instance=instance, runs={})


def with_origins(*assets: str) -> dg.AssetSelection:
    """Daily assets by name, 'marts/interactions', with all that they are made of but the directory."""
    asked = dg.AssetSelection.assets(*(asset.split("/") for asset in assets))
    return asked.upstream().required_multi_asset_neighbors() - dg.AssetSelection.groups("directory")
