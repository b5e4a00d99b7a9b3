"""That quarantine stays small, and is told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from genesys_assets_tests.quarantine import MOST

TESTS = """
import pytest

@pytest.mark.quarantine(reason="It races the daemon.")
@pytest.mark.parametrize("number", range({count}))
def test_that_races(number):
    assert number
"""


def run_on(tests: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """A run of pytest on so many tests in quarantine, of which the first fails."""
    (folder / "conftest.py").write_text("from genesys_assets_tests.quarantine import *")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = quarantine(reason): a race\n")
    (folder / "test_race.py").write_text(TESTS.format(count=tests))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_how_each_test_in_quarantine_came_out_is_printed_with_its_reason(tmp_path: Path) -> None:
    ran = run_on(MOST, tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert f"in quarantine: {MOST} of at most {MOST} tests" in ran.stdout
    assert "failed: test_race.py::test_that_races[0]: It races the daemon." in ran.stdout
    assert "passed: test_race.py::test_that_races[1]: It races the daemon." in ran.stdout


def test_one_test_more_than_is_allowed_fails_the_suite(tmp_path: Path) -> None:
    ran = run_on(MOST + 1, tmp_path)
    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{MOST + 1} tests stand in quarantine, and {MOST} are allowed." in ran.stdout + ran.stderr
