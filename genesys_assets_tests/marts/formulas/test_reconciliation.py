"""Our figures against aggregates: equal is empty, and every kind of difference is found."""

import polars as pl
import pytest

from genesys_assets.marts import differences
from genesys_assets.marts.formulas.reconciliation import COMPARED, COMPARED_METRICS
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets_tests.marts.staging import Conversation, Session, staged
from genesys_assets_tests.marts.written import table, written

SCHEMA = {"queue_id": pl.String, "media_type": pl.String, "metric": pl.String, "count": pl.Int64, "sum": pl.Int64}
COLUMNS = "queue_id media_type figure genesys ours difference"
CALL = Conversation(
    600,
    605,
    [
        Session("acd", [("nOffered", 1, 600), ("tAcd", 60, 601)], queue="billing"),
        Session(
            "agent",
            [("tAnswered", 60, 601), ("tTalkComplete", 240, 605), ("tHandle", 240, 605)],
            queue="billing",
            user="ann",
        ),
    ],
)
EQUAL = [
    ("billing", "voice", "nOffered", 1, None),
    ("billing", "voice", "tAnswered", 1, 60_000),
    ("billing", "voice", "tTalkComplete", 1, 240_000),
    ("billing", "voice", "tHandle", 1, 240_000),
]


def ours() -> pl.LazyFrame:
    return queue_performance(staged(CALL)["session_metrics"])


def told(*rows: tuple[str | None, str, str, int, int | None]) -> pl.LazyFrame:
    return pl.LazyFrame(rows, schema=SCHEMA, orient="row")


def test_equal_figures_differ_in_nothing() -> None:
    assert differences(ours(), told(*EQUAL)).collect().is_empty()


def test_nothing_on_both_sides_is_equal() -> None:
    assert differences(ours().clear(), told()).collect().is_empty()


def test_a_sum_that_differs_is_found_though_its_count_is_equal() -> None:
    aggregates = told(*EQUAL[:-1], ("billing", "voice", "tHandle", 1, 250_000))
    assert written(differences(ours(), aggregates), COLUMNS) == table(
        "billing voice handle_time_ms 250000 240000 -10000"
    )


def test_a_group_that_only_genesys_has_is_zero_with_us() -> None:
    aggregates = told(*EQUAL, ("sales", "chat", "nOffered", 3, None))
    assert written(differences(ours(), aggregates), COLUMNS) == table("sales chat offered 3 0 -3")


def test_a_group_that_genesys_leaves_out_is_zero_there() -> None:
    assert written(differences(ours(), told()), "figure genesys difference") == table("""
        answer_time_ms 0 60000
        answered 0 1
        handle_time_ms 0 240000
        handled 0 1
        offered 0 1
        talk_count 0 1
        talk_time_ms 0 240000
    """)


def test_a_group_told_in_several_intervals_is_added_up() -> None:
    halves = [("billing", "voice", "nOffered", 1, None), ("billing", "voice", "nOffered", 1, None)]
    assert written(differences(ours(), told(*halves, *EQUAL[1:])), "figure genesys ours") == table("offered 2 1")


def test_what_stands_on_no_queue_is_not_compared() -> None:
    assert differences(ours(), told(*EQUAL, (None, "voice", "tHandle", 5, 100))).collect().is_empty()


@pytest.mark.parametrize("metric", COMPARED_METRICS)
def test_a_metric_that_only_genesys_counted_is_found(metric: str) -> None:
    found = differences(ours().clear(), told(("billing", "voice", metric, 2, 7000))).collect()
    expected = {
        name: 2 if measure.statistic == "count" else 7000
        for name, measure in COMPARED.items()
        if measure.metric == metric
    }
    assert dict(found.select("figure", "genesys").iter_rows()) == expected
