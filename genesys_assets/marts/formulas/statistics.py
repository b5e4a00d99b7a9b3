"""Which statistics of Genesys Cloud's aggregates each figure must equal: the formulas written down a second time.

What belongs here: what a figure is in Genesys Cloud's own words. It is not derived from `formulas.measures`, on
purpose: a formula that is changed by mistake would then be compared with itself. A test requires that every figure of a
mart that is compared stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple


class Statistic(NamedTuple):
    """A statistic of a metric, as the aggregates tell it.

    Attributes:
        metric: The metric's name.
        name: How often a timer was emitted, or an `n*` metric's sum: `count`; the milliseconds of a timer: `sum`; what
            a service level is divided of: `numerator`, `denominator`.
    """

    metric: str
    name: Literal["count", "sum", "numerator", "denominator"]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the metrics to ask for."""
        return (self.metric,)

    def __str__(self) -> str:
        return f"{self.metric} ({self.name})"


class Quotient(NamedTuple):
    """A statistic that is divided by another, after both have been added up."""

    numerator: Statistic
    denominator: Statistic

    @property
    def metrics(self) -> tuple[str, ...]:
        """Return the metrics to ask for."""
        return (self.numerator.metric, self.denominator.metric)

    def __str__(self) -> str:
        return f"{self.numerator} / {self.denominator}"


def _count(metric: str) -> Statistic:
    return Statistic(metric, "count")


def _sum(metric: str) -> Statistic:
    return Statistic(metric, "sum")


def _average(metric: str) -> Quotient:
    return Quotient(_sum(metric), _count(metric))


STATISTICS: Mapping[str, Statistic | Quotient] = {
    "offered": _count("nOffered"),
    "abandoned": _count("tAbandon"),
    "abandon_time_ms": _sum("tAbandon"),
    "short_abandoned": _count("tShortAbandon"),
    "flow_outs": _count("tFlowOut"),
    "flow_out_time_ms": _sum("tFlowOut"),
    "answered_over_service_level": _count("nOverSla"),
    "wait_count": _count("tAcd"),
    "wait_time_ms": _sum("tAcd"),
    "answered": _count("tAnswered"),
    "answer_time_ms": _sum("tAnswered"),
    "handled": _count("tHandle"),
    "handle_time_ms": _sum("tHandle"),
    "talk_count": _count("tTalkComplete"),
    "talk_time_ms": _sum("tTalkComplete"),
    "hold_count": _count("tHeldComplete"),
    "hold_time_ms": _sum("tHeldComplete"),
    "after_call_work_count": _count("tAcw"),
    "after_call_work_ms": _sum("tAcw"),
    "dialing_time_ms": _sum("tDialing"),
    "contacting_time_ms": _sum("tContacting"),
    "transferred": _count("nTransferred"),
    "blind_transferred": _count("nBlindTransferred"),
    "consult_transferred": _count("nConsultTransferred"),
    "alerted": _count("tAlert"),
    "alert_time_ms": _sum("tAlert"),
    "not_responding": _count("tNotResponding"),
    "not_responding_time_ms": _sum("tNotResponding"),
    "outbound": _count("nOutbound"),
    "voicemails": _count("tVoicemail"),
    "voicemail_time_ms": _sum("tVoicemail"),
    "outbound_attempts": _count("nOutboundAttempted"),
    "outbound_connects": _count("nOutboundConnected"),
    "outbound_abandons": _count("nOutboundAbandoned"),
    "ivr_time_ms": _sum("tIvr"),
    "executions": _count("nFlow"),
    "finished": _count("tFlow"),
    "flow_time_ms": _sum("tFlow"),
    "exits": _count("tFlowExit"),
    "disconnects": _count("tFlowDisconnect"),
    "service_level": Quotient(Statistic("oServiceLevel", "numerator"), Statistic("oServiceLevel", "denominator")),
    "answer_rate": Quotient(_count("tAnswered"), _count("nOffered")),
    "abandon_rate": Quotient(_count("tAbandon"), _count("nOffered")),
    "average_abandon_time_ms": _average("tAbandon"),
    "average_wait_time_ms": _average("tAcd"),
    "average_speed_of_answer_ms": _average("tAnswered"),
    "average_handle_time_ms": _average("tHandle"),
    "average_talk_time_ms": _average("tTalkComplete"),
    "average_hold_time_ms": _average("tHeldComplete"),
    "average_after_call_work_ms": _average("tAcw"),
    "transfer_rate": Quotient(_count("nTransferred"), _count("tHandle")),
    "average_alert_time_ms": _average("tAlert"),
    "average_flow_time_ms": _average("tFlow"),
}
"""By the figure's column."""


def metrics_of(statistics: Iterable[Statistic | Quotient]) -> tuple[str, ...]:
    """Return the metrics to ask the aggregates for.

    Example:
        >>> metrics_of([STATISTICS["handled"], STATISTICS["transfer_rate"]])
        ('nTransferred', 'tHandle')
    """
    return tuple(sorted({metric for each in statistics for metric in each.metrics}))
