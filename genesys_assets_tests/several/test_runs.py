"""Runs of two organisations and a team: every figure is right, and nothing is mixed."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg

from genesys_assets.assembly import build_defs
from genesys_assets.assets.exports import Exports
from genesys_assets.organisation import Organisation
from genesys_assets.warehouse import Warehouse
from genesys_assets.work import WorkFolder
from genesys_assets_tests.conftest import DAY
from genesys_assets_tests.several.conftest import APAC, EMEA, NEXT, Project, checks, ids


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


def test_one_run_over_a_range_of_days_of_both_is_right(project: Project) -> None:
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
