"""What the definitions of an organisation are called, and whose a run is."""

from __future__ import annotations

import re
from dataclasses import replace

import dagster as dg
import pytest

from genesys_assets.assembly import build_defs
from genesys_assets.automation.own_runs import Own
from genesys_assets.marts import MARTS, Comparison
from genesys_assets.names import GROUPS, Names, names_of
from genesys_assets.organisation import Organisation
from genesys_assets.resources import Genesys
from genesys_assets_tests.several.conftest import CONVERSATIONS, EMEA, QUEUES


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
        assert {key.path[1 if names.prefix else 0] for key in keys} == set(GROUPS)


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


def test_a_mart_of_the_teams_own_is_compared_by_its_declaration_and_restated_without_a_request() -> None:
    by_queue = Comparison({"queue_id": "queueId"})
    mart = replace(MARTS["queue_performance"], name="queues", comparisons=(by_queue,))
    defs = build_defs(Organisation(key_prefix="emea"), marts=[mart])
    steps = {
        job: {node.name for node in defs.resolve_job_def(f"emea_{job}").graph.nodes} for job in ("day", "restate_marts")
    }
    made, checked = "emea__marts__queues", "emea__marts__queues_matches_genesys_aggregates"
    assert {made, checked} <= steps["day"]
    assert made in steps["restate_marts"]
    assert checked not in steps["restate_marts"]
