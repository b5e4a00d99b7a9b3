"""The work folder on a real disk: what is left behind ends, and nobody trips over what another run removes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from genesys_assets.landing import Landing
from genesys_assets.work import LANDING_KEPT_SECONDS, WorkFolder
from genesys_assets_tests.landing.test_landing import PLAN

RAW = dg.AssetKey(["raw", "conversations"])


def left_behind(folder: Path, run: str, *, seconds_ago: float) -> Path:
    """The landing of a run, as it was so long ago."""
    landing = folder / "landings" / run / "raw-conversations" / "2026-11-20"
    landing.mkdir(parents=True)
    (landing / "manifest.jsonl").write_text("{}")
    at = time.time() - seconds_ago
    for path in (landing / "manifest.jsonl", landing, landing.parent, landing.parent.parent):
        os.utime(path, (at, at))
    return landing


def begin(folder: Path) -> None:
    WorkFolder(path=str(folder)).landing(dg.DagsterRun("any", run_id="another"), RAW, "2026-11-20")


def test_a_landing_that_nobody_has_touched_for_days_is_removed(tmp_path):
    old = left_behind(tmp_path, "old", seconds_ago=LANDING_KEPT_SECONDS + 60)
    new = left_behind(tmp_path, "new", seconds_ago=60)
    begin(tmp_path)
    assert not old.exists()
    assert new.exists()


def test_a_landing_that_is_being_filled_stays_though_the_clock_is_days_ahead(tmp_path, monkeypatch: pytest.MonkeyPatch):
    living = WorkFolder(path=str(tmp_path)).landing(dg.DagsterRun("any", run_id="living"), RAW, "2026-11-20")
    living.begin(PLAN)
    left = left_behind(tmp_path, "left", seconds_ago=60)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 4 * 24 * 3600)
    begin(tmp_path)
    assert not left.exists()
    assert Landing(tmp_path / "landings" / "living" / "raw-conversations" / "2026-11-20").plan() == PLAN
    living.discard()


def test_a_landing_of_which_the_process_has_ended_is_no_longer_being_filled(tmp_path):
    folder = tmp_path / "landings" / "ended" / "raw-conversations" / "2026-11-20"
    program = (
        "import os, sys; from pathlib import Path; from genesys_assets.landing import Landing; "
        "from genesys_assets_tests.landing.test_landing import PLAN; Landing(Path(sys.argv[1])).begin(PLAN); "
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    assert Landing(folder).plan() == PLAN
    at = time.time() - LANDING_KEPT_SECONDS - 60
    os.utime(folder / "manifest.jsonl", (at, at))
    begin(tmp_path)
    assert not folder.exists()


def test_folders_that_have_been_empty_for_days_are_removed(tmp_path):
    for run, seconds_ago in (("old", LANDING_KEPT_SECONDS + 60), ("new", 60)):
        left_behind(tmp_path, run, seconds_ago=seconds_ago)
        folder = tmp_path / "landings" / run / "raw-conversations"
        (folder / "2026-11-20" / "manifest.jsonl").unlink()
        (folder / "2026-11-20").rmdir()
        for path in (folder, folder.parent):
            os.utime(path, (time.time() - seconds_ago,) * 2)
    begin(tmp_path)
    begin(tmp_path)  # the run's own folder is empty only now, and changed a moment ago
    assert sorted(path.name for path in (tmp_path / "landings").iterdir()) == ["new", "old"]
    assert not (tmp_path / "landings" / "old" / "raw-conversations").exists()


def test_a_landing_that_another_run_removes_meanwhile_is_no_error(tmp_path, monkeypatch: pytest.MonkeyPatch):
    gone = left_behind(tmp_path, "gone", seconds_ago=60) / "manifest.jsonl"
    monkeypatch.setattr(Path, "glob", lambda _folder, _pattern: iter([gone]))
    gone.unlink()
    begin(tmp_path)
