"""The window of a day, as value and as columns, and that no other place works days out for itself."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import genesys_assets
from genesys_assets.windows import Interval, day_at, last_closed_day, window_of
from genesys_assets.windows.frames import in_window, window_end, window_start

PACKAGE = Path(genesys_assets.__file__).parent
KNOWING = ("windows", "sandbox")
"""The package that knows days, and the sandbox, which is a Genesys Cloud of its own."""

ALLOWED = {
    ("automation/planning.py", "timedelta(days=1)"): "the longest wait between two attempts, which is no day of data",
    ("cli/commands.py", "day.date()"): "a date as the user has typed it",
}

instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_a_window_goes_from_midnight_to_the_next_midnight_of_utc():
    window = Interval(datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    assert window_of(date(2026, 3, 29)) == window_of("2026-03-29") == window


@given(instant=instants)
def test_an_instant_lies_in_the_window_of_its_day_alone(instant):
    day = day_at(instant)
    around = [day + timedelta(days=number) for number in (-1, 0, 1)]
    assert [each for each in around if window_of(each).holds(instant)] == [day]


def test_the_day_of_an_instant_does_not_depend_on_the_zone_that_it_is_written_in():
    assert day_at(datetime(2026, 3, 29, 23, 30, tzinfo=timezone(timedelta(hours=-2)))) == date(2026, 3, 30)


def test_a_day_is_closed_from_the_next_midnight_on():
    midnight = window_of("2026-03-29").end
    assert last_closed_day(midnight) == date(2026, 3, 29)
    assert last_closed_day(midnight - timedelta(microseconds=1)) == date(2026, 3, 28)


@given(instant=instants, days=st.integers(-1, 1))
def test_columns_have_the_same_windows_as_single_values(instant, days):
    day = day_at(instant) + timedelta(days=days)
    schema = {"partition_date": pl.Date, "at": pl.Datetime("us", "UTC")}
    row = pl.DataFrame({"partition_date": [day], "at": [instant]}, schema=schema)
    found = row.select(
        start=window_start("partition_date"), end=window_end("partition_date"), inside=in_window("at")
    ).row(0)
    window = window_of(day)
    assert found == (window.start, window.end, window.holds(instant))


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
