"""How conversations were rated afterwards: evaluations, surveys, resolutions."""

import dataframely as dy

from genesys_assets.tables import values
from genesys_assets.tables.columns import boolean, code, configured_name, double, enum, integer, timestamp
from genesys_assets.tables.staging.keys import OfConversation


class Evaluations(OfConversation):
    """One row per evaluation of a conversation."""

    evaluation_ordinal = dy.Int32(primary_key=True, description="Place of the evaluation in the record, from 0.")
    evaluation_id = code("Id of the evaluation.")
    evaluation_status = enum("Status of the evaluation.", values.EVALUATION_STATUSES)
    event_time = timestamp("When the evaluation took place, UTC.")
    user_id = code("Agent who was evaluated; see directory.users.")
    queue_id = code("Queue of the evaluated interaction; see directory.queues.")
    evaluator_id = code("User who evaluated.")
    assignee_id = code("User to whom the evaluation is assigned.")
    assignee_applicable = boolean("Whether an assignee applies.")
    calibration_id = code("Calibration to which it belongs.")
    form_id = code("Evaluation form, by version.")
    form_name = configured_name("Name of the form.")
    context_id = code("Evaluation form, whatever its version.")
    o_total_score = double("Total score.")
    o_total_critical_score = double("Score of the critical questions.")
    released = boolean("Whether it was released to the agent.")
    rescored = boolean("Whether it was scored anew at least once.")
    system_submitted = boolean("Whether the system submitted it.")
    deleted = boolean("Whether it was deleted.")


class Surveys(OfConversation):
    """One row per survey of a conversation."""

    survey_ordinal = dy.Int32(primary_key=True, description="Place of the survey in the record, from 0.")
    survey_id = code("Id of the survey.")
    survey_type = enum("Medium of the survey.", values.SURVEY_TYPES)
    survey_status = code("Status of the survey.")
    event_time = timestamp("When the event took place, UTC.")
    survey_completed_date = timestamp("When the survey was completed, UTC.")
    user_id = code("Agent whom it is about; see directory.users.")
    queue_id = code("Queue of the interaction; see directory.queues.")
    survey_form_id = code("Survey form, by version.")
    survey_form_name = configured_name("Name of the form.")
    survey_form_context_id = code("Survey form, whatever its version.")
    o_survey_total_score = double("Total score.")
    survey_promoter_score = double("Score that counts towards the net promoter score.")
    survey_partial_response = boolean("Whether required questions were left unanswered.")


class Resolutions(OfConversation):
    """One row per resolution of a conversation: whether it spared the customer the next contact."""

    resolution_ordinal = dy.Int32(primary_key=True, description="Place of the resolution in the record, from 0.")
    event_time = timestamp("When the event took place, UTC.")
    queue_id = code("Last queue that handled the conversation; see directory.queues.")
    user_id = code("Last user who handled the conversation; see directory.users.")
    n_next_contact_avoided = integer("Count of next contacts that were avoided.")
