"""A database that has lost some of itself: named, never written over, and put right."""

import datetime as dt
import errno
import os
import random
import shutil
import warnings
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genesys_assets.purge import rewrite
from genesys_assets.warehouse import Database, DatabaseDamagedError, DatabaseUnreadableError
from genesys_assets.warehouse.damage import missing_bytes
from genesys_assets.warehouse.engines.file import File
from genesys_assets_tests.warehouse.support import Engine, engine_of_file, load, store

DAYS = [f"2026-01-0{day}" for day in range(1, 6)]
BLOCK_BYTES, HEADER_BYTES = 262_144, 12_288


def rows(day: str, seconds: int = 1) -> pl.DataFrame:
    """A day that fills blocks of its own, since its notes are noise."""
    noise = random.Random(day)  # noqa: S311
    notes = [noise.randbytes(200).hex() for _ in range(2_500)]
    return pl.DataFrame({"call_id": [f"{day}-{number}" for number in range(2_500)], "note": notes}).select(
        pl.lit(dt.date.fromisoformat(day)).alias("partition_date"),
        "call_id",
        pl.lit(seconds, pl.Int64).alias("seconds"),
        "note",
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of five days."""
    path = tmp_path_factory.mktemp("whole") / "warehouse.duckdb"
    for day in DAYS:
        store(engine_of_file(path), rows(day), day)
    return path


@pytest.fixture
def engine(whole: Path, tmp_path: Path) -> Engine:
    """A copy of it, which a test may damage."""
    shutil.copy(whole, tmp_path / "warehouse.duckdb")
    return engine_of_file(tmp_path / "warehouse.duckdb")


def path_of(engine: Engine) -> Path:
    return Path(engine.settings["database"])


def block_of(engine: Engine, day: str) -> int:
    """A block in which notes of a day are, and those of no other."""
    blocks = "SELECT DISTINCT block_id, row_group_id FROM pragma_storage_info('raw.calls') WHERE column_name = 'note'"
    group = f"SELECT min(rowid) // 2048 FROM raw.calls WHERE partition_date = '{day}'"
    found = engine.query(f"SELECT block_id FROM ({blocks}) WHERE block_id >= 0 AND row_group_id = ({group})")
    others = engine.query(f"SELECT block_id FROM ({blocks}) WHERE row_group_id <> ({group})")
    return next(block for (block,) in found if (block,) not in others)


def spoil(engine: Engine, block: int) -> None:
    with path_of(engine).open("r+b") as file:
        file.seek(HEADER_BYTES + block * BLOCK_BYTES + 1_000)
        file.write(b"\xa5" * 100)


@pytest.mark.parametrize("percent", [5, 30, 50, 65, 90, 99])
def test_a_database_that_was_cut_is_refused_and_left_as_it_is(engine: Engine, percent: int) -> None:
    path = path_of(engine)
    os.truncate(path, path.stat().st_size * percent // 100)
    left = path.read_bytes()
    named = r"warehouse\.duckdb is corrupt.* bytes .* missing at its end.*put it back from a copy"
    with pytest.raises(DatabaseDamagedError, match=named):
        store(engine, rows(DAYS[0], seconds=2), DAYS[0])
    with pytest.raises(DatabaseDamagedError, match=named):
        load(engine, DAYS[0])
    assert path.read_bytes() == left


@pytest.mark.parametrize(
    ("bytes_left", "named"),
    [(0, "cannot be opened"), (100, "is corrupt"), (5_000, "is corrupt"), (12_288, "is corrupt")],
)
def test_of_a_database_that_has_lost_its_headers_nothing_is_overwritten(
    engine: Engine, bytes_left: int, named: str
) -> None:
    path = path_of(engine)
    os.truncate(path, bytes_left)
    left = path.read_bytes()
    with pytest.raises(DatabaseUnreadableError, match=named):
        store(engine, rows(DAYS[0]), DAYS[0])
    assert path.read_bytes() == left


@given(st.lists(st.tuples(st.sampled_from(DAYS), st.integers(0, 9_000)), min_size=1, max_size=8), st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_lacks_bytes_when_a_used_block_is_missing_and_else_none(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int]], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("changed") / "any.duckdb"
    for day, count in changes:
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"ATTACH '{path}' AS w (ROW_GROUP_SIZE 2048)")
            connection.execute("CREATE TABLE IF NOT EXISTS w.t (day VARCHAR, note VARCHAR)")
            connection.execute("DELETE FROM w.t WHERE day = ?", [day])
            connection.execute(f"INSERT INTO w.t SELECT ?, repeat(uuid()::VARCHAR, 5) FROM range({count})", [day])
            connection.execute("DETACH w")
        assert missing_bytes(path) == 0, "a healthy file"
    size = path.stat().st_size
    os.truncate(path, data.draw(st.integers(HEADER_BYTES, size)))
    if missing_bytes(path) == 0:
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"ATTACH '{path}' AS w (READ_ONLY)")
            connection.execute("SELECT sum(hash(day, note)) FROM w.t").fetchall()


def test_what_is_no_database_is_said_to_lack_nothing(tmp_path: Path) -> None:
    for name, content in {"text": b"a text", "zeros": bytes(20_000), "magic": b"12345678DUCK" + bytes(20_000)}.items():
        (tmp_path / name).write_bytes(content)
        assert missing_bytes(tmp_path / name) == 0
    assert missing_bytes(tmp_path / "none") == 0


def test_a_file_that_this_process_has_open_keeps_its_lock(engine: Engine) -> None:
    path = path_of(engine)
    with duckdb.connect(str(path)):
        missing_bytes(path)
        held = [line for line in Path("/proc/locks").read_text().splitlines() if f":{path.stat().st_ino} " in line]
        assert len(held) == 1


def test_a_block_that_was_changed_is_named_when_it_is_read_and_other_days_are_not_kept_back(engine: Engine) -> None:
    spoil(engine, block_of(engine, DAYS[2]))
    with pytest.raises(DatabaseDamagedError, match=r"is corrupt.*checksum.*materialise the day anew"):
        load(engine, DAYS[2])
    assert load(engine, DAYS[3]).sort("call_id").equals(rows(DAYS[3]).sort("call_id"))


def test_a_damaged_day_is_replaced_without_reading_its_old_rows(engine: Engine) -> None:
    spoil(engine, block_of(engine, DAYS[2]))
    told = store(engine, rows(DAYS[2], seconds=2), DAYS[2])[DAYS[2]]
    assert told["dagster/partition_row_count"] == 2_500
    assert not {"rows_added", "rows_changed", "rows_removed"} & told.keys()
    for day in DAYS:
        expected = rows(day, seconds=2 if day == DAYS[2] else 1)
        assert load(engine, day).sort("call_id").equals(expected.sort("call_id"))


def test_a_damaged_database_is_not_written_anew_by_a_purge(engine: Engine) -> None:
    spoil(engine, block_of(engine, DAYS[2]))
    left = path_of(engine).read_bytes()
    with pytest.raises(DatabaseDamagedError, match="is corrupt"):
        rewrite(Database(path_of(engine)))
    assert path_of(engine).read_bytes() == left


def test_a_copy_that_is_put_back_holds_its_days_and_takes_those_since_then(engine: Engine) -> None:
    path, backup = path_of(engine), path_of(engine).with_name("backup.duckdb")
    shutil.copy(path, backup)
    store(engine, rows("2026-01-06"), "2026-01-06")
    os.truncate(path, path.stat().st_size // 2)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    backup.replace(path)
    for day in DAYS:
        assert load(engine, day).height == 2_500
    store(engine, rows("2026-01-06"), "2026-01-06")
    assert load(engine, "2026-01-06").height == 2_500


@pytest.mark.parametrize("reason", ["Input/output error", "Stale file handle", "Read-only file system"])
def test_a_disk_that_fails_while_it_is_written_to_is_named(engine: Engine, reason: str) -> None:
    error = duckdb.IOException(f'IO Error: Could not write file "/mnt/warehouse.duckdb": {reason}')
    meant = File(path_of(engine)).translate_error(error)
    assert isinstance(meant, DatabaseUnreadableError)
    assert "has failed, is gone or cannot be written" in str(meant)
    assert "put the disk back" in str(meant)


def test_a_file_system_without_locks_is_made_do_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", flock)
    with warnings.catch_warnings(action="ignore"):
        for _ in range(2):
            with Database(tmp_path / "any.duckdb").writing() as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS t (x INTEGER)")


def test_a_file_system_that_refuses_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    named = r"any\.duckdb cannot be written \(No locks available"
    with pytest.raises(DatabaseUnreadableError, match=named), Database(tmp_path / "any.duckdb").writing():
        pass


@pytest.fixture
def small(tmp_path: Path) -> Engine:
    """A database in which five days are in one group of rows."""
    engine = engine_of_file(tmp_path / "small.duckdb")
    for day in DAYS:
        store(engine, rows(day).head(300), day)
    return engine


def blocks_of(engine: Engine, column: str) -> list[int]:
    found = f"FROM pragma_storage_info('raw.calls') WHERE column_name = '{column}' AND segment_type <> 'VALIDITY'"
    return [block for (block,) in engine.query(f"SELECT DISTINCT block_id {found} AND block_id >= 0 ORDER BY 1")]


def test_days_that_share_a_damaged_block_are_replaced_one_by_one(small: Engine) -> None:
    spoil(small, blocks_of(small, "note")[-1])
    for done, day in enumerate(DAYS, start=1):
        store(small, rows(day, seconds=2).head(300), day)
        for replaced in DAYS[:done]:
            assert load(small, replaced)["seconds"].sum() == 600
        for left in DAYS[done:]:
            with pytest.raises(DatabaseDamagedError, match="is corrupt"):
                load(small, left)
    assert not path_of(small).with_name("small.duckdb.wal").exists()


def test_a_table_of_which_the_days_cannot_be_told_any_more_is_dropped_and_made_anew(small: Engine) -> None:
    spoil(small, blocks_of(small, "partition_date")[0])
    with pytest.raises(DatabaseDamagedError, match="where that fails too"):
        store(small, rows(DAYS[0]).head(300), DAYS[0])
    with duckdb.connect(small.settings["database"]) as connection:
        connection.execute("DROP TABLE raw.calls")
    for day in DAYS:
        store(small, rows(day).head(300), day)
    assert [load(small, day).height for day in DAYS] == [300] * len(DAYS)
    assert not path_of(small).with_name("small.duckdb.wal").exists()
