"""Conversations, who took part in them, and what their participants' attributes say."""

import dataframely as dy

from genesys_assets.tables import values
from genesys_assets.tables.columns import (
    boolean,
    code,
    codes,
    configured_names,
    double,
    enum,
    identity,
    mapped_value,
    text,
    timestamp,
)
from genesys_assets.tables.staging.keys import OfConversation, OfParticipant


class Conversations(OfConversation):
    """One row per conversation that was active on the day."""

    conversation_id = identity("Id of the conversation.")
    conversation_start = timestamp("Start of the conversation, UTC.", nullable=False)
    conversation_end = timestamp("End of the conversation, UTC; null while it is open.")
    originating_direction = enum("Direction in which the conversation began.", values.DIRECTIONS)
    conversation_initiator = enum("Purpose of the participant that began a message conversation.", values.PURPOSES)
    customer_participation = boolean("Whether the customer sent at least one message.")
    division_ids = codes("Divisions of the conversation; see directory.divisions.")
    access_attributes = configured_names("Attributes that restrict which users may see the conversation.")
    associated_conversation_id = code("Conversation to which the initiator tied this one.")
    consultation_conversation_ids = codes("Conversations to which the initiator tied this one as consultations.")
    conference_start = timestamp("Start of the conference call, UTC.")
    external_tag = text(
        "The organisation's own tag of the conversation.",
        personal="the organisation's own tag, often a case's or a customer's number",
    )
    inactivity_timeout = timestamp("Instant from which the conversation would count as inactive, UTC.")
    knowledge_base_ids = codes("Knowledge bases that were used.")
    media_stats_min_conversation_mos = double("Lowest average MOS (estimated, 1 to 5) of its audio streams.")
    media_stats_min_conversation_r_factor = double("Lowest R-factor (0 to 100) of its audio streams.")
    originating_social_media_public = boolean("Whether it began as a public social media message.")
    self_served = boolean("Whether every flow of it ended in self-service.")
    fetched_at = dy.Datetime(
        nullable=True, time_unit="us", time_zone="UTC", description="When the record was received, UTC."
    )


class Participants(OfParticipant):
    """One row per participant: a customer, an agent, a queue (purpose acd), a flow, or another party."""

    participant_id = code("Id of the participant.")
    participant_name = text(
        "Display name; may be a person's, a queue's or a flow's.", personal="name of the customer, agent, queue or flow"
    )
    purpose = enum("Part that the participant plays.", values.PURPOSES)
    user_id = code("User of an agent or user participant; see directory.users.")
    team_id = code("Team of the user.")
    external_contact_id = code("External contact of the participant.")
    external_organization_id = code("External organisation of the participant.")
    flagged_reason = enum("Why the participant flagged the conversation.", values.FLAGGED_REASONS)
    screen_recording = boolean("Whether a screen recording was started.")


class ParticipantAttributes(OfParticipant):
    """One row per attribute of a participant: names and values that flows, scripts and integrations set."""

    participant_id = dy.String(nullable=True, description="Id of the participant.")
    name = dy.String(primary_key=True, description="Name of the attribute.")
    value = mapped_value(
        "Value of the attribute; may be personal data.", personal="whatever flows, scripts and integrations set"
    )
