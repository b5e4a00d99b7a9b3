"""That `make soak` would see what it looks for, and lives its days."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, count
from pathlib import Path

import pytest
from dagster._time import get_current_datetime, get_current_timestamp

from genesys_assets.automation import sensors
from genesys_assets.genesys.api.client import utc_now
from genesys_assets_tests.genesys.support import NOON
from genesys_assets_tests.soak import page
from genesys_assets_tests.soak.clock import Clock, give_files_the_time, lived_by
from genesys_assets_tests.soak.judge import MEMORY_MARGIN_BYTES, STEADY, WARM_DAYS, judged
from genesys_assets_tests.soak.measured import Measured

BYTES_A_DAY = 500_000
FIRST = Measured(
    day=1,
    stored_days=1,
    runs_made=3,
    runs_kept=3,
    runs_allowed=14,
    events_kept=600,
    home_bytes=3_000_000,
    database_bytes=8_000_000,
    copy_bytes=4_000_000,
    exported_files=13,
    exported_bytes=5_000_000,
    memory_bytes=300_000_000,
    peak_bytes=400_000_000,
    descriptors=18,
    threads=24,
    children=3,
    spool_files=1,
    work_files=5,
)
STEADILY = [
    replace(FIRST, day=day, stored_days=day, database_bytes=FIRST.database_bytes + day * BYTES_A_DAY)
    for day in (1, 10, 20, 30, 40)
]


def test_a_quarter_in_which_nothing_leaks_is_steady() -> None:
    assert judged(STEADILY, {}) == []


def test_what_comes_to_be_in_the_first_days_is_no_leak() -> None:
    cold = replace(FIRST, memory_bytes=100_000_000, **dict.fromkeys(STEADY, 0))
    assert judged([cold, *STEADILY[1:]], {}) == []


@pytest.mark.parametrize("name", STEADY)
def test_one_more_at_any_measure_is_a_leak(name: str) -> None:
    leaked = replace(STEADILY[3], **{name: getattr(FIRST, name) + 1})
    (said,) = judged([*STEADILY[:3], leaked, STEADILY[4]], {})
    assert (
        said
        == f"{name} is not steady: {getattr(FIRST, name)} after day {WARM_DAYS}, {getattr(leaked, name)} after day 30."
    )


@pytest.mark.parametrize(("grown", "leaks"), [(MEMORY_MARGIN_BYTES, False), (MEMORY_MARGIN_BYTES + 2**20, True)])
def test_memory_may_grow_by_the_margin(grown: int, leaks: bool) -> None:
    last = replace(STEADILY[4], memory_bytes=FIRST.memory_bytes + grown)
    assert judged([*STEADILY[:4], last], {}) == (
        ["memory has grown by 101 MiB from day 10 to day 40."] if leaks else []
    )


def with_databases(*bytes_of_ten_days: int) -> list[Measured]:
    """Measures of every tenth day, by how much the database grew in ten days."""
    sizes = accumulate(bytes_of_ten_days, initial=FIRST.database_bytes)
    return [
        replace(FIRST, day=day, stored_days=day, database_bytes=size)
        for day, size in zip(count(10, 10), sizes, strict=False)
    ]


def test_a_database_that_keeps_what_is_replaced_grows_ever_faster() -> None:
    (said,) = judged(with_databases(*(number * 1_000_000 for number in range(1, 9))), {})
    assert said == "the database has grown by 650,000 bytes a stored day from day 50 to day 90, by 250,000 until then."


@pytest.mark.parametrize("steps", [(1, 3, 3, 3, 3, 2, 2, 5), (5, 1, 2, 4, 6, 0, 0, 3), (2, 2, 2, 0, 4, 2, 2, 2)])
def test_a_database_that_grows_by_steps_is_steady(steps: tuple[int, ...]) -> None:
    assert judged(with_databases(*(each * 1_000_000 for each in steps)), {}) == []


def test_runs_that_the_retention_should_have_forgotten_are_told() -> None:
    (said,) = judged([*STEADILY[:4], replace(STEADILY[4], runs_kept=15)], {})
    assert said == "after day 40 15 runs are kept, and the retention lets 14 stay."


def test_a_day_that_is_short_is_told() -> None:
    assert judged(STEADILY, {"2026-01-03": (39, 40)}) == [
        "Of 2026-01-03 39 conversations are stored, and there are 40."
    ]


def test_the_table_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(f"Before.\n\n{page.BEGIN}\n\nOld.\n\n{page.END}\n\nAfter.\n")
    page.write(page.table([FIRST]), tmp_path / "page.md")
    before, table, after = (tmp_path / "page.md").read_text().replace(page.END, page.BEGIN).split(page.BEGIN)
    assert (before, after) == ("Before.\n\n", "\n\nAfter.\n")
    assert table.strip().splitlines()[2].startswith("| 1 | 1 | 3 | 3 | 600 | 3 | 7.6 |")


def test_the_page_has_a_place_for_the_table() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert text.count(page.BEGIN) == text.count(page.END) == 1


def test_the_project_and_dagster_go_by_the_clock_and_afterwards_by_the_machines() -> None:
    clock, began = Clock(), time.time()
    clock.begin_at(NOON)
    with lived_by(clock):
        clock.turn_to(NOON - timedelta(days=1))  # time does not go back
        clock.turn_to(NOON + timedelta(days=1))
        told = [utc_now().timestamp(), time.time(), get_current_timestamp(), get_current_datetime().timestamp()]
        assert sensors.datetime.now(UTC) - NOON >= timedelta(days=1)
    assert [datetime.fromtimestamp(each, UTC).date() for each in told] == [date(2026, 11, 24)] * 4
    assert utc_now().timestamp() >= began


def test_what_is_written_gets_the_clocks_time_and_what_is_older_keeps_its_own(tmp_path: Path) -> None:
    clock = Clock()
    clock.begin_at(NOON - timedelta(days=3_000))
    older = clock.seconds() - 86_400
    for name in ("new", "old"):
        (tmp_path / name).touch()
    os.utime(tmp_path / "old", (older, older))
    give_files_the_time(tmp_path, clock)
    assert (tmp_path / "old").stat().st_mtime == pytest.approx(older)
    assert (tmp_path / "new").stat().st_mtime == pytest.approx(clock.seconds(), abs=60)


@pytest.mark.slow
def test_two_days_are_lived_and_whole() -> None:
    command = [sys.executable, "-m", "genesys_assets_tests.soak", "--days", "2", "--settlement", "2"]
    lived = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert lived.returncode == 0, lived.stdout + lived.stderr
    assert "7 runs in one process" in lived.stdout
