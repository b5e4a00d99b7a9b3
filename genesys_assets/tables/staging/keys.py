"""The key columns of staging's tables: each table inherits those of the object that its rows belong to.

Keys are ordinals (positions in the record, from 0) because nothing promises that Genesys's ids are unique within a
conversation; the ids stand beside them.
"""

import dataframely as dy


class OfConversation(dy.Schema):
    """Of one conversation, in one day's partition."""

    partition_date = dy.Date(
        primary_key=True,
        description="Business day, by the organisation's clocks, on which the conversation was active.",
    )
    conversation_id = dy.String(primary_key=True, description="Id of the conversation.")


class OfParticipant(OfConversation):
    """Of one participant."""

    participant_ordinal = dy.Int32(primary_key=True, description="Place of the participant in the conversation.")


class OfSession(OfConversation):
    """Of one session; sessions are counted through the whole conversation, so their key needs no participant."""

    participant_ordinal = dy.Int32(description="Place of the session's participant in the conversation, from 0.")
    session_ordinal = dy.Int32(
        primary_key=True, description="Place of the session in the conversation, all participants' sessions counted."
    )
    participant_id = dy.String(nullable=True, description="Id of the participant.")
    session_id = dy.String(nullable=True, description="Id of the session.")


class OfSegment(OfSession):
    """Of one segment."""

    segment_ordinal = dy.Int32(primary_key=True, description="Place of the segment in the session, from 0.")
