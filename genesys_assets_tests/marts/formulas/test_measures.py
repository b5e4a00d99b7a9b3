"""Sums, counts, ratios and roll-ups."""

import polars as pl

from genesys_assets.marts.formulas.measures import (
    ADDITIVE,
    MEASURES,
    RATIOS,
    TRANSFERRED,
    measured,
    roll_up,
    with_ratios,
)
from genesys_assets_tests.marts.written import table, written

EMITTED = pl.LazyFrame(
    [
        ("q1", "nTransferred", 2),
        ("q1", "nTransferred", 3),
        ("q1", "nBlindTransferred", None),
        ("q2", "nSomethingNew", 7),
    ],
    schema={"queue_id": pl.String, "name": pl.String, "value": pl.Int64},
    orient="row",
)


def test_a_number_is_added_up_by_its_value() -> None:
    figures = measured(EMITTED, ["queue_id"], TRANSFERRED)
    assert written(figures, "queue_id transferred") == table("q1 5")


def test_a_metric_without_a_value_adds_nothing_and_breaks_nothing() -> None:
    figures = measured(EMITTED, ["queue_id"], TRANSFERRED)
    assert written(figures, "blind_transferred consult_transferred") == table("0 0")


def test_metrics_that_no_figure_knows_make_no_row() -> None:
    assert measured(EMITTED, ["queue_id"], TRANSFERRED).filter(queue_id="q2").collect().is_empty()


def test_a_roll_up_divides_sums_and_never_averages_averages() -> None:
    halves = pl.LazyFrame({"queue_id": ["q1", "q1"], "handled": [1, 3], "handle_time_ms": [100_000, 60_000]})
    rolled = roll_up(with_ratios(halves), ["queue_id"])
    assert written(rolled, "queue_id handled average_handle_time_ms") == table("q1 4 40")


def test_a_roll_up_leaves_out_what_can_not_be_added() -> None:
    rows = pl.LazyFrame({"queue_id": ["q1"], "queue_name": ["Billing"], "interval_minutes": [30], "offered": [1]})
    assert roll_up(rows, ["queue_id"]).collect_schema().names() == ["queue_id", "offered"]


def test_a_sum_that_64_bits_do_not_hold_is_null_and_not_another_number() -> None:
    largest = pl.LazyFrame({"queue_id": ["q1", "q1", "q2"], "answered": [2**63 - 1, 1, 2**63 - 1]})
    assert roll_up(largest, ["queue_id"]).select("answered").collect()["answered"].to_list() == [None, 2**63 - 1]


def test_a_roll_up_without_columns_is_one_row() -> None:
    assert written(roll_up(pl.LazyFrame({"offered": [1, 2]}), []), "offered") == ["3"]


def test_each_figure_has_one_definition() -> None:
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)
    assert {name for ratio in RATIOS for name in (ratio.numerator, ratio.denominator)} <= ADDITIVE
