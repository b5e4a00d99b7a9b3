"""The rules that hold in real records, for every kind of conversation that the sandbox tells."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.sandbox.document import UNIX_EPOCH_ORDINAL, document
from genesys_assets.sandbox.kinds import KINDS
from genesys_assets.sandbox.organisation import QUEUES
from genesys_assets.sandbox.story import Session, Story
from genesys_assets.sandbox.traffic import Key, Traffic
from genesys_assets_tests.sandbox.support import DAY

SOME_DAY = DAY.toordinal() - UNIX_EPOCH_ORDINAL
TRAFFIC = {name: Traffic(seed=11, per_day=200, mix={name: 1}) for name in KINDS}


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Any story of any kind."""
    name = draw(st.sampled_from(sorted(KINDS)))
    stream = 0 if KINDS[name].days is None else 1
    return TRAFFIC[name].story(Key(stream, SOME_DAY + draw(st.integers(0, 3)), draw(st.integers(0, 120))))


def sessions_of(story: Story) -> list[Session]:
    return [session for participant in story.participants for session in participant.sessions]


def measured(session: Session, name: str) -> list[int]:
    return [metric.value for metric in session.metrics if metric.name == name]


every_story = settings(max_examples=200)


@given(stories())
@every_story
def test_handle_time_is_talk_and_hold_and_after_call_work_and_dialling(story):
    parts = ("tTalkComplete", "tHeldComplete", "tAcw", "tDialing", "tContacting")
    for session in sessions_of(story):
        if handle := measured(session, "tHandle"):
            assert handle == [sum(sum(measured(session, part)) for part in parts)]


@given(stories())
@every_story
def test_the_stretches_of_talk_and_hold_add_up(story):
    for session in sessions_of(story):
        for stretch, whole in (("tTalk", "tTalkComplete"), ("tHeld", "tHeldComplete")):
            assert sum(measured(session, stretch)) == sum(measured(session, whole))
            assert len(measured(session, whole)) == bool(measured(session, stretch))


@given(stories())
@every_story
def test_what_is_offered_is_answered_abandoned_or_flows_out_of_the_queue(story):
    counts = Counter(
        (session.queue.id, metric.name)
        for session in sessions_of(story)
        if session.queue is not None and session.media != "callback"
        for metric in session.metrics
    )
    for queue in QUEUES:
        outcomes = sum(counts[queue.id, name] for name in ("tAnswered", "tAbandon", "tFlowOut"))
        assert counts[queue.id, "nOffered"] == outcomes


@given(stories())
@every_story
def test_the_wait_is_measured_once_in_the_queue_and_repeated_by_the_agent_who_answers(story):
    waits = [
        (metric.at, metric.value) for each in sessions_of(story) for metric in each.metrics if metric.name == "tAcd"
    ]
    offers = [metric for each in sessions_of(story) for metric in each.metrics if metric.name == "nOffered"]
    answers = [
        (metric.at, metric.value)
        for each in sessions_of(story)
        for metric in each.metrics
        if metric.name == "tAnswered"
    ]
    assert len(waits) == len(offers)
    assert set(answers) <= set(waits)


@given(stories())
@every_story
def test_a_conversation_is_over_its_service_level_when_it_was_answered_after_the_target(story):
    for session in sessions_of(story):
        late = [
            value for value in measured(session, "tAnswered")
            if value > session.queue.service_levels[session.media].duration_ms
        ]  # fmt: skip
        assert measured(session, "nOverSla") == [1] * len(late)


def test_callbacks_emit_neither_answered_nor_abandoned():
    for number in range(20):
        names = {event.metric for event in TRAFFIC["callback"].story(Key(0, SOME_DAY, number)).events}
        assert "nOffered" in names
        assert not names & {"tAnswered", "tAbandon", "nOverSla"}


@given(stories())
@every_story
def test_transfers_are_blind_or_consult(story):
    names = Counter(event.metric for event in story.events)
    assert names["nTransferred"] == names["nBlindTransferred"] + names["nConsultTransferred"]


@given(stories())
@every_story
def test_every_alert_is_measured_and_a_missed_one_is_not_responding(story):
    for session in sessions_of(story):
        alerts = [segment for segment in session.segments if segment.kind == "alert"]
        assert measured(session, "tAlert") == [segment.end - segment.start for segment in alerts]
        missed = [segment for segment in alerts if segment.closing.get("disconnectType") == "noAnswerTransfer"]
        assert measured(session, "tNotResponding") == [segment.end - segment.start for segment in missed]


@given(stories())
@every_story
def test_timers_are_emitted_when_their_segment_ends(story):
    kinds = {
        "tTalk": "interact",
        "tHeld": "hold",
        "tAcw": "wrapup",
        "tAlert": "alert",
        "tIvr": "ivr",
        "tDialing": "dialing",
    }
    for session in sessions_of(story):
        ends = {(segment.kind, segment.end, segment.end - segment.start) for segment in session.segments}
        for metric in session.metrics:
            if metric.name in kinds:
                assert (kinds[metric.name], metric.at, metric.value) in ends


@given(stories())
@every_story
def test_nothing_happens_outside_the_conversation(story):
    for session in sessions_of(story):
        for segment in session.segments:
            assert story.start <= segment.start <= segment.end <= story.end
        for metric in session.metrics:
            assert story.start <= metric.at <= story.end
            assert metric.value >= 0
    assert all(life.start < life.end for life in story.lives)
    assert all(at > story.end for at, _, _ in story.aftermath)


@given(stories())
@every_story
def test_the_segments_of_a_session_follow_one_another(story):
    for session in sessions_of(story):
        assert session.segments
        for before, after in zip(session.segments, session.segments[1:], strict=False):
            assert before.end <= after.start


@given(stories())
@every_story
def test_the_event_log_holds_exactly_what_the_sessions_measured(story):
    logged = Counter((event.at, event.metric, event.value, event.session.id) for event in story.events)
    stood = Counter(
        (metric.at, metric.name, metric.value, each.id) for each in sessions_of(story) for metric in each.metrics
    )
    assert logged == stood


@given(stories())
@every_story
def test_figures_of_queues_stand_on_queue_and_agent_legs_only(story):
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
    for session in sessions_of(story):
        if queue_figures & {metric.name for metric in session.metrics}:
            assert session.participant.purpose in {"acd", "agent", "user"}
            assert (session.queue is None) == (session.participant.purpose == "user")


@given(stories())
@every_story
def test_a_session_is_in_one_queue_at_most(story):
    for participant in document(story, story.settled_at)["participants"]:
        for session in participant["sessions"]:
            assert len({segment["queueId"] for segment in session["segments"] if "queueId" in segment}) <= 1


def test_a_two_hour_call_that_begins_in_the_evening_goes_on_over_midnight():
    heads = TRAFFIC["long_call"].heads_of(SOME_DAY)
    assert any(head.lives[-1].end // 86_400_000 > SOME_DAY for head in heads)
    assert all(head.lives[-1].end - head.start > 90 * 60_000 for head in heads)


def test_an_email_that_nobody_takes_is_closed_after_two_to_three_months():
    story = TRAFFIC["unanswered_email"].story(Key(1, SOME_DAY, 0))
    assert 60 <= (story.end - story.start) / 86_400_000 <= 91


@pytest.mark.parametrize(
    "name", ["chat_with_two_agents", "not_responding_call", "consult_transferred_call", "email_of_days"]
)
def test_two_agents_take_part(name):
    story = TRAFFIC[name].story(Key(0 if KINDS[name].days is None else 1, SOME_DAY, 1))
    assert len({each.user.id for each in story.participants if each.purpose == "agent"}) >= 2
