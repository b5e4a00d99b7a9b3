"""Sessions: one leg of one participant in one medium; what was measured in it, and how its routing chose agents."""

import dataframely as dy

from genesys_assets.tables import values
from genesys_assets.tables.columns import (
    boolean,
    code,
    codes,
    configured_name,
    configured_names,
    double,
    enum,
    integer,
    integers,
    text,
    texts,
    timestamp,
)
from genesys_assets.tables.staging.keys import OfConversation, OfSession


class Sessions(OfConversation):
    """One row per session: one participant's leg in one medium."""

    participant_ordinal = dy.Int32(description="Place of the session's participant in the conversation, from 0.")
    session_ordinal = dy.Int32(
        primary_key=True, description="Place of the session in the conversation, all participants' sessions counted."
    )
    participant_id = dy.String(nullable=True, description="Id of the participant.")
    purpose = dy.String(nullable=True, description="Purpose of the participant.")
    user_id = dy.String(nullable=True, description="User of the participant; see directory.users.")
    session_id = code("Id of the session.")
    media_type = enum("Medium of the session.", values.MEDIA_TYPES)
    message_type = code("Messaging service of a message session, such as sms or whatsapp.")
    direction = enum("Direction of this leg.", values.DIRECTIONS)
    provider = configured_name("What carries the communication, such as Edge or PureCloud Email.")
    peer_id = code("Session with which this one is paired, as a rule the customer's.")
    edge_id = code("Edge device of a voice session.")
    protocol_call_id = text(
        "Call id of the voice protocol, such as SIP's.",
        personal="id of the call at the carriers, often with a host in it",
    )
    media_bridge_id = code("Media bridge of a conference, the same for all its participants.")
    room_id = code("Room of the session.")
    ani = text("Caller's address, as 'tel:' or 'sip:' URI.", personal="number or address of the caller")
    dnis = text(
        "Address that was dialled first.",
        personal="number or address that was called: of an outbound call, the contact's",
    )
    session_dnis = text(
        "Address dialled for this session; differs from dnis after a transfer.",
        personal="number that was called in this session",
    )
    remote = text(
        "Name, number or e-mail address of the other party.",
        personal="name, number or e-mail address of the other side",
    )
    remote_name_displayable = text("Displayed name of the other party.", personal="name or id of the other side")
    address_from = text("Address that began the action.", personal="address that began it")
    address_to = text("Address that received the action.", personal="address that received it")
    address_self = text("E-mail address on this participant's side.", personal="e-mail address of this side")
    address_other = text("E-mail address on the other side.", personal="e-mail address of the other side")
    cc = texts("Carbon copy addresses.", personal="e-mail addresses")
    bcc = texts("Blind carbon copy addresses.", personal="e-mail addresses")
    destination_addresses = texts(
        "Addresses to which the session was transferred or which it consulted.",
        personal="addresses of transfers and consults",
    )
    authenticated = boolean("Whether the provider vouches for the customer's identity.")
    recording = boolean("Whether an audio recording was started.")
    snippet_recording = boolean("Whether a part was recorded on demand.")
    requested_routings = codes("Routing methods that were asked for or tried.")
    used_routing = enum("Routing method that found the agent.", values.ROUTINGS)
    routing_ring = integer("Ring of bullseye or preferred-agent routing.")
    routing_rule = configured_name("Rule of preferred, conditional or predictive routing.")
    routing_rule_type = enum("Kind of that rule.", values.ROUTING_RULE_TYPES)
    agent_bullseye_ring = integer("Bullseye ring in which the agent was.")
    active_skill_ids = codes("Skills required in the end; see directory.skills.")
    removed_skill_ids = codes("Skills that bullseye routing gave up.")
    skill_expression_id = code("Skill expression that was required.")
    selected_agent_id = code("User that routing selected.")
    selected_agent_rank = integer("Rank that predictive routing gave to that user; lower is better.")
    eligible_agent_counts = integers("Eligible agents at each attempt of predictive routing.")
    waiting_interaction_counts = integers("Waiting interactions at each attempt of predictive routing.")
    assigner_id = code("User that assigned the conversation by hand.")
    agent_assistant_id = code("Virtual agent assistant in use.")
    agent_owned = boolean("Whether a callback belongs to one agent.")
    acw_skipped = boolean("Whether the agent skipped after-call work.")
    flow_in_type = code("Kind of flow from which the queue was entered.")
    flow_out_type = code("Kind of flow that took it out of the queue (tFlowOut).")
    script_id = code("Script shown to the agent.")
    error_code_description = text(
        "Text of the error that disconnected the session.", personal="text of an error, which may quote an address"
    )
    callback_numbers = texts("Numbers to call back.", personal="numbers to call back")
    callback_scheduled_time = timestamp("When the callback is due, UTC.")
    callback_user_name = text("Name given for the callback.", personal="name given for the callback")
    timeout_seconds = integer("Seconds until the callback is dialled by itself; 0: never.")
    outbound_campaign_id = code("Outbound campaign.")
    outbound_contact_id = text(
        "Contact of the campaign.",
        personal="id of the contact in its list, which integrations may choose themselves",
        stays="when it is an id",
    )
    outbound_contact_list_id = code("Contact list of the campaign.")
    disposition_analyzer = code("What analysed the outcome of the outbound call.")
    disposition_name = code("Outcome that it found.")
    skip_enabled = boolean("Whether the agent may skip the campaign's contact.")
    detected_speech_start = timestamp("Start of the speech detected in an outbound call, UTC.")
    detected_speech_end = timestamp("End of that speech, UTC.")
    delivery_status = enum("Delivery status of an e-mail or SMS.", values.DELIVERY_STATUSES)
    delivery_status_change_date = timestamp("Last change of that status, UTC.")
    delivery_pushed = boolean("Whether delivery was by push.")
    extended_delivery_status = text(
        "Delivery status in more detail.", personal="answer of a mail or SMS system, which may quote an address"
    )
    engagement_source = enum("Platform of an open-messaging session.", values.ENGAGEMENT_SOURCES)
    media_count = integer("Images, files and other media in the session.")
    cleared = boolean("Whether the customer cleared the conversation.")
    journey_customer_id = text(
        "Customer of the journey, by the id of its source.",
        personal="id of the web visitor in the source: a cookie, an e-mail address...",
    )
    journey_customer_id_type = code("Kind of that id, such as cookie.")
    journey_customer_session_id = text("Session of the journey.", personal="id of that visitor's session")
    journey_customer_session_id_type = code("Kind of that session, such as web.")
    journey_action_id = code("Action of the journey that led here.")
    journey_action_map_id = code("Action map that triggered the action.")
    journey_action_map_version = integer("Version of that action map.")
    monitored_participant_id = code("Participant who is monitored in this session.")
    coached_participant_id = code("Participant who is coached in this session.")
    barged_participant_id = code("Participant on whom this session barged in.")
    screen_monitored_user_id = code("User whose screen is monitored.")
    cobrowse_role = code("Side of a co-browsing session: sharer or viewer.")
    cobrowse_room_id = code("Room of a co-browsing session.")
    screen_share_address_self = text("This side's address of a screen share.", personal="address of a screen share")
    screen_share_room_id = code("Room of a screen share.")
    sharing_screen = boolean("Whether a screen share was started.")
    video_address_self = text("This side's address of a video session.", personal="address of a video session")
    video_room_id = code("Room of a video session.")


class SessionMetrics(OfSession):
    """One row per measurement of a session: what every figure is computed from."""

    metric_ordinal = dy.Int32(primary_key=True, description="Place of the measurement in the session, from 0.")
    name = enum("Name: t... milliseconds, n... a count, o... a size.", values.METRICS)
    value = double("Value: milliseconds, a count or a size, by its name; as a rule a whole number.")
    emit_date = timestamp("When the measured thing ended, UTC: the instant that figures are counted at.")
    purpose = dy.String(nullable=True, description="Purpose of the session's participant.")
    user_id = dy.String(nullable=True, description="User of the session's participant; see directory.users.")
    media_type = dy.String(nullable=True, description="Medium of the session.")
    direction = dy.String(nullable=True, description="Direction of the session.")
    outbound_campaign_id = dy.String(nullable=True, description="Outbound campaign of the session.")
    queue_id = dy.String(
        nullable=True,
        description="Queue of the session's segments; of several, the one of the segment that holds emit_date (where "
        "two meet at it, t... belong to the one that ends, n... to the one that begins), else of the last before it, "
        "else of the first.",
    )
    wrap_up_code = dy.String(nullable=True, description="Last wrap-up code of the session.")


class MediaEndpointStats(OfSession):
    """One row per report on the audio quality at an endpoint of a session."""

    media_endpoint_stat_ordinal = dy.Int32(primary_key=True, description="Place of the report in the session, from 0.")
    event_time = timestamp("When the report was made, UTC.")
    codecs = configured_names("MIME types of the encodings of its streams.")
    min_mos = double("Lowest average MOS (estimated, 1 to 5) of its streams.")
    min_r_factor = double("Lowest R-factor (0 to 100) of its streams.")
    max_latency_ms = integer("Highest latency of its streams, milliseconds.")
    received_packets = integer("Packets received, whether usable or not.")
    discarded_packets = integer("Packets too early or too late to be played.")
    duplicate_packets = integer("Packets that repeated a recent sequence number.")
    invalid_packets = integer("Packets malformed, of unknown payload or in probation.")
    overrun_packets = integer("Of the discarded, those without room in the jitter queue.")
    underrun_packets = integer("Of the discarded, those that came after their time.")


class AgentGroups(OfSession):
    """One row per agent group that conditional routing considered for a session."""

    agent_group_ordinal = dy.Int32(primary_key=True, description="Place of the group in the session's list, from 0.")
    agent_group_id = code("Id of the group.")
    agent_group_type = enum("Kind of the group.", values.AGENT_GROUP_TYPES)


class ProposedAgents(OfSession):
    """One row per agent whom predictive routing proposed for a session."""

    proposed_agent_ordinal = dy.Int32(primary_key=True, description="Place of the agent in the session's list, from 0.")
    proposed_agent_id = code("User who was proposed; see directory.users.")
    agent_rank = integer("Rank of the agent; lower is better.")
