"""The window of a day, as value and as columns, and that no other place works days out for itself."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import dagster as dg
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import genesys_assets
from genesys_assets.windows import Interval, day_at, last_closed_day, utc_days, window_of
from genesys_assets.windows.frames import in_window, window_end, window_start

PACKAGE = Path(genesys_assets.__file__).parent
KNOWING = ("windows", "sandbox")
"""The package that knows days, and the sandbox, which is a Genesys Cloud of its own."""

ALLOWED = {
    ("automation/planning.py", "timedelta(days=1)"): "the longest wait between two attempts, which is no day of data",
    ("evidence/questions.py", "timedelta(days=1)"): "the length of the buckets that a question asks for",
    ("cli/commands.py", "day.date()"): "a date as the user has typed it",
}

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Los_Angeles",
        "America/St_Johns",
        "America/Santiago",  # midnight is left out in spring
        "America/Havana",  # midnight comes twice in autumn
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Sydney",
        "Australia/Lord_Howe",  # clocks change by half an hour
        "Pacific/Apia",
        "Pacific/Kiritimati",
    )
]
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(ZONES)


def hours(zone: str, day: str) -> float:
    window = window_of(day, ZoneInfo(zone))
    return (window.end - window.start) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("UTC", "2026-03-29T00:00Z", "2026-03-30T00:00Z"),
        ("Europe/Berlin", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),
        ("America/New_York", "2026-03-29T04:00Z", "2026-03-30T04:00Z"),
        ("Asia/Kathmandu", "2026-03-28T18:15Z", "2026-03-29T18:15Z"),
        ("Pacific/Kiritimati", "2026-03-28T10:00Z", "2026-03-29T10:00Z"),
    ],
)
def test_a_window_goes_from_midnight_to_the_next_midnight_of_its_zone(zone, start, end):
    window = Interval(datetime.fromisoformat(start), datetime.fromisoformat(end))
    assert window_of(date(2026, 3, 29), ZoneInfo(zone)) == window_of("2026-03-29", ZoneInfo(zone)) == window


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Santiago", "2026-09-06", 23),
        ("America/Havana", "2026-11-01", 25),
    ],
)
def test_a_day_is_as_long_as_the_change_of_the_clocks_makes_it(zone, day, length):
    assert hours(zone, day) == length


def test_a_day_without_midnight_starts_at_its_first_instant():
    window = window_of("2026-09-06", ZoneInfo("America/Santiago"))
    assert window.start.astimezone(ZoneInfo("America/Santiago")).time() == time(1)


@given(instant=instants, zone=zones)
def test_an_instant_lies_in_the_window_of_its_day_alone(instant, zone):
    day = day_at(instant, zone)
    around = [day + timedelta(days=number) for number in (-1, 0, 1)]
    assert [each for each in around if window_of(each, zone).holds(instant)] == [day]


@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), zone=zones)
def test_days_follow_one_another_without_gap_and_begin_as_dagsters_partitions_do(day, zone):
    window = window_of(day, zone)
    assert window.end == window_of(day + timedelta(days=1), zone).start
    partitions = dg.DailyPartitionsDefinition(start_date=str(day), timezone=zone.key)
    of_dagster = partitions.time_window_for_partition_key(str(day))
    assert (window.start, window.end) == (of_dagster.start, of_dagster.end)


def test_every_zone_is_off_utc_by_quarters_of_an_hour():
    months = [datetime(year, month, 1, tzinfo=UTC) for year in (2020, 2030) for month in (1, 7)]
    offsets = {(name, at.astimezone(ZoneInfo(name)).utcoffset()) for name in available_timezones() for at in months}
    assert not [(name, offset) for name, offset in offsets if offset % timedelta(minutes=15)]


def test_the_day_of_an_instant_does_not_depend_on_the_zone_that_it_is_written_in():
    instant = datetime(2026, 3, 29, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    assert day_at(instant, ZoneInfo("UTC")) == date(2026, 3, 30)


@pytest.mark.parametrize("zone", ["UTC", "Australia/Sydney", "America/New_York"])
def test_a_day_is_closed_from_the_next_midnight_on(zone):
    zone = ZoneInfo(zone)
    midnight = window_of("2026-03-29", zone).end
    assert last_closed_day(midnight, zone) == date(2026, 3, 29)
    assert last_closed_day(midnight - timedelta(microseconds=1), zone) == date(2026, 3, 28)


@pytest.mark.parametrize(
    ("zone", "first", "days"),
    [("UTC", 29, 1), ("Europe/Berlin", 28, 2), ("America/New_York", 29, 2), ("Pacific/Kiritimati", 28, 2)],
)
def test_a_window_touches_the_days_of_utc_that_hold_its_instants(zone, first, days):
    start = datetime(2026, 3, first, tzinfo=UTC)
    assert utc_days(window_of("2026-03-29", ZoneInfo(zone))) == Interval(start, start + timedelta(days=days))


@given(instant=instants, days=st.integers(-1, 1), zone=zones)
def test_columns_have_the_same_windows_as_single_values(instant, days, zone):
    day = day_at(instant, zone) + timedelta(days=days)
    schema = {"partition_date": pl.Date, "at": pl.Datetime("us", "UTC")}
    row = pl.DataFrame({"partition_date": [day], "at": [instant]}, schema=schema)
    found = row.select(
        start=window_start("partition_date", zone),
        end=window_end("partition_date", zone),
        inside=in_window("at", zone),
    ).row(0)
    window = window_of(day, zone)
    assert found == (window.start, window.end, window.holds(instant))


@pytest.mark.parametrize("days", [[], [None]])
def test_windows_of_no_days_are_none(days):
    frame = pl.DataFrame({"partition_date": days}, schema={"partition_date": pl.Date})
    assert frame.select(window_start("partition_date", ZoneInfo("UTC"))).to_series().to_list() == days


def works_out_days(source: str) -> Iterator[str]:
    """Yield each call in a module that works out a day, its start or its end."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        written = ast.unparse(node)
        if (
            written in {"timedelta(days=1)", "timedelta(1)", "timedelta(hours=24)", "pl.duration(days=1)", "time()"}
            or (name in {"date", "combine"} and isinstance(node.func, ast.Attribute))
            or (name == "truncate" and written.endswith("('1d')"))
            or (name == "replace" and any(each.arg == "hour" for each in node.keywords))
            or (name == "datetime" and ".year" in written)
        ):
            yield written


def test_no_other_place_works_out_what_a_day_is():
    found = {
        (str(file.relative_to(PACKAGE)), call)
        for file in PACKAGE.rglob("*.py")
        if file.relative_to(PACKAGE).parts[0] not in KNOWING
        for call in works_out_days(file.read_text(encoding="utf-8"))
    }
    assert found == ALLOWED.keys()


@pytest.mark.parametrize(
    "line",
    [
        "day + timedelta(days=1)",
        "datetime.combine(day, time(), UTC)",
        "pl.col('at').dt.date()",
        "pl.col('at').dt.truncate('1d')",
        "now.replace(hour=0, minute=0)",
        "datetime(day.year, day.month, day.day, tzinfo=UTC)",
    ],
)
def test_each_way_to_work_out_a_day_is_seen(line):
    assert list(works_out_days(line))
