from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.automation.planning import Coverage, Cursor, Facts, Plan, Stored, plan, run_keys_of_days_back

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
WEEK = [date(2026, 11, 16) + timedelta(days=n) for n in range(7)]
LAST = WEEK[-1]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def facts(**changes: object) -> Facts:
    """A morning on which the data lake has the whole week and nothing is stored, with changes."""
    values = {
        "now": NOW,
        "watermark": NOW - timedelta(hours=4),
        "days": WEEK,
        "stored": {},
        "in_flight": set(),
        "zone": ZoneInfo("UTC"),
    }
    return Facts(**{**values, **changes})  # type: ignore[arg-type]


def stored(at: datetime, *, complete: bool = True) -> Stored:
    """A day that went through the whole chain, its figures a minute after its conversations."""
    return Stored(at, complete, at + timedelta(minutes=1))


def whole(*days: date) -> dict[date, Stored]:
    return {day: stored(NOW - timedelta(hours=1)) for day in days}


def requested(facts: Facts, cursor: Cursor | None = None, at_most: int = 100) -> list[date]:
    return list(plan(facts, cursor or Cursor({}), at_most).run_keys)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(facts(), WEEK, id="a covered day that is not there is requested, oldest first"),
        pytest.param(facts(days=list(reversed(WEEK))), WEEK, id="oldest first whatever the order of the days"),
        pytest.param(facts(watermark=midnight(LAST)), WEEK[:-1], id="a watermark inside a day does not cover it"),
        pytest.param(
            facts(watermark=midnight(LAST + timedelta(days=1))), WEEK, id="a watermark at the end of a day covers it"
        ),
        pytest.param(facts(watermark=midnight(WEEK[0])), [], id="no coverage, no request"),
        pytest.param(facts(stored=whole(*WEEK[1:])), WEEK[:1], id="a complete day is not requested"),
        pytest.param(facts(in_flight=set(WEEK[2:])), WEEK[:2], id="a day that is being read is not requested"),
        pytest.param(
            facts(stored={LAST: stored(NOW, complete=False), **whole(*WEEK[:-1])}),
            [LAST],
            id="a provisional day is requested once it is covered",
        ),
        pytest.param(
            facts(stored={LAST: stored(NOW, complete=False), **whole(*WEEK[:-1])}, wants_complete=False),
            [],
            id="read by query, a day stored since it is covered will do",
        ),
        pytest.param(
            facts(
                stored={LAST: stored(NOW - timedelta(hours=7), complete=False), **whole(*WEEK[:-1])},
                wants_complete=False,
            ),
            [LAST],
            id="read by query, a day stored before it was covered is requested",
        ),
        pytest.param(
            facts(stored={**whole(*WEEK[:-1]), LAST: Stored(NOW, complete=True, figures_at=None)}),
            [LAST],
            id="a day whose figures never came is requested",
        ),
        pytest.param(
            facts(stored={**whole(*WEEK[:-1]), LAST: Stored(NOW, True, NOW - timedelta(hours=1))}),
            [LAST],
            id="a day whose figures are older than its conversations is requested",
        ),
        pytest.param(
            facts(stored={**whole(*WEEK[:-1]), LAST: Stored(NOW, True, None)}, wants_complete=False),
            [LAST],
            id="read by query, a day without figures is requested too",
        ),
        pytest.param(
            facts(stored={**whole(*WEEK[:-1]), LAST: Stored(NOW, True, None)}, in_flight={LAST}),
            [],
            id="a day whose figures are on their way is not requested",
        ),
        pytest.param(facts(days=[]), [], id="no partition yet, no request"),
    ],
)
def test_what_is_requested(found: Facts, expected: list[date]) -> None:
    assert requested(found) == expected


def test_no_more_days_than_the_setting_are_requested_at_a_time() -> None:
    assert requested(facts(), at_most=2) == WEEK[:2]


def test_the_next_tick_goes_on_with_the_days_that_were_too_many() -> None:
    first = plan(facts(), Cursor({}), at_most=3)
    assert requested(facts(in_flight=set(first.run_keys)), first.cursor, at_most=3) == WEEK[3:6]


def test_a_day_that_has_failed_is_requested_again_an_hour_later_under_another_run_key() -> None:
    first = plan(facts(days=[LAST]), Cursor({}), 1)
    half_an_hour = facts(days=[LAST], now=NOW + timedelta(minutes=30))
    an_hour = facts(days=[LAST], now=NOW + timedelta(hours=1))
    assert requested(half_an_hour, first.cursor) == []
    second = plan(an_hour, first.cursor, 1)
    assert list(second.run_keys) == [LAST]
    assert second.run_keys[LAST] != first.run_keys[LAST]


def test_a_day_that_cannot_succeed_costs_few_runs_in_its_week() -> None:
    cursor, runs = Cursor({}), 0
    for tick in range(7 * 24 * 4):
        planned = plan(facts(days=[LAST], now=NOW + timedelta(minutes=15 * tick)), cursor, 3)
        cursor, runs = planned.cursor, runs + len(planned.run_keys)
    assert runs == 11


def test_a_tick_that_is_evaluated_twice_has_the_same_run_keys() -> None:
    cursor = Cursor({LAST: Coverage(NOW - timedelta(hours=3), 1, NOW - timedelta(hours=2))})
    assert (
        plan(facts(), cursor, 9).run_keys[LAST] == plan(facts(now=NOW + timedelta(seconds=9)), cursor, 9).run_keys[LAST]
    )


def test_a_lost_cursor_does_not_bring_back_old_run_keys() -> None:
    before = plan(facts(), Cursor({}), 9)
    after = plan(facts(now=NOW + timedelta(hours=1)), Cursor.read(None), 9)
    assert set(before.run_keys.values()).isdisjoint(after.run_keys.values())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "none yet"),
        ("", "empty"),
        ("2026-11-22", "no JSON"),
        ('{"version":2,"days":{}}', "a later version"),
        ("[]", ""),
    ],
)
def test_a_cursor_that_cannot_be_read_is_an_empty_one(text: str | None, why: str) -> None:
    assert Cursor.read(text) == Cursor({}), why


def test_the_cursor_stays_small() -> None:
    cursor = plan(facts(), Cursor({}), 7).cursor
    assert len(cursor.text()) < 1_000


def test_without_coverage_the_reason_tells_the_lag() -> None:
    reason = plan(facts(days=[LAST], watermark=NOW - timedelta(hours=30, minutes=5)), Cursor({}), 3).reason
    assert reason == (
        "The data lake has every record up to 2026-11-21 23:55 UTC, 1 day, 6:05:00 behind now. "
        "Not covered yet: 2026-11-22."
    )


def test_the_reason_tells_what_is_being_read_and_what_waits_for_its_next_attempt() -> None:
    cursor = Cursor({LAST: Coverage(NOW, 1, NOW)})
    reason = plan(facts(days=WEEK[-2:], in_flight={WEEK[-2]}), cursor, 3).reason
    assert reason.endswith(
        "Being read: 2026-11-21. Failed or still provisional, waiting for the next attempt: 2026-11-22."
    )


def test_the_reason_tells_when_all_is_there() -> None:
    assert plan(facts(stored=whole(*WEEK)), Cursor({}), 3).reason.endswith("Every day that it covers is stored.")


DAYS = st.sets(st.sampled_from(WEEK))
MOMENTS = st.datetimes(datetime(2026, 11, 15), datetime(2026, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it
CURSORS = st.builds(
    Cursor,
    st.dictionaries(
        st.sampled_from(WEEK), st.builds(Coverage, MOMENTS, st.integers(0, 40), st.one_of(st.none(), MOMENTS))
    ),
)
FACTS = st.builds(
    Facts,
    now=MOMENTS,
    watermark=MOMENTS,
    days=DAYS,
    stored=st.dictionaries(
        st.sampled_from(WEEK), st.builds(Stored, MOMENTS, st.booleans(), st.one_of(st.none(), MOMENTS))
    ),
    in_flight=DAYS,
    wants_complete=st.booleans(),
)


@given(FACTS, CURSORS, st.integers(1, 4))
@settings(max_examples=100)
def test_whatever_is_found_the_plan_keeps_its_rules(found: Facts, cursor: Cursor, at_most: int) -> None:
    planned = plan(found, cursor, at_most)
    keys = list(planned.run_keys)
    assert keys == sorted(keys)
    assert len(keys) <= at_most
    assert all(found.is_covered(day) and day in found.days and day not in found.in_flight for day in keys)
    there = {day for day, each in found.stored.items() if each.complete and each.has_figures}
    assert there.isdisjoint(keys)
    assert all(planned.run_keys[day].startswith(f"{day}@") for day in keys)
    assert bool(planned.reason) is not bool(keys)


@given(FACTS, CURSORS, st.integers(1, 4))
@settings(max_examples=100)
def test_the_cursor_survives_its_text(found: Facts, cursor: Cursor, at_most: int) -> None:
    after = plan(found, cursor, at_most).cursor
    assert Cursor.read(after.text()) == after
    assert set(after.days) == {day for day in found.days if found.is_covered(day)}


@given(
    st.lists(st.sampled_from(["succeeds", "fails", "provisional", "without figures"]), min_size=1, max_size=60),
    st.integers(1, 3),
)
@settings(max_examples=50)
def test_every_covered_day_is_there_in_the_end_and_no_run_key_comes_twice(outcomes: list[str], at_most: int) -> None:
    cursor, there, used = Cursor({}), dict[date, Stored](), list[str]()
    chances = iter(outcomes)
    for tick in range(400):
        now = NOW + timedelta(minutes=15 * tick)
        planned: Plan = plan(facts(now=now, stored=there), cursor, at_most)
        cursor = Cursor.read(planned.cursor.text())
        used += planned.run_keys.values()
        for day in planned.run_keys:
            outcome = next(chances, "succeeds")
            if outcome != "fails":
                there[day] = Stored(now, outcome != "provisional", None if outcome == "without figures" else now)
    assert len(used) == len(set(used))
    assert len(outcomes) > 20 or {
        day for day in WEEK if day in there and there[day].complete and there[day].has_figures
    } == set(WEEK)


PARTITIONS = [str(day) for day in WEEK]


@pytest.mark.parametrize(
    ("days_back", "expected"),
    [
        (
            (2, 3, 4),
            {
                "2026-11-19": "2026-11-19@2026-11-23",
                "2026-11-20": "2026-11-20@2026-11-23",
                "2026-11-21": "2026-11-21@2026-11-23",
            },
        ),
        ((1,), {"2026-11-22": "2026-11-22@2026-11-23"}),
        ((1, 1), {"2026-11-22": "2026-11-22@2026-11-23"}),
        ((7, 8), {"2026-11-16": "2026-11-16@2026-11-23"}),
        ((30,), {}),
    ],
)
def test_which_days_settlement_reads_again(days_back: tuple[int, ...], expected: dict[str, str]) -> None:
    assert run_keys_of_days_back(NOW.date(), days_back, PARTITIONS) == expected


def test_settlement_reads_the_same_day_again_on_another_morning() -> None:
    first = run_keys_of_days_back(NOW.date(), (2, 3), PARTITIONS)
    second = run_keys_of_days_back(NOW.date() + timedelta(days=1), (2, 3), PARTITIONS)
    assert first["2026-11-21"] != second["2026-11-21"]


def test_a_day_is_covered_when_its_window_in_the_organisations_zone_is():
    sydney = ZoneInfo("Australia/Sydney")
    end = datetime(2026, 11, 20, 13, tzinfo=UTC)  # midnight in Sydney, where the summer's clocks are eleven hours ahead
    assert facts(watermark=end, zone=sydney).is_covered(date(2026, 11, 20))
    assert not facts(watermark=end - timedelta(seconds=1), zone=sydney).is_covered(date(2026, 11, 20))
