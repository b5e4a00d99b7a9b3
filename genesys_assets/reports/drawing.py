"""How charts look, and how they become pictures: colours, axes, bars, SVG and PNG.

What belongs here: what the charts of `charts` have in common. Altair takes 0.8 s to import and the first picture
another 0.7 s, so both are loaded when a chart is drawn.

Colours are told apart by people with any kind of colour vision and reach 3:1 against white; nothing is told by colour
alone.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import altair as alt

WIDE, NARROW = 860, 340
"""Widths in pixels: of a page on a screen or paper, and of a telephone."""

INK, MUTED, GRID = "#1b2733", "#5a6672", "#dfe4e9"
BLUE, ORANGE, GREEN, AMBER, GREY = "#0b6aa8", "#c8500a", "#0a8464", "#a86a00", "#73808c"
FONT = "Helvetica, Arial, sans-serif"
Parts = Mapping[str, tuple[str, str]]
"""Column -> its label and colour."""

_STYLE: Mapping[str, Any] = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": GRID,
        "domainColor": MUTED,
        "tickColor": MUTED,
    },
    "legend": {
        "orient": "top",
        "labelFontSize": 12,
        "labelColor": INK,
        "symbolSize": 120,
        "offset": 8,
        "labelLimit": 220,
    },
    "text": {"fontSize": 12},
}


def data_uri(chart: alt.TopLevelMixin) -> str:
    """The chart as a URI that holds it, in SVG: sharp on every screen, and a third of a PNG's size.

    A screen reader does not look into a picture, so what Vega tells it of each bar is left out: a third of the SVG.
    """
    import vl_convert  # noqa: PLC0415 - see above

    picture = vl_convert.vegalite_to_svg(_specification(chart))
    lean = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", picture)
    return f"data:image/svg+xml;base64,{base64.b64encode(lean.encode()).decode()}"


def stacked_bars(rows: pl.DataFrame, parts: Parts, title: str, unit: int, width: int) -> alt.TopLevelMixin:
    """Horizontal bars of `label`, stacked by the columns of `parts`, their sum written at the end."""
    import altair as alt  # noqa: PLC0415 - see above

    present = {column: part for column, part in parts.items() if column in rows.columns and rows[column].sum()}
    names = {column: label for column, (label, _) in present.items()}
    amounts = rows.select("label", *(pl.col(column) / unit for column in names)).rename(names)
    long = amounts.unpivot(index="label", variable_name="part", value_name="amount").drop_nulls("amount")
    long = long.with_columns(
        place=pl.col("part").replace_strict({n: i for i, n in enumerate(names.values())}, default=0)
    )
    total = amounts.select("label", amount=pl.sum_horizontal(pl.exclude("label")))
    written = total.with_columns(written=_written(unit))
    label = row_axis("label", width)
    legend = legend_of(width) if len(names) > 1 else None
    colours = colours_of(names.values(), [colour for _, colour in present.values()])
    bars = (
        alt.Chart(long)
        .mark_bar(height=15, stroke="white", strokeWidth=0.5)
        .encode(
            alt.X("amount:Q", title=title, axis=alt.Axis(tickCount=5, format="~s")),
            label,
            alt.Color("part:N", title=None, scale=colours, legend=legend),
            alt.Order("place:Q"),
        )
    )
    ends = (
        alt.Chart(written)
        .mark_text(align="left", dx=5, color=INK)
        .encode(alt.X("amount:Q"), label, alt.Text("written:N"))
    )
    return alt.layer(bars, ends).properties(width=bar_width(width), height=alt.Step(25))


def _written(unit: int) -> pl.Expr:
    if unit == 1:
        return pl.col("amount").round(0).cast(pl.Int64).cast(pl.String)
    seconds = (pl.col("amount") * 60).round(0).cast(pl.Int64)
    return pl.format("{}:{}", seconds // 60, (seconds % 60).cast(pl.String).str.zfill(2))


def row_axis(column: str, width: int) -> alt.Y:
    """The axis of a bar for each row, with room for its label."""
    import altair as alt  # noqa: PLC0415 - see above

    limit = 200 if width >= WIDE else 105
    axis = alt.Axis(ticks=False, domain=False, grid=False, labelPadding=6, labelLimit=limit - 6)
    axis.minExtent = axis.maxExtent = limit
    return alt.Y(f"{column}:N", sort=None, title=None, axis=axis)


def bar_width(width: int) -> int:
    """What is left for the bars beside `row_axis` and the figures at their ends."""
    return width - 250 if width >= WIDE else width - 150


def clock_axis(keys: Sequence[str], width: int) -> alt.Axis:
    """Labels by time of day; the keys are unique also on the day on which an hour comes twice."""
    import altair as alt  # noqa: PLC0415 - see above

    step = max(1, len(keys) // (12 if width >= WIDE else 6))
    return alt.Axis(values=list(keys[::step]), labelExpr="split(datum.label, '|')[1]", labelAngle=0, grid=False)


def colours_of(names: Iterable[str], colours: Sequence[str]) -> alt.Scale:
    """A colour for each name."""
    import altair as alt  # noqa: PLC0415 - see above

    domain = list(names)
    return alt.Scale(domain=domain, range=list(colours[: len(domain)]))


def legend_of(width: int) -> alt.Legend:
    """A legend that fits the width."""
    import altair as alt  # noqa: PLC0415 - see above

    return alt.Legend(columns=4 if width >= WIDE else 2)


def _specification(chart: alt.TopLevelMixin) -> str:
    """The chart in Vega-Lite, in the report's style; tests hold it to Vega-Lite's schema, which takes 0.1 s a chart."""
    plain = chart.to_dict(validate=False)
    return json.dumps({**plain, "background": "white", "config": _STYLE})
