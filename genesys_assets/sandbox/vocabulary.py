"""The names that a query may use: dimensions and metrics of filters, groups and views, as the official SDK has them.

Belongs here: the names, and nothing about what they mean. A test compares them with those of the installed SDK.
"""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


OF_CONVERSATIONS = _names("""
    accessAttribute conversationEnd conversationId conversationInitiator conversationStart customerParticipation
    divisionId externalTag mediaStatsMinConversationMos originatingDirection originatingSocialMediaPublic
""")
"""Dimensions of conversation filters."""
OF_SEGMENTS = _names("""
    addressFrom addressTo agentAssistantId agentOwned ani authenticated bargedParticipantId callbackNumber
    callbackScheduledTime canonicalExternalContactId cleared coachedParticipantId conference deliveryPushed
    deliveryStatus destinationAddress destinationConversationId detectedSpeechEnd detectedSpeechStart direction
    disconnectType dnis edgeId engagementSource errorCode exitReason extendedDeliveryStatus externalContactId
    externalOrganizationId flaggedReason flowId flowName flowOutType flowOutcome flowOutcomeId flowOutcomeValue
    flowVersion groupId journeyActionId journeyActionMapId journeyCustomerId journeyCustomerIdType
    journeyCustomerSessionId mediaCount mediaType messageType monitoredParticipantId outboundCampaignId
    outboundContactId outboundContactListId participantName protocolCallId provider purpose queueId recording
    remote remoteNameDisplayable requestedLanguageId requestedRouting requestedRoutingSkillId scoredAgentId
    screenMonitoredUserId screenRecording scriptId segmentEnd segmentType sessionDnis sipResponseCode
    skillExpressionId snippetRecording subject teamId transferTargetAddress transferTargetName transferType
    usedRouting userId wrapUpCode wrapUpNote
""")
"""Dimensions of segment filters."""
OF_EVALUATIONS = _names("""
    assigneeApplicable assigneeId calibrationId contextId deleted evaluationId evaluationStatus evaluatorId
    eventTime formId formName queueId released rescored systemSubmitted userId
""")
"""Dimensions of evaluation filters."""
OF_SURVEYS = _names("""
    eventTime queueId surveyCompletedDate surveyFormContextId surveyFormId surveyId surveyPartialResponse
    surveyPromoterScore surveyStatus surveyType userId
""")
"""Dimensions of survey filters."""
RECORD_METRICS = _names("""
    nAgentDeclined nAlertExpired nBlindTransferred nBotInteractions nCallbackAttempts nCallbackOverSla
    nCallbackScheduled nCfcOffered nCobrowseSessions nConnected nConsult nConsultTransferred nConversations nError
    nFlow nFlowMilestone nFlowOutcome nFlowOutcomeFailed nOffered nOutbound nOutboundAbandoned nOutboundAttempted
    nOutboundConnected nOverSla nStateTransitionError nTakeover nTransferred oAudioMessageCount
    oExternalAudioMessageCount oExternalMediaCount oFlowMilestone oMediaCount oMessageCount oMessageSegmentCount
    oMessageTurn oSkillExpressionApplications tAbandon tAcd tActiveCallback tActiveCallbackComplete tAcw
    tAgentResponseTime tAgentVideoConnected tAlert tAnswered tAverageAgentResponseTime
    tAverageCustomerResponseTime tBarging tCallbackAbandon tCallbackConnect tCallbackNotReached
    tCallbackVirtualWait tCfcAbandon tCfcAcd tCfcAnswered tCfcFlowOut tCoaching tCoachingComplete tConnected
    tContacting tConversationDuration tDialing tFirstConnect tFirstDial tFirstEngagement tFirstResponse tFlow
    tFlowDisconnect tFlowExit tFlowOut tFlowOutcome tHandle tHeld tHeldComplete tIvr tMonitoring
    tMonitoringComplete tNotResponding tPark tParkComplete tScreenMonitoring tShortAbandon tSnippetRecord tTalk
    tTalkComplete tTransmitting tUserResponseTime tVoicemail
""")
"""Metrics of conversation filters: those of the record's sessions."""
FLOW_METRICS = _names("""
    nFlow nFlowMilestone nFlowOutcome nFlowOutcomeFailed oFlowMilestone tFlow tFlowDisconnect tFlowExit
    tFlowOutcome
""")
"""Metrics of the flow aggregates."""
AGGREGATE_METRICS = (
    *(name for name in RECORD_METRICS if name not in {*FLOW_METRICS, "tConversationDuration"}),
    "oCallbackServiceLevel", "oServiceLevel", "oServiceTarget", "tWait",
)  # fmt: skip
"""Metrics of the conversation aggregates."""
OF_AGGREGATES = _names("""
    activeRouting activeSkillId addressFrom addressTo agentAssistantId agentBullseyeRing agentOwned agentRank
    agentScore ani assignerId authenticated canonicalExternalContactId conversationId conversationInitiator
    convertedFrom convertedTo customerParticipation deliveryStatus destinationAddress direction disconnectType
    divisionId dnis edgeId eligibleAgentCount errorCode extendedDeliveryStatus externalContactId
    externalMediaCount externalOrganizationId externalTag firstQueue flaggedReason flowInType flowOutType groupId
    interactionType journeyActionId journeyActionMapId journeyActionMapVersion journeyCustomerId
    journeyCustomerIdType journeyCustomerSessionId journeyCustomerSessionIdType knowledgeBaseId mediaCount
    mediaType messageType originatingDirection originatingSocialMediaPublic outboundCampaignId outboundContactId
    outboundContactListId participantName peerId proposedAgentId provider purpose queueId remote removedSkillId
    requestedLanguageId requestedRouting requestedRoutingSkillId roomId routingPriority routingRing routingRule
    routingRuleType scoredAgentId selectedAgentId selectedAgentRank selfServed sessionDnis sessionId
    skillExpressionId stationId teamId usedRouting userId videoPresent waitingInteractionCount wrapUpCode
""")
"""Dimensions by which conversation aggregates are filtered and grouped."""
_OF_FLOWS_ALONE = _names("""
    endingLanguage entryReason entryType exitReason flowId flowMilestoneId flowName flowOutcome flowOutcomeId
    flowOutcomeValue flowSubType flowType flowVersion recognitionFailureReason startingLanguage
    transferTargetAddress transferTargetName transferType
""")
"""Those that only flow aggregates have."""
OF_FLOW_AGGREGATES = (
    *(name for name in OF_AGGREGATES if name != "originatingSocialMediaPublic"), *_OF_FLOWS_ALONE,
)  # fmt: skip
"""Dimensions by which flow aggregates are filtered and grouped."""
