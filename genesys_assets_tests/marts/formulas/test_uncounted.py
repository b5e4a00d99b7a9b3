"""What no figure counts is counted: metrics without an instant, far from their conversation, with impossible values."""

from datetime import date, datetime

import polars as pl
import pytest

from genesys_assets.marts import Comparison, roll_up
from genesys_assets.marts.agent_performance import agent_performance
from genesys_assets.marts.flow_performance import flow_performance
from genesys_assets.marts.formulas.measures import LARGEST_VALUE
from genesys_assets.marts.formulas.reconciliation import differences
from genesys_assets.marts.formulas.uncounted import uncounted
from genesys_assets_tests.marts.staging import DAY, Conversation, Frames, Session, at, staged
from genesys_assets_tests.marts.written import table, written

MINUTE = at(601)


def handled(*values: int | None, emitted: datetime | None = MINUTE, end: float | None = 601) -> Frames:
    """A conversation from minute 600 whose agent emitted tHandle with these values."""
    agent = Session("agent", [("tHandle", 1, 601)] * len(values), queue="billing", user="ann")
    told = staged(Conversation(600, end, [agent]))
    raw = (
        told["session_metrics"]
        .collect()
        .with_columns(
            value=pl.Series(values, dtype=pl.Int64), emit_date=pl.lit(emitted, dtype=pl.Datetime("us", "UTC"))
        )
    )
    return {**told, "session_metrics": raw.lazy()}


def reasons(told: Frames) -> dict[str, int]:
    found = uncounted(told["session_metrics"], told["conversations"]).collect()
    return dict(found.select("reason", "metrics").iter_rows())


def test_what_counts_in_full_is_not_named() -> None:
    assert reasons(handled(0, 1, LARGEST_VALUE)) == {}


@pytest.mark.parametrize(
    ("values", "reason"),
    [((None,), "no_value"), ((-1,), "impossible_value"), ((LARGEST_VALUE + 1,), "impossible_value")],
)
def test_a_value_that_cannot_be_is_named_and_adds_nothing(values: tuple[int | None, ...], reason: str) -> None:
    told = handled(*values, 10_000)
    assert reasons(told) == {reason: 1}
    rows = agent_performance(told["session_metrics"])
    assert written(rows, "handled handle_time_ms") == table("2 10")


def test_a_sum_never_wraps() -> None:
    told = handled(2_592_000_000, 9_223_372_036_854_775_807)
    assert reasons(told) == {"impossible_value": 1}
    rows = agent_performance(told["session_metrics"]).collect()
    assert rows.select("handled", "handle_time_ms").row(0) == (2, 2_592_000_000)


def test_a_roll_up_that_does_not_fit_is_null_and_never_wraps() -> None:
    rows = pl.LazyFrame({"queue_id": ["q", "q", "r"], "handled": [1, 1, 1], "handle_time_ms": [2**62, 2**62, 7]})
    for keys, expected in ((["queue_id"], [("q", None, None), ("r", 7, 7.0)]), ([], [(None, None)])):
        rolled = roll_up(rows, keys).select(*keys, "handle_time_ms", "average_handle_time_ms")
        assert rolled.collect().rows() == expected


def test_sums_of_genesys_that_do_not_fit_differ_from_ours() -> None:
    ours = pl.LazyFrame({"queue_id": ["q"], "media_type": ["voice"], "handle_time_ms": [5]})
    told = {"queue_id": ["q"] * 2, "media_type": ["voice"] * 2, "metric": ["tHandle"] * 2}
    genesys = pl.LazyFrame({**told, "count": [1, 1], "sum": [2**62, 2**62]})
    by_queue = Comparison({"queue_id": "queueId", "media_type": "mediaType"})
    assert differences(ours, genesys, by_queue).filter(figure="handle_time_ms").collect().height == 1


def test_a_metric_without_an_instant_is_named() -> None:
    assert reasons(handled(1, 1, emitted=None)) == {"no_instant": 2}


@pytest.mark.parametrize(
    ("minute", "counts"),
    [
        (-1.0, False),  # the day before that on which it began
        (1439.9, True),  # later on its day
        (1440.5, False),
        (2000.0, False),
    ],
)
def test_a_metric_on_a_day_far_from_its_conversation_is_named(minute: float, counts: bool) -> None:
    assert (reasons(handled(1, emitted=at(minute))) == {}) is counts


@pytest.mark.parametrize(
    ("end", "minute", "counts"),
    [(1439.99, 1440.01, True), (1439.0, 1440.01, True), (1438.9, 1440.01, False), (None, 9000.0, True)],
)
def test_a_metric_over_midnight_is_near_for_a_minute_after_the_end(
    end: float | None, minute: float, counts: bool
) -> None:
    told = handled(1, end=end, emitted=at(minute))
    assert (reasons(told) == {}) is counts


def test_metrics_that_no_figure_is_made_of_are_not_named() -> None:
    told = handled(1)
    other = told["session_metrics"].with_columns(name=pl.lit("nSomethingNew"), value=pl.lit(None, dtype=pl.Int64))
    assert reasons({**told, "session_metrics": other}) == {}


@pytest.mark.parametrize("emits", [True, False], ids=["with nFlow", "without any metric"])
def test_an_outcome_without_an_instant_counts(emits: bool) -> None:
    metrics = [("nFlow", 1, 600.5)] if emits else []
    flow = {"flow_id": "f", "flow_name": "Main", "flow_type": "INBOUNDCALL", "exit_reason": "TRANSFER"}
    ivr = Session("ivr", metrics, flow=flow, outcomes=[("o", "SUCCESS", 600)])
    told = staged(Conversation(600, 2000, [ivr]))
    timeless = pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    outcomes = told["flow_outcomes"].with_columns(
        flow_outcome_start_timestamp=timeless, flow_outcome_end_timestamp=timeless
    )
    rows = flow_performance(told["session_metrics"], told["flows"], outcomes, told["conversations"]).collect()
    found = rows.filter(pl.col("outcomes") > 0).select("partition_date", "flow_outcome_id", "outcomes").rows()
    assert found == [(DAY, "o", 1)]
    assert told["conversations"].collect()["partition_date"].to_list() == [DAY, date(2026, 11, 21)]
