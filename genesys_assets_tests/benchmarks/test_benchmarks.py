"""The benchmarks run: every contender of ours on some conversations, none of them timed.

What needs an environment of its own (pandas, dlt) or a daemon is left to `make bench`.
"""

import json

import polars as pl
import pytest

from genesys_assets_tests.benchmarks import day as days
from genesys_assets_tests.benchmarks import page
from genesys_assets_tests.benchmarks.racing import ContenderError, Run, module, raced
from genesys_assets_tests.benchmarks.server import served

CONVERSATIONS = 130


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(days, "CACHE", tmp_path_factory.mktemp("cache"))
        patch.setattr(days, "TEMPLATES", 60)
        yield days.day_of(CONVERSATIONS)


def test_a_day_has_each_conversation_once_and_another_id_for_each(day):
    rows = pl.read_parquet(day.parts)
    assert rows["conversation_id"].n_unique() == rows.height == CONVERSATIONS
    documents = [json.loads(document) for document in rows["document"]]
    assert [document["conversationId"] for document in documents] == rows["conversation_id"].to_list()
    sessions = [each["sessionId"] for one in documents for part in one["participants"] for each in part["sessions"]]
    assert len(set(sessions)) == len(sessions)


@pytest.mark.parametrize("source", ["job", pytest.param("query", marks=pytest.mark.slow)])
def test_the_chain_stores_the_day_and_its_figures_are_those_of_the_server(day, source, tmp_path):
    with served(day) as url:
        run = raced(module("chain", url, tmp_path / "work", "day", source, CONVERSATIONS), tmp_path / "log")
    assert run.said["found"] == CONVERSATIONS
    assert run.said["failed_checks"] == []
    assert "marts__queue_performance_matches_genesys_aggregates" in run.said["parts"]


def test_the_floor_fetches_inserts_and_decodes(day, tmp_path):
    with served(day) as url:
        run = raced(module("floor", url, day.folder, tmp_path), tmp_path / "log")
    assert list(run.said["parts"]) == ["fetch", "insert", "decode"]
    assert run.peak_mb > 0


def test_a_contender_that_fails_is_named_with_what_it_said_last(tmp_path):
    with pytest.raises(ContenderError, match="IndexError"):
        raced(module("floor"), tmp_path / "log")


def test_the_page_tells_medians_and_which_goals_are_not_met():
    rates = {"floor": 9000, "day": 5000, "restate": 16000, "marts": 90000, "hand_loop": 3200, "sdk": 480, "dlt": 140}
    rounds = {name: [run_at(rate), run_at(rate * 1.2), run_at(rate * 0.5)] for name, rate in rates.items()}
    rounds["validate"] = [run_at(0.5)] * 3
    once = {name: run_at(5000) for name in ("full_day", "large_day", "query", "raw", "figures")} | {
        "backfill": run_at(0.2)
    }
    written = page.text(page.Measured(rounds, once, 0.1, 5_600_000, ["a machine"]))
    assert "| 1,000 | 5,000 | 2,500 to 6,000 |" in written
    assert "| The whole chain at least 30 times dlt | 35.7 times | met |" in written
    assert "| A day of a backfill with nothing to fetch: under 4 s | 5.0 s | **not met** |" in written


def run_at(rate):
    said = {"parts": {"step": 0.1}, "database_bytes": 1_000_000}
    return Run(1000, 1000 / rate, 2000 / rate, 400.0, said)
