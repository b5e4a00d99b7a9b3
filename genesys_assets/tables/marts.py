"""The tables of the figures, named after the Genesys Cloud views they answer: columns, types, grain, descriptions.

What belongs here: what a stored row is. How its figures are computed is `genesys_assets.marts`.

Additive columns are counts or milliseconds (`_ms`) and may be summed over any rows. Ratios (rates and service level
from 0 to 1, averages in milliseconds) may not: divide the sums again.
"""

from typing import ClassVar

import dataframely as dy
import polars as pl

from genesys_assets.windows import INTERVAL_LENGTHS


class Mart(dy.Schema):
    """One row per combination of the columns of its grain, which may be null: a metric may stand on no queue."""

    partition_date = dy.Date(description="UTC day of the figures: the day on which their metrics were emitted.")

    grain: ClassVar[tuple[str, ...]] = ("partition_date",)

    @classmethod
    def primary_key(cls) -> list[str]:
        """Return the columns whose combination is unique; unlike dataframely's own, they may be null."""
        return list(cls.grain)

    @dy.rule()
    def one_row_per_grain(cls) -> pl.Expr:  # noqa: N805 - dataframely hands a rule its class
        """Require that no combination of the grain's columns occurs twice."""
        return pl.struct(cls.primary_key()).is_unique()


class _OnQueues(dy.Schema):
    """Which queue, by id and by name."""

    queue_id = dy.String(nullable=True, description="Queue of the session's segment that holds the metric's instant.")
    queue_name = dy.String(nullable=True, description="Its name in the directory; null when the directory has it not.")


class _ByMedia(dy.Schema):
    """Which media and direction, both of the session."""

    media_type = dy.String(nullable=True, description="Media of the session: voice, chat, email, message, callback...")
    direction = dy.String(nullable=True, description="Direction of the session's leg: inbound or outbound.")


class _Offered(dy.Schema):
    """What the queue was offered and what became of it before an agent answered."""

    offered = dy.Int64(description="Interactions offered to the queue (sum of nOffered).")
    abandoned = dy.Int64(description="Abandoned in the queue before an agent answered (count of tAbandon).")
    abandon_time_ms = dy.Int64(description="Their time in the queue until the abandon (sum of tAbandon).")
    short_abandoned = dy.Int64(description="Of the abandoned, those within the short-abandon time (tShortAbandon).")
    flow_outs = dy.Int64(description="Left the queue neither answered nor abandoned, by a flow (count of tFlowOut).")
    flow_out_time_ms = dy.Int64(description="Their time in the queue until then (sum of tFlowOut).")
    answered_over_service_level = dy.Int64(description="Answered later than the queue's target (sum of nOverSla).")
    wait_count = dy.Int64(description="Waits in the queue that ended, in any way (count of tAcd).")
    wait_time_ms = dy.Int64(description="Time in the queue, however the wait ended (sum of tAcd).")


class _Answered(dy.Schema):
    """What agents answered."""

    answered = dy.Int64(description="Interactions from a queue that an agent answered (count of tAnswered).")
    answer_time_ms = dy.Int64(description="Their time from entering the queue to the answer (sum of tAnswered).")


class _Handled(dy.Schema):
    """What agents handled; the time of each interaction is posted whole when its session ends."""

    handled = dy.Int64(description="Sessions handled by an agent to their end (count of tHandle).")
    handle_time_ms = dy.Int64(description="Talk, hold, after-call work, dialling and contacting (sum of tHandle).")
    talk_count = dy.Int64(description="Handled sessions with talk (count of tTalkComplete).")
    talk_time_ms = dy.Int64(description="Time in conversation (sum of tTalkComplete).")
    hold_count = dy.Int64(description="Handled sessions with hold (count of tHeldComplete).")
    hold_time_ms = dy.Int64(description="Time on hold (sum of tHeldComplete).")
    after_call_work_count = dy.Int64(description="Handled sessions with after-call work (count of tAcw).")
    after_call_work_ms = dy.Int64(description="Time in after-call work (sum of tAcw).")
    dialing_time_ms = dy.Int64(description="Time dialling, part of the handle time (sum of tDialing).")
    contacting_time_ms = dy.Int64(description="Time contacting, part of the handle time (sum of tContacting).")


class _Transferred(dy.Schema):
    """What agents passed on."""

    transferred = dy.Int64(description="Transfers by the agent (sum of nTransferred).")
    blind_transferred = dy.Int64(description="Of these, without speaking first (sum of nBlindTransferred).")
    consult_transferred = dy.Int64(description="Of these, after a consultation (sum of nConsultTransferred).")


class _Alerted(dy.Schema):
    """What was put to agents, and what they let pass."""

    alerted = dy.Int64(description="Alerts to an agent that ended (count of tAlert).")
    alert_time_ms = dy.Int64(description="Time that they alerted (sum of tAlert).")
    not_responding = dy.Int64(description="Alerts that the agent did not answer (count of tNotResponding).")
    not_responding_time_ms = dy.Int64(description="Time until they were taken back (sum of tNotResponding).")


class _Outbound(dy.Schema):
    """What campaigns dialled."""

    outbound_attempts = dy.Int64(description="Contacts that a campaign tried to reach (sum of nOutboundAttempted).")
    outbound_connects = dy.Int64(description="Contacts that it reached (sum of nOutboundConnected).")
    outbound_abandons = dy.Int64(description="Reached contacts that left before an agent came (nOutboundAbandoned).")


class _QueueRatios(dy.Schema):
    """Ratios that need what was offered."""

    service_level = dy.Float64(
        nullable=True,
        description="(answered - answered_over_service_level) / (answered + abandoned); its denominator is what "
        "the organisation's three service-level switches make it; null when that is 0.",
    )
    answer_rate = dy.Float64(nullable=True, description="answered / offered.")
    abandon_rate = dy.Float64(nullable=True, description="abandoned / offered.")
    average_abandon_time_ms = dy.Float64(nullable=True, description="abandon_time_ms / abandoned.")
    average_wait_time_ms = dy.Float64(nullable=True, description="wait_time_ms / wait_count.")


class _AnswerRatios(dy.Schema):
    """Ratios of what was answered."""

    average_speed_of_answer_ms = dy.Float64(nullable=True, description="answer_time_ms / answered.")


class _HandleRatios(dy.Schema):
    """Ratios of what was handled."""

    average_handle_time_ms = dy.Float64(nullable=True, description="handle_time_ms / handled.")
    average_talk_time_ms = dy.Float64(nullable=True, description="talk_time_ms / talk_count.")
    average_hold_time_ms = dy.Float64(nullable=True, description="hold_time_ms / hold_count.")
    average_after_call_work_ms = dy.Float64(nullable=True, description="after_call_work_ms / after_call_work_count.")
    transfer_rate = dy.Float64(nullable=True, description="transferred / handled.")


class _AlertRatios(dy.Schema):
    """Ratios of what alerted."""

    average_alert_time_ms = dy.Float64(nullable=True, description="alert_time_ms / alerted.")


class _Interval(Mart):
    """Which stretch of the day."""

    interval_start = dy.Datetime(
        time_zone="UTC", time_unit="us", description="Start of the interval in which the metrics were emitted, UTC."
    )
    interval_minutes = dy.Int64(description=f"Length of the interval: {INTERVAL_LENGTHS}.")


class QueuePerformance(
    _Interval,
    _OnQueues,
    _ByMedia,
    _Offered,
    _Answered,
    _Handled,
    _Transferred,
    _Alerted,
    _Outbound,
    _QueueRatios,
    _AnswerRatios,
    _HandleRatios,
    _AlertRatios,
):
    """One row per queue, media, direction and interval of the day in which the queue emitted a metric."""

    grain = ("partition_date", "interval_start", "queue_id", "media_type", "direction")


class _ByAgent(Mart):
    """Which agent, by id and by name."""

    user_id = dy.String(description="Agent: the user of the participant whose session emitted the metrics.")
    user_name = dy.String(nullable=True, description="Name in the directory; null when the directory has it not.")


class AgentPerformance(
    _ByAgent,
    _OnQueues,
    _ByMedia,
    _Answered,
    _Handled,
    _Transferred,
    _Alerted,
    _Outbound,
    _AnswerRatios,
    _HandleRatios,
    _AlertRatios,
):
    """One row per agent, queue, media, direction and day on which the agent's sessions emitted a metric."""

    grain = ("partition_date", "user_id", "queue_id", "media_type", "direction")


class _ByWrapUp(Mart):
    """Which wrap-up code, by id and by name."""

    wrap_up_code = dy.String(nullable=True, description="Last wrap-up code of the session; null: it has none.")
    wrap_up_name = dy.String(nullable=True, description="Name in the directory; null when the directory has it not.")


class _SessionMedia(dy.Schema):
    """Which media."""

    media_type = dy.String(nullable=True, description="Media of the session: voice, chat, email, message, callback...")


class WrapupPerformance(_ByWrapUp, _OnQueues, _SessionMedia, _Handled, _Transferred, _HandleRatios):
    """One row per wrap-up code, queue, media and day: the sessions handled with that code as their last one."""

    grain = ("partition_date", "wrap_up_code", "queue_id", "media_type")


class FlowPerformance(Mart):
    """One row per flow, flow type, exit reason and day with its executions, and one more per outcome reached."""

    flow_id = dy.String(nullable=True, description="Flow; null when the session emitted flow metrics without one.")
    flow_name = dy.String(nullable=True, description="Its name when it was executed.")
    flow_type = dy.String(nullable=True, description="Type of the flow: INBOUNDCALL, INQUEUECALL, BOT, WORKFLOW...")
    exit_reason = dy.String(nullable=True, description="How the execution left the flow: TRANSFER, DISCONNECT...")
    flow_outcome_id = dy.String(nullable=True, description="Outcome; null on the row of the executions.")
    flow_outcome_value = dy.String(nullable=True, description="Value of the outcome: SUCCESS, FAILURE...")
    executions = dy.Int64(description="Executions that began (sum of nFlow); 0 on the rows of outcomes.")
    finished = dy.Int64(description="Executions that ended (count of tFlow); 0 on the rows of outcomes.")
    flow_time_ms = dy.Int64(description="Their time in the flow (sum of tFlow); 0 on the rows of outcomes.")
    exits = dy.Int64(description="Executions that left the flow for elsewhere (count of tFlowExit).")
    disconnects = dy.Int64(description="Executions that ended by a disconnect (count of tFlowDisconnect).")
    outcomes = dy.Int64(description="Times that the outcome was reached with this value; 0 on the row of executions.")
    average_flow_time_ms = dy.Float64(nullable=True, description="flow_time_ms / finished.")

    grain = (
        "partition_date",
        "flow_id",
        "flow_name",
        "flow_type",
        "exit_reason",
        "flow_outcome_id",
        "flow_outcome_value",
    )


class _Conversation(Mart):
    """Which conversation."""

    conversation_id = dy.String(description="Conversation.")
    conversation_start = dy.Datetime(nullable=True, time_zone="UTC", time_unit="us", description="When it began, UTC.")


class _ConversationFacts(dy.Schema):
    """What is known of the whole conversation."""

    originating_direction = dy.String(nullable=True, description="Original direction: inbound or outbound.")
    division_ids = dy.List(dy.String(), nullable=True, description="Divisions associated with it.")
    division_names = dy.List(
        dy.String(nullable=True),
        nullable=True,
        description="Their names in the same order; null where the directory has none.",
    )
    media_type = dy.String(nullable=True, description="Media of its first session.")


class _Ended(dy.Schema):
    """When it ended."""

    conversation_end = dy.Datetime(
        time_zone="UTC", time_unit="us", description="When it ended, UTC: on this day, unless told before its start."
    )
    duration_ms = dy.Int64(nullable=True, description="From its start to its end; 0 where that is told before it.")


class _Involved(dy.Schema):
    """Whom it met."""

    media_types = dy.List(dy.String(), description="All media of its sessions, in the order in which they came.")
    first_queue_id = dy.String(nullable=True, description="First queue that it was in; null: none.")
    first_queue_name = dy.String(nullable=True, description="Name in the directory.")
    last_queue_id = dy.String(nullable=True, description="Last queue that it was in; null: none.")
    last_queue_name = dy.String(nullable=True, description="Name in the directory.")
    user_ids = dy.List(dy.String(), description="Agents who handled it (tHandle), in the order in which they ended.")
    user_names = dy.List(
        dy.String(nullable=True), description="Their names in the same order; null where the directory has none."
    )
    agents = dy.Int64(description="How many agents handled it.")
    wrap_up_code = dy.String(nullable=True, description="Last wrap-up code given to it; null: none.")
    wrap_up_name = dy.String(nullable=True, description="Name in the directory.")
    min_mos = dy.Float64(nullable=True, description="Lowest average MOS among its audio streams; null: no audio.")
    ivr_time_ms = dy.Int64(description="Time in IVR flows (sum of tIvr).")


class Interactions(
    _Conversation, _Ended, _ConversationFacts, _Involved, _Offered, _Answered, _Handled, _Transferred, _Alerted
):
    """One row per conversation that ended on the day, with the figures of its whole life."""

    grain = ("partition_date", "conversation_id")


class _Open(dy.Schema):
    """How long it has been open, and with whom."""

    fetched_at = dy.Datetime(
        nullable=True, time_zone="UTC", time_unit="us", description="When Genesys Cloud told it, UTC."
    )
    age_ms = dy.Int64(nullable=True, description="From its start until it was told.")
    last_queue_id = dy.String(nullable=True, description="Last queue that it was or is in; null: none.")
    last_queue_name = dy.String(nullable=True, description="Name in the directory.")
    last_user_id = dy.String(nullable=True, description="Last agent whom it alerted or who had it; null: none.")
    last_user_name = dy.String(nullable=True, description="Name in the directory.")


class OpenConversations(_Conversation, _ConversationFacts, _Open):
    """One row per conversation that was active on the day and had not ended when the day was fetched."""

    grain = ("partition_date", "conversation_id")
