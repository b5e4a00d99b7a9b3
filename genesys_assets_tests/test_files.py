"""Who else on the machine may read what the project writes: nobody, unless a setting or a folder's rights say so."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from genesys_assets import files
from genesys_assets.checkpoint.parts import PartBuffer, write_part
from genesys_assets.exports import destination_of, export_day
from genesys_assets.exports.database_copy import COPY_PATH, copy_tables
from genesys_assets.genesys.details.pages import KeyFields
from genesys_assets.genesys.details.slices import Batch
from genesys_assets.process import organisation_at_hand
from genesys_assets.purge import rewrite
from genesys_assets.sandbox import Faults, on
from genesys_assets.setting import SettingsError
from genesys_assets.warehouse import Database
from genesys_assets.warehouse.spool import Spool
from genesys_assets.work import WorkFolder
from genesys_assets_tests.conftest import DAY, Chain

ROWS = pl.LazyFrame({"partition_date": [DAY], "value": [1]})
BATCH = Batch([KeyFields("c", datetime(2026, 11, 20, tzinfo=UTC), None)], [b"{}"], datetime(2026, 11, 20, tzinfo=UTC))


@pytest.fixture(autouse=True)
def common_umask() -> Iterator[None]:
    """The umask that most machines have, and no other for the project's files than the default."""
    before = os.umask(0o022)
    yield
    files.use(files.DEFAULT)
    assert os.umask(before) == 0o022


def rights(folder: Path) -> dict[str, int]:
    """The rights of all that is below a folder."""
    return {str(each.relative_to(folder)): each.stat().st_mode & 0o7777 for each in sorted(folder.rglob("*"))}


def expected(folder: Path) -> dict[str, int]:
    return {str(each.relative_to(folder)): 0o700 if each.is_dir() else 0o600 for each in sorted(folder.rglob("*"))}


@contextmanager
def a_transaction(folder: Path) -> Iterator[None]:
    database = Database(folder / "data/genesys.duckdb")
    with database.writing() as connection:
        connection.execute("CREATE TABLE notes AS SELECT 1 AS note")
    with database.writing() as connection:
        connection.execute("INSERT INTO notes FROM range(9); COMMIT; BEGIN TRANSACTION; INSERT INTO notes VALUES (2)")
        assert (folder / "data/genesys.duckdb.wal").exists()
        yield


@contextmanager
def what_does_not_fit_in_memory(folder: Path) -> Iterator[None]:
    settings = {"memory_limit": "60MB", "threads": 1}
    with Database(folder / "genesys.duckdb", settings=settings, spool=Spool(folder / "spool")).writing() as connection:
        rows = connection.execute("SELECT uuid()::VARCHAR AS note FROM range(3000000) ORDER BY note")
        rows.fetchone()
        assert list(folder.rglob("*.tmp"))
        yield


@contextmanager
def a_spool(folder: Path) -> Iterator[None]:
    spool = Spool(folder / "spool")
    with spool.scoped_folder() as passing, spool.run_folder() as lasting:
        ROWS.sink_parquet(passing / "rows.parquet")
        (lasting / "rows.txt").write_text("rows")
        spool.step_folder("step")
        yield
    spool.close()


@contextmanager
def a_work_folder(folder: Path) -> Iterator[None]:
    with WorkFolder(path=str(folder / "work")).scoped_folder() as passing:
        (passing / "table").mkdir()
        ROWS.sink_parquet(passing / "table/rows.parquet")
        yield


@contextmanager
def a_part_of_a_checkpoint(folder: Path) -> Iterator[None]:
    buffer = PartBuffer()
    buffer.add(BATCH)
    write_part(buffer.frame(), folder / "part.parquet")
    yield


@contextmanager
def exports_in_the_making(folder: Path) -> Iterator[None]:
    destination = destination_of(str(folder / "exports"))
    export_day(destination, "marts.notes", DAY, ROWS)
    destination.update("latest.json", lambda _: b"{}")
    with destination.replacing("report.html") as file:
        file.write_text("page")
        yield


@contextmanager
def a_purged_database(folder: Path) -> Iterator[None]:
    database = Database(folder / "genesys.duckdb")
    with database.writing() as connection:
        connection.execute("CREATE TABLE notes AS SELECT 1 AS note")
    rewrite(database)
    yield


WRITERS = [
    a_transaction,
    what_does_not_fit_in_memory,
    a_spool,
    a_work_folder,
    a_part_of_a_checkpoint,
    exports_in_the_making,
    a_purged_database,
]


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_what_is_written_is_for_this_user_alone_while_it_is_written_and_after(writer, tmp_path):
    with writer(tmp_path):
        assert rights(tmp_path) == expected(tmp_path) != {}
    assert rights(tmp_path) == expected(tmp_path)


def test_a_failed_run_leaves_nothing_that_others_may_read(chain: Chain, sandbox) -> None:
    sandbox.faults = Faults(on("details/(query|jobs/.*/results)", after=2, status=403))
    chain.genesys = chain.genesys.model_copy(update={"source": "query"})
    assert not chain.fetch(DAY).success
    assert list(chain.folder.rglob("*.jsonl"))
    assert rights(chain.folder) == expected(chain.folder)


@pytest.mark.slow
def test_a_day_its_exports_and_a_purge_leave_nothing_that_others_may_read(chain: Chain) -> None:
    for job in ("refresh_directory", "day", "copy_database"):
        assert chain.run(job, DAY if job == "day" else None).success
    config = {"ops": {"purge_conversations": {"config": {"conversation_ids": [min(chain.documents())]}}}}
    assert chain.run("purge", run_config=config).success
    copy = f"exports/{COPY_PATH}"
    assert rights(chain.folder) == {**expected(chain.folder), copy: 0o400}


def test_the_setting_lets_the_group_in(tmp_path, monkeypatch):
    monkeypatch.setenv("GENESYS_ASSETS_UMASK", "027")
    organisation_at_hand()
    with a_transaction(tmp_path):
        assert set(rights(tmp_path).values()) == {0o750, 0o640}


def test_exports_may_be_read_by_whom_their_folder_lets_in(tmp_path):
    exports = tmp_path / "exports"
    exports.mkdir(mode=0o750)
    export_day(destination_of(str(exports)), "marts.notes", DAY, ROWS)
    found = {name: mode for name, mode in rights(exports).items() if not name.startswith(".writing")}
    assert {mode for name, mode in found.items() if name.endswith(".parquet")} == {0o640}
    assert {mode for name, mode in found.items() if not name.endswith(".parquet")} == {0o750}


def test_a_file_that_is_replaced_keeps_its_rights(tmp_path):
    destination = destination_of(str(tmp_path / "exports"))
    destination.write("latest.json", b"old")
    (tmp_path / "exports/latest.json").chmod(0o664)
    destination.write("latest.json", b"new")
    assert (tmp_path / "exports/latest.json").stat().st_mode & 0o777 == 0o664


def test_the_copy_for_readers_stays_one_that_nobody_can_write(tmp_path):
    database, destination = Database(tmp_path / "genesys.duckdb"), destination_of(str(tmp_path / "exports"))
    with database.writing() as connection:
        connection.execute("CREATE SCHEMA marts; CREATE TABLE marts.notes AS SELECT 1 AS note")
    copy = tmp_path / "exports" / COPY_PATH
    for allowed, left in ((0o700, 0o400), (0o755, 0o400)):  # the second replaces the first
        (tmp_path / "exports").mkdir(exist_ok=True)
        (tmp_path / "exports").chmod(allowed)
        with destination.replacing(COPY_PATH) as file:
            copy_tables(database, file, ["marts"])
        assert copy.stat().st_mode & 0o777 == left
    copy.unlink()
    with destination.replacing(COPY_PATH) as file:
        copy_tables(database, file, ["marts"])
    assert copy.stat().st_mode & 0o777 == 0o444


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_database_and_an_export_that_are_written_anew_stay_their_owners(tmp_path):
    database, destination = Database(tmp_path / "genesys.duckdb"), destination_of(str(tmp_path / "exports"))
    with database.writing() as connection:
        connection.execute("CREATE TABLE notes AS SELECT 1 AS note")
    destination.write("latest.json", b"old")
    theirs = [tmp_path / "genesys.duckdb", tmp_path / "exports/latest.json"]
    for file in theirs:
        os.chown(file, 10_001, 10_002)
        file.chmod(0o640)
    rewrite(database)
    destination.write("latest.json", b"new")
    found = [(each.stat().st_uid, each.stat().st_gid, each.stat().st_mode & 0o777) for each in theirs]
    assert found == [(10_001, 10_002, 0o640)] * 2


def test_a_database_that_cannot_be_given_back_to_its_owner_is_left_in_place_and_told(tmp_path, monkeypatch):
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    database = Database(tmp_path / "genesys.duckdb")
    with database.writing() as connection:
        connection.execute("CREATE TABLE notes AS SELECT 1 AS note")
    monkeypatch.setattr(files, "keep_rights", refused)
    before = (tmp_path / "genesys.duckdb").read_bytes()
    with pytest.raises(Exception, match="as the user whose file it is"):
        rewrite(database)
    assert (tmp_path / "genesys.duckdb").read_bytes() == before


def test_writers_at_once_leave_the_umask_as_it_was(tmp_path):
    def write(number: int) -> None:
        for again in range(50):
            with files.private():
                (tmp_path / f"{number}-{again}").touch()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(rights(tmp_path).values()) == {0o600}


@pytest.mark.parametrize("text", ["77", "077", "0027", "002"])
def test_a_umask_is_written_as_the_shell_does(text):
    assert files.umask_of(text) == int(text, 8)


@pytest.mark.parametrize("text", ["", "7", "777", "0o77", "088", "u=rwx", "-77", "00077"])
def test_what_is_no_umask_or_would_lock_this_user_out_is_refused(text):
    with pytest.raises(ValueError, match="write a umask"):
        files.umask_of(text)


def test_where_the_setting_cannot_be_used_nobody_else_may_read(tmp_path, monkeypatch):
    monkeypatch.setenv("GENESYS_ASSETS_UMASK", "rwx")
    with pytest.raises(SettingsError, match="write a umask"):
        organisation_at_hand()
    assert files.folder(tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
