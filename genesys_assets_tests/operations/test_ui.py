"""A first morning in the Dagster UI, in a real browser.

With GENESYS_ASSETS_SCREENSHOTS set to a folder, the pictures of docs/images are taken on the way, at a busier sandbox.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import dagster as dg
import duckdb
import pytest

from genesys_assets_tests.operations.deployment import CONVERSATIONS, Deployment, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
SCREENSHOTS = os.environ.get("GENESYS_ASSETS_SCREENSHOTS")
CHAIN = "group:raw or group:staging or group:marts or group:reports or kind:parquet or kind:json"
"""All that has a partition a day: the copy of the database, the one export without, is neither Parquet nor JSON."""
ENDS = [dg.AssetKey(["exports", "queue_performance_latest"]), dg.AssetKey(["reports", "daily"])]
EXPANDED = "global@global:marts"
"""The group that the picture of the asset graph shows opened, as Dagster's URL names it."""
QUEUE_PERFORMANCE = dg.AssetKey(["marts", "queue_performance"])
DIRECTORY = [dg.AssetKey(["directory", name]) for name in ("queues", "users", "wrapup_codes")]
PATIENCE_MS = 90_000
"""A page of the UI loads in two seconds, and in thirty on a machine that also runs everything else."""


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """An empty browser tab; what it showed last stays in the test's folder."""
    if not CHROMIUM:
        pytest.skip("No Chromium here: the UI is not looked at. Debian has one: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - needed only where there is a browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        yield page
        page.screenshot(path=tmp_path / "last.png")
        browser.close()


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """`dagster dev` on an empty DAGSTER_HOME; the sensor looks after five days."""
    settings = {
        "GENESYS_ASSETS_SANDBOX_CONVERSATIONS_PER_DAY": "2000" if SCREENSHOTS else "60",
        "GENESYS_ASSETS_SENSOR_DAYS": "5",
        "GENESYS_ASSETS_START_DATE": str(datetime.now(UTC).date() - timedelta(days=5)),
    }
    with Deployment(tmp_path, settings) as deployment:
        deployment.start("dev", "dagster", "dev", "-w", "workspace.yaml", "-p", str(deployment.port))
        wait_until("dagster dev answers", deployment.answers, 180)
        yield deployment


def materialize(page: Page, url: str, selection: str, partitions: str = "") -> None:
    """Presses Materialize in the asset graph for a selection of assets and partitions."""
    page.goto(f"{url}/asset-groups~{quote(selection)}/")
    page.get_by_role("button", name="Materialize all").click()
    if partitions:
        page.get_by_role("button", name="Latest", exact=True).click()
        chosen = page.locator("input[placeholder^='ex']")
        chosen.fill(partitions)
        chosen.press("Enter")
        page.get_by_role("button", name="Launch", exact=False).last.click()
    page.get_by_text("Launched").or_(page.get_by_text("Created backfill")).first.wait_for()


def keep(page: Page, name: str) -> None:
    """Takes a picture for the documentation, when pictures are wanted."""
    if SCREENSHOTS:
        page.wait_for_timeout(4_000)  # animations, statuses
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


def shown(page: Page, figure: str) -> int:
    """The number that a partition's page shows beside a figure's name."""
    row = page.locator("tr").filter(has=page.get_by_text(figure, exact=True)).first
    row.wait_for()
    return int(row.locator("td").nth(1).inner_text().replace(",", ""))


def counted(deployment: Deployment, what: str, day: str) -> int:
    """What the database has of a day."""
    with duckdb.connect(str(deployment.database), read_only=True) as connection:
        (count,) = connection.execute(f"SELECT {what} WHERE partition_date = ?", [day]).fetchone() or (None,)
    return int(count or 0)


def failed_checks(deployment: Deployment) -> set[str]:
    """The checks that did not pass in some run, warnings included: the sandbox gives no reason for one."""
    events = [entry.dagster_event for run in deployment.runs() for entry in deployment.instance.all_logs(run.run_id)]
    evaluated = [
        event.asset_check_evaluation_data
        for event in events
        if event and event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    assert {each.check_name for each in evaluated} >= {"each_conversation_once", "keys_and_parents", "volume"}
    return {f"{each.check_name} of {each.partition}" for each in evaluated if not each.passed}


def test_a_first_morning(page: Page, deployment: Deployment) -> None:
    closed = [str(datetime.now(UTC).date() - timedelta(days=back)) for back in range(5, 0, -1)]

    def stored(*days: str) -> bool:
        return all(deployment.stored_days(asset) >= set(days) for asset in (CONVERSATIONS, QUEUE_PERFORMANCE, *ENDS))

    materialize(page, deployment.url, "group:directory")
    wait_until("names of queues and users", lambda: deployment.has(*DIRECTORY), 180)

    materialize(page, deployment.url, CHAIN, closed[-1])
    wait_until("the last closed day", lambda: stored(closed[-1]), 240)

    materialize(page, deployment.url, CHAIN, f"[{closed[1]}...{closed[3]}]")
    page.goto(f"{deployment.url}/locations/genesys_assets/sensors/conversations_available")
    page.get_by_role("checkbox").first.dispatch_event("click")  # drawn by its label: it has no place of its own
    wait_until("three days by backfill, one by sensor", lambda: stored(*closed), 400)
    wait_until("all runs have ended", deployment.is_idle, 120)
    assert {run.status for run in deployment.runs()} == {dg.DagsterRunStatus.SUCCESS}
    assert failed_checks(deployment) == set()
    read = sorted(run.tags["dagster/partition"] for run in deployment.runs() if "dagster/partition" in run.tags)
    assert read == closed, "each day is read once: the sensor leaves alone what the backfill is going to read"
    page.reload()
    keep(page, "sensor")

    page.goto(f"{deployment.url}/assets/marts/queue_performance?view=partitions&partition={closed[-1]}")
    for figure in ("answered", "service_level", "abandon_rate", "average_handle_time_ms"):
        page.get_by_text(figure, exact=True).wait_for()
    assert shown(page, "offered") == counted(deployment, "sum(offered) FROM marts.queue_performance", closed[-1]) > 0
    keep(page, "partition")
    page.get_by_text("[Show Markdown]").click()
    picture = page.locator("img[alt*='service level']")
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") > 300
    keep(page, "queue_day")

    page.goto(f"{deployment.url}/assets/raw/conversations?view=partitions&partition={closed[-1]}")
    assert shown(page, "conversations") == counted(deployment, "count(*) FROM raw.conversations", closed[-1]) > 0

    page.set_viewport_size({"width": 1440, "height": 1060})  # the opened group fits
    page.goto(f"{deployment.url}/asset-groups?expanded={EXPANDED}")
    page.get_by_text("queue_performance", exact=True).last.wait_for()
    keep(page, "asset_graph")
    page.goto(f"{deployment.url}/assets/raw/conversations?view=checks")
    page.get_by_text("each_conversation_once").first.wait_for()
