from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from genesys_assets.assets import reports
from genesys_assets.reports import headline
from genesys_assets_tests.assets.results import UPSTREAM, Results, results
from genesys_assets_tests.conftest import DAILY
from genesys_assets_tests.reports.contact_centre import DAY, marts

daily = reports.daily(DAILY)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Results]:
    """A day's report, with one of the four days before it stored."""
    for made in results(tmp_path_factory.mktemp("reports")):
        made.run(*UPSTREAM, day=DAY - timedelta(weeks=2))
        made.result = made.run(*UPSTREAM, daily, day=DAY)
        yield made


@pytest.fixture(scope="module")
def page(made: Results) -> str:
    return (made.exports / f"reports/daily/{DAY}.html").read_text()


def test_the_ui_links_to_the_report_and_shows_its_headline_as_numbers(made: Results) -> None:
    facts = made.facts(made.result, "reports", "daily")
    assert facts.pop("report") == str(made.exports / f"reports/daily/{DAY}.html")
    assert facts == headline(marts(DAY)["queue_performance"]).numbers()
    assert (facts["offered"], facts["service_level"]) == (600, pytest.approx(0.748, abs=1e-3))


def test_the_report_says_how_its_data_came_about(page: str) -> None:
    assert "analytics details job" in page
    assert "Provisional: figures may still change" in page
    assert "612 active on the day, 3 of them open" in page


def test_the_report_shows_the_checks_of_its_day(page: str) -> None:
    checks = page[page.index("<h3>Checks</h3>") :]
    assert "✓ passed" in checks
    assert "volume: 2 figures differ." in checks
    assert "! warning" in checks


def test_the_report_compares_with_the_days_that_are_stored_and_names_the_others(page: str) -> None:
    assert page.count("this day has not been materialised") == 3
    assert "Friday 6 November 2026" in page


def test_the_report_takes_its_targets_from_the_directory(page: str) -> None:
    assert "90% in 15 s" in page


def test_a_report_that_is_made_again_by_itself_replaces_the_first_and_says_the_same(made: Results, page: str) -> None:
    made.run(daily, day=DAY)
    assert [file.name for file in Path(made.exports / "reports/daily").iterdir()] == [f"{DAY}.html"]
    again = (made.exports / f"reports/daily/{DAY}.html").read_text()
    assert _without_footer(again) == _without_footer(page)


def test_a_check_of_another_day_is_not_shown(made: Results) -> None:
    other = DAY - timedelta(days=1)
    made.run(*(asset for asset in UPSTREAM if asset.key.path[0] != "raw"), daily, day=other)
    page = (made.exports / f"reports/daily/{other}.html").read_text()
    assert "No check has run on this day" in page
    assert "Completeness not recorded" in page


def _without_footer(page: str) -> str:
    """The page without the instant at which it was made."""
    return page[: page.index("<footer>")]
