"""Values that a field of the official record has, where a conversation is written that may have any of them."""

ENGAGEMENT_SOURCES = (
    "AppleMessagesForBusiness", "Discord", "Email", "Facebook", "FacebookMessenger", "Glassdoor",
    "GoogleBusinessProfile", "Instagram", "KakaoTalk", "Line", "LinkedIn", "MicrosoftTeams", "MobileChat",
    "OpenMessaging", "Other", "QQ", "Reddit", "SFDC", "SMS", "ServiceNow", "Snapchat", "Telegram", "Threads",
    "Trustpilot", "Unspecified", "Viber", "WeChat", "WebChat", "Weibo", "WhatsApp", "X", "Yelp", "YouTube", "Zendesk",
)  # fmt: skip
"""Where a message of an open messaging integration came from."""

INITIATORS = (
    "acd", "agent", "api", "botflow", "campaign", "dialer", "external", "fax", "group", "inbound", "ivr", "manual",
    "outbound", "station", "user", "voicemail", "voicesurveyflow", "workflow",
)  # fmt: skip
"""The purposes of whoever began a messaging conversation, the customer left aside."""

DELIVERY_STATUSES = (
    "DeliveryFailed", "DeliveryPushed", "DeliverySuccess", "Failed", "Published", "Queued", "Read", "Received", "Sent",
)  # fmt: skip
"""What became of a message that was sent."""
