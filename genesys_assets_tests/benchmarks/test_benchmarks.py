"""The benchmarks run: every contender of ours on some conversations, none of them timed.

What needs an environment of its own (pandas, dlt) or a daemon is left to `make bench`.
"""

import json
import sys
from importlib import import_module

import polars as pl
import pytest

from genesys_assets_tests.benchmarks import day as days
from genesys_assets_tests.benchmarks import page
from genesys_assets_tests.benchmarks.racing import ALLOCATOR, ContenderError, Run, module, raced
from genesys_assets_tests.benchmarks.server import served

CONVERSATIONS = 130
OF_THIS_ENVIRONMENT = ["backfill", "chain", "figures", "floor", "sdk", "validate"]


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


@pytest.mark.parametrize("contender", OF_THIS_ENVIRONMENT)
def test_a_contender_finds_what_it_imports(contender):
    assert callable(import_module(f"genesys_assets_tests.benchmarks.contenders.{contender}").main)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["job", "query"])
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


def test_a_contender_does_not_inherit_what_polars_tells_its_allocator_here(monkeypatch, tmp_path):
    monkeypatch.setenv(ALLOCATOR, "dirty_decay_ms:500")
    said = f"""
import json, os
print(json.dumps({{"conversations": 1, "seconds": 1, "cpu_seconds": 1, "peak_mb": 1, "set": {ALLOCATOR!r} in os.environ}}))
"""
    assert raced([sys.executable, "-c", said], tmp_path / "log").said["set"] is False


def test_a_contender_that_fails_is_named_with_what_it_said_last(tmp_path):
    with pytest.raises(ContenderError, match="IndexError"):
        raced(module("floor"), tmp_path / "log")


RATES = {"floor": 9000, "day": 5000, "restate": 16000, "marts": 90000, "hand_loop": 3200, "sdk": 480, "dlt": 140}
RATES |= {"figures": 1100, "raw": 8000, "large_day": 4900, "query": 2000, "backfill": 0.2, "validate": 0.5}


def written(**peak_mb: float) -> str:
    """The page of three rounds: one at these rates, one a fifth faster, one half as fast."""
    rounds = {
        name: [run_at(rate * pace, peak_mb.get(name, 400)) for pace in (1, 1.2, 0.5)] for name, rate in RATES.items()
    }
    return page.text(page.Measured(rounds, 0.1, 5_600_000, ["a machine"]))


def run_at(rate, peak_mb):
    said = {"parts": {"step": 0.1}, "database_bytes": 1_300_000}
    return Run(1000, 1000 / rate, 2000 / rate, peak_mb, said)


def test_the_page_tells_medians_and_spreads():
    assert "| 1,000 | 5,000 | 2,500 to 6,000 |" in written()


@pytest.mark.parametrize(
    "line",
    [
        "| The whole chain at least 30 times dlt | 35.7 times (35.7 to 35.7) | met |",
        "| The whole chain at least 10 times the SDK's fetch | 10.4 times (10.4 to 10.4) | met |",
        "| The whole chain at least 1.5 times the hand loop | 1.56 times (1.56 to 1.56) | met |",
        "| The whole chain at most 2 times the floor's time | 1.80 times (1.80 to 1.80) | met |",
        "| Peak memory of a day of 1,000: under 700 MB | 400 MB (400 to 400) | met |",
        "| Peak memory at 1,000 at most a tenth higher | 1.00 times (1.00 to 1.00) | met |",
        "| DuckDB file of raw at most a quarter of its JSON | 23.2 % (23.2 to 23.2) | met |",
        "| Staging and marts anew: at least 15,000 conversations | 16,000 a second (8,000 to 19,200) | met |",
        "| All marts of a day of 1,000, their own work: under 1 s | 0.91 s (0.76 to 1.82) | met |",
        "| Dagster's own cost of a day in a backfill, raw alone: under 4 s | 5.00 s (4.17 to 10.0) | **not met** |",
        "| `dagster definitions validate`: under 3 s | 2,000 s (1,667 to 4,000) | **not met** |",
    ],
)
def test_the_page_tells_of_each_goal_whether_its_median_meets_it(line):
    assert line in written()


def test_memory_that_grows_with_the_day_misses_its_goal():
    assert "| 1.25 times (1.25 to 1.25) | **not met** |" in written(large_day=500)
