"""What docs/your-dagster.md shows is run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from genesys_assets_tests.conftest import DAY
from genesys_assets_tests.several.conftest import Project

PAGE = Path(__file__).parents[2] / "docs" / "your-dagster.md"


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
    at_sandbox = f'api_url="{url}", login_url="{url}", requests_per_minute=9999,'
    code = re.sub(r'region="[a-z0-9-]+",', at_sandbox, documented("python"))
    found: dict[str, Any] = {"__name__": "documented"}
    exec(compile(code, str(PAGE), "exec", dont_inherit=True), found)  # noqa: S102
    defs: dg.Definitions = found["defs"]
    dg.Definitions.validate_loadable(defs)
    own = dg.AssetSelection.assets(["emea", "team", "talk_time"], ["emea", "marts", "holds_by_queue"])
    wanted = own.upstream().required_multi_asset_neighbors()
    keys = sorted(wanted.resolve(defs.resolve_asset_graph()))
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("__ASSET_JOB").execute_in_process(
            instance=instance, partition_key=str(DAY), asset_selection=keys
        )
    assert result.success
    with duckdb.connect("data/emea.duckdb", read_only=True) as connection:
        ours = "SELECT sum(value) FROM staging.session_metrics WHERE name = 'tTalk' AND queue_id IS NOT NULL"
        [row] = connection.execute(f"SELECT (SELECT sum(talk_ms) FROM team.talk_time) = ({ours})").fetchall()
        holds = connection.execute(
            "SELECT count(queue_name) > 0, sum(holds) = "
            "(SELECT count(*) FROM staging.session_metrics WHERE name = 'tHeld' AND emit_date::DATE = partition_date) "
            "FROM marts.holds_by_queue"
        ).fetchall()
    assert row == (True,)
    assert holds == [(True, True)]
    checked = {
        each.check_name for each in result.get_asset_check_evaluations() if "holds_by_queue" in each.asset_key.path
    }
    assert checked == {"figures_are_possible"}
