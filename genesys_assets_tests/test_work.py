"""The work folder on a real disk: what is left behind ends, and nobody trips over what another run removes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from genesys_assets.checkpoint import ParquetCheckpoint
from genesys_assets.work import CHECKPOINT_KEPT_SECONDS, WorkFolder
from genesys_assets_tests.checkpoint.test_checkpoint import PLAN

RAW = dg.AssetKey(["raw", "conversations"])


def left_behind(folder: Path, run: str, *, seconds_ago: float) -> Path:
    """The checkpoint of a run, as it was so long ago."""
    checkpoint = folder / "landings" / run / "raw-conversations" / "2026-11-20"
    checkpoint.mkdir(parents=True)
    (checkpoint / "manifest.jsonl").write_text("{}")
    at = time.time() - seconds_ago
    for path in (checkpoint / "manifest.jsonl", checkpoint, checkpoint.parent, checkpoint.parent.parent):
        os.utime(path, (at, at))
    return checkpoint


def begin(folder: Path) -> None:
    WorkFolder(path=str(folder)).checkpoint(dg.DagsterRun("any", run_id="another"), RAW, "2026-11-20")


def test_a_checkpoint_that_nobody_has_touched_for_days_is_removed(tmp_path):
    old = left_behind(tmp_path, "old", seconds_ago=CHECKPOINT_KEPT_SECONDS + 60)
    new = left_behind(tmp_path, "new", seconds_ago=60)
    begin(tmp_path)
    assert not old.exists()
    assert new.exists()


def test_a_checkpoint_that_is_being_filled_stays_though_the_clock_is_days_ahead(
    tmp_path, monkeypatch: pytest.MonkeyPatch
):
    living = WorkFolder(path=str(tmp_path)).checkpoint(dg.DagsterRun("any", run_id="living"), RAW, "2026-11-20")
    living.start(PLAN)
    left = left_behind(tmp_path, "left", seconds_ago=60)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 4 * 24 * 3600)
    begin(tmp_path)
    assert not left.exists()
    assert ParquetCheckpoint(tmp_path / "landings" / "living" / "raw-conversations" / "2026-11-20").plan() == PLAN
    living.discard()


def test_a_checkpoint_of_which_the_process_has_ended_is_no_longer_being_filled(tmp_path):
    folder = tmp_path / "landings" / "ended" / "raw-conversations" / "2026-11-20"
    program = (
        "import os, sys; from pathlib import Path; from genesys_assets.checkpoint import ParquetCheckpoint; "
        "from genesys_assets_tests.checkpoint.test_checkpoint import PLAN; "
        "ParquetCheckpoint(Path(sys.argv[1])).start(PLAN); "
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    assert ParquetCheckpoint(folder).plan() == PLAN
    at = time.time() - CHECKPOINT_KEPT_SECONDS - 60
    os.utime(folder / "manifest.jsonl", (at, at))
    begin(tmp_path)
    assert not folder.exists()


def test_folders_that_have_been_empty_for_days_are_removed(tmp_path):
    for run, seconds_ago in (("old", CHECKPOINT_KEPT_SECONDS + 60), ("new", 60)):
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


def test_a_checkpoint_that_another_run_removes_meanwhile_is_no_error(tmp_path, monkeypatch: pytest.MonkeyPatch):
    gone = left_behind(tmp_path, "gone", seconds_ago=60) / "manifest.jsonl"
    monkeypatch.setattr(Path, "glob", lambda _folder, _pattern: iter([gone]))
    gone.unlink()
    begin(tmp_path)
