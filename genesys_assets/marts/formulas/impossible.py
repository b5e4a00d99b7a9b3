"""Figures that cannot be, whatever Genesys Cloud told: negative ones, more answers than waits, times of nothing.

What belongs here: the rules, and counting the rows that break them. A rule stands here only when correct records
cannot break it. So what two metrics must have in common is asked of whole lives (`interactions`) and, of queues, by
day: within an interval they may be milliseconds apart, on either side of its end, and at midnight too (`_of_days`).
"""

from __future__ import annotations

from collections.abc import Collection, Set
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from genesys_assets.marts.formulas.measures import ADDITIVE, RATIOS, total
from genesys_assets.windows.frames import UTC_DAYS, window_end, window_start

NEVER_NEGATIVE = ADDITIVE | {"agents", "duration_ms", "age_ms"}
"""Counts and durations."""

AT_MOST = (
    ("answered", "wait_count"),
    ("abandoned", "wait_count"),
    ("short_abandoned", "abandoned"),
    ("answered_over_service_level", "answered"),
)
"""Figures, the first of which cannot be more than the second: each answer and each abandon ends a wait (tAcd), short
abandons are some of the abandons, and what was answered late was answered. Flow-outs, offers and handled sessions are
not here: records of some media have them without the others."""

HANDLE_PARTS = ("talk_time_ms", "hold_time_ms", "after_call_work_ms", "dialing_time_ms", "contacting_time_ms")
"""What the handle time of a session is the sum of."""
_PARTS_COUNTED = ("talk_count", "hold_count", "after_call_work_count")

_OF_A_QUEUE = {"interval_start", "queue_id", "media_type"}
"""What is in the key of a mart whose figures belong together in a queue's day."""

TIMES = tuple((ratio.numerator, ratio.denominator) for ratio in RATIOS if ratio.numerator.endswith("_ms"))
"""Times, and how often the thing happened that they are the times of."""


@dataclass(frozen=True)
class Rule:
    """A rule that every row keeps.

    Attributes:
        says: What is wrong with a row that breaks it, as a sentence's predicate: 'answered is over wait_count'.
        broken: Whether a row breaks it.
        needs: The columns that it looks at.
    """

    says: str
    broken: pl.Expr
    needs: Set[str]


_NONE = pl.LazyFrame(schema={"partition_date": pl.Date, "figures": pl.String, "rows": pl.Int64})


def impossible(
    grain: Collection[str], rows: pl.LazyFrame, *, zone: ZoneInfo = UTC_DAYS, measures: Set[str] = frozenset()
) -> pl.LazyFrame:
    """Count the rows of a mart that hold figures that cannot be.

    Args:
        grain: The key of the mart's rows, as it declares it.
        rows: Its rows, of one day or several.
        zone: The time zone of the days.
        measures: Measures of a host project's own mart, which are never negative either.

    Returns:
        One row per day and broken rule, sorted: `partition_date`, `figures` (what is wrong), `rows`.

    Example:
        >>> from datetime import date
        >>> rows = pl.LazyFrame({"partition_date": [date(2026, 11, 20)] * 2, "answered": [3, 2], "wait_count": [2, 2],
        ...                      "wait_time_ms": [9_000, -1]})
        >>> impossible(("partition_date", "conversation_id"), rows).select("figures", "rows").collect().rows()
        [('answered is over wait_count', 1), ('wait_time_ms is negative', 1)]
    """
    found = [_NONE]
    found += [_breaking(rows, rule) for rule in _of_a_row(measures) if rule.needs <= set(rows.collect_schema())]
    together = _together(grain, rows, zone)
    if together is not None:
        columns = set(together.collect_schema())
        found += [_breaking(together, rule) for rule in _of_a_whole() if rule.needs <= columns]
    return pl.concat(found).sort("partition_date", "figures")


def _breaking(rows: pl.LazyFrame, rule: Rule) -> pl.LazyFrame:
    broken = rows.filter(rule.broken).group_by("partition_date").agg(rows=pl.len().cast(pl.Int64))
    return broken.select("partition_date", pl.lit(rule.says).alias("figures"), "rows")


def _of_a_row(measures: Set[str]) -> list[Rule]:
    """Return the rules of a single row, whatever the mart."""
    never_negative = sorted(NEVER_NEGATIVE | measures)
    rules = [Rule(f"{name} is negative", pl.col(name) < 0, frozenset({name})) for name in never_negative]
    rules += [
        Rule(f"{spent} is of nothing: {count} is 0", (pl.col(count) == 0) & (pl.col(spent) != 0), {spent, count})
        for spent, count in TIMES
    ]
    rules += [
        Rule(f"{ratio.name} is no ratio: negative or not finite", ~_is_ratio(ratio.name), frozenset({ratio.name}))
        for ratio in RATIOS
    ]
    return [*rules, _service_level()]


def _is_ratio(name: str) -> pl.Expr:
    return pl.col(name).is_finite() & (pl.col(name) >= 0)


def _service_level() -> Rule:
    """Return the rule that a service level is from 0 to 1 where the figures that it is made of are sound.

    Where they are, because an answer and its being late stand on two sides of an interval's end, nothing is wrong.
    """
    answered, abandoned = pl.col("answered"), pl.col("abandoned")
    sound = pl.col("answered_over_service_level").is_between(0, answered) & pl.col("short_abandoned").is_between(
        0, abandoned
    )
    needs = {"service_level", "answered", "answered_over_service_level", "abandoned", "short_abandoned"}
    says = "service_level is not between 0 and 1, although its figures are sound"
    return Rule(says, ~pl.col("service_level").is_between(0, 1) & sound, frozenset(needs))


def _of_a_whole() -> list[Rule]:
    """Return the rules of figures that belong together: of a conversation's whole life, of a queue's day."""
    rules = [
        Rule(f"{less} is over {more}", pl.col(_inside(less)) > pl.col(more), frozenset({_inside(less), more}))
        for less, more in AT_MOST
    ]
    parts = pl.sum_horizontal(pl.col(HANDLE_PARTS).cast(pl.Float64))
    each_is_handled = pl.all_horizontal(pl.col(count) <= pl.col("handled") for count in _PARTS_COUNTED)
    needs = frozenset({*HANDLE_PARTS, *_PARTS_COUNTED, "handled", "handle_time_ms", "conversation_id"})
    says = "handle_time_ms is less than its parts: talk, hold, after-call work, dialling and contacting time"
    return [*rules, Rule(says, (pl.col("handle_time_ms") < parts) & each_is_handled, needs)]


def _together(grain: Collection[str], rows: pl.LazyFrame, zone: ZoneInfo) -> pl.LazyFrame | None:
    """Return rows in each of which the figures belong together; None of a mart that has them not, by what a row is."""
    if set(grain) - {"partition_date"} == {"conversation_id"}:
        return _of_lives(rows)
    if set(grain) >= _OF_A_QUEUE and set(rows.collect_schema()) >= {figure for pair in AT_MOST for figure in pair}:
        return _of_days(rows, zone)
    return None


def _inside(figure: str) -> str:
    return f"{figure} inside"


def _of_lives(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the conversations, with copies of the figures that are compared within each: a row is a whole life."""
    present = set(rows.collect_schema())
    return rows.with_columns(pl.col(less).alias(_inside(less)) for less, _ in AT_MOST if less in present)


def _of_days(rows: pl.LazyFrame, zone: ZoneInfo) -> pl.LazyFrame:
    """Sum each figure by queue, day and media: over the whole day, and without the day's first and last interval.

    What is inside one day has its counterpart on that day, even when the two were not emitted at the same instant. A
    queue in which nothing waited may have answers all the same: the agent's leg named another queue than the wait's.
    """
    start, minutes = pl.col("interval_start"), pl.duration(minutes=pl.col("interval_minutes"))
    day = "partition_date"
    is_inside = (start > window_start(day, zone)) & (start + minutes < window_end(day, zone))
    figures = sorted({figure for pair in AT_MOST for figure in pair})
    days = rows.group_by("partition_date", "queue_id", "media_type").agg(
        *(total(pl.col(figure)) for figure in figures),
        *(total(pl.when(is_inside).then(figure)).alias(_inside(figure)) for figure in figures),
    )
    ends_a_wait = [_inside(less) for less, more in AT_MOST if more == "wait_count"]
    return days.with_columns(pl.when(pl.col("wait_count") > 0).then(pl.col(ends_a_wait)))
