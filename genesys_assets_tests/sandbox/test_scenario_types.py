"""The rules that hold in real records, for every type of conversation that the sandbox generates."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.sandbox.document import UNIX_EPOCH_ORDINAL, document
from genesys_assets.sandbox.organisation import QUEUES
from genesys_assets.sandbox.scenario import Scenario, Session
from genesys_assets.sandbox.scenario_types import SCENARIO_TYPES
from genesys_assets.sandbox.traffic import Key, Traffic
from genesys_assets_tests.sandbox.support import DAY

SOME_DAY = DAY.toordinal() - UNIX_EPOCH_ORDINAL
TRAFFIC = {name: Traffic(seed=11, per_day=200, mix={name: 1}) for name in SCENARIO_TYPES}


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Any scenario of any type."""
    name = draw(st.sampled_from(sorted(SCENARIO_TYPES)))
    stream = 0 if SCENARIO_TYPES[name].days is None else 1
    return TRAFFIC[name].scenario(Key(stream, SOME_DAY + draw(st.integers(0, 3)), draw(st.integers(0, 120))))


def sessions_of(scenario: Scenario) -> list[Session]:
    return [session for participant in scenario.participants for session in participant.sessions]


def measured(session: Session, name: str) -> list[int]:
    return [metric.value for metric in session.metrics if metric.name == name]


every_scenario = settings(max_examples=200)


@given(scenarios())
@every_scenario
def test_handle_time_is_talk_and_hold_and_after_call_work_and_dialling(scenario):
    parts = ("tTalkComplete", "tHeldComplete", "tAcw", "tDialing", "tContacting")
    for session in sessions_of(scenario):
        if handle := measured(session, "tHandle"):
            assert handle == [sum(sum(measured(session, part)) for part in parts)]


@given(scenarios())
@every_scenario
def test_the_stretches_of_talk_and_hold_add_up(scenario):
    for session in sessions_of(scenario):
        for stretch, whole in (("tTalk", "tTalkComplete"), ("tHeld", "tHeldComplete")):
            assert sum(measured(session, stretch)) == sum(measured(session, whole))
            assert len(measured(session, whole)) == bool(measured(session, stretch))


def outcomes_of(scenario: Scenario, *media: str) -> dict[str, tuple[int, int]]:
    """Of each queue, how often it was offered something of these media, and how often that had an outcome."""
    counts = Counter(
        (session.queue.id, metric.name)
        for session in sessions_of(scenario)
        if session.queue is not None and session.media in media
        for metric in session.metrics
    )
    ends = ("tAnswered", "tAbandon", "tFlowOut")
    return {each.id: (counts[each.id, "nOffered"], sum(counts[each.id, name] for name in ends)) for each in QUEUES}


@given(scenarios())
@every_scenario
def test_a_call_or_chat_that_is_offered_is_answered_abandoned_or_flows_out_of_the_queue(scenario):
    assert all(offered == ended for offered, ended in outcomes_of(scenario, "voice", "chat").values())


@given(scenarios())
@every_scenario
def test_nothing_is_answered_abandoned_or_flows_out_that_was_not_offered(scenario):
    assert all(offered >= ended for offered, ended in outcomes_of(scenario, "callback", "message", "email").values())


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


@given(scenarios())
@every_scenario
def test_the_wait_is_measured_once_in_the_queue_and_repeated_by_the_agent_who_answers(scenario):
    waits = [
        (metric.at, metric.value) for each in sessions_of(scenario) for metric in each.metrics if metric.name == "tAcd"
    ]
    offers = [metric for each in sessions_of(scenario) for metric in each.metrics if metric.name == "nOffered"]
    answers = [
        (metric.at, metric.value)
        for each in sessions_of(scenario)
        for metric in each.metrics
        if metric.name == "tAnswered"
    ]
    assert len(waits) == len(offers)
    assert set(answers) <= set(waits)


@given(scenarios())
@every_scenario
def test_a_conversation_is_over_its_service_level_when_it_was_answered_after_the_target(scenario):
    for session in sessions_of(scenario):
        late = [
            value for value in measured(session, "tAnswered")
            if value > session.queue.service_levels[session.media].duration_ms
        ]  # fmt: skip
        assert measured(session, "nOverSla") == [1] * len(late)


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


@given(scenarios())
@every_scenario
def test_transfers_are_blind_or_consult(scenario):
    names = Counter(event.metric for event in scenario.events)
    assert names["nTransferred"] == names["nBlindTransferred"] + names["nConsultTransferred"]


@given(scenarios())
@every_scenario
def test_every_alert_is_measured_and_a_missed_one_is_not_responding(scenario):
    for session in sessions_of(scenario):
        alerts = [segment for segment in session.segments if segment.kind == "alert"]
        assert measured(session, "tAlert") == [segment.end - segment.start for segment in alerts]
        missed = [segment for segment in alerts if segment.closing.get("disconnectType") == "noAnswerTransfer"]
        assert measured(session, "tNotResponding") == [segment.end - segment.start for segment in missed]


@given(scenarios())
@every_scenario
def test_timers_are_emitted_when_their_segment_ends(scenario):
    kinds = {
        "tTalk": "interact",
        "tHeld": "hold",
        "tAcw": "wrapup",
        "tAlert": "alert",
        "tIvr": "ivr",
        "tDialing": "dialing",
    }
    for session in sessions_of(scenario):
        ends = {(segment.kind, segment.end, segment.end - segment.start) for segment in session.segments}
        for metric in session.metrics:
            if metric.name in kinds:
                assert (kinds[metric.name], metric.at, metric.value) in ends


@given(scenarios())
@every_scenario
def test_nothing_happens_outside_the_conversation(scenario):
    for session in sessions_of(scenario):
        for segment in session.segments:
            assert scenario.start <= segment.start <= segment.end <= scenario.end
        for metric in session.metrics:
            assert scenario.start <= metric.at <= scenario.end
            assert metric.value >= 0
    assert all(life.start < life.end for life in scenario.lives)
    assert all(at > scenario.end for at, _, _ in scenario.follow_ups)


@given(scenarios())
@every_scenario
def test_the_segments_of_a_session_follow_one_another(scenario):
    for session in sessions_of(scenario):
        assert session.segments
        for before, after in zip(session.segments, session.segments[1:], strict=False):
            assert before.end <= after.start


@given(scenarios())
@every_scenario
def test_the_event_log_holds_exactly_what_the_sessions_measured(scenario):
    logged = Counter((event.at, event.metric, event.value, event.session.id) for event in scenario.events)
    stood = Counter(
        (metric.at, metric.name, metric.value, each.id) for each in sessions_of(scenario) for metric in each.metrics
    )
    assert logged == stood


@given(scenarios())
@every_scenario
def test_figures_of_queues_stand_on_queue_and_agent_legs_only(scenario):
    queue_figures = {
        "nOffered",
        "tAcd",
        "tAbandon",
        "tAnswered",
        "tHandle",
        "tAcw",
        "tFlowOut",
        "nTransferred",
        "nOverSla",
    }
    for session in sessions_of(scenario):
        if queue_figures & {metric.name for metric in session.metrics}:
            assert session.participant.purpose in {"acd", "agent", "user"}
            assert session.queue is not None or session.participant.purpose == "user"


@given(scenarios())
@every_scenario
def test_a_session_is_in_one_queue_at_most(scenario):
    for participant in document(scenario, scenario.settled_at)["participants"]:
        for session in participant["sessions"]:
            assert len({segment["queueId"] for segment in session["segments"] if "queueId" in segment}) <= 1


def test_a_two_hour_call_that_begins_in_the_evening_goes_on_over_midnight():
    heads = TRAFFIC["long_call"].heads_of(SOME_DAY)
    assert any(head.lives[-1].end // 86_400_000 > SOME_DAY for head in heads)
    assert all(head.lives[-1].end - head.start > 90 * 60_000 for head in heads)


def test_an_email_that_nobody_takes_is_closed_after_two_to_three_months():
    scenario = TRAFFIC["unanswered_email"].scenario(Key(1, SOME_DAY, 0))
    assert 60 <= (scenario.end - scenario.start) / 86_400_000 <= 91


@pytest.mark.parametrize(
    "name", ["chat_with_two_agents", "not_responding_call", "consult_transferred_call", "email_of_days"]
)
def test_two_agents_take_part(name):
    scenario = TRAFFIC[name].scenario(Key(0 if SCENARIO_TYPES[name].days is None else 1, SOME_DAY, 1))
    assert len({each.user.id for each in scenario.participants if each.purpose == "agent"}) >= 2
