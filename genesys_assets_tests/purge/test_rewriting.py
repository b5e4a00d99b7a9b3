"""The bytes of deleted rows, in a file that is searched for them."""

import contextlib
import subprocess
import sys

import duckdb
import pytest

from genesys_assets.purge import RewriteError, rewrite, rewriting
from genesys_assets.warehouse import Database
from genesys_assets.warehouse.table import CATALOGUE

TOKEN = b"QZX7PERSONAL"


@pytest.fixture
def database(tmp_path):
    """A database in which a deleted row had the token; uncompressed, so that it can be searched for."""
    database = Database(tmp_path / "genesys.duckdb", settings={"force_compression": "uncompressed"})
    with database.writing() as connection:
        connection.execute(
            "CREATE SCHEMA raw; CREATE TABLE raw.notes AS SELECT i, CASE i WHEN 777 THEN $token ELSE uuid()::VARCHAR "
            "END AS note, 'x' || (i % 5) AS tag FROM range(5000) t(i)",
            {"token": TOKEN.decode()},
        )
        connection.execute("COMMENT ON TABLE raw.notes IS 'Notes.'; CREATE VIEW raw.all_notes AS FROM raw.notes")
    with database.writing() as connection:
        connection.execute("DELETE FROM raw.notes WHERE i = 777")
    return database


def content(database):
    with database.reading() as connection:
        tables = connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'notes'").fetchall()
        return tables, connection.execute("FROM raw.all_notes ORDER BY i").fetchall()


def test_deleted_values_stay_in_the_file_until_it_is_written_anew(database):
    assert TOKEN in database.path.read_bytes()
    before = content(database)
    done = rewrite(database)
    assert TOKEN not in database.path.read_bytes()
    assert content(database) == before
    assert done.bytes_after == database.path.stat().st_size <= done.bytes_before


def test_the_new_file_has_the_name_rights_and_neighbours_of_the_old_one(database):
    database.path.chmod(0o640)
    rewrite(database)
    assert database.path.stat().st_mode & 0o777 == 0o640
    assert {each.name for each in database.path.parent.iterdir()} <= {"genesys.duckdb", "genesys.duckdb.lock"}


def test_the_file_behind_a_link_is_written_anew(database, tmp_path):
    link = tmp_path / "elsewhere" / "linked.duckdb"
    link.parent.mkdir()
    link.symlink_to(database.path)
    rewrite(Database(link, settings={"force_compression": "uncompressed"}))
    assert link.is_symlink()
    assert TOKEN not in database.path.read_bytes()


def test_what_a_killed_attempt_left_is_no_hindrance(database):
    (database.path.parent / "genesys.duckdb.rewriting").write_bytes(b"half a file")
    assert rewrite(database) is not None
    assert not (database.path.parent / "genesys.duckdb.rewriting").exists()


def killed_with_a_log(database):
    """Changes the database and dies before that is moved from the log into the file; the log's rows hold the token."""
    program = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]); "
        "connection.execute(\"SET checkpoint_threshold = '1GB'\"); "
        "connection.execute('INSERT INTO raw.notes SELECT 5000 + i, ?, i FROM range(9) t(i)', [sys.argv[2]]); "
        "connection.execute('DELETE FROM raw.notes WHERE i > 5002'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(database.path), TOKEN.decode()], check=False)
    assert TOKEN in database.path.with_name(f"{database.path.name}.wal").read_bytes()


def test_what_a_killed_writer_left_in_the_log_is_neither_doubled_nor_left_behind(database):
    killed_with_a_log(database)
    with database.writing() as connection:
        connection.execute("DELETE FROM raw.notes WHERE note = $token", {"token": TOKEN.decode()})
    killed_with_a_log(database)
    rewrite(database)
    with database.reading() as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT i) FROM raw.notes").fetchall() == [(5002, 5002)]
    assert not database.path.with_name(f"{database.path.name}.wal").exists()


def test_a_log_that_cannot_be_moved_into_the_file_stops_it(database, monkeypatch):
    killed_with_a_log(database)
    monkeypatch.setattr(Database, "writing", lambda _: contextlib.nullcontext())  # as on a full disk
    with pytest.raises(RewriteError, match="run the purge again with the same ids"):
        rewrite(database)
    assert database.path.with_name(f"{database.path.name}.wal").exists()


@pytest.mark.parametrize("left", ["rewriting", "rewriting.wal", "wal.checkpoint", "wal.recovery", "tmp-1-dead/spilled"])
def test_what_killed_processes_left_beside_the_file_goes(database, left):
    file = database.path.parent / f"{database.path.name}.{left}"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(TOKEN)
    others = database.path.with_name("genesys.duckdb2.tmp-1-dead")
    others.write_bytes(b"")
    rewrite(database)
    assert not file.exists()
    assert others.exists()


def test_compression_is_kept(tmp_path):
    database = Database(tmp_path / "genesys.duckdb")
    with database.writing() as connection:
        connection.execute("CREATE TABLE t (document VARCHAR USING COMPRESSION ZSTD)")
        connection.execute("INSERT INTO t SELECT 'x' || (i % 5) FROM range(5000) r(i)")
    rewrite(database)
    with database.reading() as connection:
        kinds = connection.execute(
            "SELECT DISTINCT compression FROM pragma_storage_info('t') WHERE segment_type = 'VARCHAR'"
        )
        assert kinds.fetchall() == [("ZSTD",)]


@pytest.mark.parametrize("error", [duckdb.IOException("No space left"), OSError("No space left")])
def test_a_failed_attempt_leaves_the_file_as_it_was_and_says_what_to_do(database, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr("genesys_assets.purge.rewriting._copy", fail)
    before = database.path.read_bytes()
    with pytest.raises(RewriteError, match="run the purge again with the same ids"):
        rewrite(database)
    assert database.path.read_bytes() == before


def test_a_database_that_is_not_there_is_not_rewritten(tmp_path):
    assert rewrite(Database(tmp_path / "none.duckdb")) is None
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_does_not_hold_the_same_rows_does_not_take_the_place_of_the_old_one(database, monkeypatch):
    counts = rewriting._counts

    def losing_a_row(connection, catalogue):
        if catalogue != CATALOGUE:
            connection.execute(f"DELETE FROM {catalogue}.raw.notes WHERE i = 1")
        return counts(connection, catalogue)

    before = database.path.read_bytes()
    monkeypatch.setattr(rewriting, "_counts", losing_a_row)
    with pytest.raises(RewriteError, match="could not be written anew"):
        rewrite(database)
    assert database.path.read_bytes() == before
