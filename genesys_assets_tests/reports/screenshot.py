"""Writes the README's picture of the report to the path that it is given: docs/images/daily_report.png."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from genesys_assets_tests.reports.browser import Opened, chromium
from genesys_assets_tests.reports.page import page


def main(target: Path) -> None:
    """Opens the report of the tests' contact centre, and keeps what the window shows."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder) / "report.html"
        file.write_text(page())
        opened = Opened(browser, file.as_uri(), width=1060, height=1300)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(opened.page.screenshot())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
