"""The fields of a conversation's record: which may hold personal data, which do not.

Belongs here: the table, as data. A field that stands nowhere in it is unknown, and is not stored under `hash` and
`drop`; so a new field of Genesys Cloud comes to the warehouse when somebody has judged it here. The fields are those of
the official SDK's models (AnalyticsConversation and below, release 269).

How the judgement was made: ids, instants, numbers, flags and closed sets of values say nothing of a person to somebody
who cannot ask Genesys Cloud, and figures need them. Addresses, names and all free text are personal, whoever's they
are: a participant's name may be the customer's, an agent's or a queue's, and the last two are in `directory`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Record:
    """One kind of object in a conversation's document.

    Attributes:
        path: Fields that lead to it from the conversation, with dots between; empty for the conversation.
        kept: Fields that are stored as they are: plain values, and lists of these.
        personal: Fields that are hashed or dropped, and what they may hold.
        personal_unless_id: The same, save for values that are a Genesys id (a UUID).
        by_name: Fields whose values are hashed or dropped unless their name is on the allow-list, and what they hold:
            a map from names to values, or a value beside its name.
        name_field: The field that holds the name of the values in `by_name`, when these are no maps.
        records: Fields that hold objects or lists of objects.
    """

    path: str = ""
    kept: frozenset[str] = frozenset()
    personal: Mapping[str, str] = field(default_factory=dict)
    personal_unless_id: Mapping[str, str] = field(default_factory=dict)
    by_name: Mapping[str, str] = field(default_factory=dict)
    name_field: str | None = None
    records: Mapping[str, Record] = field(default_factory=dict)

    def walk(self) -> Iterator[Record]:
        """Yield this record and all below it, parents first."""
        yield self
        for child in self.records.values():
            yield from child.walk()

    def located(self, name: str) -> str:
        """Return the path of a field of this record, for people."""
        return f"{self.path}.{name}" if self.path else name

    @property
    def known(self) -> frozenset[str]:
        """Return the names of all fields that have been judged."""
        return frozenset({*self.kept, *self.personal, *self.personal_unless_id, *self.by_name, *self.records})


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SESSIONS = "participants.sessions"
_SEGMENTS = f"{_SESSIONS}.segments"

_FLOW = Record(
    path=f"{_SESSIONS}.flow",
    kept=_names(
        "endingLanguage entryType exitReason flowId flowName flowType flowVersion issuedCallback "
        "recognitionFailureReason startingLanguage transferType"
    ),
    personal={"transferTargetName": "name of a transfer's target, which may be a user"},
    personal_unless_id={
        "entryReason": "number or address that was called, or an id",
        "transferTargetAddress": "number or e-mail address of a transfer's target, or an id",
    },
    records={
        "outcomes": Record(
            path=f"{_SESSIONS}.flow.outcomes",
            kept=_names("flowOutcome flowOutcomeEndTimestamp flowOutcomeId flowOutcomeStartTimestamp flowOutcomeValue"),
        )
    },
)

_SEGMENT = Record(
    path=_SEGMENTS,
    kept=_names(
        "audioMuted conference destinationConversationId destinationSessionId disconnectType errorCode groupId "
        "q850ResponseCodes queueId requestedLanguageId requestedRoutingSkillIds requestedRoutingUserIds segmentEnd "
        "segmentStart segmentType sipResponseCodes sourceConversationId sourceSessionId videoMuted wrapUpCode"
    ),
    personal={
        "subject": "subject of an e-mail",
        "wrapUpNote": "an agent's note",
        "wrapUpTags": "tags given by an agent",
    },
    records={
        "scoredAgents": Record(path=f"{_SEGMENTS}.scoredAgents", kept=_names("agentScore scoredAgentId")),
        "properties": Record(
            path=f"{_SEGMENTS}.properties",
            kept=_names("property propertyType"),
            by_name={"value": "whatever a component or an API user put on the segment"},
            name_field="property",
        ),
    },
)

_SESSION = Record(
    path=_SESSIONS,
    kept=_names(
        "activeSkillIds acwSkipped agentAssistantId agentBullseyeRing agentOwned assignerId authenticated "
        "bargedParticipantId callbackScheduledTime cleared coachedParticipantId cobrowseRole cobrowseRoomId "
        "deliveryPushed deliveryStatus deliveryStatusChangeDate detectedSpeechEnd detectedSpeechStart direction "
        "dispositionAnalyzer dispositionName edgeId eligibleAgentCounts engagementSource flowInType flowOutType "
        "journeyActionId journeyActionMapId journeyActionMapVersion journeyCustomerIdType "
        "journeyCustomerSessionIdType mediaBridgeId mediaCount mediaType messageType monitoredParticipantId "
        "outboundCampaignId outboundContactListId peerId provider recording removedSkillIds requestedRoutings roomId "
        "routingRing routingRule routingRuleType screenMonitoredUserId screenShareRoomId scriptId selectedAgentId "
        "selectedAgentRank sessionId sharingScreen skillExpressionId skipEnabled snippetRecording timeoutSeconds "
        "usedRouting videoRoomId waitingInteractionCounts"
    ),
    personal={
        "addressFrom": "address that began it",
        "addressOther": "e-mail address of the other side",
        "addressSelf": "e-mail address of this side",
        "addressTo": "address that received it",
        "ani": "number or address of the caller",
        "bcc": "e-mail addresses",
        "callbackNumbers": "numbers to call back",
        "callbackUserName": "name given for the callback",
        "cc": "e-mail addresses",
        "destinationAddresses": "addresses of transfers and consults",
        "dnis": "number or address that was called: of an outbound call, the contact's",
        "errorCodeDescription": "text of an error, which may quote an address",
        "extendedDeliveryStatus": "answer of a mail or SMS system, which may quote an address",
        "journeyCustomerId": "id of the web visitor in the source: a cookie, an e-mail address...",
        "journeyCustomerSessionId": "id of that visitor's session",
        "protocolCallId": "id of the call at the carriers, often with a host in it",
        "remote": "name, number or e-mail address of the other side",
        "remoteNameDisplayable": "name or id of the other side",
        "screenShareAddressSelf": "address of a screen share",
        "sessionDnis": "number that was called in this session",
        "videoAddressSelf": "address of a video session",
    },
    personal_unless_id={"outboundContactId": "id of the contact in its list, which integrations may choose themselves"},
    records={
        "agentGroups": Record(path=f"{_SESSIONS}.agentGroups", kept=_names("agentGroupId agentGroupType")),
        "flow": _FLOW,
        "mediaEndpointStats": Record(
            path=f"{_SESSIONS}.mediaEndpointStats",
            kept=_names(
                "codecs discardedPackets duplicatePackets eventTime invalidPackets maxLatencyMs minMos minRFactor "
                "overrunPackets receivedPackets underrunPackets"
            ),
        ),
        "metrics": Record(path=f"{_SESSIONS}.metrics", kept=_names("emitDate name value")),
        "proposedAgents": Record(path=f"{_SESSIONS}.proposedAgents", kept=_names("agentRank proposedAgentId")),
        "segments": _SEGMENT,
    },
)

CONVERSATION = Record(
    kept=_names(
        "accessAttributes associatedConversationId conferenceStart consultationConversationIds conversationEnd "
        "conversationId conversationInitiator conversationStart customerParticipation divisionIds inactivityTimeout "
        "knowledgeBaseIds mediaStatsMinConversationMos mediaStatsMinConversationRFactor originatingDirection "
        "originatingSocialMediaPublic selfServed"
    ),
    personal={"externalTag": "the organisation's own tag, often a case's or a customer's number"},
    records={
        "evaluations": Record(
            path="evaluations",
            kept=_names(
                "assigneeApplicable assigneeId calibrationId contextId deleted evaluationId evaluationStatus "
                "evaluatorId eventTime formId formName oTotalCriticalScore oTotalScore queueId released rescored "
                "systemSubmitted userId"
            ),
        ),
        "participants": Record(
            path="participants",
            kept=_names(
                "externalContactId externalOrganizationId flaggedReason participantId purpose screenRecording teamId "
                "userId"
            ),
            personal={"participantName": "name of the customer, agent, queue or flow"},
            by_name={"attributes": "whatever flows, scripts and integrations set"},
            records={"sessions": _SESSION},
        ),
        "resolutions": Record(path="resolutions", kept=_names("eventTime nNextContactAvoided queueId userId")),
        "surveys": Record(
            path="surveys",
            kept=_names(
                "eventTime oSurveyTotalScore queueId surveyCompletedDate surveyFormContextId surveyFormId "
                "surveyFormName surveyId surveyPartialResponse surveyPromoterScore surveyStatus surveyType userId"
            ),
        ),
    },
)
"""The record of a conversation."""
