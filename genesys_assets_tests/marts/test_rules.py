"""Rules that hold for any day: nothing twice, nothing lost, no order, any roll-up exact."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from genesys_assets.marts import MARTS, roll_up, with_names
from genesys_assets.marts.formulas import measures
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets_tests.marts.every_mart import every_mart
from genesys_assets_tests.marts.staging import Conversation, Frames, at, staged
from genesys_assets_tests.marts.stories import days

EXAMPLES = settings(max_examples=25)
PER_CONVERSATION = ("interactions", "open_conversations")
GRAINS = {name: list(mart.rows.grain) for name, mart in MARTS.items() if name not in PER_CONVERSATION}


def where(staging: Frames, condition: pl.Expr) -> Frames:
    return {table: frame.filter(condition) for table, frame in staging.items()}


def joined(first: Frames, second: Frames, mart: str) -> pl.LazyFrame:
    return pl.concat([every_mart(first)[mart], every_mart(second)[mart]])


def emitted(conversations: list[Conversation], metric: str, how: str) -> float:
    """What the conversations emitted in all, each metric once, from the hand of their author."""
    values = [
        value
        for conversation in conversations
        for session in conversation.sessions
        for name, value, _ in session.metrics
        if name == metric
    ]
    return len(values) if how == "count" else sum(int(v * 1000) if metric[0] == "t" else v for v in values)


@EXAMPLES
@given(days(), st.sets(st.integers(0, 5)))
def test_a_day_cut_in_two_by_conversations_equals_the_day_whole(told: list[Conversation], half: set[int]) -> None:
    day = staged(*told)
    in_half = pl.col("conversation_id").is_in([f"c{number}" for number in half])
    halves = where(day, in_half), where(day, ~in_half)
    for mart, whole in every_mart(day).items():
        cut = joined(*halves, mart)
        if mart in PER_CONVERSATION:
            assert_frame_equal(cut.sort("partition_date", "conversation_id"), whole)
        else:
            assert_frame_equal(roll_up(cut, GRAINS[mart]), roll_up(whole, GRAINS[mart]))


@EXAMPLES
@given(days(), st.integers(0, 3 * 96), st.sampled_from([15, 30, 60]))
def test_a_day_cut_in_two_at_the_edge_of_an_interval_equals_the_day_whole(
    told: list[Conversation], edge: int, minutes: int
) -> None:
    emissions = staged(*told)["session_metrics"]
    before = pl.col("emit_date") < at(edge * minutes)
    halves = [
        queue_performance(part, interval_minutes=minutes)
        for part in (emissions.filter(before), emissions.filter(~before))
    ]
    whole = queue_performance(emissions, interval_minutes=minutes)
    assert_frame_equal(pl.concat(halves).sort(GRAINS["queue_performance"]), whole)


@EXAMPLES
@given(days(), st.integers(0, 3 * 24))
def test_an_agents_day_cut_in_two_at_any_hour_adds_up_to_the_day(told: list[Conversation], hour: int) -> None:
    day = staged(*told)
    before = pl.col("emit_date") < at(60 * hour)
    halves = [
        every_mart({**day, "session_metrics": day["session_metrics"].filter(part)})["agent_performance"]
        for part in (before, ~before)
    ]
    whole = every_mart(day)["agent_performance"]
    grain = GRAINS["agent_performance"]
    assert_frame_equal(roll_up(pl.concat(halves), grain), roll_up(whole, grain))


@EXAMPLES
@given(days())
def test_handle_time_is_the_sum_of_its_parts(told: list[Conversation]) -> None:
    parts = pl.sum_horizontal(
        "talk_time_ms", "hold_time_ms", "after_call_work_ms", "dialing_time_ms", "contacting_time_ms"
    )
    # Over all days, as a part may be emitted before midnight and the whole after it.
    for mart, key in (
        ("queue_performance", "queue_id"),
        ("agent_performance", "user_id"),
        ("wrapup_performance", "wrap_up_code"),
    ):
        rows = roll_up(every_mart(staged(*told))[mart], [key]).select("handle_time_ms", parts=parts).collect()
        assert rows["handle_time_ms"].to_list() == rows["parts"].to_list()


@EXAMPLES
@given(days())
def test_what_was_offered_was_answered_or_abandoned_or_flowed_out(told: list[Conversation]) -> None:
    by_queue = roll_up(queue_performance(staged(*told)["session_metrics"]), ["queue_id", "media_type"])
    left = pl.sum_horizontal("answered", "abandoned", "flow_outs")
    assert by_queue.filter(pl.col("offered") != left).collect().is_empty()
    assert by_queue.filter(pl.col("short_abandoned") > pl.col("abandoned")).collect().is_empty()


@EXAMPLES
@given(days(), st.integers(0, 1000))
def test_no_figure_depends_on_the_order_of_rows(told: list[Conversation], seed: int) -> None:
    day = staged(*told)
    shuffled = {
        table: frame.collect().sample(fraction=1, shuffle=True, seed=seed).lazy() for table, frame in day.items()
    }
    marts_of_shuffled = every_mart(shuffled)
    for mart, rows in every_mart(day).items():
        assert_frame_equal(rows, marts_of_shuffled[mart])


@EXAMPLES
@given(days())
def test_each_metric_counts_once_over_all_the_days_that_a_conversation_lived(told: list[Conversation]) -> None:
    day = staged(*told)
    made = every_mart(day)
    on_queues = roll_up(made["queue_performance"], []).collect().row(0, named=True)
    for measure in (*measures.OFFERED, *measures.ANSWERED, *measures.HANDLED, *measures.TRANSFERRED):
        assert on_queues[measure.name] == emitted(told, measure.metric, measure.how), measure.name
    flows = roll_up(made["flow_performance"], []).collect().row(0, named=True)
    for measure in measures.FLOWS:
        assert flows[measure.name] == emitted(told, measure.metric, measure.how), measure.name
    assert flows["outcomes"] == sum(len(session.outcomes) for conversation in told for session in conversation.sessions)


@EXAMPLES
@given(days())
def test_each_finished_conversation_is_one_interaction_on_the_day_of_its_end(told: list[Conversation]) -> None:
    rows = every_mart(staged(*told))["interactions"].collect()
    assert Counter(rows["conversation_id"]) == Counter(conversation.id for conversation in told)
    ends = {conversation.id: at(conversation.end or 0) for conversation in told}
    assert all(row["partition_date"] == ends[row["conversation_id"]].date() for row in rows.iter_rows(named=True))


@EXAMPLES
@given(days())
def test_all_agents_and_all_wrap_up_codes_make_the_queues(told: list[Conversation]) -> None:
    made = every_mart(staged(*told))
    shared = [measure.name for measure in (*measures.HANDLED, *measures.TRANSFERRED)]
    by_day = ["partition_date", "queue_id", "media_type"]
    handled = pl.col("handled") > 0
    queues, agents, codes = (
        roll_up(made[mart], by_day).filter(handled).select(*by_day, *shared)
        for mart in ("queue_performance", "agent_performance", "wrapup_performance")
    )
    assert_frame_equal(agents, queues)
    assert_frame_equal(codes, queues)


@pytest.mark.parametrize("mart", MARTS)
@settings(max_examples=8)
@given(told=days())
def test_the_rows_of_a_mart_obey_its_table(told: list[Conversation], mart: str) -> None:
    MARTS[mart].schema.validate(with_names(every_mart(staged(*told))[mart]).collect())
