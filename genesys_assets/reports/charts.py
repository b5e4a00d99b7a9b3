"""The charts of a day, made of its figures.

What belongs here: what each chart shows. The rows come from `figures`; what the charts have in common is `drawing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from genesys_assets.marts import ServiceLevelOptions
from genesys_assets.reports import figures
from genesys_assets.reports.drawing import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    WIDE,
    bar_width,
    clock_axis,
    colours_of,
    legend_of,
    row_axis,
    stacked_bars,
)
from genesys_assets.reports.formats import NOTHING
from genesys_assets.reports.pictures import shared_drawer
from genesys_assets.windows import window_of

if TYPE_CHECKING:
    import altair as alt

TOP_ROWS = 15
"""Bars of a chart, at most; the table below it has every row."""

_CLOSE = 0.15
"""A bar that ends this close below its target has its figure beyond the target's mark, not under it."""

HANDLE_TIME: dict[str, tuple[str, str]] = {
    "talk_ms": ("Talk", BLUE),
    "hold_ms": ("Hold", AMBER),
    "after_call_work_ms": ("After-call work", GREEN),
    "dialling_ms": ("Dialling", GREY),
}
OUTCOME_COLOURS = {"Success": BLUE, "Failure": ORANGE}


def intervals(rows: pl.DataFrame, width: int) -> alt.VConcatChart:
    """Chart offered, answered and abandoned per interval; below them the service level on the same time axis.

    Args:
        rows: From `figures.intervals`.
        width: In pixels.
    """
    import altair as alt  # noqa: PLC0415 - see drawing

    keyed = rows.select(
        pl.format("{}|{}", pl.col("interval_start").dt.epoch("ms"), "label").alias("at"),
        pl.exclude("interval_start", "label"),
    )
    at = alt.X("at:O", sort=None, title=None, axis=clock_axis(keyed["at"].to_list(), width))
    parts = {"answered": "Answered", "abandoned": "Abandoned"}
    stacked = keyed.select("at", *parts).rename(parts).unpivot(index="at", variable_name="what", value_name="number")
    lines = {"offered": "Offered", "usual_offered": "Usual on this weekday"}
    offered = keyed.select("at", *lines).rename(lines).unpivot(index="at", variable_name="line", value_name="number")
    drawn = offered.drop_nulls("number")
    shown = drawn["line"].unique(maintain_order=True).to_list()
    number = alt.Y("number:Q", title="Interactions", axis=alt.Axis(tickCount=5, format="~s"))
    bars = (
        alt.Chart(stacked)
        .mark_bar(stroke="white", strokeWidth=0.5)
        .encode(at, number, alt.Color("what:N", title=None, scale=colours_of(parts.values(), (BLUE, ORANGE))))
    )
    over = (
        alt.Chart(drawn)
        .mark_line(strokeWidth=2)
        .encode(
            at,
            number,
            alt.Stroke("line:N", title=None, scale=colours_of(shown, (INK, GREY)), legend=legend_of(width)),
            alt.StrokeDash("line:N", title=None, scale=alt.Scale(domain=shown, range=[[1, 0], [4, 3]][: len(shown)])),
        )
    )
    upper = alt.layer(bars, over).properties(width=width - 60, height=190).resolve_scale(color="independent")
    level = _service_level_line(keyed, at, width)
    return alt.vconcat(upper, level, spacing=18)


def service_levels(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart the service level by queue as bars, each with a tick at its target.

    Args:
        rows: From `figures.queues`; those without a service level are left out.
        width: In pixels.
    """
    import altair as alt  # noqa: PLC0415 - see drawing

    level, target = pl.col("service_level"), pl.col("service_level_target")
    measured = (
        _labelled(rows.drop_nulls("service_level").head(TOP_ROWS))
        .with_columns(
            state=pl.when("target_met").then(pl.lit("Target met")).otherwise(pl.lit("Target missed")),
            written=pl.format("{}%", (100 * level).round(0).cast(pl.Int64, strict=False)),
            end=pl.when((target - level).is_between(0, _CLOSE)).then(target).otherwise(level),
        )
        .with_columns(state=pl.when(pl.col("target_met").is_null()).then(pl.lit("No target")).otherwise("state"))
        .select("label", "service_level", "service_level_target", "state", "written", "end")
    )
    bar = alt.X(
        "service_level:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1], clamp=True),
        axis=alt.Axis(format="%", tickCount=5),
    )
    label = row_axis("label", width)
    state = _states(measured["state"].unique(maintain_order=True).to_list())
    base = alt.Chart(measured).encode(label)
    bars = base.mark_bar(height=15).encode(bar, state)
    ends = base.mark_text(align="left", dx=8, color=INK, fontWeight="bold").encode(
        alt.X("end:Q"), alt.Text("written:N")
    )
    ticks = base.mark_tick(thickness=3, size=22, color=INK, opacity=1).encode(alt.X("service_level_target:Q"))
    return alt.layer(bars, ticks, ends).properties(width=bar_width(width), height=alt.Step(27))


def handle_times(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart the average handle time by queue in minutes, split in talk, hold, after-call work and dialling.

    Args:
        rows: From `figures.queues`; those without a handled interaction are left out.
        width: In pixels.
    """
    handled = _labelled(rows.filter(pl.col("handled") > 0).head(TOP_ROWS))
    named = handled.select("label", **{part: pl.col(column) for column, (part, _) in HANDLE_TIME.items()})
    long = named.unpivot(index="label", variable_name="part", value_name="amount")
    return stacked_bars(long, dict(HANDLE_TIME.values()), "minutes", 60_000, width)


def wrap_ups(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart handled sessions by wrap-up code.

    Args:
        rows: From `figures.wrap_ups`.
        width: In pixels.
    """
    long = rows.head(TOP_ROWS).select(pl.lit("Handled").alias("part"), label="wrap_up", amount="handled")
    return stacked_bars(long, {"Handled": BLUE}, "handled sessions", 1, width)


def flow_outcomes(rows: pl.DataFrame, width: int) -> alt.TopLevelMixin:
    """Chart how often each outcome of each flow was reached, split by its value.

    Args:
        rows: From `figures.flow_outcomes`.
        width: In pixels.
    """
    long = rows.select(
        "value", label=pl.format("{}: {}", "flow", "outcome"), part=_capitalized("value"), amount="outcomes"
    )
    busiest = long["label"].unique(maintain_order=True).head(TOP_ROWS)
    others = (GREEN, AMBER, GREY)
    parts = {
        part: OUTCOME_COLOURS.get(part, others[number % len(others)])
        for number, part in enumerate(sorted(set(long["part"]), reverse=True))
    }
    return stacked_bars(long.filter(pl.col("label").is_in(busiest.implode())), parts, "times reached", 1, width)


def weeks(rows: pl.DataFrame, width: int) -> alt.HConcatChart | alt.VConcatChart:
    """Chart the day beside the same weekday of the weeks before: interactions offered, and service level.

    Args:
        rows: From `figures.weeks`.
        width: In pixels.
    """
    import altair as alt  # noqa: PLC0415 - see drawing

    oldest_first = rows.reverse().with_columns(
        label=pl.col("partition_date").dt.strftime("%-d %b"),
        which=pl.when(pl.col("partition_date") == pl.col("partition_date").max())
        .then(pl.lit("This day"))
        .otherwise(pl.lit("Before")),
    )
    oldest_first = oldest_first.select("label", "which", "offered", "service_level")
    each = (width - 150) // 2 if width >= WIDE else width - 60
    offered = _columns(oldest_first, "offered", "Offered", ",d", each)
    level = _columns(oldest_first, "service_level", "Service level", ".0%", each)
    return alt.hconcat(offered, level, spacing=50) if width >= WIDE else alt.vconcat(offered, level)


def queue_day_charts(
    days: Mapping[date, pl.LazyFrame],
    zone: ZoneInfo,
    *,
    service_level: ServiceLevelOptions | None = None,
) -> dict[date, str | None]:
    """Draw offered, answered, abandoned and service level of days as data URIs small enough for Dagster's metadata.

    Args:
        days: marts.queue_performance of each day.
        zone: The time zone of the days.
        service_level: The organisation's switches; Genesys's defaults when not given.

    Returns:
        None where the picture could not be drawn.
    """
    rows = (
        figures.intervals(mart, window_of(day, zone), zone=zone, service_level=service_level)
        for day, mart in days.items()
    )
    drawn = shared_drawer().pictures([intervals(each, 560) for each in rows])
    return dict(zip(days, drawn, strict=True))


def _service_level_line(keyed: pl.DataFrame, at: alt.X, width: int) -> alt.Chart:
    import altair as alt  # noqa: PLC0415 - see drawing

    level = alt.Y(
        "service_level:Q",
        title="Service level",
        scale=alt.Scale(domain=[0, 1], clamp=True),
        axis=alt.Axis(format="%", tickCount=4),
    )
    base = alt.Chart(keyed.select("at", "service_level")).encode(at, level)
    line: alt.Chart = base.mark_line(
        strokeWidth=2, color=GREEN, point=alt.OverlayMarkDef(size=22, color=GREEN, filled=True)
    )
    sized: alt.Chart = line.properties(width=width - 60, height=90)
    return sized


def _columns(rows: pl.DataFrame, column: str, title: str, written: str, width: int) -> alt.LayerChart:
    import altair as alt  # noqa: PLC0415 - see drawing

    base = alt.Chart(rows).encode(
        alt.X("label:O", sort=None, title=None, axis=alt.Axis(labelAngle=0)),
        alt.Y(f"{column}:Q", title=title, axis=alt.Axis(format=written.replace("d", "~s").lstrip(","), tickCount=4)),
    )
    which = alt.Color("which:N", legend=None, scale=alt.Scale(domain=["This day", "Before"], range=[BLUE, "#a9b4bf"]))
    bars = base.mark_bar(size=min(46, width // 7)).encode(which)
    numbers = base.mark_text(dy=-7, color=INK).encode(alt.Text(f"{column}:Q", format=written))
    sized = [part.properties(width=width, height=150) for part in (bars, numbers)]
    return alt.LayerChart(layer=sized)


def _states(states: Sequence[str]) -> alt.Color:
    import altair as alt  # noqa: PLC0415 - see drawing

    colours = {"Target met": BLUE, "Target missed": ORANGE, "No target": GREY}
    shown = [state for state in colours if state in states]
    return alt.Color("state:N", title=None, scale=colours_of(shown, [colours[state] for state in shown]))


def _capitalized(column: str) -> pl.Expr:
    text = pl.col(column)
    return text.str.slice(0, 1).str.to_uppercase() + text.str.slice(1).str.to_lowercase()


def _labelled(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `label`: the queue, and its media where it has several."""
    several = pl.col("queue").is_duplicated()
    return rows.with_columns(
        label=pl.when(several)
        .then(pl.format("{} ({})", "queue", pl.col("media_type").fill_null(NOTHING)))
        .otherwise("queue")
    )
