"""Our figures against aggregates: equal is empty, and every kind of difference is found."""

import polars as pl
import pytest

from genesys_assets.marts import MARTS, Mart, differences, metrics_of
from genesys_assets.marts.formulas.statistics import Quotient, Statistic
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets_tests.marts.staging import Conversation, Session, at, staged
from genesys_assets_tests.marts.written import table, written

SCHEMA = {
    "interval_start": pl.Datetime("us", "UTC"),
    "queue_id": pl.String,
    "media_type": pl.String,
    "metric": pl.String,
    "count": pl.Int64,
    "sum": pl.Int64,
}
COLUMNS = "queue_id media_type interval_start figure genesys ours difference"
[_, (BY_QUEUE, COMPARED)] = MARTS["queue_performance"].compared
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
    ("billing", "voice", "tAcd", 1, 60_000),
    ("billing", "voice", "tAnswered", 1, 60_000),
    ("billing", "voice", "tTalkComplete", 1, 240_000),
    ("billing", "voice", "tHandle", 1, 240_000),
]


def ours() -> pl.LazyFrame:
    return queue_performance(staged(CALL)["session_metrics"], interval_minutes=30)


def told(*rows: tuple[str | None, str, str, int, int | None], minute: int = 600) -> pl.LazyFrame:
    """Aggregates of a quarter of an hour, by default of the one in which the call came."""
    return pl.LazyFrame([(at(minute), *row) for row in rows], schema=SCHEMA, orient="row")


def differing(rows: pl.LazyFrame, aggregates: pl.LazyFrame) -> pl.LazyFrame:
    return differences(rows, aggregates, BY_QUEUE, COMPARED)


def test_equal_figures_differ_in_nothing() -> None:
    assert differing(ours(), told(*EQUAL)).collect().is_empty()


def test_nothing_on_both_sides_is_equal() -> None:
    assert differing(ours().clear(), told()).collect().is_empty()


def test_a_sum_that_differs_is_found_though_its_count_is_equal() -> None:
    aggregates = told(*EQUAL[:-1], ("billing", "voice", "tHandle", 1, 250_000))
    assert written(differing(ours(), aggregates), COLUMNS) == table("""
        billing voice - handle_time_ms 250000 240000 -10000
    """)


def test_a_group_that_only_genesys_has_is_zero_with_us() -> None:
    aggregates = told(*EQUAL, ("sales", "chat", "nOffered", 3, None))
    assert written(differing(ours(), aggregates), COLUMNS) == table("sales chat - offered 3 0 -3")


def test_a_group_that_genesys_leaves_out_is_zero_there() -> None:
    assert written(differing(ours(), told()), "figure genesys difference") == table("""
        answer_time_ms 0 60000
        answered 0 1
        handle_time_ms 0 240000
        handled 0 1
        offered 0 1
        talk_count 0 1
        talk_time_ms 0 240000
        wait_count 0 1
        wait_time_ms 0 60000
    """)


def test_a_group_told_in_several_intervals_is_added_up() -> None:
    halves = [("billing", "voice", "nOffered", 1, None), ("billing", "voice", "nOffered", 1, None)]
    found = differing(ours(), told(*halves, *EQUAL[1:])).filter(figure="offered")
    assert written(found, "figure genesys ours") == table("offered 2 1")


def test_what_counts_in_another_interval_is_found_though_the_day_is_equal() -> None:
    aggregates = pl.concat([told(*EQUAL[1:]), told(EQUAL[0], minute=585)])
    assert written(differing(ours(), aggregates), COLUMNS) == table("""
        billing voice 09:30 offered 1 0 -1
        billing voice 10:00 offered 0 1 1
    """)


def test_buckets_are_added_up_to_the_marts_intervals() -> None:
    aggregates = pl.concat([told(*EQUAL[1:]), told(EQUAL[0], minute=615)])
    assert differing(ours(), aggregates).collect().is_empty()


def test_what_stands_on_no_queue_is_not_compared() -> None:
    assert differing(ours(), told(*EQUAL, (None, "voice", "tHandle", 5, 100))).collect().is_empty()


def test_a_quotient_that_is_divided_otherwise_is_found_though_its_parts_are_equal() -> None:
    per_talk = {**COMPARED, "average_handle_time_ms": Quotient(Statistic("tHandle", "sum"), Statistic("tAcd", "sum"))}
    found = differences(ours(), told(*EQUAL), BY_QUEUE, per_talk)
    assert written(found, COLUMNS) == table("billing voice - average_handle_time_ms 4 240000 239996")


@pytest.mark.parametrize("metric", metrics_of(COMPARED.values()))
def test_a_metric_that_only_genesys_counted_is_found(metric: str) -> None:
    found = differing(ours().clear(), told(("billing", "voice", metric, 2, 7000))).collect()
    expected = {
        name: 2 if statistic.name == "count" else 7000
        for name, statistic in COMPARED.items()
        if isinstance(statistic, Statistic) and statistic.metric == metric
    }
    assert expected
    additive = found.filter(pl.col("figure").is_in([*expected]))
    assert dict(additive.select("figure", "genesys").iter_rows()) == expected


@pytest.mark.parametrize("mart", [mart for mart in MARTS.values() if mart.comparisons], ids=lambda mart: mart.name)
def test_every_figure_of_a_mart_that_is_compared_is_compared_once(mart: Mart) -> None:
    figures = [figure for _, statistics in mart.compared for figure in statistics]
    assert sorted(figures) == sorted(mart.figures)
