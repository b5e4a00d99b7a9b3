"""The process that draws may die, hang or answer nonsense: a report is made, and says that it has no pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import altair as alt
import polars as pl
import pytest

from genesys_assets.reports import charts, daily, daily_report, pictures, queue_day_charts
from genesys_assets.reports.drawing import WIDE
from genesys_assets.reports.pictures import Drawer
from genesys_assets.windows.frames import UTC_DAYS
from genesys_assets_tests.reports.contact_centre import DAY, marts
from genesys_assets_tests.reports.page import report_data
from genesys_assets_tests.reports.test_daily import Elements

UNDRAWABLE = ("\x00", "\x01", "\x08", "\x0b", "\x1b", "\x1f", "\ufffe", "\uffff")
NOT_DRAWN = "This picture could not be drawn. The table below has the same figures."
ANSWERS = {
    "killed by a signal": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "aborted": "import os; os.abort()",
    "ended without reading": "",
    "answered nonsense": "print('thread panicked')",
    "answered half": "print('[\"<svg>')",
}


def chart(name: str) -> alt.TopLevelMixin:
    """A chart with a bar of that name."""
    return charts.wrap_ups(pl.DataFrame({"wrap_up": [name], "handled": [3]}), WIDE)


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    with closing(Drawer()) as drawer:
        yield drawer


@pytest.mark.parametrize("code", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_drawer_that_fails_draws_nothing_and_raises_nothing(code: str) -> None:
    with closing(Drawer([sys.executable, "-c", code])) as drawer:
        assert drawer.pictures([chart("Resolved")] * 2) == [None, None]


def test_a_drawer_that_hangs_is_ended() -> None:
    with closing(Drawer([sys.executable, "-c", "import threading; threading.Event().wait()"], seconds=0.1)) as drawer:
        drawer.start()
        process = drawer._process
        assert drawer.pictures([chart("Resolved")]) == [None]
    assert process is not None
    assert process.returncode is not None


def test_a_drawer_that_cannot_be_started_draws_nothing() -> None:
    assert Drawer(["/there/is/no/such/program"]).pictures([chart("Resolved")]) == [None]


def test_a_drawer_draws_one_thing_after_another(drawer: Drawer) -> None:
    assert drawer.pictures([chart("Resolved")]) == drawer.pictures([chart("Resolved")])
    assert drawer.pictures([]) == []


def test_a_drawer_that_died_is_followed_by_another(drawer: Drawer) -> None:
    """The library aborts its process on such a name, which is why it has one of its own."""
    assert drawer.pictures([chart("Billing\x01")]) == [None]
    assert drawer.pictures([chart("Resolved")])[0]


def test_a_process_has_one_drawer_and_its_end_is_the_drawers() -> None:
    code = (
        "from genesys_assets.reports.pictures import shared_drawer\n"
        "shared_drawer().start()\n"
        "assert shared_drawer() is shared_drawer()\n"
        "print(shared_drawer()._process.pid)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(ended.stdout), 0)


def test_a_chart_that_is_none_costs_no_other_its_picture(drawer: Drawer) -> None:
    endless = charts.wrap_ups(pl.DataFrame({"wrap_up": ["Resolved"], "handled": [float("inf")]}), WIDE)
    refused, drawn = drawer.pictures([endless, chart("Resolved")])
    assert refused is None
    assert drawn


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawer that dies, wherever one is asked for."""

    def deadly() -> Drawer:
        return Drawer([sys.executable, "-c", ANSWERS["aborted"]])

    for module in (daily, charts):
        monkeypatch.setattr(module, "shared_drawer", deadly)


@pytest.mark.usefixtures("dying")
def test_a_report_without_pictures_says_so_and_has_its_tables() -> None:
    html = daily_report(report_data(1, 2, 3))
    elements = Elements(html)
    assert html.count(NOT_DRAWN) == 6
    assert not elements.attributes("img")
    assert len(elements.attributes("table")) >= 6


@pytest.mark.usefixtures("dying")
def test_the_picture_of_a_day_is_missing_where_it_could_not_be_drawn() -> None:
    assert queue_day_charts({DAY: marts(DAY)["queue_performance"]}, UTC_DAYS) == {DAY: None}


def named(name: str) -> dict[str, pl.LazyFrame]:
    """The marts of DAY, all of whose names are that one."""
    frames = marts(DAY)
    columns = ("queue_name", "user_name", "wrap_up_name", "flow_name", "flow_outcome_id", "flow_outcome_value")
    return {
        mart: frame.with_columns(
            pl.lit(name).alias(column) for column in columns if column in frame.collect_schema().names()
        )
        for mart, frame in frames.items()
    }


@pytest.mark.parametrize("character", UNDRAWABLE, ids=[f"U+{ord(character):04X}" for character in UNDRAWABLE])
def test_a_name_with_a_character_that_xml_forbids_is_drawn_without_it(character: str) -> None:
    html = daily_report(replace(report_data(1, 2, 3), **named(f"Billing{character}North")))
    assert NOT_DRAWN not in html
    assert character not in html
    assert len(Elements(html).attributes("img")) == 6


def test_the_program_that_draws_loads_nothing_of_the_project() -> None:
    code = f"import runpy, sys; runpy.run_path({str(pictures.PROGRAM)!r}); print('genesys_assets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
