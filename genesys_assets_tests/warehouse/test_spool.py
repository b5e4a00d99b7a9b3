import os
import signal
from pathlib import Path
from typing import Any

import pytest

from genesys_assets.warehouse import locks
from genesys_assets.warehouse.errors import DatabaseBusyError, DiskFullError
from genesys_assets.warehouse.spool import Spool, full_disk_errors
from genesys_assets.warehouse.waiting import WaitPolicy
from genesys_assets_tests.warehouse.support import Clock, elsewhere, event, quiet, start


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def files(parent: Path) -> list[str]:
    """Returns the names of the temporary files of all processes."""
    return sorted(file.name for file in parent.rglob("*.parquet"))


def leaves_a_file(parent: Path, name: str) -> None:
    with quiet(), Spool(parent).scoped_folder() as folder:
        (folder / name).touch()
        os.kill(os.getpid(), signal.SIGKILL)


def keeps_a_file(parent: Path, name: str, kept: Any, let_go: Any) -> None:
    spool = Spool(parent)
    with quiet():
        (spool.step_folder("step") / name).touch()
        kept.set()
        let_go.wait(60)


def fails_in(folder: Path) -> None:
    (folder / "rows.parquet").touch()
    raise ZeroDivisionError


def test_nothing_is_created_before_a_file_is_asked_for(parent: Path) -> None:
    Spool(parent).close()
    assert not parent.exists()


def test_a_passing_folder_goes_at_the_end_of_its_block(parent: Path) -> None:
    with Spool(parent).scoped_folder() as folder:
        (folder / "rows.parquet").touch()
        assert files(parent) == ["rows.parquet"]
    assert files(parent) == []


def test_a_passing_folder_goes_when_its_block_fails(parent: Path) -> None:
    with pytest.raises(ZeroDivisionError), Spool(parent).scoped_folder() as folder:
        fails_in(folder)
    assert files(parent) == []


def test_what_a_step_loaded_stays_until_the_next_step_loads(parent: Path) -> None:
    spool = Spool(parent)
    (spool.step_folder("one") / "a.parquet").touch()
    (spool.step_folder("one") / "b.parquet").touch()
    assert files(parent) == ["a.parquet", "b.parquet"]
    (spool.step_folder("two") / "c.parquet").touch()
    assert files(parent) == ["c.parquet"]


def test_a_closed_spool_leaves_no_folder_of_its_own(parent: Path) -> None:
    spool = Spool(parent)
    (spool.step_folder("one") / "a.parquet").touch()
    spool.close()
    assert list(parent.glob("warehouse-*")) == []


def test_what_a_killed_process_left_goes_when_the_next_one_starts(parent: Path) -> None:
    assert elsewhere(leaves_a_file, parent, "left.parquet") == -signal.SIGKILL
    assert files(parent) == ["left.parquet"]
    Spool(parent).step_folder("step")
    assert files(parent) == []


def test_what_a_living_process_keeps_stays_when_another_one_starts(parent: Path) -> None:
    kept, let_go = event(), event()
    process = start(keeps_a_file, parent, "kept.parquet", kept, let_go)
    assert kept.wait(60)
    Spool(parent).step_folder("step")
    assert files(parent) == ["kept.parquet"]
    let_go.set()
    process.join(60)


def test_two_spools_of_one_process_do_not_remove_each_others_files(parent: Path) -> None:
    one, two = Spool(parent), Spool(parent)
    (one.step_folder("step") / "one.parquet").touch()
    (two.step_folder("step") / "two.parquet").touch()
    two.close()
    assert files(parent) == ["one.parquet"]


def test_files_of_others_in_the_same_folder_are_left_alone(parent: Path) -> None:
    (parent / "checkpoint").mkdir(parents=True)
    (parent / "checkpoint" / "page.parquet").touch()
    spool = Spool(parent)
    spool.step_folder("step")
    spool.close()
    assert files(parent) == ["page.parquet"]


@pytest.mark.parametrize("message", ["No space left on device (os error 28)", "File too large (os error 27)"])
def test_a_full_disk_is_named(tmp_path: Path, message: str) -> None:
    with (
        pytest.raises(DiskFullError, match=r"spool folder .* is full") as error,
        full_disk_errors(tmp_path / "output-1"),
    ):
        raise OSError(message)
    assert not error.value.transient


def test_an_error_that_speaks_of_another_quota_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="quota"), full_disk_errors(tmp_path):
        raise ValueError("column quota_id is not there")


def test_another_error_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), full_disk_errors(tmp_path):
        raise ZeroDivisionError


def test_a_spool_that_another_process_sweeps_is_waited_for_no_longer_than_the_database(parent: Path) -> None:
    clock, told = Clock(), []
    policy = WaitPolicy(30, clock, clock.sleep, told.append)
    parent.mkdir()
    named = rf"^Waited 30 seconds in vain for the spool folder .*, held by process {os.getpid()} \(python"
    with (
        locks.take(parent / "sweep.lock", WaitPolicy().wait(), str),
        pytest.raises(DatabaseBusyError, match=named),
        Spool(parent, policy).scoped_folder(),
    ):
        pass
    assert clock.seconds == pytest.approx(30)
    assert [sentence.split(",")[0] for sentence in told] == [f"Waiting for the spool folder {parent}"]
