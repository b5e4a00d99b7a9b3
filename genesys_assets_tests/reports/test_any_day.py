"""Whatever the marts of a day hold, there is a report of it: no figure, name or gap of them stops the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genesys_assets.reports import charts, daily, daily_report, figures
from genesys_assets.reports.drawing import NARROW, WIDE
from genesys_assets.reports.pictures import Drawer
from genesys_assets_tests.reports.contact_centre import DAY, Marts, no_marts
from genesys_assets_tests.reports.page import report_data
from genesys_assets_tests.reports.test_daily import Elements, words_of

START = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC)
NUMBERS = st.one_of(st.just(0), st.integers(-5, 50), st.sampled_from([-(2**40), 2**40, 86_400_000, 1]))
NAMES = st.one_of(
    st.none(), st.sampled_from(["label", "part", "amount", "Billing", "", "a: b", "SUCCESS", "Success"]), st.text()
)
ONLY: dict[type[pl.DataType], st.SearchStrategy[Any]] = {
    pl.Int64: NUMBERS,
    pl.Int32: st.integers(-1, 5),
    pl.Float64: st.floats(-2, 2),
    pl.Boolean: st.booleans(),
    pl.String: NAMES,
    pl.Date: st.just(DAY),
    pl.Datetime: st.integers(0, 47).map(lambda half: START + timedelta(minutes=30 * half)),
}
FIXED = {"interval_minutes": st.just(30), "partition_date": st.just(DAY)}


def rows_of(schema: pl.Schema) -> st.SearchStrategy[pl.DataFrame]:
    """A few rows of a table, with values that a stored row may have."""
    columns = {name: FIXED.get(name, ONLY.get(dtype.base_type(), st.none())) for name, dtype in schema.items()}
    nullable = {name: st.one_of(st.none(), values) if name not in FIXED else values for name, values in columns.items()}
    return st.lists(st.fixed_dictionaries(nullable), max_size=4).map(lambda rows: pl.DataFrame(rows, schema=schema))


def any_marts() -> st.SearchStrategy[Marts]:
    """The marts of a day as nobody would expect them."""
    empty = no_marts()
    return st.fixed_dictionaries(
        {name: rows_of(frame.collect_schema()).map(pl.DataFrame.lazy) for name, frame in empty.items()}
    )


class NoDrawer(Drawer):
    """Makes the specifications of the charts, and starts no process: the drawing is tested elsewhere."""

    def __init__(self) -> None:
        super().__init__(["/there/is/no/such/program"])


@pytest.fixture(scope="module", autouse=True)
def _no_drawing() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(daily, "shared_drawer", NoDrawer)
        yield


@given(any_marts())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_there_is_a_report_of_any_day(frames: Marts) -> None:
    html = daily_report(replace(report_data(), **frames))
    assert Elements(html).open == []


def one(mart: str, **values: object) -> Marts:
    """A day with one row of one mart; every figure that is not given is 0."""
    schema = no_marts()[mart].collect_schema()
    row: dict[str, object] = {name: 0 for name, dtype in schema.items() if dtype.is_integer()}
    row |= {"partition_date": DAY, "interval_minutes": 30, "interval_start": START}
    row = {name: value for name, value in {**row, **values}.items() if name in schema}
    return {**no_marts(), mart: pl.DataFrame([row], schema=schema).lazy()}


@pytest.mark.parametrize(
    "spent",
    [
        {"handle_count": 1, "handled": 1, "handle_time_ms": 0, "talk_count": 1, "talk_time_ms": 0},
        {"handled": 1, "handle_time_ms": 40_000, "voicemail_count": 1, "voicemail_time_ms": 40_000},
    ],
    ids=["handled in no time", "voicemail only"],
)
def test_a_session_without_a_part_to_draw_is_told_in_a_table_without_its_picture(spent: dict[str, int]) -> None:
    day = one("queue_performance", queue_id="q1", queue_name="Billing", media_type="voice", **spent)
    html = daily_report(replace(report_data(), **day))
    assert "Handle time" in html
    assert "Average handle time of each queue" not in html
    assert "Billing" in words_of(html)


def test_a_queue_without_a_name_or_media_has_a_row() -> None:
    html = daily_report(replace(report_data(), **one("queue_performance", offered=1, answered=1)))
    assert "(no queue)" in html


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_outcomes_whose_names_run_together_are_added_up(width: int) -> None:
    rows = pl.DataFrame(
        {
            "flow": ["a: b", "a", "label"],
            "outcome": ["c", "b: c", "part"],
            "value": ["SUCCESS", "Success", "label"],
            "outcomes": [1, 2, 3],
        }
    )
    drawn = charts.flow_outcomes(rows, width).to_dict()
    totals = {row["label"]: row["amount"] for data in drawn["datasets"].values() for row in data if "written" in row}
    assert totals == {"a: b: c": 3, "label: part": 3}


def test_figures_of_a_day_with_nothing_are_nothing() -> None:
    nothing = replace(report_data(), **no_marts())
    assert figures.headline(nothing.queue_performance).numbers() == {
        "offered": 0,
        "answered": 0,
        "abandoned": 0,
        "handled": 0,
    }
