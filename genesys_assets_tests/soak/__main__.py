"""`make soak`: a quarter of the pipeline's life in one process, and what has grown in it.

    python -m genesys_assets_tests.soak [--days N] [--settlement DAYS]

The project's sensors and schedules are evaluated on a clock that is turned from tick to tick; what they request is run
at once. What is measured goes into docs/operations.md when all 90 days have been lived.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
import pytest

from genesys_assets.organisation import Organisation
from genesys_assets.resources import Genesys
from genesys_assets_tests.automation.webhook import listening
from genesys_assets_tests.soak import page
from genesys_assets_tests.soak.centre import CONVERSATIONS_PER_DAY, contact_centre
from genesys_assets_tests.soak.clock import Clock, lived_by
from genesys_assets_tests.soak.engines import kept_engines
from genesys_assets_tests.soak.judge import MEMORY_MARGIN_BYTES, WARM_DAYS, judged
from genesys_assets_tests.soak.measured import Measured
from genesys_assets_tests.soak.quarter import TICKS, Quarter

DAYS = 90
SETTLEMENT = "3"
HISTORY_DAYS = "35"
"""The least that the setting allows, so that a quarter shows what is forgotten."""
ROOT = Path(__file__).parents[2]
_real_clock = time.monotonic


@contextmanager
def quarter(settlement: str) -> Iterator[Quarter]:
    """A pipeline on its first day, in a folder that is removed afterwards."""
    clock = Clock()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(contact_centre(clock))
        hook = stack.enter_context(listening())
        _set(stack.enter_context(pytest.MonkeyPatch.context()), folder, settlement, hook.url)
        stack.enter_context(kept_engines())
        stack.enter_context(lived_by(clock))
        (folder / "home").mkdir()
        shutil.copy(ROOT / "dagster.yaml", folder / "home")
        instance = stack.enter_context(dg.DagsterInstance.from_config(str(folder / "home")))
        genesys = Genesys(
            client_id="sandbox", client_secret="sandbox", api_url=url, login_url=url, requests_per_minute=100_000
        )
        yield Quarter(folder, clock, genesys, instance, Organisation().start_date)


def _set(patch: pytest.MonkeyPatch, folder: Path, settlement: str, webhook: str) -> None:
    """No setting but the soak's own."""
    for name in [each for each in os.environ if each.startswith("GENESYS")]:
        patch.delenv(name)
    patch.setenv("GENESYS_ASSETS_DATABASE", str(folder / "genesys.duckdb"))
    patch.setenv("GENESYS_ASSETS_SETTLEMENT_DAYS", settlement)
    patch.setenv("GENESYS_ASSETS_RUN_HISTORY_DAYS", HISTORY_DAYS)
    patch.setenv("GENESYS_ASSETS_ALERT_WEBHOOK", webhook)


def soaked(days: int, settlement: str) -> tuple[list[Measured], list[str]]:
    """Lives so many days; returns what was measured, and what is not as it ought to be."""
    measures, began = [], _real_clock()
    with quarter(settlement) as lived:
        for day in range(1, days + 1):
            lived.live()
            if day == 1 or day % 10 == 0 or day == days:
                measures.append(lived.measured())
                print(f"{_real_clock() - began:,.0f} s: {measures[-1]}", flush=True)
        return measures, judged(measures, lived.days_wrong())


def text(measures: list[Measured], settlement: str) -> str:
    """What docs/operations.md says of it."""
    return (
        f"{measures[-1].day} days of some {CONVERSATIONS_PER_DAY} conversations, read by job from the sandbox over "
        "HTTP; "
        f"{len(TICKS)} ticks of the sensor `conversations_available` a day, every tick of the schedules `settlement` "
        f"(day {settlement}), `directory`, `database_copy` and `run_history` ({HISTORY_DAYS} days), the sensors "
        f"`failed_runs` and `failed_checks` after each of them; {measures[-1].runs_made:,} runs in one process, and "
        "Dagster's SQLite as `dagster.yaml` has it.\n\n" + page.table(measures)
    )


def main() -> None:
    """Lives, prints, writes, and exits with 1 unless all that ought to be steady was."""
    parser = argparse.ArgumentParser(prog="python -m genesys_assets_tests.soak", description=__doc__)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--settlement", default=SETTLEMENT, help="days back that are read again, as 2,3,4,8,31")
    asked = parser.parse_args()
    measures, wrong = soaked(asked.days, asked.settlement)
    told = text(measures, asked.settlement)
    print(told)
    print("\n".join(wrong) or f"Steady: memory within {MEMORY_MARGIN_BYTES >> 20} MiB from day {WARM_DAYS} on.")
    if asked.days >= DAYS:
        page.write(told)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
