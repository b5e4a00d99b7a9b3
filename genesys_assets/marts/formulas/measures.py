"""The one table of what is measured (`Measure`, `Ratio`), and the three things done with it: sum, divide, roll up.

What belongs here: which session metric feeds which figure, and arithmetic that every mart shares. What does not: the
grain of a mart, which is its own module's.

Sums are milliseconds and counts are integers, so they may be added over any rows; ratios never are: they are computed
last, by `with_ratios`, from the sums. A ratio whose denominator is 0 is null. A sum that 64 bits do not hold is null,
never a number that has wrapped (`total`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Literal

import polars as pl

from genesys_assets.marts.formulas.service_level import ServiceLevelOptions


@dataclass(frozen=True)
class Measure:
    """An additive figure: one session metric, summed or counted. It makes a column of each mart that has its group.

    Attributes:
        name: Column of the mart.
        metric: Name of the session metric in the detail record.
        how: `count` of its occurrences (a timer counts one each time it is emitted) or `sum` of its values
            (milliseconds of a `t*` metric, number of an `n*` metric).
        meaning: What it is the number or time of.
        view: How the Genesys Cloud Performance views call it; empty where they show only its average.
    """

    name: str
    metric: str
    how: Literal["count", "sum"]
    meaning: str
    view: str = ""

    @property
    def description(self) -> str:
        """Return what its column holds, as a sentence."""
        return f"{self.meaning} ({self.how} of {self.metric})."


@dataclass(frozen=True)
class Ratio:
    """A figure that is divided: computed last, from additive ones, and again after every roll-up.

    Attributes:
        name: Column of the mart.
        numerator: Additive column that is divided.
        denominator: Additive column that it is divided by.
        view: How the Genesys Cloud Performance views call it.
    """

    name: str
    numerator: str
    denominator: str
    view: str = ""

    @property
    def description(self) -> str:
        """Return what its column holds, as a sentence."""
        return f"{self.numerator} / {self.denominator}."


OFFERED = (
    Measure("offered", "nOffered", "sum", "Interactions offered to the queue", "Offer"),
    Measure("abandoned", "tAbandon", "count", "Abandoned in the queue before an agent answered", "Abandon"),
    Measure("abandon_time_ms", "tAbandon", "sum", "Their time in the queue until the abandon", "Total Abandon"),
    Measure(
        "short_abandoned",
        "tShortAbandon",
        "count",
        "Of the abandoned, those within the short-abandon time",
        "Short Abandon",
    ),
    Measure("flow_outs", "tFlowOut", "count", "Left the queue neither answered nor abandoned, by a flow", "Flow-Out"),
    Measure("flow_out_time_ms", "tFlowOut", "sum", "Their time in the queue until then"),
    Measure("answered_over_service_level", "nOverSla", "sum", "Answered later than the queue's target"),
    Measure("wait_count", "tAcd", "count", "Waits in the queue that ended, in any way"),
    Measure("wait_time_ms", "tAcd", "sum", "Time in the queue, however the wait ended", "Total Wait"),
)
ANSWERED = (
    Measure("answered", "tAnswered", "count", "Interactions from a queue that an agent answered", "Answer"),
    Measure("answer_time_ms", "tAnswered", "sum", "Their time from entering the queue to the answer"),
)
HANDLED = (
    Measure("handled", "tHandle", "count", "Sessions handled by an agent to their end", "Handle"),
    Measure("handle_time_ms", "tHandle", "sum", "Talk, hold, after-call work, dialling and contacting", "Total Handle"),
    Measure("talk_count", "tTalkComplete", "count", "Handled sessions with talk"),
    Measure("talk_time_ms", "tTalkComplete", "sum", "Time in conversation", "Total Talk"),
    Measure("hold_count", "tHeldComplete", "count", "Handled sessions with hold", "Hold"),
    Measure("hold_time_ms", "tHeldComplete", "sum", "Time on hold", "Total Hold"),
    Measure("after_call_work_count", "tAcw", "count", "Handled sessions with after-call work"),
    Measure("after_call_work_ms", "tAcw", "sum", "Time in after-call work", "Total ACW"),
    Measure("dialing_time_ms", "tDialing", "sum", "Time dialling, part of the handle time"),
    Measure("contacting_time_ms", "tContacting", "sum", "Time contacting, part of the handle time"),
)
TRANSFERRED = (
    Measure("transferred", "nTransferred", "sum", "Transfers by the agent", "Transfer"),
    Measure("blind_transferred", "nBlindTransferred", "sum", "Of these, without speaking first", "Blind Transfer"),
    Measure("consult_transferred", "nConsultTransferred", "sum", "Of these, after a consultation", "Consult Transfer"),
)
ALERTED = (
    Measure("alerted", "tAlert", "count", "Alerts to an agent that ended", "Alert"),
    Measure("alert_time_ms", "tAlert", "sum", "Time that they alerted", "Total Alert"),
    Measure("not_responding", "tNotResponding", "count", "Alerts that the agent did not answer", "Alert - No Answer"),
    Measure(
        "not_responding_time_ms", "tNotResponding", "sum", "Time until they were taken back", "Total Alert - No Answer"
    ),
)
OUTBOUND = (
    Measure("outbound", "nOutbound", "sum", "Calls, e-mails and messages that agents began for the queue", "Outbound"),
    Measure("outbound_attempts", "nOutboundAttempted", "sum", "Contacts that a campaign tried to reach"),
    Measure("outbound_connects", "nOutboundConnected", "sum", "Contacts that it reached"),
    Measure("outbound_abandons", "nOutboundAbandoned", "sum", "Reached contacts that left before an agent came"),
)
VOICEMAILS = (
    Measure("voicemails", "tVoicemail", "count", "Voicemails that were left"),
    Measure("voicemail_time_ms", "tVoicemail", "sum", "Their length"),
)
FLOWS = (
    Measure("executions", "nFlow", "sum", "Executions that began, 0 on the rows of outcomes", "Entries"),
    Measure("finished", "tFlow", "count", "Executions that ended, 0 on the rows of outcomes"),
    Measure("flow_time_ms", "tFlow", "sum", "Their time in the flow, 0 on the rows of outcomes"),
    Measure("exits", "tFlowExit", "count", "Executions that left the flow for elsewhere", "Exit"),
    Measure("disconnects", "tFlowDisconnect", "count", "Executions that ended by a disconnect", "All Flow Disconnect"),
)
IVR = (Measure("ivr_time_ms", "tIvr", "sum", "Time in IVR flows", "Total IVR"),)

MEASURES = (*OFFERED, *ANSWERED, *HANDLED, *TRANSFERRED, *ALERTED, *OUTBOUND, *VOICEMAILS, *FLOWS, *IVR)

ADDITIVE = frozenset({measure.name for measure in MEASURES} | {"outcomes"})
"""Every column that may be summed over rows."""

RATIOS = (
    Ratio("answer_rate", "answered", "offered", "Answer %"),
    Ratio("abandon_rate", "abandoned", "offered", "Abandon %"),
    Ratio("average_abandon_time_ms", "abandon_time_ms", "abandoned", "Avg Abandon"),
    Ratio("average_wait_time_ms", "wait_time_ms", "wait_count", "Avg Wait"),
    Ratio("average_speed_of_answer_ms", "answer_time_ms", "answered", "ASA"),
    Ratio("average_handle_time_ms", "handle_time_ms", "handled", "Avg Handle"),
    Ratio("average_talk_time_ms", "talk_time_ms", "talk_count", "Avg Talk"),
    Ratio("average_hold_time_ms", "hold_time_ms", "hold_count", "Avg Hold"),
    Ratio("average_after_call_work_ms", "after_call_work_ms", "after_call_work_count", "Avg ACW"),
    Ratio("transfer_rate", "transferred", "handled", "Transfer %"),
    Ratio("average_alert_time_ms", "alert_time_ms", "alerted", "Avg Alert"),
    Ratio("average_flow_time_ms", "flow_time_ms", "finished"),
)

LARGEST_VALUE = 10**12
"""The largest number of a metric that is believed: 31 years in milliseconds. One that is beyond it, or below 0, counts
as an occurrence whose value is not known, and is reported (`formulas.uncounted`)."""

SERVICE_LEVEL_INPUTS = frozenset(
    {"answered", "answered_over_service_level", "abandoned", "short_abandoned", "flow_outs"}
)


def measured(session_metrics: pl.LazyFrame, by: Sequence[str], measures: Sequence[Measure]) -> pl.LazyFrame:
    """Sum and count session metrics into additive figures; a group without any of them has no row.

    Args:
        session_metrics: Rows with `name`, `value` and the columns of `by`.
        by: Columns of the grain.
        measures: Figures wanted.

    Returns:
        One row per group, in no order: `by` and one Int64 column per measure, 0 where nothing was emitted.

    Example:
        >>> holds = (Measure("holds", "tHeld", "count", "Holds"), Measure("held_time_ms", "tHeld", "sum", "Their time"))
        >>> metrics = pl.LazyFrame({"queue_id": ["q1", "q1", "q1"], "name": ["tHeld", "tHeld", "tTalk"],
        ...                         "value": [4_000, 5_000, 60_000]})
        >>> measured(metrics, ["queue_id"], holds).collect().rows()
        [('q1', 2, 9000)]
    """
    names = sorted({measure.metric for measure in measures})
    # As an Enum a name is compared as a number: 30 measures by 100,000 groups take 0.1 s instead of 0.8 s.
    named = session_metrics.filter(pl.col("name").is_in(names)).with_columns(pl.col("name").cast(pl.Enum(names)))
    return named.group_by(by).agg(_figure(measure) for measure in measures)


def ratios_of(additive: Set[str]) -> list[Ratio]:
    """Return the ratios that can be divided from these additive columns; the service level is made by `with_ratios`."""
    return [ratio for ratio in RATIOS if {ratio.numerator, ratio.denominator} <= additive]


def with_ratios(frame: pl.LazyFrame, service_level: ServiceLevelOptions | None = None) -> pl.LazyFrame:
    """Compute every ratio whose inputs the frame holds, replacing those that stand there.

    Args:
        frame: Additive figures under their own names.
        service_level: The organisation's switches; Genesys's defaults when not given.

    Returns:
        The frame with its ratios (Float64; averages in milliseconds, rates and service level between 0 and 1), null
        where the denominator is 0.

    Example:
        >>> frame = pl.LazyFrame({"handled": [4, 0], "handle_time_ms": [600_000, 0], "transferred": [1, 0]})
        >>> with_ratios(frame).select("average_handle_time_ms", "transfer_rate").collect().rows()
        [(150000.0, 0.25), (None, None)]
    """
    present = set(frame.collect_schema())
    ratios = [
        _divided(pl.col(each.numerator), pl.col(each.denominator)).alias(each.name) for each in ratios_of(present)
    ]
    if present >= SERVICE_LEVEL_INPUTS:
        within = pl.col("answered") - pl.col("answered_over_service_level")
        denominator = (service_level or ServiceLevelOptions()).denominator()
        ratios.insert(0, _divided(within, denominator).alias("service_level"))
    return frame.with_columns(ratios)


def roll_up(
    frame: pl.LazyFrame, by: Iterable[str], *, service_level: ServiceLevelOptions | None = None
) -> pl.LazyFrame:
    """Add a mart up to a coarser grain: additive columns are summed, ratios computed again from the sums.

    Args:
        frame: A mart, or several of one kind concatenated (days, halves of a day).
        by: Columns to keep, for example `["queue_id"]` or `["partition_date", "media_type"]`; none gives one row.
        service_level: The organisation's switches; Genesys's defaults when not given.

    Returns:
        One row per group, sorted by it: `by`, the sums, the ratios. Columns that are neither are left out.

    Example:
        Two queues answered 9 of 10 and 0 of 10 within their targets; the day's service level is 45%, from the sums:

        >>> halves = pl.LazyFrame(
        ...     {"queue_id": ["q1", "q2"], "answered": [10, 10], "answered_over_service_level": [1, 10],
        ...      "abandoned": [0, 0], "short_abandoned": [0, 0], "flow_outs": [0, 0]})
        >>> roll_up(halves, by=[]).select("answered", "service_level").collect().rows()
        [(20, 0.45)]
    """
    keys = list(by)
    present = frame.collect_schema()
    additive = [total(pl.col(name)) for name in present if name in ADDITIVE and name not in keys]
    summed = frame.group_by(keys).agg(additive).sort(keys) if keys else frame.select(additive)
    return with_ratios(summed, service_level)


def total(numbers: pl.Expr) -> pl.Expr:
    """Return the sum of whole numbers as an Int64, null where it does not fit: polars' own sum of them wraps.

    Example:
        >>> sums = pl.DataFrame({"fits": [2**62, 2**62 - 1], "wraps": [2**62, 2**62]})
        >>> sums.select(total(pl.col("fits")), total(pl.col("wraps"))).row(0)
        (9223372036854775807, None)
    """
    return numbers.cast(pl.Int128).sum().cast(pl.Int64, strict=False)


def believed() -> pl.Expr:
    """Tell whether a metric's `value` is one that can be: a number from 0 to `LARGEST_VALUE`.

    Example:
        >>> pl.DataFrame({"value": [0, 10**12, 10**12 + 1, -1, None]}).select(believed())["value"].to_list()
        [True, True, False, False, False]
    """
    return pl.col("value").is_between(0, LARGEST_VALUE).fill_null(value=False)


def _figure(measure: Measure) -> pl.Expr:
    is_measured = pl.col("name") == measure.metric
    if measure.how == "count":
        return is_measured.sum().cast(pl.Int64).alias(measure.name)
    return total(pl.when(is_measured & believed()).then("value")).alias(measure.name)


def _divided(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    return pl.when(denominator != 0).then(numerator / denominator)
