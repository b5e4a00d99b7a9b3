"""Segments: what happened in a session, one stretch of time after another."""

import dataframely as dy

from genesys_assets.tables import values
from genesys_assets.tables.columns import (
    boolean,
    code,
    codes,
    configured_name,
    double,
    enum,
    integers,
    text,
    texts,
    timestamp,
)
from genesys_assets.tables.staging.keys import OfSegment


class Segments(OfSegment):
    """One row per segment: a stretch of a session in which one thing went on (alert, interact, hold, wrap-up...)."""

    segment_type = enum("What went on.", values.SEGMENT_TYPES)
    segment_start = timestamp("Start of the segment, UTC.")
    segment_end = timestamp("End of the segment, UTC; null while it lasts.")
    queue_id = code("Queue of the segment; customers' segments have one too. See directory.queues.")
    disconnect_type = enum("How the segment's connection ended.", values.DISCONNECT_TYPES)
    error_code = code("Code of the error that occurred.")
    group_id = code("Group that was addressed.")
    wrap_up_code = code("Wrap-up code; see directory.wrapup_codes.")
    wrap_up_note = text("The agent's note; may be personal data.", personal="an agent's note")
    wrap_up_tags = texts("Tags given during after-call work.", personal="tags given by an agent")
    requested_language_id = code("Language that was required; see directory.languages.")
    requested_routing_skill_ids = codes("Skills that were required; see directory.skills.")
    requested_routing_user_ids = codes("Agents that were required; see directory.users.")
    conference = boolean("Whether the segment was a conference.")
    source_conversation_id = code("Conversation before this one, when a conference made a new one.")
    source_session_id = code("Session before this one, when a conference made a new one.")
    destination_conversation_id = code("New conversation, when this one ended for a conference.")
    destination_session_id = code("New session, when this one ended for a conference.")
    audio_muted = boolean("Whether audio was muted.")
    video_muted = boolean("Whether video was muted or paused.")
    q850_response_codes = integers("Q.850 cause codes.")
    sip_response_codes = integers("SIP response codes.")
    subject = text(
        "Subject of the e-mail that began the conversation; may be personal data.", personal="subject of an e-mail"
    )


class ScoredAgents(OfSegment):
    """One row per agent whom routing scored for a segment."""

    scored_agent_ordinal = dy.Int32(primary_key=True, description="Place of the agent in the segment's list, from 0.")
    scored_agent_id = code("User who was scored; see directory.users.")
    agent_score = double("Score from 0 to 100; higher is better.")


class SegmentProperties(OfSegment):
    """One row per property that a component or an API user put on a segment."""

    property_ordinal = dy.Int32(primary_key=True, description="Place of the property in the segment's list, from 0.")
    property = configured_name("Name of the property.")
    property_type = enum("Type of its value.", values.PROPERTY_TYPES)
    value = text(
        "Value of the property, as text.",
        personal="whatever a component or an API user put on the segment",
        stays="by its name",
        named_by="property",
    )
