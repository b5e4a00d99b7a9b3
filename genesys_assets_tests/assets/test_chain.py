import json

import polars as pl
import pytest

from genesys_assets_tests.conftest import DAY


@pytest.fixture
def materialised(chain):
    assert chain.run("day", DAY).success
    return chain


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
