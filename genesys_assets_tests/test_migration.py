from pathlib import Path

import pytest
from click.testing import CliRunner

from genesys_assets.cli import main
from genesys_assets.migration import MigrationError, Outcome, copy
from genesys_assets.warehouse import Database
from genesys_assets_tests.lakes import NewLake, ducklake, lake, lake_server

__all__ = ["ducklake", "lake", "lake_server"]
DAYS = ("2026-01-05", "2026-01-06", "2026-01-07")


@pytest.fixture
def source(tmp_path: Path) -> Database:
    """A file with a partitioned table of three days, one without partitions, and an empty one."""
    database = Database(tmp_path / "source.duckdb")
    with database.writing() as connection:
        connection.execute(
            "CREATE SCHEMA raw; CREATE SCHEMA directory;"
            "CREATE TABLE raw.calls (partition_date DATE, call_id VARCHAR, started_at TIMESTAMP WITH TIME ZONE, "
            "seconds DOUBLE, agents STRUCT(id VARCHAR)[], document VARCHAR USING COMPRESSION ZSTD);"
            "CREATE TABLE directory.queues (queue_id VARCHAR, name VARCHAR);"
            "CREATE TABLE raw.empty (partition_date DATE, call_id VARCHAR);"
            "INSERT INTO directory.queues VALUES ('1', 'Care'), ('2', NULL);"
            "INSERT INTO raw.calls SELECT DATE '2026-01-05' + (range % 3)::INTEGER, range::VARCHAR, now(), range / 7, "
            "[{'id': range::VARCHAR}], repeat('x', 50) FROM range(90)"
        )
    return database


def contents(database: Database) -> list[list[tuple[object, ...]]]:
    with database.reading() as connection:
        return [
            connection.execute(f"FROM {table} ORDER BY ALL").fetchall()
            for table in ("raw.calls", "directory.queues", "raw.empty")
        ]


def days(database: Database, target: Database, outcome: Outcome) -> list[str | None]:
    return [piece.day for piece in copy(database, target) if piece.outcome is outcome and piece.table == "raw.calls"]


def test_a_lake_holds_what_the_file_held(source: Database, lake: NewLake) -> None:
    assert days(source, lake.database, Outcome.COPIED) == list(DAYS)
    assert contents(lake.database) == contents(source)


def test_a_copy_that_was_interrupted_goes_on_where_it_stopped(source: Database, lake: NewLake) -> None:
    pieces = copy(source, lake.database)
    next(piece for piece in pieces if piece.day == DAYS[0])
    pieces.close()
    assert days(source, lake.database, Outcome.COPIED) == list(DAYS[1:])
    assert days(source, lake.database, Outcome.AGREED) == list(DAYS)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE raw.calls SET seconds = seconds + 1 WHERE call_id = '1'",
        "UPDATE raw.calls SET agents = [{'id': 'x'}] WHERE call_id = '1'",
        "DELETE FROM raw.calls WHERE call_id = '1'",
        "INSERT INTO raw.calls FROM raw.calls WHERE call_id = '1'",
    ],
)
def test_a_day_that_was_tampered_with_is_copied_again_and_no_other(
    source: Database, tmp_path: Path, tampering: str
) -> None:
    target = Database(tmp_path / "target.duckdb")
    list(copy(source, target))
    with target.writing() as connection:
        connection.execute(tampering)
    assert days(source, target, Outcome.COPIED) == [DAYS[1]]
    assert contents(target) == contents(source)


def test_a_day_that_only_the_target_has_is_removed_and_its_other_tables_stay(source: Database, tmp_path: Path) -> None:
    target = Database(tmp_path / "target.duckdb")
    list(copy(source, target))
    with target.writing() as connection:
        connection.execute("INSERT INTO raw.calls (partition_date) VALUES (DATE '2026-02-01')")
        connection.execute("CREATE TABLE raw.mine AS SELECT 1 AS one")
    assert days(source, target, Outcome.REMOVED) == ["2026-02-01"]
    with target.reading() as connection:
        assert connection.execute("FROM raw.mine").fetchall() == [(1,)]


def test_a_table_of_another_shape_is_refused_by_name(source: Database, tmp_path: Path) -> None:
    target = Database(tmp_path / "target.duckdb")
    with target.writing() as connection:
        connection.execute("CREATE SCHEMA raw; CREATE TABLE raw.calls (call_id BIGINT)")
    with pytest.raises(MigrationError, match=r"raw.calls has other columns or types"):
        list(copy(source, target))


def test_the_command_says_what_it_copies_and_what_agreed(source: Database, lake: NewLake) -> None:
    command = ["copy", "--from", str(source.path), "--to", lake.location, "--data-path", lake.data_path]
    first, second = (CliRunner().invoke(main, command) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"  raw.calls {DAYS[0]}: 30 rows copied" in first.output
    assert "raw.calls: 3 agreed already." in second.output
    assert "not a secret" not in first.output + second.output


def test_a_source_without_tables_is_an_error_that_says_so(tmp_path: Path) -> None:
    wanted = ["copy", "--from", str(tmp_path / "none.duckdb"), "--to", str(tmp_path / "target.duckdb")]
    result = CliRunner().invoke(main, wanted)
    assert result.exit_code == 1
    assert "There is no table in" in result.output
