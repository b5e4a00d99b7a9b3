"""The values that Genesys Cloud documents for the fields whose values are a set (as of SDK 269).

Every set is open: a value that is not listed is stored as it came and named in the partition's metadata.
"""


def _each(names: str) -> tuple[str, ...]:
    return tuple(names.split())


DIRECTIONS = ("inbound", "outbound")

PURPOSES = _each(
    "acd agent api botflow campaign customer dialer external fax group inbound ivr manual outbound station user "
    "voicemail voicesurveyflow workflow"
)

MEDIA_TYPES = _each(
    "callback chat cobrowse email internalmessage message screenmonitoring screenshare unknown video voice"
)

SEGMENT_TYPES = _each(
    "alert barging callback coaching contacting converting delay dialing hold interact ivr monitoring parked scheduled "
    "screenmonitoring sharing system transmitting unknown uploading voicemail wrapup"
)

DISCONNECT_TYPES = _each(
    "client conferenceTransfer consultTransfer dndEndpoint dndTransfer endpoint error forwardTransfer inactivity "
    "noAnswerTransfer notAvailableTransfer other peer sessionExpired spam system takeover timeout transfer "
    "transportFailure uncallable"
)

DELIVERY_STATUSES = _each("DeliveryFailed DeliveryPushed DeliverySuccess Failed Published Queued Read Received Sent")

ENGAGEMENT_SOURCES = _each(
    "AppleMessagesForBusiness Discord Email Facebook FacebookMessenger Glassdoor GoogleBusinessProfile Instagram "
    "KakaoTalk Line LinkedIn MicrosoftTeams MobileChat OpenMessaging Other QQ Reddit SFDC SMS ServiceNow Snapchat "
    "Telegram Threads Trustpilot Unspecified Viber WeChat WebChat Weibo WhatsApp X Yelp YouTube Zendesk"
)

ROUTINGS = _each("Bullseye Conditional Direct Last Manual Predictive Preferred Standard Vip")
ROUTING_RULE_TYPES = ("Bullseye", "Conditional", "Predictive", "Preferred")
AGENT_GROUP_TYPES = ("Group", "SkillGroup", "Team")

FLOW_ENTRY_TYPES = ("agent", "direct", "dnis", "flow", "outbound")
FLOW_TYPES = _each(
    "BOT BUSINESSPROCESS COMMONMODULE DIGITALBOT EMAILSEND INBOUNDCALL INBOUNDCHAT INBOUNDEMAIL INBOUNDSHORTMESSAGE "
    "INQUEUECALL INQUEUEEMAIL INQUEUESHORTMESSAGE OUTBOUNDCALL SECURECALL SPEECH SURVEYINVITE VOICE VOICEMAIL "
    "VOICESURVEY WORKFLOW WORKITEM"
)

EVALUATION_STATUSES = ("Finished", "InProgress", "InReview", "Pending", "Retracted")
SURVEY_TYPES = ("Voice", "Web")
FLAGGED_REASONS = ("general",)
PROPERTY_TYPES = ("bool", "date", "integer", "real", "string", "uuid")

# Of the details query's `metric` predicate: the record's own `name` field documents none.
METRICS = _each(
    "nAgentDeclined nAlertExpired nBlindTransferred nBotInteractions nCallbackAttempts nCallbackOverSla "
    "nCallbackScheduled nCfcOffered nCobrowseSessions nConnected nConsult nConsultTransferred nConversations nError "
    "nFlow nFlowMilestone nFlowOutcome nFlowOutcomeFailed nOffered nOutbound nOutboundAbandoned nOutboundAttempted "
    "nOutboundConnected nOverSla nStateTransitionError nTakeover nTransferred oAudioMessageCount "
    "oExternalAudioMessageCount oExternalMediaCount oFlowMilestone oMediaCount oMessageCount oMessageSegmentCount "
    "oMessageTurn oSkillExpressionApplications tAbandon tAcd tActiveCallback tActiveCallbackComplete tAcw "
    "tAgentResponseTime tAgentVideoConnected tAlert tAnswered tAverageAgentResponseTime tAverageCustomerResponseTime "
    "tBarging tCallbackAbandon tCallbackConnect tCallbackNotReached tCallbackVirtualWait tCfcAbandon tCfcAcd "
    "tCfcAnswered tCfcFlowOut tCoaching tCoachingComplete tConnected tContacting tConversationDuration tDialing "
    "tFirstConnect tFirstDial tFirstEngagement tFirstResponse tFlow tFlowDisconnect tFlowExit tFlowOut tFlowOutcome "
    "tHandle tHeld tHeldComplete tIvr tMonitoring tMonitoringComplete tNotResponding tPark tParkComplete "
    "tScreenMonitoring tShortAbandon tSnippetRecord tTalk tTalkComplete tTransmitting tUserResponseTime "
    "tVoicemail"
)
