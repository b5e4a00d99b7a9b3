"""What records of real contact centres show of single types of conversation, and the sandbox shows too."""

from collections import Counter
from typing import Any

import pytest

from genesys_assets.sandbox.document import document
from genesys_assets.sandbox.organisation import QUEUES
from genesys_assets.sandbox.scenario import Scenario
from genesys_assets.sandbox.scenario_types import SCENARIO_TYPES
from genesys_assets.sandbox.traffic import Key, Traffic
from genesys_assets_tests.sandbox.test_scenario_types import SOME_DAY, TRAFFIC, sessions_of


@pytest.mark.parametrize("name", ["unanswered_message", "unanswered_email"])
def test_what_is_written_and_left_unanswered_has_a_wait_and_no_outcome(name):
    for number in range(10):
        scenario = TRAFFIC[name].scenario(Key(0 if SCENARIO_TYPES[name].days is None else 1, SOME_DAY, number))
        names = {event.metric for event in scenario.events}
        assert names >= {"nOffered", "tAcd"}
        assert not names & {"tAnswered", "tAbandon", "tShortAbandon", "tFlowOut", "tHandle"}


def test_what_an_agent_writes_is_outbound_and_handled_and_not_answered():
    for number in range(10):
        names = {event.metric for event in TRAFFIC["outbound_email"].scenario(Key(0, SOME_DAY, number)).events}
        assert names >= {"nOutbound", "tHandle"}
        assert not names & {"nOffered", "tAnswered"}


def callbacks(*, customer_first: bool) -> list[Scenario]:
    """Callbacks of one mode."""
    queues = {queue.name for queue in QUEUES} if customer_first else set()
    traffic = Traffic(seed=11, per_day=200, mix={"callback": 1}, customer_first_queues=queues)
    return [traffic.scenario(Key(0, SOME_DAY, number)) for number in range(60)]


def metrics_on(scenario: Scenario, media: str) -> Counter:
    return Counter(event.metric for event in scenario.events if event.session.media == media)


def test_a_callback_that_is_agent_first_is_answered_when_the_agent_accepts_it_and_handled_on_its_own_legs():
    for scenario in callbacks(customer_first=False):
        counts = metrics_on(scenario, "callback")
        assert [counts[name] for name in ("nOffered", "tAcd", "tAnswered", "nConnected", "tConnected")] == [1] * 5
        assert counts["tHandle"] >= 1
        assert not counts["tAbandon"]
        assert counts["tActiveCallback"] == counts["tActiveCallbackComplete"] == counts["tFirstDial"] <= 1
        assert counts["tFirstConnect"] <= counts["tFirstDial"]
        assert not metrics_on(scenario, "voice")


def test_the_first_dial_of_a_callback_is_measured_from_the_start_of_the_queues_leg():
    for scenario in callbacks(customer_first=False):
        [acd] = [each for each in sessions_of(scenario) if each.participant.purpose == "acd"]
        dials = [event for event in scenario.events if event.metric in {"tFirstDial", "tFirstConnect"}]
        assert all(event.at - event.value == acd.segments[0].start for event in dials)


def test_a_callback_that_is_customer_first_has_no_outcome_and_the_call_that_it_becomes_has():
    scenarios = callbacks(customer_first=True)
    for scenario in scenarios:
        counts = metrics_on(scenario, "callback")
        assert counts["nOffered"] == counts["tAcd"] == 1
        assert not counts.keys() & {"tAnswered", "tAbandon", "nOverSla", "tHandle", "tFlowOut"}
    assert sum(metrics_on(scenario, "voice")["tAnswered"] for scenario in scenarios) > 30
    waits = [event.value for each in scenarios for event in each.events if event.metric == "tAnswered"]
    assert max(waits) < 2_000


def test_the_legs_of_a_callback_are_outbound_and_scheduled_ones_wait_for_their_time():
    every = [each for customer_first in (True, False) for each in callbacks(customer_first=customer_first)]
    legs = [leg for each in every for leg in sessions_of(each) if leg.media == "callback"]
    assert {leg.direction for leg in legs} == {"outbound"}
    kinds = {(leg.participant.purpose, *(segment.kind for segment in leg.segments)) for leg in legs}
    waiting = {each for each in kinds if each[0] in {"customer", "acd"}}
    shapes = (("interact",), ("scheduled", "interact"))
    assert waiting == {(purpose, *shape) for purpose in ("customer", "acd") for shape in shapes}


def test_an_agent_who_lets_it_ring_is_an_error_and_at_times_has_after_call_work_without_talk():
    worked = Counter()
    for number in range(60):
        for leg in sessions_of(TRAFFIC["not_responding_call"].scenario(Key(0, SOME_DAY, number))):
            names = Counter(metric.name for metric in leg.metrics)
            if names["tNotResponding"]:
                assert names["nError"] == 1
                assert not names.keys() & {"tAnswered", "tTalk"}
                worked[names["tAcw"], names["tHandle"], leg.wrap_up is not None] += 1
    assert worked.keys() == {(0, 0, False), (1, 1, True)}


def test_an_alert_of_a_queue_may_come_without_an_offer():
    for number in range(20):
        scenario = TRAFFIC["colleague_not_responding"].scenario(Key(0, SOME_DAY, number))
        on_queues = Counter(event.metric for event in scenario.events if event.session.queue is not None)
        assert on_queues["tAlert"] == on_queues["tNotResponding"] == on_queues["nOutbound"] == 1
        assert not on_queues["nOffered"]


def test_a_short_abandon_is_an_abandon_too():
    for number in range(20):
        abandons = {
            event.metric: (event.at, event.value)
            for event in TRAFFIC["short_abandoned_call"].scenario(Key(0, SOME_DAY, number)).events
            if event.metric in {"tAbandon", "tShortAbandon"}
        }
        assert len(abandons) == 2
        assert abandons["tAbandon"] == abandons["tShortAbandon"]


def test_a_voicemail_counts_for_the_queue_that_the_caller_waited_in():
    for number in range(10):
        scenario = TRAFFIC["flow_out_call"].scenario(Key(0, SOME_DAY, number))
        queues = {event.session.queue for event in scenario.events if event.metric in {"tVoicemail", "tFlowOut"}}
        assert len(queues - {None}) == len(queues) == 1


def flow_runs(name: str) -> list[tuple[str, dict[str, Any], set[str]]]:
    """Purpose, closing fields and metrics of the sessions with a flow, in three hundred conversations of a type."""
    return [
        (leg.participant.purpose, leg.flow_run.closing, {metric.name for metric in leg.metrics})
        for number in range(300)
        for leg in sessions_of(TRAFFIC[name].scenario(Key(0, SOME_DAY, number)))
        if leg.flow_run is not None
    ]


def test_a_flow_in_the_queue_stands_on_the_queues_leg_without_an_exit_reason_or_a_metric_of_flows():
    in_queue = [(closing, names) for purpose, closing, names in flow_runs("answered_call") if purpose == "acd"]
    assert len(in_queue) > 10
    assert all("exitReason" not in closing and not names & {"nFlow", "tFlow"} for closing, names in in_queue)


def test_a_flow_is_left_or_ends_by_a_disconnect_as_its_exit_reason_says():
    ended = {
        (closing["exitReason"], metric)
        for name in ("flow_only_call", "answered_message", "bot_only_message")
        for _, closing, names in flow_runs(name)
        for metric in names & {"tFlowExit", "tFlowDisconnect"}
        if "exitReason" in closing
    }
    assert {(reason, "tFlowDisconnect" if "DISCONNECT" in reason else "tFlowExit") for reason, _ in ended} == ended
    assert {reason for reason, _ in ended} == {
        *("UNKNOWN", "DISCONNECT", "FLOW_DISCONNECT", "FLOW_ERROR_DISCONNECT", "TRANSFER", "SESSION_EXPIRE_DISCONNECT"),
        *("RECOGNITION_FAILURE_DISCONNECT", "RECOGNITION_FAILURE_EXIT", "USER_EXIT", "FLOW_EXIT", "FLOW_ERROR_EXIT"),
    }


@pytest.mark.parametrize(("name", "least", "most"), [("answered_message", 0.9, 1.0), ("answered_email", 0.2, 0.6)])
def test_what_is_written_is_held_between_one_answer_and_the_next(name, least, most):
    metrics = Counter(
        event.metric
        for number in range(100)
        for event in TRAFFIC[name].scenario(Key(0, SOME_DAY, number)).events
        if event.session.wrap_up is not None
    )
    assert least < metrics["tHeldComplete"] / metrics["tTalkComplete"] <= most


def every_conversation(name: str) -> list[Scenario]:
    """Two hundred conversations of a type."""
    stream = 0 if SCENARIO_TYPES[name].days is None else 1
    return [TRAFFIC[name].scenario(Key(stream, SOME_DAY, number)) for number in range(200)]


def shown(*names: str) -> list[dict[str, Any]]:
    """The documents of two hundred conversations of each of these types."""
    return [document(each, each.settled_at) for name in names for each in every_conversation(name)]


def sessions_in(documents: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (participant["purpose"], session)
        for each in documents
        for participant in each["participants"]
        for session in participant["sessions"]
    ]


def test_wrap_up_and_alert_segments_may_say_how_they_ended():
    segments = [each for _, leg in sessions_in(shown("not_responding_call")) for each in leg["segments"]]
    assert {each["segmentType"] for each in segments if "disconnectType" in each} >= {"wrapup", "alert", "interact"}


def test_skills_may_stand_on_every_segment_of_queue_and_agent():
    segments = [each for _, leg in sessions_in(shown("answered_call")) for each in leg["segments"]]
    with_skills = {each["segmentType"] for each in segments if "requestedRoutingSkillIds" in each}
    assert with_skills == {"delay", "interact", "alert", "hold", "wrapup"}


def test_after_call_work_may_be_measured_seconds_before_its_segment_ends():
    late = [
        leg.segments[-1].end - metric.at
        for scenario in every_conversation("answered_call")
        for leg in sessions_of(scenario)
        for metric in leg.metrics
        if metric.name == "tAcw"
    ]
    assert {each > 0 for each in late} == {True, False}


def test_a_first_segment_may_begin_before_its_conversation_or_minutes_after_it():
    first = {
        name: [each.participants[0].sessions[0].segments[0].start - each.start for each in every_conversation(name)]
        for name in ("answered_call", "conversation_begun_early")
    }
    assert min(first["answered_call"]) < 0
    assert min(first["conversation_begun_early"]) >= 120_000


def test_a_session_may_have_several_measurements_of_its_line():
    counts = {len(leg.get("mediaEndpointStats", ())) for _, leg in sessions_in(shown("answered_call"))}
    assert counts == {0, 1, 2}


def test_attributes_may_stand_on_queues_and_users_too():
    documents = shown("answered_call", "user_to_user_call")
    purposes = {each["purpose"] for told in documents for each in told["participants"] if "attributes" in each}
    assert purposes >= {"customer", "acd", "user"}


def test_a_conversation_may_have_two_customers_or_a_customer_two_sessions():
    customers = [each["purpose"] for each in shown("call_of_two_customers")[0]["participants"]].count("customer")
    assert customers == 2
    [*sessions] = {
        len(participant["sessions"])
        for each in shown("callback")
        for participant in each["participants"]
        if participant["purpose"] == "customer"
    }
    assert 2 in sessions


def test_a_call_may_stay_open_for_two_months():
    for scenario in every_conversation("call_never_closed"):
        assert 55 <= (scenario.end - scenario.start) / 86_400_000 <= 62
        assert "conversationEnd" not in document(scenario, scenario.end - 1)


def test_a_record_may_have_no_metrics_divisions_direction_or_end():
    for scenario in every_conversation("record_of_2016"):
        told = document(scenario, scenario.end - 1)
        assert told.keys() == {"conversationId", "conversationStart", "participants"}
        sessions = [leg for _, leg in sessions_in([told])]
        assert not any({"metrics", "direction"} & leg.keys() for leg in sessions)
