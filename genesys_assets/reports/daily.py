"""The daily report: one HTML page that holds everything it shows.

What belongs here: which sections the page has, and their words. The layout is the template's; the tables and charts
come from `figures` and `charts`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from genesys_assets.reports import charts, figures, formats
from genesys_assets.reports.drawing import NARROW, WIDE
from genesys_assets.reports.figures import Headline
from genesys_assets.reports.pictures import Drawer, shared_drawer
from genesys_assets.reports.report_data import ReportData
from genesys_assets.texts import line

if TYPE_CHECKING:
    import altair as alt
    from jinja2 import Environment

_FILTERS = (
    formats.count,
    formats.number,
    formats.share,
    formats.duration,
    formats.day,
    formats.short_day,
    formats.instant,
    line,
)


@dataclass(frozen=True)
class Picture:
    """A chart for a screen and for a telephone, None where it could not be drawn, and its description."""

    wide: str | None
    narrow: str | None
    words: str


@dataclass(frozen=True)
class Tile:
    """A figure of the headline beside what is usual on this weekday."""

    name: str
    value: str
    usual: str
    difference: str


def daily_report(data: ReportData) -> str:
    """Return the report as one HTML text that needs nothing else: no network, no script.

    Args:
        data: The day's marts, targets, notes, and how times are to be shown.
    """
    drawer = shared_drawer()
    drawer.start()
    rows = _rows(data)
    pictures = _pictures(rows, drawer)
    page = _environment().get_template("daily.html.jinja")
    return page.render(
        data=data,
        span=_span(data),
        tiles=_tiles(data),
        pictures=pictures,
        several_media=rows["queues"]["media_type"].n_unique() > 1,
        missing_days=rows["weeks"].filter("missing")["partition_date"].to_list(),
        target=formats.target,
        top_rows=charts.TOP_ROWS,
        **{name: frame.to_dicts() for name, frame in rows.items()},
    )


def _rows(data: ReportData) -> dict[str, pl.DataFrame]:
    """Return the tables of the page, with every text on one line."""
    tables = {
        "intervals": figures.intervals(
            data.queue_performance,
            data.window,
            zone=data.zone,
            service_level=data.service_level,
            history=data.history,
            history_days=len(data.history_days),
        ),
        "queues": figures.queues(data),
        "agents": figures.agents(data),
        "wrap_ups": figures.wrap_ups(data),
        "flows": figures.flows(data),
        "flow_outcomes": figures.flow_outcomes(data),
        "weeks": figures.weeks(data),
    }
    return {name: _readable(frame) for name, frame in tables.items()}


def _readable(rows: pl.DataFrame) -> pl.DataFrame:
    texts = [name for name, dtype in rows.schema.items() if dtype == pl.String]
    return rows.with_columns(pl.Series(name, _lines(rows[name]), dtype=pl.String) for name in texts)


def _lines(texts: pl.Series) -> list[str | None]:
    return [None if text is None else line(text) for text in texts]


def _pictures(rows: dict[str, pl.DataFrame], drawer: Drawer) -> dict[str, Picture]:
    """Draw the charts of the sections that have something to show."""
    queues, day = rows["queues"], rows["intervals"]
    drawn: dict[str, tuple[Callable[[pl.DataFrame, int], alt.TopLevelMixin], pl.DataFrame, str]] = {}
    if day["offered"].sum() or day["answered"].sum():
        drawn["intervals"] = (charts.intervals, day, "Interactions and service level over the day")
    if queues["service_level"].count():
        drawn["service_levels"] = (charts.service_levels, queues, "Service level of each queue against its target")
    if any((queues[column].fill_null(0) != 0).any() for column in charts.HANDLE_TIME):
        drawn["handle_times"] = (
            charts.handle_times,
            queues,
            "Average handle time of each queue and what it is made of",
        )
    for name, words in (("wrap_ups", "Handled sessions by wrap-up code"), ("flow_outcomes", "Flow outcomes by value")):
        if rows[name].height:
            drawn[name] = (getattr(charts, name), rows[name], words)
    if rows["weeks"]["offered"].count() > 1:
        drawn["weeks"] = (charts.weeks, rows["weeks"], "Offered interactions and service level of this weekday")
    made = [draw(frame, width) for draw, frame, _ in drawn.values() for width in (WIDE, NARROW)]
    uris = drawer.pictures(made)
    return {
        name: Picture(wide, narrow, f"{words}; the table below has the same figures.")
        for (name, (*_, words)), wide, narrow in zip(drawn.items(), uris[::2], uris[1::2], strict=True)
    }


def _tiles(data: ReportData) -> list[Tile]:
    day = figures.headline(data.queue_performance, service_level=data.service_level)
    usual = figures.usual(data)
    return [
        _tile(day, usual, "offered", "Offered", formats.count, formats.change),
        _tile(day, usual, "answered", "Answered", formats.count, formats.change),
        _tile(day, usual, "service_level", "Service level", formats.share, formats.points),
        _tile(day, usual, "abandon_rate", "Abandon rate", formats.share, formats.points),
        _tile(day, usual, "average_speed_of_answer_ms", "Average speed of answer", formats.duration, formats.longer),
        _tile(day, usual, "average_handle_time_ms", "Average handle time", formats.duration, formats.longer),
    ]


def _tile(
    day: Headline,
    usual: dict[str, float | None],
    figure: str,
    name: str,
    written: Callable[[float | None], str],
    compared: Callable[[float | None, float | None], str],
) -> Tile:
    value = getattr(day, figure)
    return Tile(name, written(value), written(usual[figure]), compared(value, usual[figure]))


def _span(data: ReportData) -> str:
    """Return the day in the report's time zone: where that is not the zone of the days, a reader must see it."""
    first, last = (instant.astimezone(data.zone) for instant in (data.window.start, data.window.end))
    return f"{formats.instant(first)} to {formats.instant(last)}"


def _printable(value: object) -> object:
    """Return a value of the template on one line and without characters that a page cannot hold."""
    return line(value, sys.maxsize) if type(value) is str else value


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - loaded when a report is made

    environment = Environment(
        loader=PackageLoader("genesys_assets.reports"),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({function.__name__: function for function in _FILTERS})
    return environment
