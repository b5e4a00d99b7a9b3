from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from genesys_assets.reports import formats

NONE = formats.NOTHING


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.count(1234), "1,234"),
        (formats.count(12.6), "13"),
        (formats.share(0.8234), "82.3%"),
        (formats.duration(83_400), "1:23"),
        (formats.duration(3_723_000), "1:02:03"),
        (formats.duration(59_600), "1:00"),
        (formats.target(0.8, 20_000), "80% in 20 s"),
        (formats.target(0.9, 3_600_000), "90% in 60 min"),
        (formats.target(0.9, 90_000), "90% in 90 s"),
        (formats.target(0.9, None), "90%"),
        (formats.day(date(2026, 11, 2)), "Monday 2 November 2026"),
        (formats.short_day(date(2026, 11, 2)), "2 Nov"),
        (formats.instant(datetime(2026, 11, 2, 7, tzinfo=ZoneInfo("Europe/Berlin"))), "2 Nov 2026, 07:00 CET"),
        (formats.change(12, 10), "+20%"),
        (formats.points(0.82, 0.8), "+2.0 points"),
        (formats.longer(77_000, 80_000), "-3 s"),
    ],
)
def test_figures_are_written_as_people_read_them(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize(
    "written",
    [
        formats.count(None),
        formats.share(None),
        formats.duration(None),
        formats.target(None, None),
        formats.change(None, 10),
        formats.change(10, 0),
        formats.points(None, 0.8),
        formats.longer(10, None),
    ],
)
def test_what_there_is_not_is_a_dash(written: str) -> None:
    assert written == NONE
