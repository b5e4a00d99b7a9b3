"""Our figures against Genesys's own: a pure comparison. Asking Genesys, and what follows from it, is not done here.

What belongs here: by what the figures of a mart are grouped to be compared (`Comparison`), and finding the differences.
What each figure must equal is `statistics`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

import polars as pl

from genesys_assets.marts.formulas.measures import SERVICE_LEVEL_INPUTS, roll_up, total
from genesys_assets.marts.formulas.service_level import EVERY_SETTING, ServiceLevelOptions
from genesys_assets.marts.formulas.statistics import STATISTICS, Quotient, Statistic
from genesys_assets.windows import Interval

SLICE = timedelta(hours=6)
"""How much of a day is asked for at once where it is compared by interval: 300 queues, each busy in every interval,
are a response of 20 MB."""


@dataclass(frozen=True)
class Comparison:
    """How figures of a mart are compared with Genesys Cloud's aggregates.

    Attributes:
        by: The mart's columns by which both sides are grouped, each with the aggregates' dimension.
        always: Those of these columns that the mart always has: aggregates without them are not compared.
        of: What the aggregates are of.
        metrics: The metrics whose figures are compared; none: all that the mart has.
        by_interval: Whether they are compared in each of the mart's intervals, too.
    """

    by: Mapping[str, str]
    always: Sequence[str] = ()
    of: Literal["conversations", "flows"] = "conversations"
    metrics: frozenset[str] = field(default_factory=frozenset)
    by_interval: bool = False

    @property
    def words(self) -> str:
        """Return by what is compared: 'by queue and media'."""
        words = [name.removesuffix("_id").removesuffix("_type").replace("wrap_up", "wrap-up") for name in self.by]
        *first, last = [word.replace("_", " ") for word in words]
        return f"by {', '.join(first)} and {last}" if first else f"by {last}"

    def parts(self, window: Interval) -> list[Interval]:
        """Return the parts in which a day is asked for, one request each."""
        return window.slices(SLICE) if self.by_interval else [window]

    def statistics(self, figures: Iterable[str]) -> dict[str, Statistic | Quotient]:
        """Return those figures of a mart that are compared, each with what it must equal."""
        known = {figure: STATISTICS[figure] for figure in figures if figure in STATISTICS}
        return {name: each for name, each in known.items() if not self.metrics or self.metrics >= {*each.metrics}}


def differences(
    rows: pl.LazyFrame,
    aggregates: pl.LazyFrame,
    comparison: Comparison,
    statistics: Mapping[str, Statistic | Quotient] = STATISTICS,
    *,
    service_level: ServiceLevelOptions | None = None,
) -> pl.LazyFrame:
    """Compare a mart with aggregates of the same time.

    A group or metric that one side does not have is zero there: the aggregates API leaves out what is empty.

    Args:
        rows: Rows of the mart, of the one day that was asked for.
        aggregates: One row per group, interval and metric: the columns of `comparison.by`, `interval_start`, `metric`,
            `count`, `sum`, and of a service level `numerator` and `denominator` (null: absent).
        comparison: By what they are compared.
        statistics: What each figure must equal; figures that the rows do not have are left out. A service level is
            compared where Genesys tells one.
        service_level: The organisation's switches; Genesys's defaults when not given.

    Returns:
        One row per difference, sorted: the columns of `comparison.by`, `interval_start` (null: over all of the time),
        `figure`, `genesys`, `ours`, `difference` (ours minus Genesys's). Empty when all figures are equal. Intervals
        are told only of figures that are equal over all of the time, and quotients only where what they are divided of
        is equal.

    Example:
        >>> by_queue = Comparison({"queue_id": "queueId", "media_type": "mediaType"}, always=["queue_id"])
        >>> ours = pl.LazyFrame({"queue_id": ["q1"], "media_type": ["voice"], "offered": [9]})
        >>> genesys = pl.LazyFrame({"queue_id": ["q1", "q2"], "media_type": ["voice", "chat"], "interval_start": None,
        ...     "metric": ["nOffered", "nOffered"], "count": [10, 3], "sum": [None, None]},
        ...     schema_overrides={"sum": pl.Int64, "interval_start": pl.Datetime("us", "UTC")})
        >>> for row in differences(ours, genesys, by_queue).drop("interval_start").collect().rows():
        ...     print(row)
        ('q1', 'voice', 'offered', 10.0, 9.0, -1.0)
        ('q2', 'chat', 'offered', 3.0, 0.0, -3.0)
    """
    present = set(rows.collect_schema())
    compared = {figure: each for figure, each in statistics.items() if figure in present}
    ours, genesys = (side.drop_nulls(comparison.always) if comparison.always else side for side in (rows, aggregates))
    by = [*comparison.by]
    whole = _differing(roll_up(ours, by, service_level=service_level), genesys, by, compared)
    of_their_own = whole.join(_following(whole, by, compared), on=[*by, "figure"], how="anti", **_IN_ORDER)
    if not comparison.by_interval:
        return of_their_own
    additive = {figure: each for figure, each in compared.items() if isinstance(each, Statistic)}
    in_intervals = [*by, "interval_start"]
    parts = _differing(roll_up(ours, in_intervals), _in_intervals_of(rows, genesys), in_intervals, additive)
    only_there = parts.join(whole, on=[*by, "figure"], how="anti", **_IN_ORDER)
    return pl.concat([of_their_own, only_there])


def _differing(
    rows: pl.LazyFrame, aggregates: pl.LazyFrame, by: Sequence[str], statistics: Mapping[str, Statistic | Quotient]
) -> pl.LazyFrame:
    ours = rows.select(*by, *(pl.col(figure).cast(pl.Float64) for figure in statistics))
    sides = [
        side.unpivot([*statistics], index=by, variable_name="figure", value_name=name)
        for side, name in ((ours, "ours"), (_told(aggregates, by, statistics), "genesys"))
    ]
    counted = pl.col("figure").is_in([name for name, each in statistics.items() if isinstance(each, Statistic)])
    both = sides[0].join(sides[1], on=[*by, "figure"], how="full", coalesce=True, nulls_equal=True, validate="1:1")
    when = "interval_start"
    return (
        both.with_columns(pl.when(counted).then(pl.col(side).fill_null(0)).otherwise(side) for side in _SIDES)
        .with_columns(difference=pl.col("ours") - pl.col("genesys"))
        .filter(~_equal())
        .select(
            *(each for each in by if each != when),
            when if when in by else _NO_INTERVAL,
            "figure",
            *_SIDES,
            "difference",
        )
        .sort(*by, "figure")
    )


_SIDES = ("genesys", "ours")
_NO_INTERVAL = pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias("interval_start")
_IN_ORDER: Mapping[str, Any] = {"nulls_equal": True, "maintain_order": "left"}
_NEARLY = 1e-9
"""How far two quotients of the same numbers may be apart, of 1."""


def fitting(
    rows: pl.LazyFrame, aggregates: pl.LazyFrame, comparison: Comparison, now: ServiceLevelOptions
) -> list[ServiceLevelOptions]:
    """Return the settings of the switches with which every service level is Genesys's, those nearest to today's.

    Args:
        rows: As `differences` takes them, likewise the other two.
        aggregates: The service levels.
        comparison: By what they are compared.
        now: Today's setting.

    Example:
        >>> ours = pl.LazyFrame({"queue_id": ["q1"], "answered": [8], "answered_over_service_level": [2],
        ...                      "abandoned": [2], "short_abandoned": [1], "flow_outs": [3],
        ...                      "service_level": [0.6]})
        >>> genesys = pl.LazyFrame({"queue_id": ["q1"], "interval_start": [None], "metric": ["oServiceLevel"],
        ...                         "count": [0], "sum": [None], "numerator": [6], "denominator": [13]})
        >>> [each] = fitting(ours, genesys, Comparison({"queue_id": "queueId"}), ServiceLevelOptions())
        >>> each.changed(ServiceLevelOptions())
        {'include_flowouts_in_calculation': True}
    """
    fit = [options for options, unequal in unequal_levels(rows, aggregates, comparison).items() if not unequal]
    fewest = min((len(each.changed(now)) for each in fit), default=0)
    return [each for each in fit if len(each.changed(now)) == fewest]


def unequal_levels(
    rows: pl.LazyFrame, aggregates: pl.LazyFrame, comparison: Comparison
) -> dict[ServiceLevelOptions, int]:
    """Return for each setting of the switches how many service levels are not Genesys's with it.

    Args:
        rows: As `differences` takes them, likewise the other two.
        aggregates: The service levels.
        comparison: By what they are compared.

    Example:
        >>> ours = pl.LazyFrame({"queue_id": ["q1"], "answered": [8], "answered_over_service_level": [2],
        ...                      "abandoned": [2], "short_abandoned": [1], "flow_outs": [3],
        ...                      "service_level": [0.6]})
        >>> genesys = pl.LazyFrame({"queue_id": ["q1"], "interval_start": [None], "metric": ["oServiceLevel"],
        ...                         "count": [0], "sum": [None], "numerator": [6], "denominator": [13]})
        >>> unequal = unequal_levels(ours, genesys, Comparison({"queue_id": "queueId"}))
        >>> len(unequal), unequal[ServiceLevelOptions(include_flowouts_in_calculation=True)]
        (8, 0)
    """
    told = {"service_level": STATISTICS["service_level"]}
    return {
        options: differences(rows, aggregates, comparison, told, service_level=options).collect().height
        for options in EVERY_SETTING
    }


def of_their_own(found: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return differences without the service levels that differ because figures that they are made of do.

    Args:
        found: The differences of all comparisons of a mart.
        by: The columns by which its service levels are compared.

    Example:
        >>> found = pl.DataFrame({"queue_id": ["q1", "q1", "q2"], "interval_start": None,
        ...                       "figure": ["service_level", "answered", "service_level"]})
        >>> of_their_own(found, ["queue_id"]).select("queue_id", "figure").rows()
        [('q1', 'answered'), ('q2', 'service_level')]
    """
    made_of = found.filter(pl.col("figure").is_in(SERVICE_LEVEL_INPUTS), pl.col("interval_start").is_null())
    explained = made_of.select(*by, pl.lit("service_level").alias("figure"))
    return found.join(explained, on=[*by, "figure"], how="anti", **_IN_ORDER)


def _following(whole: pl.LazyFrame, by: Sequence[str], statistics: Mapping[str, Statistic | Quotient]) -> pl.LazyFrame:
    """Return the quotients that differ because what they are divided of does: by group, as `figure`."""
    made_of = [
        (figure, quotient)
        for quotient, parts in statistics.items()
        for figure, each in statistics.items()
        if isinstance(parts, Quotient) and each in parts
    ]
    quotients = pl.LazyFrame(made_of, {"figure": pl.String(), "quotient": pl.String()}, orient="row")
    return whole.join(quotients, on="figure").select(*by, pl.col("quotient").alias("figure"))


def _equal() -> pl.Expr:
    not_told = (pl.col("figure") == "service_level") & pl.col("genesys").is_null()
    near = pl.col("difference").abs() <= _NEARLY * pl.col("genesys").abs()
    return pl.col("ours").eq_missing(pl.col("genesys")) | near.fill_null(value=False) | not_told


def _told(aggregates: pl.LazyFrame, by: Sequence[str], statistics: Mapping[str, Statistic | Quotient]) -> pl.LazyFrame:
    """Return what the aggregates tell of each group: a column for each figure."""
    figures = [
        _added_up(each).alias(name) if isinstance(each, Statistic) else _divided(each).alias(name)
        for name, each in statistics.items()
    ]
    return aggregates.group_by(by).agg(figures)


def _added_up(statistic: Statistic) -> pl.Expr:
    return total(pl.col(statistic.name).filter(pl.col("metric") == statistic.metric)).cast(pl.Float64)


def _divided(quotient: Quotient) -> pl.Expr:
    numerator, denominator = map(_added_up, quotient)
    return pl.when(denominator != 0).then(numerator / denominator)


def _in_intervals_of(rows: pl.LazyFrame, aggregates: pl.LazyFrame) -> pl.LazyFrame:
    """Return the aggregates with the start of the mart's interval that holds each; they are asked for in its parts."""
    minutes = rows.select(pl.col("interval_minutes").max()).collect().item()
    return aggregates.with_columns(pl.col("interval_start").dt.truncate(f"{minutes}m") if minutes else "interval_start")
