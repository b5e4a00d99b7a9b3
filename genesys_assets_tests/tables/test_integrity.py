"""Rules that stored rows keep: the rows that break one are counted, whatever their keys hash to."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.tables.integrity import duplicates, orphans, out_of_window
from genesys_assets.windows import window_of
from genesys_assets.windows.frames import UTC_DAYS

DAY = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
KEY = ["day", "id"]
INSTANT = pl.Datetime("us", "UTC")


def rows(*ids: str | None) -> pl.LazyFrame:
    return pl.LazyFrame(
        {"day": [DAY] * len(ids), "id": ids, "value": range(len(ids))},
        schema_overrides={"day": pl.Date, "id": pl.String},
    )


@pytest.mark.parametrize(
    ("ids", "doubled"), [((), 0), (("a",), 0), (("a", "b"), 0), (("a", "a", "b"), 1), (("a", "a", "a", "b", "b"), 2)]
)
def test_a_key_that_stands_more_than_once_is_counted_once(ids: tuple[str, ...], doubled: int) -> None:
    assert duplicates(rows(*ids), KEY) == doubled


@pytest.mark.parametrize(
    ("children", "parents", "alone"),
    [((), (), 0), (("a", "a"), ("a", "b"), 0), (("a", "c", "c"), ("a", "b"), 2), (("a",), (), 1)],
)
def test_a_child_without_its_parent_is_counted(children: tuple[str, ...], parents: tuple[str, ...], alone: int) -> None:
    assert orphans(rows(*children), rows(*parents), KEY) == alone


@pytest.mark.parametrize(
    ("start", "end", "is_active"),
    [
        (timedelta(hours=1), timedelta(hours=2), True),
        (timedelta(hours=23), None, True),
        (timedelta(days=-3), None, True),
        (timedelta(days=-3), timedelta(0), True),
        (timedelta(days=-3), timedelta(seconds=-60), True),  # its last metrics may be emitted on the day
        (timedelta(days=-3), timedelta(seconds=-60, microseconds=-1), False),
        (timedelta(days=1, seconds=59), None, True),  # its first metrics may have been
        (timedelta(days=1, seconds=60), None, False),
        (timedelta(milliseconds=5), timedelta(minutes=-2), True),  # an end before the start is the start
    ],
)
def test_a_conversation_is_a_stranger_on_a_day_that_it_did_not_live(
    start: timedelta, end: timedelta | None, is_active: bool
) -> None:
    life = {"conversation_start": MIDNIGHT + start, "conversation_end": None if end is None else MIDNIGHT + end}
    schema = dict.fromkeys(life, pl.Datetime("us", "UTC"))
    told = pl.LazyFrame([{"partition_date": DAY, **life}], schema={"partition_date": pl.Date, **schema})
    assert out_of_window(told, UTC_DAYS).collect().is_empty() == is_active


AROUND = st.integers(-200_000, 90_000).map(lambda seconds: MIDNIGHT + timedelta(seconds=seconds)) | st.sampled_from(
    [
        MIDNIGHT + timedelta(days=day, seconds=s, milliseconds=m)
        for day in (0, 1)
        for s in (-60, 0, 60)
        for m in (-1, 0, 1)
    ]
)


@settings(max_examples=100, deadline=None)
@given(start=AROUND, end=st.none() | AROUND)
def test_what_may_be_stored_on_a_day_is_what_its_extraction_may_store(start: datetime, end: datetime | None) -> None:
    schema = {"partition_date": pl.Date, **dict.fromkeys(("conversation_start", "conversation_end"), INSTANT)}
    told = pl.LazyFrame([{"partition_date": DAY, "conversation_start": start, "conversation_end": end}], schema=schema)
    assert out_of_window(told, UTC_DAYS).collect().is_empty() == window_of(DAY, UTC).nearby().is_lived(start, end)
