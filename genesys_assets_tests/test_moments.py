"""Which texts name an instant: pages and tables agree on every one."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.moments import moment
from genesys_assets.tables.timestamps import parsed

AT = datetime(2026, 11, 20, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("2026-11-20t10:05:00z", AT),
        ("2026-11-20 10:05:00Z", AT),
        ("2026-11-20T10:05:00.123456789Z", AT.replace(microsecond=123_456)),
        ("2026-11-20T23:59:59.9999999Z", datetime(2026, 11, 20, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2026-11-20T23:59:59.9999999+00:00", datetime(2026, 11, 20, 23, 59, 59, 999_999, tzinfo=UTC)),
        ("2026-11-20T11:05:00.5+01:00", AT.replace(microsecond=500_000)),
        ("2026-11-20T10:05:00-0000", AT),
        ("2026-11-20T12:05:00+02", AT),
        ("2026-11-20T10:05:00.1Z", AT.replace(microsecond=100_000)),
        ("2026-11-20T10:05:0Z", AT),
        ("2016-12-31T23:59:60.5Z", datetime(2017, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-20T10:05:00.123", None),
        ("2026-11-20T10:05:00", None),
        ("2026-02-30T10:05:00Z", None),
        ("0000-01-01T00:00:00.000Z", None),
        ("0001-01-01T00:00:00.000+01:00", None),
        ("9999-12-31T23:59:59.999-01:00", None),
        ("+2026-11-20T10:05:00.123Z", None),
        ("2026-11-20T10:05: 0.123Z", None),
        ("", None),
        ("Z", None),
    ],
)
def test_a_text_names_the_same_instant_or_none_for_all(text, named):
    assert moment(text) == named
    assert parsed(pl.Series([text])).to_list() == [named]


PARTS = st.tuples(
    st.sampled_from(["2026", "0001", "0000", "9999", "+2026", "-026", "26", "٢٠٢٦"]),
    st.sampled_from(["-", "/", ""]),
    st.sampled_from(["11", "2", "02", "13", " 1"]),
    st.sampled_from(["-20", "-2", "-30", "-31", "20"]),
    st.sampled_from(["T", "t", " ", "", "  "]),
    st.sampled_from(["10:05:00", "23:59:59", "24:00:00", "23:59:60", "1:2:3", "10:05", "10: 5:00", "100500"]),
    st.sampled_from(["", ".", ".1", ".12", ".123", ".123456", ".1234567", ".9999999", ",5", ".12 "]),
    st.sampled_from(["Z", "z", "+01:00", "-0530", "+14", "+25:00", "", " Z", "UTC", "Z "]),
)


@settings(max_examples=500)
@given(PARTS.map("".join) | st.text("0123456789-:.TZ+ ", max_size=30))
def test_pages_and_tables_agree_on_every_spelling(text):
    assert parsed(pl.Series([text, None, "2026-11-20T10:05:00.000Z"])).to_list() == [moment(text), None, AT]
