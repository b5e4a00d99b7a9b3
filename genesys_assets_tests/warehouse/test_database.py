import contextlib
import datetime as dt
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import filelock
import pytest

from genesys_assets.warehouse import (
    Database,
    DatabaseBusyError,
    DatabaseConflictError,
    DatabaseUnreadableError,
    DeclarationError,
    DiskFullError,
    LockTiming,
    locks,
)
from genesys_assets.warehouse.engines.engine import holder_in
from genesys_assets.warehouse.engines.file import File
from genesys_assets.warehouse.waiting import WaitPolicy
from genesys_assets_tests.warehouse.support import Clock, event, quiet, start


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with one row in one table."""
    path = tmp_path / "warehouse.duckdb"
    with Database(path).writing() as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 1 AS number")
    return path


def numbers(path: Path) -> list[int]:
    with Database(path).reading() as connection:
        return [number for (number,) in connection.execute("FROM numbers ORDER BY 1").fetchall()]


def holds(path: Path, read_only: bool, held: Any, let_go: Any) -> None:
    """Opens the database as any other tool does, and keeps it open until it is told to let go."""
    with quiet(), duckdb.connect(path, read_only=read_only):
        held.set()
        let_go.wait(60)


def never_lets_go(path: Path, held: Any, let_go: Any) -> None:
    """Is a writer of this package, in the middle of its transaction."""
    with quiet(), Database(path).writing():
        held.set()
        let_go.wait(60)


class Holder:
    """Another process that has the database open; `let_go` ends it."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        held, self._let_go = event(), event()
        self._process = start(function, *arguments, held, self._let_go)
        assert held.wait(60)
        self.pid = self._process.pid

    def let_go(self) -> None:
        self._let_go.set()
        self._process.join(60)


@pytest.fixture
def holder() -> Iterator[Any]:
    holders = []

    def make(function: Any, *arguments: Any) -> Holder:
        holders.append(Holder(function, *arguments))
        return holders[-1]

    yield make
    for each in holders:
        each.let_go()


def fails_after_writing(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("INSERT INTO numbers VALUES (2)")
    connection.execute("CREATE TABLE others (number INTEGER)")
    raise ZeroDivisionError


def test_what_is_written_is_read_again(path: Path) -> None:
    assert numbers(path) == [1]


def test_a_block_that_raises_changes_nothing(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Database(path).writing() as connection:
        fails_after_writing(connection)
    assert numbers(path) == [1]
    with Database(path).reading() as connection:
        assert connection.execute("SHOW TABLES").fetchall() == [("numbers",)]


def test_a_failed_block_lets_go_of_the_database(path: Path) -> None:
    with pytest.raises(duckdb.CatalogException), Database(path).writing() as connection:
        connection.execute("FROM nowhere")
    with Database(path, wait_policy=WaitPolicy(0)).writing() as connection:
        connection.execute("INSERT INTO numbers VALUES (2)")
    assert numbers(path) == [1, 2]


def test_a_reader_cannot_write(path: Path) -> None:
    with Database(path).reading() as connection, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        connection.execute("INSERT INTO numbers VALUES (2)")


def test_a_database_that_does_not_exist_reads_as_an_empty_one_and_is_not_created(tmp_path: Path) -> None:
    with Database(tmp_path / "none.duckdb").reading() as connection:
        assert connection.execute("SHOW TABLES").fetchall() == []
    assert list(tmp_path.iterdir()) == []


def test_a_writer_creates_the_folders_of_its_database(tmp_path: Path) -> None:
    with Database(tmp_path / "a" / "b" / "new.duckdb").writing():
        pass
    assert (tmp_path / "a" / "b" / "new.duckdb").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(DatabaseUnreadableError, match=r"cannot be written .*give this process the right"),
        Database(tmp_path / "file" / "new.duckdb").writing(),
    ):
        pass


def test_a_reader_of_a_folder_that_only_others_may_write_does_without_the_lock_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", f"{path}.lock")

    monkeypatch.setattr("filelock.FileLock.acquire", denied)
    assert numbers(path) == [1]


def test_a_session_is_in_utc_and_takes_no_python_variable_for_a_table(path: Path) -> None:
    intruder = duckdb.connect().sql("SELECT 1 AS number")
    with Database(path).reading() as connection:
        assert connection.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
        assert connection.execute("SELECT DATE '2026-01-05'::TIMESTAMPTZ").fetchall() == [
            (dt.datetime(2026, 1, 5, tzinfo=dt.UTC),)
        ]
        with pytest.raises(duckdb.CatalogException, match="intruder"):
            connection.execute("FROM intruder")
    assert intruder.fetchall() == [(1,)]


def test_a_new_file_is_written_so_that_duckdb_1_5_reads_it(path: Path) -> None:
    with Database(path).reading() as connection:
        tags = connection.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'warehouse'").fetchall()
    assert tags == [({"storage_version": "v1.5.0+"},)]


def test_a_writer_waits_for_a_reader_that_holds_the_file_open(path: Path, holder: Any) -> None:
    reader = holder(holds, path, True)
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        reader.let_go()

    with Database(path, wait_policy=WaitPolicy(sleep=sleep)).writing() as connection:
        connection.execute("INSERT INTO numbers VALUES (2)")
    assert numbers(path) == [1, 2]
    assert waited


def test_a_reader_waits_for_a_writer_that_holds_the_file_open(path: Path, holder: Any) -> None:
    writer = holder(holds, path, False)
    with Database(path, wait_policy=WaitPolicy(sleep=lambda _: writer.let_go())).reading() as connection:
        assert connection.execute("FROM numbers").fetchall() == [(1,)]


def test_readers_of_the_file_do_not_hinder_one_another(path: Path, holder: Any) -> None:
    holder(holds, path, True)
    assert numbers(path) == [1]


@pytest.mark.parametrize("read_only", [True, False], ids=["reader", "writer"])
def test_a_process_that_never_lets_go_is_named_after_a_bounded_wait(path: Path, holder: Any, read_only: bool) -> None:
    other, clock = holder(holds, path, read_only), Clock()
    named = rf"held by process {other.pid} \(python[\d.]*\) for longer than the 30 seconds"
    database = Database(path, wait_policy=WaitPolicy(30, clock=clock, sleep=clock.sleep))
    with pytest.raises(DatabaseBusyError, match=named) as error, database.writing():
        pass
    assert not error.value.transient  # the wait was the retry
    assert clock.seconds == pytest.approx(30)


def told_while_waiting(path: Path, seconds: float) -> list[tuple[float, str]]:
    """What a writer is told, and when, that waits in vain."""
    clock, told = Clock(), []
    database = Database(
        path,
        wait_policy=WaitPolicy(
            seconds, clock, clock.sleep, tell=lambda sentence: told.append((clock.seconds, sentence))
        ),
    )
    with pytest.raises(DatabaseBusyError), database.writing():
        pass
    return told


@pytest.mark.parametrize(
    ("function", "arguments"),
    [(holds, (True,)), (holds, (False,)), (never_lets_go, ())],
    ids=["reader", "writer", "run"],
)
def test_waiting_is_told_after_five_seconds_and_each_minute_again(
    path: Path, holder: Any, function: Any, arguments: tuple[bool, ...]
) -> None:
    other = holder(function, path, *arguments)
    told = told_while_waiting(path, 150)
    assert [at for at, _ in told] == pytest.approx([5, 65, 125], abs=0.1)
    named = rf"Waiting for {re.escape(str(path))}, held by process {other.pid} \(python[\d.]*\)\. "
    assert all(re.match(named, sentence) for _, sentence in told)
    assert told[0][1].endswith("5 of at most 150 seconds have passed.")


def test_a_short_wait_is_not_told(path: Path, holder: Any) -> None:
    holder(holds, path, True)
    assert told_while_waiting(path, 4.9) == []


def test_who_waits_behind_a_run_that_waits_for_a_notebook_is_told_of_the_notebook(path: Path, holder: Any) -> None:
    notebook = holder(holds, path, True)
    with locks.take(Path(f"{path}.lock"), WaitPolicy().wait(), str):
        told = told_while_waiting(path, 10)
    assert f"held by process {notebook.pid} (" in told[0][1]


def test_a_holder_on_another_host_is_named_with_it(path: Path) -> None:
    with locks.take(Path(f"{path}.lock"), WaitPolicy().wait(), str):
        Path(f"{path}.lock").write_text("7 python run-host\n")
        told = told_while_waiting(path, 10)
    assert "held by process 7 (python) on run-host. " in told[0][1]


def test_a_holder_that_left_no_note_is_waited_for_too(path: Path) -> None:
    with locks.take(Path(f"{path}.lock"), WaitPolicy().wait(), str):
        Path(f"{path}.lock").write_text("")
        assert "held by a process that cannot be named. " in told_while_waiting(path, 10)[0][1]


def test_the_error_of_a_wait_in_vain_gives_the_advice_of_whoever_made_the_database(path: Path, holder: Any) -> None:
    holder(holds, path, True)
    database = Database(path, wait_policy=WaitPolicy(0, remedy="close the notebook"))
    with (
        pytest.raises(DatabaseBusyError, match="waits: close the notebook, then run this step again"),
        database.writing(),
    ):
        pass


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Conflicting lock is held in /opt/my tools/tableau (PID 4711). See also", "process 4711 (tableau)"),
        ("Conflicting lock is held in PID 4711. See also", "process 4711"),
        ("Conflicting lock is held in (PID 4711) by user ann. See also", "process 4711"),
        ("Conflicting lock is held in PID 0. See also", None),  # it lives in another container
        ("Resource temporarily unavailable", None),
    ],
)
def test_a_process_is_named_as_well_as_duckdb_tells(words: str, named: str | None) -> None:
    assert holder_in(duckdb.IOException(f'IO Error: Could not set lock on file "x": {words}')) == named


@pytest.mark.parametrize("opening", [Database.reading, Database.writing])
@pytest.mark.parametrize("kind", ["folder", "pipe", "link to itself"])
def test_a_path_that_can_never_be_a_database_is_refused_at_once(tmp_path: Path, kind: str, opening: Any) -> None:
    path = tmp_path / "x.duckdb"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case _:
            path.symlink_to(path)
    clock = Clock()
    database = Database(path, wait_policy=WaitPolicy(clock=clock, sleep=clock.sleep))
    with (
        pytest.raises(DatabaseUnreadableError, match=r"can never be one \(.*set the path of a file"),
        opening(database),
    ):
        pass
    assert (clock.seconds, list(tmp_path.iterdir())) == (0, [path])


def test_the_wait_for_others_is_jittered_and_grows_to_a_second(path: Path, holder: Any) -> None:
    holder(holds, path, False)
    clock = Clock()
    with (
        pytest.raises(DatabaseBusyError),
        Database(path, wait_policy=WaitPolicy(30, clock=clock, sleep=clock.sleep)).writing(),
    ):
        pass
    assert clock.slept[0] < 0.05
    assert 0.5 <= max(clock.slept) <= 1
    assert len(set(clock.slept)) == len(clock.slept)


def test_a_writer_of_the_same_queue_that_never_lets_go_is_named(path: Path, holder: Any) -> None:
    other = holder(never_lets_go, path)
    with (
        pytest.raises(DatabaseBusyError, match=f"held by process {other.pid}"),
        Database(path, wait_policy=WaitPolicy(0)).writing(),
    ):
        pass


def test_a_writer_that_comes_by_a_link_queues_with_the_others(path: Path, holder: Any) -> None:
    other = holder(never_lets_go, path)
    link = path.with_name("link.duckdb")
    link.symlink_to(path)
    named = f"held by process {other.pid}"
    with pytest.raises(DatabaseBusyError, match=named), Database(link, wait_policy=WaitPolicy(0)).writing():
        pass
    assert not Path(f"{link}.lock").exists()


def test_a_database_that_this_process_has_open_elsewhere_is_named_too(path: Path) -> None:
    with (
        duckdb.connect(path),
        pytest.raises(DatabaseBusyError, match=f"held by process {os.getpid()}"),
        Database(path, wait_policy=WaitPolicy(0)).writing(),
    ):
        pass


def spoilt(path: Path, how: str) -> None:
    content = bytearray(path.read_bytes())
    match how:
        case "not a database":
            content[:] = b"id,name\n1,Care\n" * 500
        case "header":
            content[4096:8192] = b"\x01" * 4096
            content[8192:12288] = b"\x01" * 4096
        case "cut":
            del content[6_000:]
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["not a database", "header", "cut"])
@pytest.mark.parametrize("opening", [Database.reading, Database.writing])
def test_a_damaged_file_is_named_and_left_as_it_is(path: Path, how: str, opening: Any) -> None:
    spoilt(path, how)
    before = path.read_bytes()
    named = r"(cannot be opened by DuckDB .*|is corrupt) and was left as it is"
    with pytest.raises(DatabaseUnreadableError, match=named) as error, opening(Database(path)):
        pass
    assert not error.value.transient
    assert path.read_bytes() == before


@pytest.mark.parametrize("opening", [Database.reading, Database.writing])
def test_a_file_of_sqlite_is_refused_and_no_extension_is_asked_for(tmp_path: Path, opening: Any) -> None:
    path = tmp_path / "other.duckdb"
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE rows (x)")
    before = path.read_bytes()
    with pytest.raises(DatabaseUnreadableError, match="not a valid DuckDB database") as error, opening(Database(path)):
        pass
    assert "extension" not in str(error.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("location", [":memory:", ":memory:name", "", " "])
def test_a_database_in_memory_is_refused_with_the_reason(location: str) -> None:
    with pytest.raises(DeclarationError, match="every step opens it anew and would find nothing"):
        Database(location)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "s3", "mysql+pymysql", "md", "POSTGRES", "DuckLake"])
def test_a_database_of_another_kind_is_refused_by_its_scheme_and_no_more(tmp_path: Path, scheme: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(f"cannot be at '{scheme}:...'")) as error:
        Database(f"{scheme}://me:secret@db/calls")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("location", ["calls.duckdb", "a folder/calls: all.duckdb", "C:/data/calls.duckdb"])
def test_a_path_is_not_taken_for_a_scheme(location: str) -> None:
    assert Database(location).path == Path(location)


@pytest.mark.parametrize(
    "location", ["ducklake:postgres:password=secret host=db", "ducklake:postgresql://me:secret@db/lake"]
)
def test_a_lake_has_no_path_and_its_secrets_are_not_shown(location: str) -> None:
    database = Database(location)
    assert database.path is None
    assert "secret" not in f"{database!r} {database.label}"


def test_all_attempts_of_a_transaction_wait_no_longer_than_one(path: Path) -> None:
    """The file is held for 20 of the 30 seconds, conflicts, and is held again: 10 are left then."""
    clock, conflicts, holders = Clock(), [], [duckdb.connect(path)]

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if not conflicts and holders and clock.seconds >= 20:
            holders.pop().close()
        elif conflicts and not holders:
            holders.append(duckdb.connect(path))

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        clock.sleep(100)  # of its own, which is no waiting
        conflicts.append(1)
        raise DatabaseConflictError("Others changed it.")

    with pytest.raises(DatabaseBusyError, match="for longer than the 30 seconds"):
        Database(path, wait_policy=WaitPolicy(30, clock=clock, sleep=sleep)).transact(work)
    holders.pop().close()
    assert len(conflicts) == 1
    assert clock.seconds == pytest.approx(130, abs=1)


def test_conflicts_are_kept_apart_by_jitter_when_no_time_is_left_too(path: Path) -> None:
    clock = Clock()

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        raise DatabaseConflictError("Others changed it.")

    with pytest.raises(DatabaseConflictError):
        Database(path, wait_policy=WaitPolicy(0, clock=clock, sleep=clock.sleep)).transact(work)
    assert min(clock.slept) > 0
    assert len(set(clock.slept)) == 9


def test_a_disk_that_is_full_when_the_database_is_opened_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB makes the file's log when it opens it."""
    full = "IO Error: Could not write all bytes to file: No space left on device"
    monkeypatch.setattr(File, "attach_sql", lambda *_, **__: f"SELECT error('{full}')")
    with pytest.raises(DiskFullError, match="free space on its disk"), Database(path).writing():
        pass


def test_a_hold_tells_how_long_the_database_was_waited_for_and_held(path: Path) -> None:
    clock, timing = Clock(), LockTiming()
    with Database(path, wait_policy=WaitPolicy(clock=clock)).writing(timing):
        clock.sleep(2.5)
    assert (timing.waited_seconds, timing.held_seconds) == (0, 2.5)


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_others_queue_for_as_long_as_the_database_is_had(path: Path, way: str) -> None:
    """Two in one process would both get a file that DuckDB keeps for one process, and undo each other's changes."""
    Database(path).transact(lambda _connection: None)
    other = filelock.FileLock(f"{path}.lock", is_singleton=False)
    with getattr(Database(path), way)(), pytest.raises(filelock.Timeout):
        other.acquire(timeout=0)
    with other.acquire(timeout=0):
        assert other.is_locked
