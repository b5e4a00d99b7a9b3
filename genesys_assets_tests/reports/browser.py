"""Chromium for tests that look at a page as a person does: opened without network.

What belongs here: opening a page, and what the browser complained of or asked for. Where no browser is installed, tests
skip and say so.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


class Opened:
    """A page in a window, and what it complained of and asked for while it opened."""

    def __init__(self, browser: Browser, url: str, *, width: int, height: int, telephone: bool = False) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        viewport = {"width": width, "height": height}
        self.page: Page = browser.new_page(viewport=viewport, is_mobile=telephone)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(url)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, ended with the block."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - needed only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
