from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from genesys_assets.assets.database_copy import database_copy
from genesys_assets.assets.exports import exported_tables, exports_of, parquet
from genesys_assets.assets.exports import latest as latest_of
from genesys_assets.data_model import TABLES
from genesys_assets.organisation import Organisation
from genesys_assets.setting import SettingsError
from genesys_assets_tests.assets.results import UPSTREAM, Results, results
from genesys_assets_tests.conftest import DAILY
from genesys_assets_tests.reports.contact_centre import DAY, marts

BEFORE = DAY - timedelta(days=1)
queue_performance = parquet("marts.queue_performance")(DAILY)
latest = latest_of(DAILY)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Results]:
    yield from results(tmp_path)


def materialised(made: Results, *assets: dg.AssetsDefinition, day: date = DAY) -> dg.ExecuteInProcessResult:
    return made.run(*UPSTREAM, *assets, day=day)


def test_each_day_of_a_mart_becomes_a_file_of_one_table(made: Results) -> None:
    for day in (BEFORE, DAY):
        materialised(made, queue_performance, day=day)
    read = pl.read_parquet(made.exports / "marts/queue_performance")
    written = pl.concat([marts(day)["queue_performance"] for day in (BEFORE, DAY)]).collect()
    assert_frame_equal(read.select(written.columns), written, check_row_order=False)


def test_the_ui_is_told_of_the_file(made: Results) -> None:
    facts = made.facts(materialised(made, queue_performance), "exports", "marts", "queue_performance")
    file = made.exports / f"marts/queue_performance/partition_date={DAY}/part-0.parquet"
    assert facts["file"] == str(file)
    assert facts["bytes"] == file.stat().st_size
    assert facts["dagster/partition_row_count"] == marts(DAY)["queue_performance"].collect().height


def test_a_run_over_several_days_tells_each_day_of_its_own_file(made: Results) -> None:
    result = made.run(*UPSTREAM, queue_performance, latest, day=BEFORE, last=DAY)
    events = result.asset_materializations_for_node("exports__marts__queue_performance")
    for event in events:
        rows = event.metadata["dagster/partition_row_count"].value
        day = date.fromisoformat(str(event.partition))
        assert rows == marts(day)["queue_performance"].collect().height
    assert sorted(str(event.partition) for event in events) == [str(BEFORE), str(DAY)]
    assert json.loads((made.exports / "queue_performance/latest.json").read_bytes())["partition_date"] == str(DAY)


def test_an_earlier_day_that_is_materialised_again_leaves_the_latest_alone(made: Results) -> None:
    assert made.facts(materialised(made, latest), "exports", "queue_performance_latest")["replaced"] is True
    again = materialised(made, latest, day=BEFORE)
    assert made.facts(again, "exports", "queue_performance_latest")["replaced"] is False
    assert json.loads((made.exports / "queue_performance/latest.json").read_bytes())["partition_date"] == str(DAY)


def test_the_database_copy_has_marts_and_directory_with_their_descriptions(made: Results) -> None:
    materialised(made)
    facts = made.facts(made.run(database_copy()), "exports", "database_copy")
    with duckdb.connect(str(facts["file"]), read_only=True) as copy:
        schemas = copy.execute("SELECT DISTINCT schema_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        offered = copy.execute("SELECT sum(offered) FROM marts.queue_performance").fetchall()
        query = (
            "SELECT comment FROM duckdb_columns() WHERE table_name = 'queue_performance' AND column_name = 'offered'"
        )
        comment = copy.execute(query).fetchall()
    assert (schemas, offered) == ([("directory",), ("genesys_assets",), ("marts",)], [(600,)])
    assert comment == [(TABLES["marts.queue_performance"].columns()["offered"].description,)]


def test_a_place_that_cannot_be_used_fails_the_step_for_good_and_says_why(made: Results) -> None:
    made.url = "ftp://host/folder"
    result = made.run(*UPSTREAM, queue_performance, day=DAY, raise_on_error=False)
    failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    assert [failure.user_failure_data.description for failure in failures] == [
        "Exports cannot go to a ftp:// URL: write a folder's path, or an s3://, gs:// or az:// URL."
    ]


@pytest.mark.parametrize(
    ("asked", "tables"),
    [
        ("marts.queue_performance", ["marts.queue_performance"]),
        (" marts.queue_performance , raw.conversations", ["marts.queue_performance", "raw.conversations"]),
        ("marts, marts.queue_performance", [table for table in TABLES if table.startswith("marts.")]),
        ("", []),
    ],
)
def test_tables_are_asked_for_by_name_or_by_schema(asked: str, tables: list[str]) -> None:
    assert sorted(exported_tables(asked)) == sorted(tables)


@pytest.mark.parametrize("asked", ["mart", "marts.queues", "directory", "directory.queues", "marts;DROP"])
def test_a_table_that_there_is_not_is_refused_with_what_to_write(asked: str) -> None:
    with pytest.raises(SettingsError, match=r"GENESYS_ASSETS_EXPORT_TABLES.*write marts, staging or raw"):
        exported_tables(asked)


def test_the_environment_decides_where_files_go_when_a_run_needs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GENESYS_ASSETS_EXPORT_URL", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GENESYS_ASSETS_REPORT_TIMEZONE", "Asia/Tokyo")
    resource = exports_of(Organisation.from_environment())
    assert [resource.url, resource.report_timezone] == [
        dg.EnvVar("GENESYS_ASSETS_EXPORT_URL"),
        dg.EnvVar("GENESYS_ASSETS_REPORT_TIMEZONE"),
    ]
    exports = resource.process_config_and_initialize()
    assert exports.destination.address("a") == str(tmp_path / "elsewhere/a")
    assert exports.zone.key == "Asia/Tokyo"
