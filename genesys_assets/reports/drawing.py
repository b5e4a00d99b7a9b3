"""How charts look: colours, axes, bars.

What belongs here: what the charts of `charts` have in common. Altair takes 0.8 s to import, so it is imported when a
chart is made; `pictures` draws.

People with any kind of colour vision can distinguish the colours, which reach a contrast of 3:1 against white; nothing
is shown by colour alone.
"""

from __future__ import annotations

import json
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


def stacked_bars(rows: pl.DataFrame, parts: Mapping[str, str], title: str, unit: int, width: int) -> alt.TopLevelMixin:
    """Chart horizontal bars, stacked by their parts, with their sum written at the end.

    Args:
        rows: `label` of the bar, `part` and `amount`.
        parts: Part -> its colour, in the order of the stack; a part whose sum is 0 is not in the legend.
        title: Of the axis.
        unit: How much of an amount makes 1 on the axis.
        width: In pixels.
    """
    import altair as alt  # noqa: PLC0415 - see above

    amounts = rows.drop_nulls("amount").select("label", "part", amount=pl.col("amount") / unit)
    spent = set(amounts.filter(pl.col("amount") != 0)["part"])
    shown = [part for part in parts if part in spent]
    order = {part: number for number, part in enumerate(parts)}
    long = amounts.filter(pl.col("part").is_in(shown)).with_columns(
        order=pl.col("part").replace_strict(order, default=0, return_dtype=pl.Int64)
    )
    total = amounts.group_by("label", maintain_order=True).agg(pl.col("amount").sum()).with_columns(_written(unit))
    label = row_axis("label", width)
    bars = (
        alt.Chart(long)
        .mark_bar(height=15, stroke="white", strokeWidth=0.5)
        .encode(
            alt.X("amount:Q", title=title, axis=alt.Axis(tickCount=5, format="~s")),
            label,
            alt.Color(
                "part:N",
                title=None,
                scale=colours_of(shown, [parts[part] for part in shown]),
                legend=legend_of(width) if len(shown) > 1 else None,
            ),
            alt.Order("order:Q"),
        )
    )
    ends = (
        alt.Chart(total)
        .mark_text(align="left", dx=5, color=INK)
        .encode(alt.X("amount:Q"), label, alt.Text("written:N"))
    )
    return alt.layer(bars, ends).properties(width=bar_width(width), height=alt.Step(25))


def _written(unit: int) -> pl.Expr:
    if unit == 1:
        return pl.col("amount").round(0).cast(pl.Int64, strict=False).cast(pl.String).alias("written")
    seconds = (pl.col("amount") * 60).round(0).cast(pl.Int64, strict=False)
    sign = pl.when(seconds < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    minutes, rest = seconds.abs() // 60, (seconds.abs() % 60).cast(pl.String).str.zfill(2)
    return pl.format("{}{}:{}", sign, minutes, rest).alias("written")


def row_axis(column: str, width: int) -> alt.Y:
    """Return an axis with a bar for each row, with space for its label."""
    import altair as alt  # noqa: PLC0415 - see above

    limit = 200 if width >= WIDE else 105
    axis = alt.Axis(ticks=False, domain=False, grid=False, labelPadding=6, labelLimit=limit - 6)
    axis.minExtent = axis.maxExtent = limit
    return alt.Y(f"{column}:N", sort=None, title=None, axis=axis)


def bar_width(width: int) -> int:
    """Return the width that is left for the bars beside `row_axis` and the figures at their ends."""
    return width - 250 if width >= WIDE else width - 150


def clock_axis(keys: Sequence[str], width: int) -> alt.Axis:
    """Return an axis labelled by time of day; its keys are unique even on the day on which an hour occurs twice."""
    import altair as alt  # noqa: PLC0415 - see above

    step = max(1, len(keys) // (12 if width >= WIDE else 6))
    return alt.Axis(values=list(keys[::step]), labelExpr="split(datum.label, '|')[1]", labelAngle=0, grid=False)


def colours_of(names: Iterable[str], colours: Sequence[str]) -> alt.Scale:
    """Return a scale with a colour for each name."""
    import altair as alt  # noqa: PLC0415 - see above

    domain = list(names)
    return alt.Scale(domain=domain, range=list(colours[: len(domain)]))


def legend_of(width: int) -> alt.Legend:
    """Return a legend that fits the width."""
    import altair as alt  # noqa: PLC0415 - see above

    return alt.Legend(columns=4 if width >= WIDE else 2)


def specification(chart: alt.TopLevelMixin) -> str:
    """Return the chart as Vega-Lite JSON, in the report's style.

    It is not validated here, which takes 0.1 s a chart: the tests validate it against Vega-Lite's schema.
    """
    plain = chart.to_dict(validate=False)
    return json.dumps({**plain, "background": "white", "config": _STYLE})
