import json

import polars as pl

from genesys_assets_tests.conftest import DAY


def test_a_day_by_job_holds_every_conversation_that_was_active(materialised, sandbox):
    stored = materialised.table("raw.conversations")
    documents = {row["conversation_id"]: json.loads(row["document"]) for row in stored.iter_rows(named=True)}
    assert documents == sandbox.conversations(DAY)


def test_every_row_belongs_to_its_day(materialised):
    for table in ("raw.conversations", "staging.segments", "marts.queue_performance"):
        assert materialised.table(table)["partition_date"].unique().to_list() == [DAY]


def test_running_a_day_again_changes_nothing_but_the_fetch_time(materialised):
    tables = ("raw.conversations", "staging.sessions", "staging.session_metrics", "marts.queue_performance")
    before = {name: materialised.table(name).drop("fetched_at", strict=False) for name in tables}
    assert materialised.run("day", DAY).success
    for name, rows in before.items():
        again = materialised.table(name).drop("fetched_at", strict=False)
        assert again.sort(pl.all()).equals(rows.sort(pl.all())), name


def test_names_stand_beside_ids(materialised):
    mart = materialised.table("marts.queue_performance")
    assert mart["queue_name"].null_count() == 0


def test_the_day_equals_genesys_own_aggregates(materialised):
    (evaluation,) = [
        event.asset_check_evaluation_data
        for event in materialised.runs["day"].all_events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
        and event.asset_check_evaluation_data.check_name == "matches_genesys_aggregates"
    ]
    assert evaluation.passed
    assert evaluation.description == "Every figure equals Genesys Cloud's."


def test_every_check_of_a_sound_day_passes(materialised):
    failed = [
        (event.asset_check_evaluation_data.asset_key, event.asset_check_evaluation_data.check_name)
        for event in materialised.runs["day"].all_events
        if event.event_type_value == "ASSET_CHECK_EVALUATION" and not event.asset_check_evaluation_data.passed
    ]
    assert failed == []


def test_the_marts_partition_shows_headline_figures_and_a_picture(materialised):
    (said,) = materialised.runs["day"].asset_materializations_for_node("marts__queue_performance")
    assert said.metadata["offered"].value == materialised.table("marts.queue_performance")["offered"].sum()
    assert said.metadata["intervals"].value.startswith("![Offered, answered and service level](data:image/")
