"""marts.flow_performance: the figures of the Flows Performance and Flow Outcomes views."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from genesys_assets.marts.columns import MartRows, told
from genesys_assets.marts.formulas.conversations import CONVERSATION, SESSION
from genesys_assets.marts.formulas.days import emitted_on_its_day
from genesys_assets.marts.formulas.measures import FLOWS, measured, total, with_ratios
from genesys_assets.marts.formulas.reconciliation import Comparison
from genesys_assets.marts.mart import Mart
from genesys_assets.windows.frames import UTC_DAYS, in_window

FLOW = ("flow_id", "flow_name", "flow_type", "exit_reason")
OUTCOME = ("flow_outcome_id", "flow_outcome_value")


class FlowPerformance(MartRows):
    """One row per flow, flow type, exit reason and day with its executions, and one more per outcome reached."""

    flow_id = dy.String(nullable=True, description="Flow; null when the session emitted flow metrics without one.")
    flow_name = dy.String(nullable=True, description="Its name when it was executed.")
    flow_type = dy.String(nullable=True, description="Type of the flow: INBOUNDCALL, INQUEUECALL, BOT, WORKFLOW...")
    exit_reason = dy.String(nullable=True, description="How the execution left the flow: TRANSFER, DISCONNECT...")
    flow_outcome_id = dy.String(nullable=True, description="Outcome; null on the row of the executions.")
    flow_outcome_value = dy.String(nullable=True, description="Value of the outcome: SUCCESS, FAILURE...")

    grain = ("partition_date", *FLOW, *OUTCOME)


OUTCOMES = dy.Int64(
    description="Times that the outcome was reached with this value; 0 on the row of executions.",
    metadata=told(
        "flow_outcomes.flow_outcome_id",
        formula="rows of `staging.flow_outcomes`, each on the day on which it began",
    ),
)


def flow_performance(
    session_metrics: pl.LazyFrame,
    flows: pl.LazyFrame,
    flow_outcomes: pl.LazyFrame,
    conversations: pl.LazyFrame,
    *,
    zone: ZoneInfo = UTC_DAYS,
) -> pl.LazyFrame:
    """One row per flow, flow type, exit reason, outcome and day; executions and outcomes on rows of their own.

    An execution may reach any number of outcomes, so it cannot stand on their rows without being counted on each of
    them. Executions and their times therefore stand on the row without an outcome (`flow_outcome_id` null); each
    outcome has a row of its own with its number in `outcomes` and zero executions. Every column adds up over any rows;
    the rate of an outcome is its `outcomes` over the flow's `executions`, both summed.

    An execution counts on the day on which it began (nFlow), its time on the day on which it ended (tFlow), an outcome
    on the day on which it began: of its start, else of its end, else of the execution's beginning (nFlow), else of the
    conversation's, whichever the record has first in that order, so that none is left out. Sessions that emit flow
    metrics without a flow's details stand under a null flow.

    Args:
        session_metrics: staging.session_metrics, of one day or several.
        flows: staging.flows of the same days.
        flow_outcomes: staging.flow_outcomes of the same days.
        conversations: staging.conversations of the same days.
        zone: The time zone of the days.

    Returns:
        The rows of marts.flow_performance, sorted by their key.

    Example:
        >>> from datetime import date, datetime, UTC
        >>> session = {"partition_date": date(2026, 11, 20), "conversation_id": "c1", "session_ordinal": 1}
        >>> at = datetime(2026, 11, 20, 7, 32, tzinfo=UTC)
        >>> metrics = pl.LazyFrame([{**session, "name": "nFlow", "value": 1, "emit_date": at},
        ...                         {**session, "name": "tFlow", "value": 40_000, "emit_date": at}])
        >>> flows = pl.LazyFrame([{**session, "flow_id": "f1", "flow_name": "Main IVR", "flow_type": "INBOUNDCALL",
        ...                        "exit_reason": "DISCONNECT"}])
        >>> outcomes = pl.LazyFrame([
        ...     {**session, "flow_outcome_id": outcome, "flow_outcome_value": "SUCCESS",
        ...      "flow_outcome_start_timestamp": at, "flow_outcome_end_timestamp": at} for outcome in ("o1", "o2")])
        >>> conversations = pl.LazyFrame([{**session, "conversation_start": at}]).drop("session_ordinal")
        >>> day = flow_performance(metrics, flows, outcomes, conversations)
        >>> day.select("flow_name", "flow_outcome_id", "executions", "flow_time_ms", "outcomes").collect().rows()
        [('Main IVR', None, 1, 40000, 0), ('Main IVR', 'o1', 0, 0, 1), ('Main IVR', 'o2', 0, 0, 1)]
    """
    flow_of_session = flows.select(*SESSION, *FLOW)
    executions = _executions(session_metrics, flow_of_session, zone)
    outcomes = _outcomes(session_metrics, flow_of_session, flow_outcomes, conversations, zone)
    rows = pl.concat([executions, outcomes], how="diagonal")
    additive = [*(measure.name for measure in FLOWS), "outcomes"]
    figures = rows.select(*FlowPerformance.grain, *(pl.col(name).fill_null(0) for name in additive))
    return with_ratios(figures.sort(FlowPerformance.grain))


def _executions(session_metrics: pl.LazyFrame, flow_of_session: pl.LazyFrame, zone: ZoneInfo) -> pl.LazyFrame:
    emitted = emitted_on_its_day(session_metrics, zone).filter(
        pl.col("name").is_in([measure.metric for measure in FLOWS])
    )
    # Added up by session first: polars holds a validated join in memory, 100 MB less of it at 300,000 conversations.
    of_sessions = measured(emitted, SESSION, FLOWS).join(flow_of_session, on=SESSION, how="left", validate="1:1")
    return of_sessions.group_by("partition_date", *FLOW).agg(total(pl.col(measure.name)) for measure in FLOWS)


def _outcomes(
    session_metrics: pl.LazyFrame,
    flow_of_session: pl.LazyFrame,
    flow_outcomes: pl.LazyFrame,
    conversations: pl.LazyFrame,
    zone: ZoneInfo,
) -> pl.LazyFrame:
    began = (
        session_metrics.filter(pl.col("name") == "nFlow").group_by(SESSION).agg(flow_began=pl.col("emit_date").min())
    )
    instant = pl.coalesce(
        "flow_outcome_start_timestamp", "flow_outcome_end_timestamp", "flow_began", "conversation_start"
    )
    return (
        flow_outcomes.join(began, on=SESSION, how="left", validate="m:1")
        .join(conversations.select(*CONVERSATION, "conversation_start"), on=CONVERSATION, how="left", validate="m:1")
        .filter(in_window(instant, zone))
        .join(flow_of_session, on=SESSION, how="left", validate="m:1")
        .group_by(FlowPerformance.grain)
        .agg(outcomes=pl.len().cast(pl.Int64))
    )


MART = Mart(
    "flow_performance",
    FlowPerformance,
    flow_performance,
    inputs={
        "session_metrics": (*SESSION, "name", "value", "emit_date"),
        "flows": (*SESSION, *FLOW),
        "flow_outcomes": (*SESSION, *OUTCOME, "flow_outcome_start_timestamp", "flow_outcome_end_timestamp"),
        "conversations": (*CONVERSATION, "conversation_start"),
    },
    measures=FLOWS,
    more={"outcomes": OUTCOMES},
    comparisons=(Comparison({"flow_id": "flowId"}, always=["flow_id"], of="flows"),),
)
