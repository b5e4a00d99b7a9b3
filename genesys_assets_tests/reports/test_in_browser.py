from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from genesys_assets_tests.reports.browser import CHROMIUM, Opened, chromium
from genesys_assets_tests.reports.page import page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: apt-get install chromium"),
]
DESK, TELEPHONE = {"width": 1060, "height": 1500}, {"width": 390, "height": 844, "telephone": True}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of the report as a file."""
    path = tmp_path_factory.mktemp("page") / "2026-11-20.html"
    path.write_text(page())
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_the_report_opens_without_an_error_and_asks_for_nothing(
    browser: Browser, file: str, size: dict[str, int]
) -> None:
    opened = Opened(browser, file, **size)
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [file]


def test_a_page_with_an_error_would_be_noticed(browser: Browser, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text('<!doctype html><img src="missing.png"><script>console.error("marked"); throw "thrown"</script>')
    complaints = " ".join(Opened(browser, broken.as_uri(), **DESK).complaints)
    for trouble in ("marked", "thrown", "ERR_FILE_NOT_FOUND"):
        assert trouble in complaints


@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
def test_every_picture_is_drawn_and_nothing_is_wider_than_the_window(
    browser: Browser, file: str, size: dict[str, int]
) -> None:
    page = Opened(browser, file, **size).page
    drawn = page.evaluate("[...document.images].map(i => i.naturalWidth > 0 && i.getBoundingClientRect().height > 80)")
    assert drawn == [True] * 6
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_telephone_gets_the_narrow_pictures(browser: Browser, file: str) -> None:
    pages = [Opened(browser, file, **size).page for size in (DESK, TELEPHONE)]
    widths = [page.evaluate("document.images[0].naturalWidth") for page in pages]
    assert widths[0] > 2 * widths[1] > 600


def test_words_stand_out_from_their_ground(browser: Browser, file: str) -> None:
    """WCAG AA: 4.5 to 1, for every element with words of its own."""
    assert Opened(browser, file, **DESK).page.evaluate(CONTRAST) >= 4.5


def test_tables_open_by_the_keyboard(browser: Browser, file: str) -> None:
    page = Opened(browser, file, **DESK).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("details[open] tbody tr").count() == 96


def test_the_report_can_be_printed(browser: Browser, file: str) -> None:
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", Opened(browser, file, **DESK).page.pdf(prefer_css_page_size=True))
    assert 2 <= len(pages) <= 6


CONTRAST = """(() => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number)
    .map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    const colour = getComputedStyle(e).backgroundColor;
    return colour !== 'rgba(0, 0, 0, 0)' || !e.parentElement ? colour : ground(e.parentElement);
  };
  const worded = [...document.querySelectorAll('main *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  return Math.min(...worded.map(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  }));
})()"""
