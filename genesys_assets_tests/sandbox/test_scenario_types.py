"""The rules that hold in real records, for every type of conversation that the sandbox generates."""

from collections import Counter

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
CLOCKS_DIFFER = 50
"""Milliseconds by which a first segment may begin before the conversation."""


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
        assert scenario.is_bare or measured(session, "tAlert") == [each.end - each.start for each in alerts]
        missed = [segment for segment in alerts if segment.closing.get("disconnectType") == "noAnswerTransfer"]
        assert measured(session, "tNotResponding") == [segment.end - segment.start for segment in missed]


@given(scenarios())
@every_scenario
def test_timers_are_emitted_when_their_segment_ends(scenario):
    kinds = {
        "tTalk": "interact",
        "tHeld": "hold",
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
def test_after_call_work_is_measured_from_the_start_of_its_segment_to_its_end_or_seconds_before(scenario):
    for session in sessions_of(scenario):
        work = {each.start: each.end for each in session.segments if each.kind == "wrapup"}
        for metric in session.metrics:
            if metric.name == "tAcw":
                assert 0 <= work[metric.at - metric.value] - metric.at <= 6_000


@given(scenarios())
@every_scenario
def test_nothing_happens_outside_the_conversation(scenario):
    for session in sessions_of(scenario):
        for segment in session.segments:
            assert scenario.start - CLOCKS_DIFFER <= segment.start <= segment.end <= scenario.end
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
