"""marts.agent_performance: the figures of the Agents Performance views."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from genesys_assets.marts.columns import ByDirection, MartRows, OnQueues
from genesys_assets.marts.formulas.days import emitted_on_its_day
from genesys_assets.marts.formulas.measures import (
    ALERTED,
    ANSWERED,
    HANDLED,
    OUTBOUND,
    TRANSFERRED,
    measured,
    with_ratios,
)
from genesys_assets.marts.formulas.reconciliation import Comparison
from genesys_assets.marts.mart import Mart
from genesys_assets.windows.frames import UTC_DAYS

MEASURES = (*ANSWERED, *HANDLED, *TRANSFERRED, *ALERTED, *OUTBOUND)


class AgentRows(MartRows):
    """Which agent."""

    user_id = dy.String(description="Agent: the user of the participant whose session emitted the metrics.")


class AgentPerformance(AgentRows, OnQueues, ByDirection):
    """One row per agent, queue, media, direction and day on which the agent's sessions emitted a metric."""

    grain = ("partition_date", "user_id", "queue_id", "media_type", "direction")


def agent_performance(session_metrics: pl.LazyFrame, *, zone: ZoneInfo = UTC_DAYS) -> pl.LazyFrame:
    """One row per agent, queue, media, direction and day on which the agent's sessions emitted a metric.

    The agent is the participant's user: also one who dials or takes a call outside any queue (`queue_id` is null
    there). Occupancy is not here: it is made of routing-status time, which conversations do not tell.

    Args:
        session_metrics: staging.session_metrics, of one day or several.
        zone: The time zone of the days.

    Returns:
        The rows of marts.agent_performance without names, sorted by their key.

    Example:
        >>> from datetime import date, datetime, UTC
        >>> session = {"partition_date": date(2026, 11, 20), "user_id": "u1", "queue_id": "q1", "media_type": "voice",
        ...            "direction": "inbound", "emit_date": datetime(2026, 11, 20, 7, 32, tzinfo=UTC)}
        >>> metrics = pl.LazyFrame([
        ...     {**session, "name": "tTalkComplete", "value": 170_000},
        ...     {**session, "name": "tAcw", "value": 30_000},
        ...     {**session, "name": "tHandle", "value": 200_000},
        ... ])
        >>> columns = ["user_id", "handled", "talk_time_ms", "after_call_work_ms", "average_handle_time_ms"]
        >>> agent_performance(metrics).select(columns).collect().row(0)
        ('u1', 1, 170000, 30000, 200000.0)
    """
    of_agents = emitted_on_its_day(session_metrics, zone).filter(pl.col("user_id").is_not_null())
    return with_ratios(measured(of_agents, AgentPerformance.grain, MEASURES)).sort(AgentPerformance.grain)


MART = Mart(
    "agent_performance",
    AgentPerformance,
    agent_performance,
    inputs={
        "session_metrics": (
            "partition_date",
            "name",
            "value",
            "emit_date",
            "user_id",
            "media_type",
            "direction",
            "queue_id",
        )
    },
    measures=MEASURES,
    comparisons=(
        Comparison({"user_id": "userId", "queue_id": "queueId", "media_type": "mediaType"}, always=["user_id"]),
    ),
)
