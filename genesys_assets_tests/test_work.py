"""The work folder on a real disk: what is left behind ends, and nobody trips over what another run removes."""

import os
import time
from pathlib import Path

import dagster as dg
import pytest

from genesys_assets.work import LANDING_KEPT_SECONDS, WorkFolder

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
