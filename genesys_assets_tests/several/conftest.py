"""Two organisations beside a team's own assets: in one process, on one instance, with a day stored."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genesys_assets.assembly import build_defs
from genesys_assets.assets.exports import Exports
from genesys_assets.names import Names
from genesys_assets.organisation import Organisation
from genesys_assets.sandbox import Faults, Sandbox
from genesys_assets.warehouse import Warehouse
from genesys_assets.work import WorkFolder
from genesys_assets_tests.conftest import DAY, NOW, Chain, chains

NEXT = DAY + timedelta(days=1)
EMEA, APAC = Names("emea"), Names("apac")
CONVERSATIONS, QUEUES = ["raw", "conversations"], ["marts", "queue_performance"]


class Kept(dg.ConfigurableIOManager):  # type: ignore[misc]
    """The team's own IO manager, which keeps what it is given in a file."""

    folder: str

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        Path(self.folder, "-".join(context.asset_key.path)).write_text(repr(obj), encoding="utf-8")

    def load_input(self, context: dg.InputContext) -> str:
        return Path(self.folder, "-".join(context.asset_key.path)).read_text(encoding="utf-8")


@dg.asset
def forecast() -> int:
    """What the team has already."""
    return 1200


@dataclass
class Project:
    """A team's definitions with those of two organisations."""

    folder: Path
    emea: Chain
    apac: Chain
    runs: dict[str, dg.ExecuteInProcessResult] = field(default_factory=dict)

    @property
    def instance(self) -> dg.DagsterInstance:
        """The one instance."""
        return self.emea.instance

    @property
    def defs(self) -> dg.Definitions:
        """All of them together."""
        yours = dg.Definitions(
            assets=[forecast],
            resources={"io_manager": Kept(folder=str(self.folder))},
            executor=dg.multiprocess_executor,
        )
        return dg.Definitions.merge(yours, *(defs_of(each) for each in (self.emea, self.apac)))

    def run(self, job: str, **options: Any) -> dg.ExecuteInProcessResult:
        """Run a job of the merged definitions."""
        return self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance, raise_on_error=False, **options
        )


def defs_of(chain: Chain, **settings: Any) -> dg.Definitions:
    """The definitions of one organisation, called as its folder is."""
    return build_defs(
        Organisation(key_prefix=chain.folder.name, **settings),
        resources={
            "genesys": chain.genesys,
            "io_manager": Warehouse(database=str(chain.folder / "genesys.duckdb")),
            "work": WorkFolder(path=str(chain.folder / "work")),
            "exports": Exports(url=str(chain.folder / "exports")),
        },
    )


def sandbox_of(seed: int) -> Sandbox:
    return Sandbox(
        seed=seed,
        conversations_per_day=40,
        now=lambda: NOW,
        requests_per_minute=None,
        organisation_id=f"{seed}" * 8,
        organisation_name=f"Centre {seed}",
    )


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """DAY of both by their jobs, and the team's own asset."""
    folder = tmp_path_factory.mktemp("several")
    with ExitStack() as stack:
        make = stack.enter_context(chains(folder))
        emea, apac = (
            replace(make(sandbox_of(seed)), folder=folder / name) for seed, name in ((1, "emea"), (2, "apac"))
        )
        made = Project(folder, emea, apac)
        for name in ("emea", "apac"):
            for job, options in (("refresh_directory", {}), ("day", {"partition_key": str(DAY)})):
                made.runs[f"{name}_{job}"] = made.run(f"{name}_{job}", **options)
        made.runs["forecast"] = made.run("__ASSET_JOB", asset_selection=[forecast.key])
        yield made


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {
        f"{each.asset_key.to_user_string()} {each.check_name}": each.passed
        for each in result.get_asset_check_evaluations()
    }


def ids(chain: Chain) -> set[str]:
    return set(chain.table("raw.conversations")["conversation_id"])


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Iterator[Project]:
    """What the project has stored, to be changed, and an instance that knows nothing of it."""
    with dg.DagsterInstance.ephemeral() as instance:
        chains_of = []
        for each in (project.emea, project.apac):
            shutil.copytree(each.folder, tmp_path / each.folder.name)
            chains_of.append(replace(each, folder=tmp_path / each.folder.name, instance=instance))
        yield Project(tmp_path, *chains_of)
        for each in chains_of:
            each.sandbox.faults = Faults()
