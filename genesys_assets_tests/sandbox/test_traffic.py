import hashlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.sandbox import Sandbox
from genesys_assets.sandbox.document import UNIX_EPOCH_ORDINAL, visible_end
from genesys_assets.sandbox.errors import ScriptError
from genesys_assets.sandbox.scenario import DAY as DAY_MS
from genesys_assets.sandbox.scenario_types import SCENARIO_TYPES
from genesys_assets.sandbox.traffic import LONGEST_LIFE_DAYS, Key, Traffic
from genesys_assets_tests.sandbox.support import DAY, LONG_AFTER, small_sandbox

FOREVER = 1 << 62
SOME_DAY = DAY.toordinal() - UNIX_EPOCH_ORDINAL


def test_the_same_seed_and_day_give_the_same_conversations():
    assert small_sandbox().conversations(DAY) == small_sandbox().conversations(DAY)


def test_two_days_of_a_seed_are_the_same_in_every_release():
    sandbox = Sandbox(seed=7, conversations_per_day=150, now=lambda: datetime(2025, 6, 1, tzinfo=UTC))
    days = [sandbox.conversations(date(2025, 3, day)) for day in (30, 31)]
    assert [hashlib.sha256(msgspec.json.encode(each, order="sorted")).hexdigest() for each in days] == [
        "09ae51cae9a9da2aa07e74990fda832a3a4dc589b92e07f295107ec32550f7ed",
        "b681e08365e5dff146268c26cfa0e997aa6e849f58a19ea215447c53faf745e1",
    ]


def test_another_seed_gives_other_conversations():
    assert not small_sandbox().conversations(DAY).keys() & small_sandbox(seed=2).conversations(DAY).keys()


def test_what_is_visible_does_not_depend_on_what_was_asked_before():
    asked_before = small_sandbox()
    asked_before.conversations(date(2026, 1, 1))
    asked_before.conversations(date(2026, 11, 18))
    assert asked_before.conversations(DAY) == small_sandbox().conversations(DAY)


def test_about_two_thousand_conversations_begin_on_a_day():
    traffic = Traffic(seed=1, per_day=2_000)
    week = [sum(traffic.count(stream, SOME_DAY + day) for stream in (0, 1)) for day in range(7)]
    assert 1_900 < sum(week) / 7 < 2_100
    assert max(week) < 2_500


@pytest.mark.parametrize("name", SCENARIO_TYPES)
def test_a_kind_can_be_generated_alone(name):
    sandbox = small_sandbox(mix={name: 1}, conversations_per_day=3, now=lambda: LONG_AFTER)
    assert sandbox.conversations(DAY)


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Australia/Lord_Howe", "Australia/Sydney", "Asia/Kathmandu", "Pacific/Kiritimati"]
)
def test_the_centre_works_by_its_own_clocks(zone):
    in_utc, elsewhere = (Traffic(seed=1, per_day=60, zone=ZoneInfo(name)) for name in ("UTC", zone))
    keys = [Key(0, SOME_DAY + day, number) for day in range(3) for number in range(40)]
    for key in keys:
        local = timestamp_at(elsewhere.scenario(key).start).astimezone(ZoneInfo(zone))
        assert local.replace(tzinfo=UTC) == timestamp_at(in_utc.scenario(key).start)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_whatever_the_clocks_all_conversations_of_an_interval_are_found(zone):
    traffic = Traffic(seed=1, per_day=60, zone=ZoneInfo(zone))
    start, end = SOME_DAY * DAY_MS, (SOME_DAY + 1) * DAY_MS
    days = range(SOME_DAY - LONGEST_LIFE_DAYS - 3, SOME_DAY + 4)
    heads = [
        traffic.head_of(Key(stream, day, n))
        for stream in (0, 1)
        for day in days
        for n in range(traffic.count(stream, day))
    ]
    assert traffic.active(start, end, FOREVER) == sorted(h for h in heads if h.overlaps(start, end, FOREVER))


def test_a_time_zone_that_there_is_not_is_refused():
    with pytest.raises(ScriptError, match="no time zone is called 'Mars/Olympus'"):
        Sandbox(timezone="Mars/Olympus")


def timestamp_at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(ScriptError, match="unknown types of conversation: telepathy"):
        Sandbox(mix={"telepathy": 1})


@given(number=st.integers(0, 49), seed=st.integers(0, 5), stream=st.integers(0, 1), day=st.integers(18_000, 24_000))
@settings(max_examples=60)
def test_a_conversation_is_found_by_its_id_alone(number, seed, stream, day):
    key = Key(stream, day, number)
    assert Traffic(seed, 10_000).find(Traffic(seed, 10_000).id_of(key)) == key


@pytest.mark.parametrize("unknown", ["", "nonsense", "00000000-0000-4000-8000-000000000000", "é" * 36])
def test_an_id_of_nothing_is_not_found(unknown):
    assert Traffic(seed=1, per_day=100).find(unknown) is None


def test_an_ordinary_conversation_is_over_within_24_hours():
    heads = Traffic(seed=3, per_day=3_000).heads_of(SOME_DAY)
    assert max(head.lives[-1].end - head.start for head in heads) < DAY_MS


@pytest.mark.parametrize("name", [name for name, kind in SCENARIO_TYPES.items() if kind.days])
def test_a_conversation_of_days_ends_within_the_reach_of_the_search(name):
    traffic = Traffic(seed=1, per_day=200, mix={name: 1})
    for number in range(traffic.count(1, SOME_DAY)):
        scenario = traffic.scenario(Key(1, SOME_DAY, number))
        assert scenario.end // DAY_MS <= (scenario.start + scenario.span) // DAY_MS + 1 <= SOME_DAY + LONGEST_LIFE_DAYS


@given(day=st.integers(0, 20), at_hour=st.integers(0, 24 * 25))
@settings(max_examples=40)
def test_the_conversations_of_a_day_are_those_whose_visible_life_overlaps_it(day, at_hour):
    first = SOME_DAY + day
    at = SOME_DAY * DAY_MS + at_hour * 3_600_000
    expected = {
        head.key
        for head in ALL_HEADS
        if head.start < (first + 1) * DAY_MS
        and head.start <= at
        and ((end := visible_end(head.lives, at)) is None or end >= first * DAY_MS)
    }
    assert {head.key for head in BUSY.active(first * DAY_MS, (first + 1) * DAY_MS, at)} == expected


BUSY = Traffic(seed=5, per_day=12, mix={"long_call": 3, "answered_email": 3, "email_of_days": 3, "reopened_message": 3})
ALL_HEADS = [
    BUSY.head_of(Key(stream, day, number))
    for day in range(SOME_DAY - LONGEST_LIFE_DAYS, SOME_DAY + 22)
    for stream in (0, 1)
    for number in range(BUSY.count(stream, day))
]


def test_a_conversation_closed_at_midnight_itself_was_active_on_the_day_that_begins():
    head = BUSY.active(SOME_DAY * DAY_MS, (SOME_DAY + 1) * DAY_MS, FOREVER)[0]
    end = head.lives[-1].end
    assert head.overlaps(end, end + 1, FOREVER)
    assert not head.overlaps(end + 1, end + 2, FOREVER)


def test_conversations_that_have_not_begun_are_not_visible():
    noon = datetime(2026, 11, 19, 12, tzinfo=UTC)
    seen, whole = small_sandbox().conversations(DAY, at=noon), small_sandbox().conversations(DAY)
    assert 0 < len(seen) < len(whole)
    assert max(document["conversationStart"] for document in seen.values()) <= "2026-11-19T12:00"
