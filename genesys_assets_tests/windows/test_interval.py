from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesys_assets.genesys import Interval
from genesys_assets.windows import window_of

DAY = window_of(date(2026, 11, 22), UTC)
instants = st.datetimes(DAY.start.replace(tzinfo=None), DAY.end.replace(tzinfo=None), timezones=st.just(UTC))
lengths = st.timedeltas(timedelta(seconds=1), timedelta(days=2))


def test_a_day_is_written_as_the_api_takes_it():
    assert DAY.iso() == "2026-11-22T00:00:00.000Z/2026-11-23T00:00:00.000Z"
    assert Interval.parse(DAY.iso()) == DAY


@given(start=instants, length=lengths, piece=st.timedeltas(timedelta(minutes=7), timedelta(days=1)))
def test_slices_cover_the_interval_without_gap_or_overlap(start, length, piece):
    whole = Interval(start, start + length)
    slices = whole.slices(piece)
    assert slices[0].start == whole.start
    assert slices[-1].end == whole.end
    assert all(earlier.end == later.start for earlier, later in pairwise(slices))


@given(start=instants, seconds=st.integers(2, 200_000))
def test_halves_meet_at_a_whole_second_and_are_not_empty(start, seconds):
    whole = Interval(start, start + timedelta(seconds=seconds))
    first, second = whole.halves()
    assert (first.start, first.end, second.end) == (whole.start, second.start, whole.end)
    assert first.end.microsecond == whole.start.microsecond


def test_a_second_has_no_halves():
    assert Interval(DAY.start, DAY.start + timedelta(seconds=1)).halves() is None


@pytest.mark.parametrize(
    ("start_hours", "end_hours", "is_active"),
    [
        (-1, None, True),
        (-1, -0.001, False),
        (-1, 0, True),  # its last metrics are emitted at its end
        (23.99, None, True),
        (24, None, False),
        (5, 6, True),
        (-50, 50, True),
        (0.001, -0.001, True),  # clocks differ: an end before the start is the start
        (24, 23.999, False),
    ],
)
def test_a_conversation_lives_from_its_start_up_to_and_with_its_end(start_hours, end_hours, is_active):
    start = DAY.start + timedelta(hours=start_hours)
    end = None if end_hours is None else DAY.start + timedelta(hours=end_hours)
    assert DAY.is_lived(start, end) is is_active


def test_an_interval_without_time_zone_or_backwards_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        Interval(datetime(2026, 11, 22), datetime(2026, 11, 23))  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="end after it starts"):
        Interval(DAY.end, DAY.start)
