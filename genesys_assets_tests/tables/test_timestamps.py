"""The forms in which timestamps come."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.tables.timestamps import parsed

NOON = datetime(2021, 4, 2, 12, 0, 0, tzinfo=UTC)


def read(*texts: str | None) -> list[datetime | None]:
    return parsed(pl.Series("at", list(texts), dtype=pl.String)).to_list()


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2021-04-02T12:00:00.123Z", 123_000),
        ("2021-04-02T12:00:00.99Z", 990_000),
        ("2021-04-02T12:00:00.9Z", 900_000),
        ("2021-04-02T12:00:00Z", 0),
        ("2021-04-02T12:00:00.123456Z", 123_456),
        ("2021-04-02T12:00:00.123456789Z", 123_456),
        ("2021-04-02T12:00:00.1+00:00", 100_000),
        ("2021-04-02T12:00:00+0000", 0),
        ("2021-04-02T14:00:00.5+02:00", 500_000),
        ("2021-04-2T12:00:00.123Z", 123_000),
        ("2021-04-2T12:00:00Z", 0),
    ],
)
def test_a_form_that_the_api_sends_is_read(text: str, microsecond: int) -> None:
    assert read(text) == [NOON.replace(microsecond=microsecond)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "1617364800000",
        "2021-04-02",
        "2021-04-02T12:00:00",
        "2021-04-02T12:00:00.123",
        "2021-02-30T12:00:00.000Z",
        "2021-04-02T25:00:00Z",
        "2021-04-02T12:00:00.000Z?",
    ],
)
def test_a_text_that_names_no_instant_is_null(text: str) -> None:
    assert read(text) == [None]


def test_forms_may_stand_side_by_side() -> None:
    assert read("2021-04-02T12:00:00.000Z", None, "?", "2021-04-02T12:00:00Z") == [NOON, None, None, NOON]


def test_no_texts_are_no_instants() -> None:
    assert read() == []
    assert read(None, None) == [None, None]


@settings(max_examples=200)
@given(
    at=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001 - the offset is written beside it
    digits=st.integers(0, 9),
    offset=st.sampled_from(["Z", "+00:00", "-05:30", "+13:45"]),
)
def test_any_fraction_and_offset_are_read_to_the_microsecond(at: datetime, digits: int, offset: str) -> None:
    fraction = f"{at.microsecond:06d}123"[:digits]
    text = f"{at:%Y-%m-%dT%H:%M:%S}".zfill(19) + (f".{fraction}" if fraction else "") + offset
    sign = -1 if offset[0] == "-" else 1
    shift = timedelta() if offset == "Z" else sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
    wanted = at.replace(microsecond=int(fraction[:6].ljust(6, "0")), tzinfo=UTC) - shift
    assert read(text) == [wanted]
