from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable

import altair as alt
import polars as pl
import pytest

from genesys_assets.reports import charts, figures, queue_day_charts
from genesys_assets.reports.drawing import NARROW, WIDE
from genesys_assets.reports.pictures import shared_drawer
from genesys_assets.windows.frames import UTC_DAYS
from genesys_assets_tests.reports.contact_centre import DAY, marts, no_marts
from genesys_assets_tests.reports.page import report_data

PREFIX = "data:image/svg+xml;base64,"


def _intervals() -> pl.DataFrame:
    day = report_data(1, 2, 3)
    return figures.intervals(day.queue_performance, day.window, zone=day.zone, history=day.history)


def data_uri(chart: alt.TopLevelMixin) -> str | None:
    """The chart, drawn."""
    return shared_drawer().pictures([chart])[0]


def queue_day_chart(mart: pl.LazyFrame) -> str | None:
    """The picture of DAY."""
    return queue_day_charts({DAY: mart}, UTC_DAYS)[DAY]


def drawn(uri: str | None) -> str:
    """The SVG in a data URI."""
    assert uri is not None
    assert uri.startswith(PREFIX)
    return base64.b64decode(uri.removeprefix(PREFIX)).decode()


def test_the_picture_of_a_day_is_small_enough_for_an_event_log() -> None:
    assert len(queue_day_chart(marts(DAY)["queue_performance"])) < 80_000


def test_the_picture_of_a_day_names_what_it_shows() -> None:
    svg = drawn(queue_day_chart(marts(DAY)["queue_performance"]))
    for words in ("Offered", "Answered", "Abandoned", "Service level", ">08:00<"):
        assert words in svg


def test_the_picture_of_an_empty_day_can_be_drawn() -> None:
    assert "Service level" in drawn(queue_day_chart(no_marts()["queue_performance"]))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_service_levels_say_the_figure_and_whether_the_target_was_met(width: int) -> None:
    svg = drawn(data_uri(charts.service_levels(figures.queues(report_data(1, 2, 3)), width)))
    for words in ("Target met", "Target missed", "Billing", "%"):
        assert words in svg


def test_handle_time_is_split_and_its_sum_written() -> None:
    svg = drawn(data_uri(charts.handle_times(figures.queues(report_data(1, 2, 3)), WIDE)))
    for words in ("Talk", "Hold", "After-call work", ">4:2"):
        assert words in svg


def test_a_part_that_nobody_spent_time_on_has_no_legend() -> None:
    assert "Dialling" not in drawn(data_uri(charts.handle_times(figures.queues(report_data(1, 2, 3)), WIDE)))


def test_a_chart_stops_at_its_most_frequent_rows() -> None:
    rows = pl.DataFrame({"wrap_up": [f"Code {n:02}" for n in range(30)], "handled": [30 - n for n in range(30)]})
    svg = drawn(data_uri(charts.wrap_ups(rows, WIDE)))
    assert f"Code {charts.TOP_ROWS - 1:02}" in svg
    assert f"Code {charts.TOP_ROWS:02}" not in svg


def test_names_cannot_break_a_picture() -> None:
    rows = pl.DataFrame({"wrap_up": ["<script>alert(1)</script> & co", "a|b", "2026-11-20"], "handled": [3, 2, 1]})
    svg = drawn(data_uri(charts.wrap_ups(rows, WIDE)))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_no_picture_fetches_anything() -> None:
    svg = drawn(data_uri(charts.intervals(_intervals(), WIDE)))
    assert "http" not in svg.replace("http://www.w3.org/", "")


def test_the_charting_library_is_loaded_when_a_chart_is_drawn_and_not_before() -> None:
    code = "import sys, genesys_assets.reports; print({'altair', 'vl_convert', 'jinja2'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize(
    ("draw", "rows"),
    [
        (charts.intervals, _intervals),
        (charts.service_levels, lambda: figures.queues(report_data(1, 2, 3))),
        (charts.handle_times, lambda: figures.queues(report_data(1, 2, 3))),
        (charts.wrap_ups, lambda: figures.wrap_ups(report_data(1, 2, 3))),
        (charts.flow_outcomes, lambda: figures.flow_outcomes(report_data(1, 2, 3))),
        (charts.weeks, lambda: figures.weeks(report_data(1, 2, 3))),
    ],
)
def test_every_chart_is_one_by_the_schema_of_vega_lite(
    draw: Callable[[pl.DataFrame, int], object], rows: Callable[[], pl.DataFrame], width: int
) -> None:
    draw(rows(), width).to_dict(validate=True)
