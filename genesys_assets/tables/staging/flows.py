"""Flows: what Architect's flows did within their sessions."""

import dataframely as dy

from genesys_assets.tables import values
from genesys_assets.tables.columns import boolean, code, configured_name, enum, text, timestamp
from genesys_assets.tables.staging.keys import OfSession


class Flows(OfSession):
    """One row per run of a flow; a session has at most one."""

    flow_id = code("Id of the flow; see directory.flows.")
    flow_name = configured_name("Name of the flow when it ran.")
    flow_type = enum("Kind of the flow.", values.FLOW_TYPES)
    flow_version = code("Version of the flow that ran.")
    entry_type = enum("How the flow was entered.", values.FLOW_ENTRY_TYPES)
    entry_reason = text(
        "What led into the flow: an address, a user or a flow.",
        personal="number or address that was called, or an id",
        stays="when it is an id",
    )
    exit_reason = code("How the flow ended, such as DISCONNECT or TRANSFER.")
    transfer_type = code("Kind of transfer that ended the flow, such as ACD.")
    transfer_target_address = text(
        "Where it transferred: a number, an address or a queue's id.",
        personal="number or e-mail address of a transfer's target, or an id",
        stays="when it is an id",
    )
    transfer_target_name = text("Name of that target.", personal="name of a transfer's target, which may be a user")
    starting_language = code("Language at the start, such as en-us.")
    ending_language = code("Language at the end.")
    issued_callback = boolean("Whether the flow issued a callback.")
    recognition_failure_reason = code("Failure of recognition that ended the flow.")


class FlowOutcomes(OfSession):
    """One row per outcome that a flow's run recorded."""

    flow_outcome_ordinal = dy.Int32(primary_key=True, description="Place of the outcome in the flow's run, from 0.")
    flow_outcome = code("Outcome's id and value, with a colon between.")
    flow_outcome_id = code("Id of the outcome.")
    flow_outcome_value = code("Value of the outcome, such as SUCCESS.")
    flow_outcome_start_timestamp = timestamp("Start of the outcome, UTC.")
    flow_outcome_end_timestamp = timestamp("End of the outcome, UTC; may be null when it did not succeed.")
