"""The service level under each setting of the three switches."""

import polars as pl
import pytest

from genesys_assets.marts import ServiceLevelOptions, roll_up

# 100 offered: 80 answered, 20 of them late; 15 abandoned, 5 of them at once; 5 flow-outs.
QUEUE = pl.LazyFrame(
    {
        "answered": [50, 30],
        "answered_over_service_level": [20, 0],
        "abandoned": [15, 0],
        "short_abandoned": [5, 0],
        "flow_outs": [0, 5],
    }
)


@pytest.mark.parametrize(
    ("flowouts", "short_abandons", "abandons", "denominator"),
    [
        (False, True, True, 95),
        (True, True, True, 100),
        (False, False, True, 90),
        (True, False, True, 95),
        (False, True, False, 80),
        (True, True, False, 85),
        (False, False, False, 80),
        (True, False, False, 85),
    ],
)
def test_each_switch_changes_the_denominator(
    flowouts: bool, short_abandons: bool, abandons: bool, denominator: int
) -> None:
    options = ServiceLevelOptions(flowouts, short_abandons, abandons)
    level = roll_up(QUEUE, [], service_level=options).select("service_level").collect().item()
    assert level == pytest.approx(60 / denominator)


def test_without_a_setting_the_formula_is_that_of_the_article() -> None:
    level = roll_up(QUEUE, []).select("service_level").collect().item()
    assert level == pytest.approx(60 / (80 + 15))


def test_a_queue_that_nothing_was_asked_of_has_no_service_level() -> None:
    idle = QUEUE.select(pl.all().first() * 0)
    assert roll_up(idle, []).select("service_level").collect().item() is None
