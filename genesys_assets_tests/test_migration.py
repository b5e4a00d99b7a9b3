from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from genesys_assets.cli import main
from genesys_assets.migration import MigrationError, Outcome, Piece, copy
from genesys_assets.pinning import SANDBOX_ORGANISATION_ID, Identity, organisation_of
from genesys_assets.warehouse import Database
from genesys_assets.warehouse.facts import pin
from genesys_assets.warehouse.spool import Spool
from genesys_assets_tests.lakes import NewLake, ducklake, lake, lake_server

__all__ = ["ducklake", "lake", "lake_server"]
SANDBOX = Identity.disclosed(SANDBOX_ORGANISATION_ID, "Sandbox", "", "")
ACME = Identity.disclosed("0c9e1c1a-7a54-4b3f-8f62-0d3c7d5c6a01", "Acme", "client", "https://api.example")
DAYS = ("2026-01-05", "2026-01-06", "2026-01-07")


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the command puts its temporary files."""
    monkeypatch.setenv("GENESYS_ASSETS_WORK_FOLDER", str(tmp_path / "work"))


@pytest.fixture
def source(tmp_path: Path) -> Database:
    """A file of the sandbox, with a partitioned table of three days, one without partitions, and an empty one."""
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
        pin(connection, SANDBOX.facts())
    return database


def contents(database: Database) -> list[list[tuple[object, ...]]]:
    with database.reading() as connection:
        return [
            connection.execute(f"FROM {table} ORDER BY ALL").fetchall()
            for table in ("raw.calls", "directory.queues", "raw.empty")
        ]


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def target(source: Database, tmp_path: Path, spool: Spool) -> Database:
    """A file that the source was copied into."""
    target = Database(tmp_path / "target.duckdb")
    list(copy(source, target, spool))
    return target


def change(database: Database, sql: str) -> None:
    with database.writing() as connection:
        connection.execute(sql)


def outcomes(pieces: Iterator[Piece]) -> dict[str | None, Outcome]:
    """What became of each day of raw.calls."""
    return {piece.day: piece.outcome for piece in pieces if piece.table == "raw.calls"}


def test_a_lake_holds_what_the_file_held(source: Database, lake: NewLake, spool: Spool) -> None:
    assert outcomes(copy(source, lake.database, spool)) == dict.fromkeys(DAYS, Outcome.COPIED)
    assert contents(lake.database) == contents(source)


def test_a_file_holds_what_the_lake_held(source: Database, lake: NewLake, tmp_path: Path, spool: Spool) -> None:
    list(copy(source, lake.database, spool))
    back = Database(tmp_path / "back.duckdb")
    assert outcomes(copy(Database(lake.location), back, spool)) == dict.fromkeys(DAYS, Outcome.COPIED)
    assert contents(back) == contents(source)


def test_a_copy_that_was_interrupted_goes_on_where_it_stopped(source: Database, lake: NewLake, spool: Spool) -> None:
    pieces = copy(source, lake.database, spool)
    next(piece for piece in pieces if piece.day == DAYS[0])
    pieces.close()
    agreed, copied = Outcome.AGREED, Outcome.COPIED
    assert outcomes(copy(source, lake.database, spool)) == dict(zip(DAYS, (agreed, copied, copied), strict=True))
    assert outcomes(copy(source, lake.database, spool)) == dict.fromkeys(DAYS, agreed)


def test_a_copy_is_of_the_same_organisation(source: Database, target: Database) -> None:
    assert organisation_of(target) == organisation_of(source) == SANDBOX


@pytest.mark.parametrize("replace", [False, True])
def test_another_organisations_database_is_not_copied_into(
    source: Database, tmp_path: Path, spool: Spool, *, replace: bool
) -> None:
    target = Database(tmp_path / "acme.duckdb")
    with target.writing() as connection:
        pin(connection, ACME.facts())
    with pytest.raises(MigrationError, match=r"holds the data of \"Acme\".*those of the sandbox"):
        list(copy(source, target, spool, replace=replace))
    with target.reading() as connection:
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("pinned_facts",)]


TAMPERINGS = (
    "UPDATE raw.calls SET seconds = seconds + 1 WHERE call_id = '1'",
    "UPDATE raw.calls SET agents = [{'id': 'x'}] WHERE call_id = '1'",
    "DELETE FROM raw.calls WHERE call_id = '1'",
    "INSERT INTO raw.calls FROM raw.calls WHERE call_id = '1'",
    "UPDATE raw.calls SET seconds = CASE call_id WHEN '1' THEN 4 / 7 ELSE 1 / 7 END WHERE call_id IN ('1', '4')",
)


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_day_that_differs_in_the_target_is_refused_by_name_and_left_as_it_is(
    source: Database, target: Database, spool: Spool, tampering: str
) -> None:
    change(target, tampering)
    before = contents(target)
    named = rf"holds other rows than the source \(raw.calls, {DAYS[1]}\).*--replace"
    with pytest.raises(MigrationError, match=named):
        list(copy(source, target, spool))
    assert contents(target) == before


def test_a_day_that_differs_is_replaced_where_that_is_asked_for_and_no_other_is(
    source: Database, target: Database, spool: Spool
) -> None:
    change(target, TAMPERINGS[0])
    agreed = Outcome.AGREED
    found = outcomes(copy(source, target, spool, replace=True))
    assert found == dict(zip(DAYS, (agreed, Outcome.REPLACED, agreed), strict=True))
    assert contents(target) == contents(source)


def test_what_only_the_target_has_is_left_alone(source: Database, target: Database, spool: Spool) -> None:
    change(target, "INSERT INTO raw.calls (partition_date) VALUES (DATE '2026-02-01'); CREATE TABLE raw.mine (one INT)")
    before = contents(target)
    assert outcomes(copy(source, target, spool, replace=True))["2026-02-01"] is Outcome.LEFT
    assert contents(target) == before
    with target.reading() as connection:
        assert connection.execute("FROM raw.mine").fetchall() == []


def test_a_day_that_is_stored_in_the_target_while_it_is_copied_is_not_overwritten(
    source: Database, tmp_path: Path, spool: Spool
) -> None:
    target = Database(tmp_path / "target.duckdb")
    pieces = copy(source, target, spool)
    next(piece for piece in pieces if piece.day == DAYS[0])
    change(target, f"INSERT INTO raw.calls (partition_date, call_id) VALUES (DATE '{DAYS[1]}', 'newer')")
    with pytest.raises(MigrationError, match=rf"raw.calls, {DAYS[1]}\), and they were left"):
        list(pieces)
    with target.reading() as connection:
        stored = f"SELECT call_id FROM raw.calls WHERE partition_date = '{DAYS[1]}'"
        assert connection.execute(stored).fetchall() == [("newer",)]


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        (f"DELETE FROM raw.calls WHERE partition_date = '{DAYS[0]}'", f"raw.calls, {DAYS[0]}"),
        ("INSERT INTO raw.calls (partition_date) VALUES (DATE '2026-02-01')", "raw.calls, 2026-02-01"),
        ("INSERT INTO directory.queues VALUES ('3', 'Sales')", "directory.queues, whole"),
        ("CREATE TABLE raw.another (call_id VARCHAR)", "raw.another"),
    ],
)
def test_a_source_that_changes_while_it_is_copied_is_told(
    source: Database, tmp_path: Path, spool: Spool, sql: str, named: str
) -> None:
    pieces = copy(source, Database(tmp_path / "target.duckdb"), spool)
    next(piece for piece in pieces if piece.day == DAYS[1])
    change(source, sql)
    with pytest.raises(MigrationError, match=rf"was changed while it was copied \({named}\): stop what stores in it"):
        list(pieces)


def test_documents_are_copied_in_small_row_groups(tmp_path: Path, spool: Spool) -> None:
    """5,000 of 6 kB: two groups of 4,096, where DuckDB would hold all of them, twice, until it writes one."""
    source, target = Database(tmp_path / "source.duckdb"), Database(tmp_path / "target.duckdb")
    change(source, "CREATE TABLE documents AS SELECT repeat(md5(range::VARCHAR), 190) AS document FROM range(5000)")
    list(copy(source, target, spool))
    with target.reading() as connection:
        found = connection.execute("SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('documents')")
        assert found.fetchall() == [(2,)]


def test_no_passing_file_is_left_after_a_copy(source: Database, target: Database, spool: Spool) -> None:
    assert list(spool.parent.rglob("*.parquet")) == []


def test_a_table_of_another_shape_is_refused_by_name(source: Database, tmp_path: Path, spool: Spool) -> None:
    target = Database(tmp_path / "target.duckdb")
    with target.writing() as connection:
        connection.execute("CREATE SCHEMA raw; CREATE TABLE raw.calls (call_id BIGINT)")
    with pytest.raises(MigrationError, match=r"raw.calls has other columns or types"):
        list(copy(source, target, spool))


def test_the_command_says_what_it_copies_and_what_agreed(source: Database, lake: NewLake) -> None:
    command = ["copy", "--from", str(source.path), "--to", lake.location, "--data-path", lake.data_path]
    first, second = (CliRunner().invoke(main, command) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"  raw.calls {DAYS[0]}: 30 rows copied" in first.output
    assert "raw.calls: 3 agreed already." in second.output
    assert "not a secret" not in first.output + second.output
    assert "start the daemon" in second.output


def test_the_command_replaces_what_differs_when_it_is_told_to(source: Database, target: Database) -> None:
    change(target, TAMPERINGS[0])
    command = ["copy", "--from", str(source.path), "--to", str(target.path)]
    refused, replaced = (CliRunner().invoke(main, [*command, *more]) for more in ([], ["--replace"]))
    assert (refused.exit_code, replaced.exit_code) == (1, 0)
    assert "copy again with --replace" in refused.output
    assert f"  raw.calls {DAYS[1]}: 30 rows replaced" in replaced.output


def test_a_source_without_tables_is_an_error_that_says_so(tmp_path: Path) -> None:
    wanted = ["copy", "--from", str(tmp_path / "none.duckdb"), "--to", str(tmp_path / "target.duckdb")]
    result = CliRunner().invoke(main, wanted)
    assert result.exit_code == 1
    assert "There is no table in" in result.output
