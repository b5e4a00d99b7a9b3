import json
from datetime import timedelta

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from genesys_assets.assets.exports import parquet
from genesys_assets.assets.recorded import COMPARISONS
from genesys_assets.data_model import TABLES
from genesys_assets.marts import roll_up
from genesys_assets.names import names_of
from genesys_assets.organisation import Organisation
from genesys_assets.sandbox import Sandbox
from genesys_assets_tests.conftest import DAILY, DAY, NOW, copied
from genesys_assets_tests.sandbox.support import EVERY_TYPE_OFTEN

TEN_DAYS = [str(DAY - timedelta(days=back)) for back in reversed(range(10))]


def comparisons_of(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """The comparisons with Genesys Cloud, by the mart."""
    compared = {key: mart for mart, key in COMPARISONS.items()}
    evaluations = result.get_asset_check_evaluations()
    return {compared[each.asset_check_key]: each for each in evaluations if each.asset_check_key in compared}


def test_a_day_by_job_holds_every_conversation_that_was_active(materialised, sandbox):
    stored = materialised.table("raw.conversations")
    documents = {row["conversation_id"]: json.loads(row["document"]) for row in stored.iter_rows(named=True)}
    assert documents == sandbox.conversations(DAY)


def test_every_row_belongs_to_its_day(materialised):
    for table in ("raw.conversations", "staging.segments", "marts.queue_performance"):
        assert materialised.table(table)["partition_date"].unique().to_list() == [DAY]


@pytest.fixture(scope="module")
def read_again(materialised, tmp_path_factory):
    """A copy of the day that has been read again."""
    with copied(materialised, tmp_path_factory.mktemp("read_again") / "copy") as chain:
        assert chain.run("day", DAY).success
        yield chain


def test_running_a_day_again_changes_nothing_but_the_fetch_time(materialised, read_again):
    for name in ("raw.conversations", "staging.sessions", "staging.session_metrics", "marts.queue_performance"):
        before, again = (chain.table(name).drop("fetched_at", strict=False) for chain in (materialised, read_again))
        assert again.sort(pl.all()).equals(before.sort(pl.all())), name


def test_a_day_that_is_read_again_and_is_the_same_is_told_as_unchanged(materialised, read_again):
    tables = ("raw.conversations", "staging.conversations", "marts.open_conversations")
    assert [materialised.table(name).is_empty() for name in tables] == [False] * 3
    before = materialised.table("raw.conversations")["fetched_at"].max()
    assert read_again.table("raw.conversations")["fetched_at"].min() > before
    said = {
        ".".join(event.asset_key.path): [
            event.materialization.metadata[name].value for name in ("rows_added", "rows_changed", "rows_removed")
        ]
        for event in read_again.runs["day"].get_asset_materialization_events()
        if "rows_added" in event.materialization.metadata
    }
    assert said.keys() >= set(tables)
    assert {name: changes for name, changes in said.items() if any(changes)} == {}


def test_restated_marts_are_those_of_the_day_and_cost_no_request(stored_day):
    chain, sandbox = stored_day, stored_day.sandbox
    stored = [name for name in TABLES if name.startswith(("staging.", "marts."))]
    before = {name: chain.table(name) for name in stored}
    asked = len(sandbox.requests)
    with chain.database.writing() as connection:
        for name in stored:
            connection.execute(f"DELETE FROM {name}")
    assert chain.run("restate_marts", DAY).success
    assert len(sandbox.requests) == asked
    assert before["marts.queue_performance"].height
    for name, rows in before.items():
        assert chain.table(name).sort(pl.all()).equals(rows.sort(pl.all())), name


def test_names_stand_beside_ids(materialised):
    mart = materialised.table("marts.queue_performance")
    assert mart["queue_name"].null_count() == 0


def test_the_day_equals_genesys_own_aggregates(materialised):
    found = comparisons_of(materialised.runs["day"])
    assert found.keys() == COMPARISONS.keys()
    assert all(each.passed for each in found.values())
    assert {each.description for each in found.values()} == {"Every figure equals Genesys Cloud's."}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "lookback_days"),
    [("job", 1), ("query", 70)],
    ids=["by job", "by query, which knows a conversation by the day it began"],
)
def test_ten_days_equal_genesys_own_aggregates(chain_on, source, lookback_days):
    sandbox = Sandbox(seed=7, conversations_per_day=80, now=lambda: NOW, requests_per_minute=None, mix=EVERY_TYPE_OFTEN)
    chain = chain_on(sandbox, source=source, reading={"lookback_days": lookback_days, "query_slice": timedelta(days=5)})
    days = {"dagster/asset_partition_range_start": TEN_DAYS[0], "dagster/asset_partition_range_end": TEN_DAYS[-1]}
    found = comparisons_of(chain.run("day", tags=days))
    assert {mart: each.metadata for mart, each in found.items() if not each.passed} == {}
    assert found.keys() == COMPARISONS.keys()
    figures = roll_up(chain.table("marts.queue_performance").lazy(), ["partition_date"]).collect()
    assert figures.height == len(TEN_DAYS)


def test_every_check_of_a_sound_day_passes(materialised):
    evaluations = materialised.runs["day"].get_asset_check_evaluations()
    failed = [(each.asset_key, each.check_name) for each in evaluations if not each.passed]
    assert evaluations
    assert failed == []


def test_the_report_of_the_run_shows_the_comparison_with_genesys_too(materialised):
    page = (materialised.folder / f"exports/reports/daily/{DAY}.html").read_text()
    assert "matches_genesys_aggregates" in page[page.index("<h3>Checks</h3>") :]


def test_an_entity_that_is_listed_no_more_stays_and_is_marked(chain):
    assert chain.run("refresh_directory").success
    with chain.database.writing() as connection:
        connection.execute("INSERT INTO directory.queues BY NAME SELECT 'gone' AS id, 'Gone' AS name, false AS deleted")
    assert chain.run("refresh_directory").success
    rows = chain.table("directory.queues").filter(pl.col("id") == "gone")
    assert rows.select("name", "deleted").rows() == [("Gone", True)]


@pytest.mark.parametrize("table", ["raw.conversations", "staging.segments", "staging.conversations"])
def test_raw_and_staging_are_exported_on_request(materialised, table):
    export = parquet(table)(DAILY, names_of(Organisation()))
    defs = dg.Definitions.merge(materialised.defs, dg.Definitions(assets=[export]))
    key = dg.AssetKey(["exports", *table.split(".")])
    job = dg.Definitions.merge(
        defs, dg.Definitions(jobs=[dg.define_asset_job("export", dg.AssetSelection.assets(key))])
    )
    result = job.resolve_job_def("export").execute_in_process(instance=materialised.instance, partition_key=str(DAY))
    assert result.success
    read = pl.read_parquet(materialised.folder / "exports" / table.replace(".", "/"))
    stored = materialised.table(table)
    assert_frame_equal(read.select(stored.columns), stored, check_row_order=False)


def test_the_marts_partition_shows_headline_figures_and_a_picture(materialised):
    (said,) = materialised.runs["day"].asset_materializations_for_node("marts__queue_performance")
    assert said.metadata["offered"].value == materialised.table("marts.queue_performance")["offered"].sum()
    assert said.metadata["intervals"].value.startswith("![Offered, answered and service level](data:image/")
