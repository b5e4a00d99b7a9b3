"""What comes after a conversation, hours, days or weeks later: evaluations, surveys, resolutions."""

from __future__ import annotations

from typing import Any

from genesys_assets.sandbox.document import timestamp
from genesys_assets.sandbox.organisation import EVALUATION_FORM, SURVEY_FORM, USERS
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.scenario import DAY, HOUR, Scenario, Session
from genesys_assets.sandbox.steps.distributions import chance

RULES = (
    Rule(
        "Evaluations, surveys and resolutions come into the record after the conversation's end.",
        "official",
        "official Python SDK 269, AnalyticsEvaluation.eventTime and the like; how much later is a guess",
        "test_nothing_happens_outside_the_conversation",
    ),
)


def follow_up(scenario: Scenario) -> None:
    """Evaluate, survey or find resolved some of the handled conversations, hours, days or weeks later."""
    sessions = (session for participant in scenario.participants for session in participant.sessions)
    handled = [session for session in sessions if session.wrap_up is not None]
    drawn = scenario.random.random()
    if not handled:
        return
    for share, delay, tell in _FOLLOW_UPS:
        if 0 <= drawn < share:
            scenario.follow_ups.append(tell(scenario, handled[-1], scenario.end + delay(scenario)))
        drawn -= share


def _evaluated_after(scenario: Scenario) -> int:
    return scenario.random.choice(
        (scenario.random.randrange(HOUR, 3 * DAY), scenario.random.randrange(3 * DAY, 28 * DAY))
    )


def _surveyed_after(scenario: Scenario) -> int:
    return scenario.random.choice(
        (scenario.random.randrange(HOUR, 2 * DAY), scenario.random.randrange(2 * DAY, 10 * DAY))
    )


def _resolved_after(_scenario: Scenario) -> int:
    """Return how long Genesys Cloud waits before a conversation counts as resolved: a week."""
    return 7 * DAY


def _about(session: Session) -> dict[str, str]:
    about = {"queueId": session.queue.id} if session.queue else {}
    return about | ({"userId": session.participant.user.id} if session.participant.user else {})


def _evaluation(scenario: Scenario, session: Session, at: int) -> tuple[int, str, dict[str, Any]]:
    random = scenario.random
    score, status = random.randrange(50, 101), random.choices(list(_STATUSES), weights=list(_STATUSES.values()))[0]
    values: dict[str, Any] = {
        "evaluationId": scenario.new_id(),
        "evaluatorId": USERS[0].id,
        "evaluationStatus": status,
    }
    values |= {"formId": EVALUATION_FORM.id, "formName": EVALUATION_FORM.name, "contextId": EVALUATION_FORM.id}
    values |= {"released": status == "Finished", "deleted": status == "Retracted", "rescored": chance(random, 0.1)}
    if status == "Finished":
        values |= {"oTotalScore": score, "oTotalCriticalScore": score}
    if chance(random, 0.2):
        values |= {"calibrationId": scenario.new_id(), "systemSubmitted": True}
    if chance(random, 0.2):
        values |= {"assigneeApplicable": True, "assigneeId": USERS[1].id}
    return at, "evaluations", values | _about(session)


def _survey(scenario: Scenario, session: Session, at: int) -> tuple[int, str, dict[str, Any]]:
    kind = "Voice" if chance(scenario.random, 0.3) else "Web"
    values: dict[str, Any] = {"surveyId": scenario.new_id(), "surveyStatus": "Finished", "surveyType": kind}
    values["surveyPartialResponse"] = chance(scenario.random, 0.2)
    values |= {
        "surveyFormId": SURVEY_FORM.id,
        "surveyFormName": SURVEY_FORM.name,
        "surveyFormContextId": SURVEY_FORM.id,
    }
    score = scenario.random.randrange(0, 11)
    values |= {"oSurveyTotalScore": score * 10, "surveyPromoterScore": score, "surveyCompletedDate": timestamp(at)}
    return at, "surveys", values | _about(session)


def _resolution(scenario: Scenario, session: Session, at: int) -> tuple[int, str, dict[str, Any]]:
    return at, "resolutions", {"nNextContactAvoided": scenario.random.randrange(2), **_about(session)}


_STATUSES = {"Finished": 12, "InProgress": 1, "InReview": 1, "Pending": 1, "Retracted": 1}
"""How often an evaluation has each status."""

_FOLLOW_UPS = (
    (0.03, _evaluated_after, _evaluation),
    (0.02, _surveyed_after, _survey),
    (0.04, _resolved_after, _resolution),
)
