"""Impossible figures are seen, rule by rule, in every mart that can have them; possible ones are left alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings

from genesys_assets.marts import MARTS, ServiceLevelOptions, with_names
from genesys_assets.marts.formulas.impossible import NEVER_NEGATIVE, TIMES, impossible
from genesys_assets.marts.formulas.measures import RATIOS
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.marts.staging import DAY, Conversation, Session, at, staged
from genesys_assets_tests.marts.stories import days


def row(mart: str, **figures: Any) -> pl.LazyFrame:
    """A row of a mart at noon, all of whose figures are 0 or null but these."""
    schema = MARTS[mart].schema.create_empty().schema
    nothing: dict[str, Any] = {name: 0 if dtype == pl.Int64 else None for name, dtype in schema.items()}
    known = {"partition_date": DAY, "interval_start": at(720), "interval_minutes": 30}
    told = {**nothing, **{name: value for name, value in known.items() if name in schema}, **figures}
    return pl.LazyFrame([told], schema=schema)


def broken(mart: str, *rows: pl.LazyFrame) -> list[str]:
    return impossible(MARTS[mart].rows.grain, pl.concat(rows)).collect()["figures"].to_list()


def cases(columns: set[str]) -> list[tuple[str, str]]:
    """Each of the columns in each mart that has it."""
    return [(mart, name) for mart in MARTS for name in MARTS[mart].schema.column_names() if name in columns]


@pytest.mark.parametrize("mart", MARTS)
def test_every_count_and_duration_of_a_mart_is_held_to_be_none_or_more(mart: str) -> None:
    counts = {name for name, column in MARTS[mart].schema.columns().items() if column.dtype.is_integer()}
    assert counts - {"interval_minutes"} <= NEVER_NEGATIVE


@pytest.mark.parametrize("mart", MARTS)
def test_a_row_of_nothing_is_possible(mart: str) -> None:
    assert broken(mart, row(mart)) == []


@pytest.mark.parametrize(("mart", "name"), cases(set(NEVER_NEGATIVE)))
def test_a_negative_figure_is_impossible(mart: str, name: str) -> None:
    assert f"{name} is negative" in broken(mart, row(mart, **{name: -1}))


@pytest.mark.parametrize(("mart", "time"), cases({time for time, _ in TIMES}))
def test_a_time_of_nothing_is_impossible(mart: str, time: str) -> None:
    count = dict(TIMES)[time]
    found = broken(mart, row(mart, **{time: 1}))
    assert f"{time} is of nothing: {count} is 0" in found


@pytest.mark.parametrize(("mart", "name"), cases({ratio.name for ratio in RATIOS}))
@pytest.mark.parametrize("value", [-0.5, float("nan"), float("inf")])
def test_a_ratio_that_is_negative_or_not_finite_is_impossible(mart: str, name: str, value: float) -> None:
    assert broken(mart, row(mart, **{name: value})) == [f"{name} is no ratio: negative or not finite"]


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_a_service_level_outside_its_range_is_impossible(value: float) -> None:
    found = broken("queue_performance", row("queue_performance", answered=1, wait_count=1, service_level=value))
    assert found == ["service_level is not between 0 and 1, although its figures are sound"]


PAIRS = [
    ("answered", "wait_count", {}),
    ("abandoned", "wait_count", {}),
    ("short_abandoned", "abandoned", {"wait_count": 9}),
    ("answered_over_service_level", "answered", {"wait_count": 9}),
]


@pytest.mark.parametrize(
    "mart", [name for name, mart in MARTS.items() if {"answered", "wait_count"} <= set(mart.schema.column_names())]
)
@pytest.mark.parametrize(("less", "more", "others"), PAIRS)
def test_a_part_that_is_more_than_its_whole_is_impossible(
    mart: str, less: str, more: str, others: dict[str, int]
) -> None:
    assert broken(mart, row(mart, **{less: 3, more: 3}, **others)) == []
    assert broken(mart, row(mart, **{less: 4, more: 3}, **others)) == [f"{less} is over {more}"]


def test_what_two_intervals_of_a_day_have_together_is_possible() -> None:
    answered = row("queue_performance", answered=1, interval_start=at(720))
    waited = row("queue_performance", wait_count=1, wait_time_ms=1, interval_start=at(690))
    assert broken("queue_performance", answered, waited) == []


def test_what_two_queues_have_together_is_not_enough() -> None:
    waits = {"wait_count": 1, "wait_time_ms": 1}
    answered = row("queue_performance", answered=2, queue_id="a", **waits)
    waited = row("queue_performance", queue_id="b", **waits)
    assert broken("queue_performance", answered, waited) == ["answered is over wait_count"]


def test_an_answer_for_another_queue_than_the_one_that_was_waited_in_is_possible() -> None:
    answered = row("queue_performance", answered=1, queue_id="a")
    waited = row("queue_performance", wait_count=1, wait_time_ms=1, queue_id="b")
    assert broken("queue_performance", answered, waited) == []


@pytest.mark.parametrize(
    ("minute", "is_seen"), [(0, False), (30, True), (1380, True), (1410, False)], ids=["first", "", "", "last"]
)
def test_at_midnight_an_answer_may_stand_on_another_day_than_its_wait(minute: int, *, is_seen: bool) -> None:
    answered = row("queue_performance", answered=2, wait_count=1, interval_start=at(minute))
    found = broken("queue_performance", answered)
    assert (found == ["answered is over wait_count"]) is is_seen


HANDLED = {"handled": 2, "talk_count": 2, "talk_time_ms": 60, "after_call_work_count": 1, "after_call_work_ms": 40}


def test_a_handle_time_that_is_less_than_its_parts_is_impossible() -> None:
    says = "handle_time_ms is less than its parts: talk, hold, after-call work, dialling and contacting time"
    assert broken("interactions", row("interactions", handle_time_ms=100, **HANDLED)) == []
    assert broken("interactions", row("interactions", handle_time_ms=99, **HANDLED)) == [says]


def test_a_talk_without_a_handle_time_of_its_own_is_possible() -> None:
    """Another leg than the agents' may have talked: its time is in no handle time."""
    told = {**HANDLED, "handled": 1, "handle_time_ms": 50}
    assert broken("interactions", row("interactions", **told)) == []


def test_each_day_is_judged_alone() -> None:
    days = [row("interactions", offered=-1, partition_date=DAY + timedelta(days=n)) for n in range(2)]
    found = impossible(MARTS["interactions"].rows.grain, pl.concat([*days, days[0]])).collect()
    assert found.rows() == [(DAY, "offered is negative", 2), (DAY + timedelta(days=1), "offered is negative", 1)]


def call(*metrics: tuple[str, float, float]) -> Conversation:
    """An answered call: the queue's leg, and the agent's with these metrics further."""
    queue = Session("acd", [("nOffered", 1, 600), ("tAcd", 60, 601)], queue="billing")
    answered: list[tuple[str, float, float]] = [("tAnswered", 60, 601), ("nOverSla", 1, 601), *metrics]
    return Conversation(600, 610, [queue, Session("agent", answered, queue="billing", user="ann")])


def figures(day: dict[str, pl.LazyFrame]) -> dict[str, list[str]]:
    marts = {name: with_names(rows) for name, rows in every_mart(day).items()}
    return {name: found for name, rows in marts.items() if (found := broken(name, rows))}


def test_the_records_of_an_answered_call_give_possible_figures() -> None:
    assert figures(staged(call())) == {}


def test_answers_that_are_missing_and_what_is_told_twice_are_seen() -> None:
    says = ["answered_over_service_level is over answered"]
    seen = {"queue_performance": says, "interactions": says}
    assert figures(staged(call(("nOverSla", 1, 601)))) == seen
    told = staged(call())
    unanswered = told["session_metrics"].filter(pl.col("name") != "tAnswered")
    assert figures({**told, "session_metrics": unanswered}) == seen


def test_a_wait_that_is_missing_is_seen() -> None:
    told = staged(call())
    without = told["session_metrics"].filter(pl.col("name") != "tAcd")
    assert figures({**told, "session_metrics": without}) == {"interactions": ["answered is over wait_count"]}


@settings(max_examples=30, deadline=None)
@given(told=days())
def test_no_story_gives_impossible_figures(told: list[Conversation]) -> None:
    assert figures(staged(*told)) == {}


@pytest.mark.parametrize("include", [True, False])
def test_the_switches_of_the_service_level_make_nothing_impossible(*, include: bool) -> None:
    options = ServiceLevelOptions(
        include_flowouts_in_calculation=include,
        include_short_abandons_in_calculation=not include,
        include_abandons_in_calculation=not include,
    )
    rows = queue_performance(staged(call())["session_metrics"], service_level=options)
    assert broken("queue_performance", with_names(rows)) == []
