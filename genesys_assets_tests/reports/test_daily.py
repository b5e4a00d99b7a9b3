from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import polars as pl
import pytest

from genesys_assets.reports import DataNotes, daily_report
from genesys_assets_tests.reports.contact_centre import AGENTS, QUEUES, WRAP_UPS, no_marts
from genesys_assets_tests.reports.page import page, report_data


class Elements(HTMLParser):
    """What a page is made of: its tags with their attributes, and whether each is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "img", "source", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.all if name == tag]


def words_of(html: str) -> str:
    """The page's words, without its pictures."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL))


def test_the_page_needs_nothing_but_itself() -> None:
    elements = Elements(page())
    assert not elements.attributes("script")
    sources = [
        item.get("src") or item.get("srcset") or item.get("href")
        for item in (*elements.attributes("img"), *elements.attributes("source"), *elements.attributes("link"))
    ]
    assert sources
    assert all(source and source.startswith("data:") for source in sources)
    assert "url(" not in page()
    assert "@import" not in page()


def test_every_element_is_closed_in_its_order() -> None:
    assert Elements(page()).open == []


def test_every_picture_has_words_and_a_table_beside_it() -> None:
    elements = Elements(page())
    pictures = elements.attributes("img")
    assert len(pictures) == 6
    assert all(picture["alt"] and "table" in picture["alt"] for picture in pictures)
    assert len(elements.attributes("table")) >= len(pictures)


def test_every_picture_has_a_narrow_one_for_telephones() -> None:
    assert len(Elements(page()).attributes("source")) == len(Elements(page()).attributes("img"))


@pytest.mark.parametrize(
    "words",
    [
        "Friday 20 November 2026",
        "The day: 20 Nov 2026, 01:00 CET to 21 Nov 2026, 01:00 CET. All times are Europe/Berlin.",
        "✓ Complete",
        "Offered 600 +9% against 550",
        "without 23 Oct, not stored yet",
        "analytics details job",
        "612 active on the day, 3 of them open",
        "matches_genesys_aggregates",
        "80% in 20 s",
    ],
)
def test_the_page_says(words: str) -> None:
    assert words in words_of(page())


@pytest.mark.parametrize(
    "names", [[queue.name for queue in QUEUES], AGENTS, WRAP_UPS], ids=["queues", "agents", "codes"]
)
def test_the_page_names(names: list[str]) -> None:
    assert [name for name in names if name not in page()] == []


def test_an_empty_day_has_a_page_that_says_so() -> None:
    html = daily_report(replace(report_data(), **no_marts(), notes=DataNotes()))
    assert "No interaction was offered on this day." in html
    assert "none is stored yet" in words_of(html)
    assert "Completeness not recorded" in html
    assert Elements(html).open == []


def test_a_provisional_day_warns_at_the_top() -> None:
    html = daily_report(replace(report_data(1, 2, 3), notes=DataNotes(source="query", complete=False)))
    assert html.index("Provisional: figures may still change") < html.index("Through the day")


def test_names_with_markup_are_words_and_nothing_else() -> None:
    named = report_data().agent_performance.with_columns(user_name=pl.lit("<script>alert('x')</script>"))
    html = daily_report(replace(report_data(), agent_performance=named))
    assert not Elements(html).attributes("script")
    assert "&lt;script&gt;" in html


def test_a_page_is_small_enough_to_be_mailed() -> None:
    assert len(page()) < 500_000
