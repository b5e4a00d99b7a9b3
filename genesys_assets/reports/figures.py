"""The tables of a daily report: marts rolled up to what is shown, in the order in which it is shown.

What belongs here: which rows and columns a section has. The formulas are `genesys_assets.marts`; how a number is
written is `formats`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from genesys_assets.marts import ServiceLevelOptions, roll_up, total
from genesys_assets.reports.report_data import ReportData, comparison_days
from genesys_assets.windows import Interval

NO_QUEUE = "(no queue)"
NO_WRAP_UP = "(no wrap-up code)"

_SHARES_OF_HANDLE_TIME = {
    "talk": ["talk_time_ms"],
    "hold": ["hold_time_ms"],
    "after_call_work": ["after_call_work_ms"],
    "dialling": ["dialing_time_ms", "contacting_time_ms"],
}


@dataclass(frozen=True)
class Headline:
    """The figures of a whole day. Shares are between 0 and 1, averages are milliseconds; None: divided by zero.

    Attributes:
        offered: Interactions offered to queues.
        answered: Of these, answered by an agent.
        abandoned: Of these, abandoned before that.
        handled: Sessions that agents handled to their end.
        service_level: Share answered within the queues' targets.
        abandon_rate: abandoned / offered.
        average_speed_of_answer_ms: Wait of the answered.
        average_handle_time_ms: Talk, hold and after-call work of the handled.
    """

    offered: int
    answered: int
    abandoned: int
    handled: int
    service_level: float | None
    abandon_rate: float | None
    average_speed_of_answer_ms: float | None
    average_handle_time_ms: float | None

    def figures(self) -> dict[str, Any]:
        """Return all figures, by name."""
        return asdict(self)

    def numbers(self) -> dict[str, int | float]:
        """Return the figures that are not null, by name."""
        return {name: value for name, value in self.figures().items() if value is not None}


HEADLINES = list(Headline.__annotations__)
COUNTS = ["offered", "answered", "abandoned", "handled"]


def headline(queue_performance: pl.LazyFrame, *, service_level: ServiceLevelOptions | None = None) -> Headline:
    """Return the figures of a day over all its queues.

    Args:
        queue_performance: marts.queue_performance of that day.
        service_level: The organisation's switches; Genesys's defaults when not given.
    """
    row = roll_up(queue_performance, [], service_level=service_level).select(HEADLINES).collect().row(0, named=True)
    return Headline(**row)


def intervals(
    queue_performance: pl.LazyFrame,
    window: Interval,
    *,
    zone: ZoneInfo,
    service_level: ServiceLevelOptions | None = None,
    history: pl.LazyFrame | None = None,
    history_days: int = 0,
) -> pl.DataFrame:
    """Return a row for each interval of the day, also those in which nothing happened.

    Args:
        queue_performance: marts.queue_performance of that day.
        window: The window of the day.
        zone: Time zone of the times.
        service_level: The organisation's switches; Genesys's defaults when not given.
        history: The mart, of earlier days.
        history_days: How many days those are.

    Returns:
        `interval_start` (in the zone), `label` (its time of day), `offered`, `answered`, `abandoned`, `service_level`
        (null: nothing answered or abandoned), `usual_offered` (mean of the earlier days at the same time of day in the
        zone; null: there are no earlier days).
    """
    counts = ["offered", "answered", "abandoned"]
    own = roll_up(queue_performance, ["interval_start"], service_level=service_level)
    earlier = queue_performance.clear() if history is None else history
    return (
        _clock(window, _interval_minutes(queue_performance))
        .join(own.select("interval_start", *counts, "service_level"), on="interval_start", how="left")
        .with_columns(pl.col(counts).fill_null(0), pl.col("interval_start").dt.convert_time_zone(zone.key))
        .with_columns(label=pl.col("interval_start").dt.strftime("%H:%M"))
        .join(_usually_offered(earlier, zone, history_days), on="label", how="left")
        .with_columns(pl.col("usual_offered").fill_null(0) if history_days else pl.col("usual_offered"))
        .sort("interval_start")
        .collect()
    )


def queues(data: ReportData) -> pl.DataFrame:
    """Return a row for each queue and media, the busiest first: counts, ratios, target and whether it was met.

    Returns:
        `queue` (name, or the id of an unknown one), `media_type`, the counts and ratios of marts.queue_performance,
        `service_level_target`, `service_level_duration_ms` and `target_met` (null: no target or nothing to measure),
        and the average handled session's `talk_ms`, `hold_ms`, `after_call_work_ms` and `dialling_ms`.
    """
    names = _names(data.queue_performance, "queue_id", "queue_name", NO_QUEUE)
    rolled = roll_up(data.queue_performance, ["queue_id", "media_type"], service_level=data.service_level)
    return (
        rolled.join(names, on="queue_id", how="left", nulls_equal=True)
        .join(data.targets.lazy(), on=["queue_id", "media_type"], how="left")
        .with_columns(target_met=pl.col("service_level") >= pl.col("service_level_target"), **_shares_of_handle_time())
        .rename({"queue_name": "queue"})
        .sort("offered", "handled", "queue", descending=[True, True, False])
        .collect()
    )


def agents(data: ReportData) -> pl.DataFrame:
    """Return a row for each agent, over all queues and media, by name: counts, ratios, shares of the handle time."""
    names = _names(data.agent_performance, "user_id", "user_name", "(unknown agent)")
    return (
        roll_up(data.agent_performance, ["user_id"], service_level=data.service_level)
        .join(names, on="user_id", how="left")
        .with_columns(**_shares_of_handle_time())
        .rename({"user_name": "agent"})
        .sort("agent", "user_id")
        .collect()
    )


def wrap_ups(data: ReportData) -> pl.DataFrame:
    """Return a row for each wrap-up code, the most frequent first.

    Returns:
        `wrap_up` (name, or the code of an unknown one), `handled`, `share`, `average_handle_time_ms`, `transfer_rate`.
    """
    names = _names(data.wrapup_performance, "wrap_up_code", "wrap_up_name", NO_WRAP_UP)
    return (
        roll_up(data.wrapup_performance, ["wrap_up_code"], service_level=data.service_level)
        .join(names, on="wrap_up_code", how="left", nulls_equal=True)
        .filter(pl.col("handled") > 0)
        .rename({"wrap_up_name": "wrap_up"})
        .with_columns(share=pl.col("handled") / total(pl.col("handled")))
        .sort("handled", "wrap_up", descending=[True, False])
        .select("wrap_up", "handled", "share", "average_handle_time_ms", "transfer_rate")
        .collect()
    )


def flows(data: ReportData) -> pl.DataFrame:
    """Return a row for each flow and type, the busiest first: executions, their mean time, how they ended."""
    return (
        roll_up(data.flow_performance, ["flow_id", "flow_name", "flow_type"])
        .filter(pl.col("executions") + pl.col("finished") > 0)
        .with_columns(flow=pl.coalesce("flow_name", "flow_id", pl.lit("(no flow)")))
        .sort("executions", "flow", descending=[True, False])
        .collect()
    )


def flow_outcomes(data: ReportData) -> pl.DataFrame:
    """Return a row for each flow, outcome and value, the most frequent outcome first.

    Returns:
        `flow`, `outcome` (its id), `value`, `outcomes`, and `rate`: `outcomes` over all that this outcome came to in
        this flow.
    """
    named = data.flow_performance.filter(pl.col("flow_outcome_id").is_not_null()).with_columns(
        flow=pl.coalesce("flow_name", "flow_id", pl.lit("(no flow)")),
        outcome=pl.col("flow_outcome_id"),
        value=pl.col("flow_outcome_value").fill_null("(none)"),
    )
    of_outcome = total(pl.col("outcomes")).over("flow", "outcome")
    return (
        named.group_by("flow", "outcome", "value")
        .agg(total(pl.col("outcomes")))
        .filter(pl.col("outcomes") > 0)
        .with_columns(rate=pl.col("outcomes") / of_outcome, of_outcome=of_outcome)
        .sort("of_outcome", "flow", "outcome", "value", descending=[True, False, False, False])
        .drop("of_outcome")
        .collect()
    )


def weeks(data: ReportData) -> pl.DataFrame:
    """Return the day and the same weekday of the weeks before, the latest first, also those that are missing.

    Returns:
        `partition_date`, the figures of `Headline` (null: the day is missing, or a ratio has nothing to divide by) and
        `missing`.
    """
    days = [data.day, *comparison_days(data.day)]
    stored = [data.day, *data.history_days]
    rolled = roll_up(
        pl.concat([data.queue_performance, data.history], how="vertical"),
        ["partition_date"],
        service_level=data.service_level,
    )
    asked = pl.LazyFrame({"partition_date": days}, schema={"partition_date": pl.Date})
    missing = ~pl.col("partition_date").is_in(stored)
    return (
        asked.join(rolled.select("partition_date", *HEADLINES), on="partition_date", how="left", maintain_order="left")
        .with_columns(missing.alias("missing"), pl.when(~missing).then(pl.col(COUNTS).fill_null(0)))
        .collect()
    )


def usual(data: ReportData) -> dict[str, float | None]:
    """Return each headline figure over the earlier days that are stored: the mean of counts, the ratio of sums."""
    days = len(data.history_days)
    if not days:
        return dict.fromkeys(HEADLINES)
    together = headline(data.history, service_level=data.service_level)
    return {name: value / days if name in COUNTS else value for name, value in together.figures().items()}


def _interval_minutes(queue_performance: pl.LazyFrame) -> int:
    shortest = queue_performance.select(pl.col("interval_minutes").min()).collect().item()
    return shortest or 15


def _clock(window: Interval, minutes: int) -> pl.LazyFrame:
    starts = [each.start for each in window.slices(timedelta(minutes=minutes))]
    return pl.LazyFrame({"interval_start": starts}, schema={"interval_start": pl.Datetime("us", "UTC")})


def _usually_offered(history: pl.LazyFrame, zone: ZoneInfo, days: int) -> pl.LazyFrame:
    """Return the mean of the interactions offered at each time of day, over so many days."""
    return (
        history.with_columns(pl.col("interval_start").dt.convert_time_zone(zone.key))
        .group_by(label=pl.col("interval_start").dt.strftime("%H:%M"))
        .agg(usual_offered=total(pl.col("offered")) / max(days, 1))
    )


def _names(mart: pl.LazyFrame, key: str, name: str, nameless: str) -> pl.LazyFrame:
    """Return the name of each id, the id itself if the directory lacks it, `nameless` where there is no id."""
    return (
        mart.group_by(key).agg(pl.col(name).drop_nulls().first()).with_columns(pl.coalesce(name, key, pl.lit(nameless)))
    )


def _shares_of_handle_time() -> dict[str, pl.Expr]:
    handled = pl.col("handled")
    return {
        f"{share}_ms": pl.when(handled > 0).then(pl.sum_horizontal(pl.col(columns).cast(pl.Float64)) / handled)
        for share, columns in _SHARES_OF_HANDLE_TIME.items()
    }
