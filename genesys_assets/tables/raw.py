"""The table of the conversations as received."""

import dataframely as dy


class RawConversations(dy.Schema):
    """One row per conversation that was active on the day, as Genesys Cloud told it when the day was fetched."""

    partition_date = dy.Date(
        primary_key=True,
        description="Business day, by the organisation's clocks, on which the conversation was active.",
    )
    conversation_id = dy.String(primary_key=True, description="Id of the conversation.")
    conversation_start = dy.Datetime(time_unit="us", time_zone="UTC", description="Start of the conversation, UTC.")
    conversation_end = dy.Datetime(
        nullable=True, time_unit="us", time_zone="UTC", description="Its end, UTC; null when still open at the fetch."
    )
    document = dy.String(description="The conversation's JSON as received, less what the privacy setting keeps out.")
    fetched_at = dy.Datetime(time_unit="us", time_zone="UTC", description="When the document was received, UTC.")
    source = dy.String(description="How it was read: 'job' (details job) or 'query' (details query).")
