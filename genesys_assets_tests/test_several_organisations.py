"""Two organisations beside a team's own assets: in one process, on one instance, and nothing is mixed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from genesys_assets.assembly import build_defs
from genesys_assets.assets.exports import Exports
from genesys_assets.automation.own_runs import Own
from genesys_assets.names import ROOMS, Names, names_of
from genesys_assets.organisation import Organisation
from genesys_assets.resources import Genesys
from genesys_assets.sandbox import Sandbox
from genesys_assets.warehouse import Warehouse
from genesys_assets.work import WorkFolder
from genesys_assets_tests.conftest import DAY, NOW, Chain, chains

PAGE = Path(__file__).parents[1] / "docs" / "your-dagster.md"
NEXT = DAY + timedelta(days=1)
EMEA, APAC = Names("emea"), Names("apac")
CONVERSATIONS, QUEUES = ["raw", "conversations"], ["marts", "queue_performance"]


def named(defs: dg.Definitions) -> dict[str, set[str]]:
    """Every name that Dagster holds something by, by its kind."""
    repository = defs.get_repository_def()
    graph = repository.asset_graph
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    nodes = list(graph.asset_nodes)
    lineage = [node.metadata.get("dagster/column_lineage") for node in nodes]
    return {
        "assets": {node.key.to_user_string() for node in nodes},
        "parents": {key.to_user_string() for node in nodes for key in node.parent_keys},
        "lineage": {
            dep.asset_key.to_user_string()
            for each in lineage
            if each
            for deps in each.deps_by_column.values()
            for dep in deps
        },
        "groups": {str(node.group_name) for node in nodes},
        "checks": {key.asset_key.to_user_string() for key in graph.asset_check_keys},
        "pools": {pool for node in nodes for pool in node.pools or ()}
        | {pool for each in repository.asset_checks_defs_by_key.values() for pool in each.op.pools},
        "ops": {node.definition.name for job in repository.get_all_jobs() for node in job.graph.nodes},
        "jobs": {job.name for job in jobs},
        "schedules": {each.name for each in repository.schedule_defs}
        | {each.job_name for each in repository.schedule_defs},
        "sensors": {each.name for each in repository.sensor_defs},
        "resources": set(repository.get_top_level_resources()),
    }


def without_prefix(name: str, prefix: str) -> str:
    return re.sub(rf"^{prefix}(/|__?)", "", name)


def test_every_name_has_the_prefix_and_is_otherwise_as_without_one() -> None:
    plain, prefixed = named(build_defs(Organisation())), named(build_defs(Organisation(key_prefix="emea")))
    without = {kind: {name for name in names if not name.startswith("emea")} for kind, names in prefixed.items()}
    assert {kind: names for kind, names in without.items() if names} == {}
    assert {kind: {without_prefix(name, "emea") for name in names} for kind, names in prefixed.items()} == plain
    assert all(plain.values())


def test_the_names_of_an_asset_are_told_from_its_key() -> None:
    for names in (Names(), EMEA):
        keys = build_defs(Organisation(key_prefix=names.prefix)).resolve_asset_graph().get_all_asset_keys()
        assert {Names.of(key) for key in keys} == {names}
        assert {key.path[1 if names.prefix else 0] for key in keys} == set(ROOMS)


@pytest.mark.parametrize("given", ["Emea", "1st", "_emea", "emea-1", "emea/1", ""])
def test_a_prefix_that_dagster_cannot_hold_a_name_by_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="write a letter, then letters, digits and underscores, all in lower case"):
        Organisation(key_prefix=given)


def test_a_prefix_that_keys_begin_with_as_it_is_is_refused() -> None:
    with pytest.raises(ValueError, match="write another name, for example emea"):
        Organisation(key_prefix="marts")


def test_each_organisation_reads_the_limit_of_its_own_pool() -> None:
    pools = {}
    for name in ("emea", "apac"):
        organisation = Organisation(key_prefix=name)
        for given in ({}, {"genesys": Genesys(source="query", client_id=dg.EnvVar("AN_ID"))}):
            resources = build_defs(organisation, resources=given).resources or {}
            genesys = resources[names_of(organisation).resource("genesys")]
            assert isinstance(genesys, Genesys)
            pools.setdefault(name, set()).add(genesys.pool)
    assert pools == {"emea": {"emea_genesys_api"}, "apac": {"apac_genesys_api"}}
    assert genesys.source == "query"
    assert isinstance(genesys.client_id, dg.EnvVar)


class Kept(dg.ConfigurableIOManager):  # type: ignore[misc]
    """The team's own IO manager, which keeps what it is given in a file."""

    folder: str

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        Path(self.folder, "-".join(context.asset_key.path)).write_text(repr(obj), encoding="utf-8")

    def load_input(self, context: dg.InputContext) -> Any:
        raise NotImplementedError


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


def defs_of(chain: Chain) -> dg.Definitions:
    """The definitions of one organisation, called as its folder is."""
    return build_defs(
        Organisation(key_prefix=chain.folder.name),
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


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """DAY of both by their jobs, NEXT and DAY of both and the team's asset by one run over the range."""
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


def test_every_run_is_right_and_every_figure_equals_that_of_its_own_genesys_cloud(project: Project) -> None:
    assert {name: run.success for name, run in project.runs.items()} == dict.fromkeys(project.runs, True)
    for name in ("emea", "apac"):
        found = checks(project.runs[f"{name}_day"])
        assert found[f"{name}/marts/queue_performance matches_genesys_aggregates"]
        assert {check for check, passed in found.items() if not passed} == set()
        assert all(check.startswith(f"{name}/") for check in found)


def test_nothing_is_mixed(project: Project) -> None:
    emea, apac = ids(project.emea), ids(project.apac)
    assert len(emea) > 20
    assert len(apac) > 20
    assert emea & apac == set()
    for chain, other in ((project.emea, project.apac), (project.apac, project.emea)):
        assert {request.path for request in chain.sandbox.requests}
        assert set(chain.table("marts.interactions")["conversation_id"]) <= ids(chain)
        with chain.database.reading() as connection:
            owners = connection.sql("SELECT DISTINCT asset_key FROM genesys_assets.stored_tables").fetchall()
        assert {key.split("/")[0] for (key,) in owners} == {chain.folder.name}
        exports = {file.name for file in (chain.folder / "exports").rglob("*") if file.is_file()}
        assert {f"{DAY}.html", "organisation.json", "contact_centre.duckdb"} <= exports
        told = (chain.folder / "exports" / "organisation.json").read_text(encoding="utf-8")
        assert f'"key_prefix": "{chain.folder.name}"' in told
        assert f"Centre {1 if other is project.apac else 2}" in told


def test_the_report_of_each_tells_of_its_own_checks(project: Project) -> None:
    for name, other in (("emea", "apac"), ("apac", "emea")):
        report = (project.folder / name / "exports" / "reports" / "daily" / f"{DAY}.html").read_text(encoding="utf-8")
        assert "No check" not in report
        assert f"{other}/" not in report


def test_the_teams_asset_is_stored_by_the_teams_io_manager(project: Project) -> None:
    assert (project.folder / "forecast").read_text(encoding="utf-8") == "1200"
    executors = {job.name: job.executor_def.name for job in project.defs.get_repository_def().get_all_jobs()}
    assert executors.pop("__ASSET_JOB") == "multiprocess"
    assert set(executors.values()) == {"in_process"}


def test_a_range_over_both_and_the_teams_asset_is_right(project: Project) -> None:
    before = {name: ids(chain) for name, chain in (("emea", project.emea), ("apac", project.apac))}
    span = {"dagster/asset_partition_range_start": str(DAY), "dagster/asset_partition_range_end": str(NEXT)}
    wanted = dg.AssetSelection.groups(
        *(names.name(room) for names in (EMEA, APAC) for room in ("raw", "staging", "marts"))
    )
    keys = sorted(wanted.resolve(project.defs.resolve_asset_graph()))
    result = project.run("__ASSET_JOB", tags=span, asset_selection=keys)
    assert result.success
    assert {check for check, passed in checks(result).items() if not passed} == set()
    for name, chain in (("emea", project.emea), ("apac", project.apac)):
        assert checks(result)[f"{name}/marts/queue_performance matches_genesys_aggregates"]
        assert set(chain.table("raw.conversations")["partition_date"]) == {DAY, NEXT}
        assert before[name] <= ids(chain)
    assert ids(project.emea) & ids(project.apac) == set()


def test_another_prefix_is_refused_at_the_same_destination_and_in_the_same_database(project: Project) -> None:
    other = replace(project.emea, folder=project.folder / "emea")
    defs = build_defs(
        Organisation(key_prefix="other"),
        resources={
            "genesys": other.genesys,
            "io_manager": Warehouse(database=str(other.folder / "genesys.duckdb")),
            "work": WorkFolder(path=str(other.folder / "work")),
            "exports": Exports(url=str(other.folder / "exports")),
        },
    )
    with dg.DagsterInstance.ephemeral() as instance:
        for job, says in (
            ("refresh_directory", "holds the asset emea/directory/"),
            ("copy_database", "key prefix emea"),
        ):
            result = defs.resolve_job_def(f"other_{job}").execute_in_process(instance=instance, raise_on_error=False)
            failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
            assert failures
            assert all(says in str(failure.user_failure_data) for failure in failures)


def documented(language: str) -> str:
    [block] = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return block


def test_the_documented_query_of_all_organisations_runs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    query = documented("sql")
    for name in ("emea", "apac"):
        query = query.replace(f"exports/{name}/", f"{project.folder}/{name}/exports/")
    with duckdb.connect() as connection:
        rows = connection.execute(query).fetchall()
    assert {(row[0], row[1]) for row in rows} == {("emea", DAY), ("apac", DAY)}
    assert all(offered > 0 for _, _, offered, _ in rows)


def test_the_documented_project_loads_and_its_own_mart_stands_beside_ours(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, chain in (("EMEA", project.emea), ("APAC", project.apac)):
        monkeypatch.setenv(f"{name}_CLIENT_ID", "sandbox")
        monkeypatch.setenv(f"{name}_CLIENT_SECRET", "sandbox")
        assert chain.genesys.api_url
    url = project.emea.genesys.api_url
    code = documented("python").replace(
        "region=region)", f'api_url="{url}", login_url="{url}", requests_per_minute=9999)'
    )
    found: dict[str, Any] = {"__name__": "documented"}
    exec(compile(code, str(PAGE), "exec", dont_inherit=True), found)  # noqa: S102
    defs: dg.Definitions = found["defs"]
    dg.Definitions.validate_loadable(defs)
    wanted = dg.AssetSelection.assets(["emea", "team", "talk_time"]).upstream().required_multi_asset_neighbors()
    keys = sorted(wanted.resolve(defs.resolve_asset_graph()))
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("__ASSET_JOB").execute_in_process(
            instance=instance, partition_key=str(DAY), asset_selection=keys
        )
    assert result.success
    with duckdb.connect("data/emea.duckdb", read_only=True) as connection:
        ours = "SELECT sum(value) FROM staging.session_metrics WHERE name = 'tTalk' AND queue_id IS NOT NULL"
        [row] = connection.execute(f"SELECT (SELECT sum(talk_ms) FROM team.talk_time) = ({ours})").fetchall()
    assert row == (True,)


def run_of(job: str, *keys: list[str], check: list[str] | None = None) -> dg.DagsterRun:
    """A run of a job of Dagster's, of these assets."""
    return dg.DagsterRun(
        job,
        asset_selection=frozenset(map(dg.AssetKey, keys)) if keys or check else None,
        asset_check_selection=frozenset({dg.AssetCheckKey(dg.AssetKey(check), "c")}) if check else None,
    )


OWN = Own(
    jobs=frozenset({"emea_day"}),
    assets=frozenset({EMEA.key(CONVERSATIONS), EMEA.key(QUEUES)}),
    steps=frozenset({"emea__raw__conversations"}),
)


@pytest.mark.parametrize(
    ("run", "has_part", "has_all"),
    [
        (run_of("emea_day"), True, True),
        (run_of("apac_day"), False, False),
        (run_of("nightly"), False, False),
        (run_of("__ASSET_JOB", ["emea", *CONVERSATIONS]), True, True),
        (run_of("__ASSET_JOB", ["emea", *CONVERSATIONS], ["apac", *CONVERSATIONS]), True, False),
        (run_of("__ASSET_JOB", ["apac", *CONVERSATIONS]), False, False),
        (run_of("__ASSET_JOB", ["forecast"]), False, False),
        (run_of("__ASSET_JOB", check=["emea", *QUEUES]), True, True),
        (run_of("__ASSET_JOB"), True, False),
    ],
)
def test_whose_a_run_is_follows_from_its_job_and_its_assets(run: dg.DagsterRun, has_part: bool, has_all: bool) -> None:
    assert (OWN.has_part_in(run), OWN.has_all_of(run)) == (has_part, has_all)
