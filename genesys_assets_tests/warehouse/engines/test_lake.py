import datetime as dt
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest

from genesys_assets.warehouse import (
    Database,
    DatabaseBusyError,
    DatabaseConflictError,
    DatabaseUnreachableError,
    DatabaseUnreadableError,
    DeclarationError,
    ExtensionMissingError,
    LockTiming,
    WaitPolicy,
    instances,
)
from genesys_assets.warehouse.engines import extensions
from genesys_assets.warehouse.table import AdvisoryLock, Table
from genesys_assets_tests.lakes import NewLake
from genesys_assets_tests.postgres import PASSWORD, Postgres
from genesys_assets_tests.warehouse.support import (
    DAY,
    LAKE_ONLY,
    NEXT_DAY,
    Clock,
    Dying,
    Engine,
    calls,
    engine_of_lake,
    load,
    store,
)

NUMBERS = Table("main", "numbers", (), None, ())


@pytest.fixture
def database(lake: NewLake) -> Database:
    """A lake with one row in one table, which waits by a clock of its own."""
    clock = Clock()
    database = Database(lake.location, data_path=lake.data_path, wait_policy=WaitPolicy(clock=clock, sleep=clock.sleep))
    with database.writing() as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 1 AS number")
    return database


def numbers(database: Database) -> list[int]:
    with database.reading() as connection:
        return [number for (number,) in connection.execute("FROM numbers ORDER BY 1").fetchall()]


def meddle(database: Database) -> None:
    """Does what conflicts with every transaction that has deleted from the table."""
    with database.writing() as connection:
        connection.execute("UPDATE numbers SET number = number + 10")


def replace(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("DELETE FROM numbers")
    connection.execute("INSERT INTO numbers VALUES (3)")


def test_a_transaction_that_meets_a_conflict_is_begun_again(database: Database) -> None:
    timing, calls_made = LockTiming(), []

    def work(connection: duckdb.DuckDBPyConnection) -> str:
        replace(connection)
        calls_made.append(1)
        if len(calls_made) <= 2:
            meddle(database)
        return "done"

    assert database.transact(work, timing) == "done"
    assert numbers(database) == [3]
    assert (len(calls_made), timing.conflicts, timing.retries) == (3, 2, 2)


def test_a_transaction_that_meets_nothing_but_conflicts_is_given_up_and_changes_nothing(lake: NewLake) -> None:
    clock, timing = Clock(), LockTiming()
    database = Database(lake.location, data_path=lake.data_path, wait_policy=WaitPolicy(clock=clock, sleep=clock.sleep))
    with database.writing() as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 1 AS number")

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        replace(connection)
        meddle(database)

    with pytest.raises(DatabaseConflictError, match=r"nothing was changed by it .* run this step again") as error:
        database.transact(work, timing)
    assert error.value.transient
    assert numbers(database) == [101]
    assert (timing.conflicts, timing.retries) == (10, 9)
    assert len(set(clock.slept)) == 9  # with jitter


def test_an_error_of_the_work_itself_is_not_tried_again(database: Database) -> None:
    calls_made = []

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        calls_made.append(1)
        connection.execute("FROM nowhere")

    with pytest.raises(duckdb.CatalogException, match="nowhere"):
        database.transact(work)
    assert calls_made == [1]


@LAKE_ONLY
def test_a_materialisation_tells_its_conflicts_by_names_that_no_asset_uses_for_its_own(engine: Engine) -> None:
    figures = store(engine, calls(DAY, ("a", 1, "x")))[DAY]
    assert (figures["conflicts"], figures["conflict_retries"]) == (0, 0)


def test_a_materialisation_in_a_file_has_none_to_tell(engine: Engine) -> None:
    assert "conflicts" not in store(engine, calls(DAY, ("a", 1, "x")))[DAY]


@LAKE_ONLY
def test_a_day_that_is_stored_while_another_is_replaced_is_kept(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckLake refuses the insertion, for rows of the table were deleted meanwhile: the transaction is begun again."""
    store(engine, calls(DAY, ("a", 1, "old")))
    inserting = Interrupted("INSERT", lambda: store(engine, calls(DAY, ("a", 2, "new"))))
    monkeypatch.setattr(instances, "connected", inserting.connected)
    figures = store(engine, calls(NEXT_DAY, ("b", 3, "next")), NEXT_DAY)[NEXT_DAY]
    assert load(engine, (DAY, NEXT_DAY)).sort("call_id")["note"].to_list() == ["new", "next"]
    assert (figures["conflicts"], figures["conflict_retries"], figures["rows_added"]) == (1, 1, 1)


class Interrupted(Dying):
    """Connections on which something else happens before the first statement that starts with `word`."""

    def __init__(self, word: str, happens: Any) -> None:
        self._word, self._happens, self._connected = word, happens, instances.connected

    def connected(self, engine: duckdb.DuckDBPyConnection) -> Any:
        connection = Interrupted(self._word, None)
        connection._connection, connection._owner = self._connected(engine), self
        return connection

    def execute(self, sql: str, *arguments: Any) -> duckdb.DuckDBPyConnection:
        happens, owner = self._owner._happens, self._owner
        if happens and sql.startswith(self._word):
            owner._happens = None
            happens()
        return self._connection.execute(sql, *arguments)


def test_a_writer_of_the_same_partition_is_waited_for_and_named_by_what_it_keeps(lake: NewLake) -> None:
    clock = Clock()
    other = Database(lake.location, wait_policy=WaitPolicy(30, clock=clock, sleep=clock.sleep))
    day, table = AdvisoryLock(f"raw.calls {DAY}"), AdvisoryLock("raw.calls", shared=True)
    with lake.database.writing(advisory_locks=[table, day]):
        with other.writing(advisory_locks=[table, AdvisoryLock(f"raw.calls {NEXT_DAY}")]):
            pass
        with (
            pytest.raises(
                DatabaseBusyError, match=f"^raw.calls {DAY} in ducklake:..., held by another writer \\(Postg.* 30 sec"
            ),
            other.writing(advisory_locks=[table, day]),
        ):
            pass
        with (
            pytest.raises(DatabaseBusyError, match=r"^raw.calls in"),
            other.writing(advisory_locks=[AdvisoryLock("raw.calls")]),
        ):
            pass
    with other.writing(advisory_locks=[AdvisoryLock("raw.calls")]):
        pass


def test_a_lake_that_does_not_exist_reads_as_an_empty_one_and_is_not_made(lake: NewLake) -> None:
    with lake.database.reading() as connection:
        assert connection.execute("SHOW TABLES").fetchall() == []
    with pytest.raises(DeclarationError, match=r"There is no lake .* set data_path"), Database(lake.location).writing():
        pass


def test_a_reader_of_a_lake_cannot_write(database: Database) -> None:
    with database.reading() as connection, pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("INSERT INTO numbers VALUES (2)")


def test_another_data_path_than_the_lakes_own_is_refused(database: Database, lake: NewLake, tmp_path: Path) -> None:
    elsewhere = Database(lake.location, data_path=str(tmp_path / "elsewhere"))
    with (
        pytest.raises(DeclarationError, match="has its files at another place than data_path says"),
        elsewhere.writing(),
    ):
        pass


@LAKE_ONLY
def test_a_partition_has_files_of_its_own_in_the_lake(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    store(engine, calls(NEXT_DAY, ("a", 1, "x")), NEXT_DAY)
    folder = Path(engine.settings["data_path"]) / "raw" / "calls"
    assert {path.name for path in folder.iterdir()} == {f"partition_date={day}" for day in (DAY, NEXT_DAY)}
    (compression,) = engine.query(f"SELECT DISTINCT compression FROM parquet_metadata('{folder}/**/*.parquet')")
    assert compression == ("ZSTD",)


@pytest.mark.parametrize("opening", [Database.reading, Database.writing])
def test_a_server_that_cannot_be_reached_is_named_without_its_password(lake_server: Postgres, opening: Any) -> None:
    nowhere = lake_server.connection_string("nowhere")
    with (
        pytest.raises(DatabaseUnreachableError, match="check its address and credentials") as error,
        opening(Database(f"ducklake:postgres:{nowhere}", data_path="lake")),
    ):
        pass
    assert error.value.transient
    assert PASSWORD not in str(error.value)


def test_a_server_that_goes_away_in_a_transaction_is_named_without_its_password(
    database: Database, lake: NewLake, lake_server: Postgres
) -> None:
    name = lake.location.rsplit("=", 1)[1]

    def write() -> None:
        with database.writing() as connection:
            connection.execute("INSERT INTO numbers VALUES (2)")
            lake_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    with pytest.raises(DatabaseUnreachableError, match=r"was lost .* run this step again") as error:
        write()
    assert PASSWORD not in str(error.value)
    assert numbers(database) == [1]


def test_a_writer_that_loses_its_locks_before_it_commits_begins_again(
    database: Database, lake_server: Postgres
) -> None:
    """Its own connection to PostgreSQL lives: only the idle one that keeps others away is ended."""
    timing, attempts = LockTiming(), []
    ends_the_holder = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        replace(connection)
        attempts.append(1)
        if len(attempts) == 1:
            lake_server.execute(ends_the_holder)

    database.transact(work, timing, table=NUMBERS)
    assert numbers(database) == [3]
    assert (len(attempts), timing.conflicts, timing.retries) == (2, 1, 1)


@pytest.mark.parametrize(
    "said",
    [
        "ATTACH of postgres:host=db password='my secret' dbname=lake",
        "at host=db password=my-secret dbname=lake",
        "at postgresql://me:my-secret@db/lake",
        "at md:calls?motherduck_token=my-secret",
    ],
)
def test_an_error_in_a_transaction_does_not_repeat_a_secret(said: str) -> None:
    meaning = Database("ducklake:postgres:host=db")._engine.translate_error(
        duckdb.BinderException(f"Wrong {said} it is")
    )
    assert isinstance(meaning, duckdb.BinderException)
    assert "secret" not in str(meaning)
    assert str(meaning).endswith("it is")


@pytest.mark.parametrize("kind", ["", "mysql:host=db", "sqlite:lake.db", "nothing:password=secret"])
def test_a_catalogue_of_another_kind_is_refused(kind: str) -> None:
    with pytest.raises(DeclarationError, match="A lake's catalogue cannot be") as error:
        Database(f"ducklake:{kind}")
    assert "secret" not in str(error.value)


def test_files_at_a_place_of_another_kind_are_refused() -> None:
    with pytest.raises(DeclarationError, match="cannot be at gs://"):
        Database("ducklake:lake.duckdb", data_path="gs://bucket/lake")


@pytest.mark.usefixtures("ducklake")
def test_a_catalogue_in_a_file_is_a_lake_for_one_machine(tmp_path: Path) -> None:
    lake = NewLake(f"ducklake:{tmp_path}/new/lake.duckdb", str(tmp_path / "files"))
    engine = Engine({"database": lake.location, "data_path": lake.data_path}, "")
    assert load(engine).is_empty()
    store(engine, calls(DAY, ("a", 1, "x")))
    store(engine, calls(DAY, ("b", 2, "y")))
    assert load(engine).equals(calls(DAY, ("b", 2, "y")))
    assert (tmp_path / "new" / "lake.duckdb.lock").exists()


@pytest.mark.usefixtures("ducklake")
def test_a_writer_of_a_catalogue_in_a_file_waits_for_the_other(tmp_path: Path) -> None:
    lake = NewLake(f"ducklake:{tmp_path}/lake.duckdb", str(tmp_path / "files"))
    other = Database(lake.location, wait_policy=WaitPolicy(0))
    with lake.database.writing(), pytest.raises(DatabaseBusyError), other.writing():
        pass


def test_an_extension_that_cannot_be_had_is_named_with_the_package_that_carries_it() -> None:
    named = r"package duckdb-extension-not-there=="
    with duckdb.connect(":memory:") as connection, pytest.raises(ExtensionMissingError, match=named):
        extensions.load(connection, ["not_there"])


def test_a_lake_in_object_storage_is_stored_and_loaded(
    lake: NewLake, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_of_lake(NewLake(lake.location, s3_url))
    store(engine, calls(DAY, ("a", 1, "x")))
    store(engine, calls(NEXT_DAY, ("b", 2, "y")), NEXT_DAY)
    store(engine, calls(DAY, ("a", 3, "z")))
    assert load(engine, (DAY, NEXT_DAY)).sort("call_id")["seconds"].to_list() == [3, 2]
    bucket, prefix = s3_url.removeprefix("s3://").split("/", 1)
    listed = boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    assert (
        sum("/raw/calls/" in each["Key"] for each in listed) == 3
    )  # with the one that was replaced: DuckLake keeps it until its snapshot expires
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(DatabaseUnreachableError):
        store(engine, calls(DAY, ("a", 4, "z")))


@pytest.fixture
def lake_in_s3(lake: NewLake, s3_url: str) -> NewLake:
    """A lake in object storage, with one row."""
    stored = NewLake(lake.location, s3_url)
    with stored.database.writing() as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 1 AS number")
    return stored


def test_a_lake_in_object_storage_is_opened_by_its_catalogue_alone(lake_in_s3: NewLake) -> None:
    assert numbers(Database(lake_in_s3.location)) == [1]


def test_credentials_for_object_storage_may_be_the_machines_own(
    lake_in_s3: NewLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = id\naws_secret_access_key = MARKED-SECRET\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    assert numbers(lake_in_s3.database) == [1]


def test_object_storage_without_credentials_is_an_error_that_says_which_to_set(
    lake_in_s3: NewLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for file in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(file, str(tmp_path / "none"))
    with pytest.raises(DatabaseUnreadableError, match="set AWS_ACCESS_KEY_ID"), lake_in_s3.database.reading():
        pass


def test_an_error_while_duckdb_is_made_ready_is_the_warehouses(lake: NewLake, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise duckdb.IOException(f"Cannot map the extension for {lake.location}")

    monkeypatch.setattr(extensions, "load", fails)
    with pytest.raises(DatabaseUnreadableError, match="Cannot map") as error, lake.database.reading():
        pass
    assert PASSWORD not in str(error.value)


def test_timestamps_read_in_a_lake_are_in_utc(database: Database) -> None:
    with database.reading() as connection:
        assert connection.execute("SELECT DATE '2026-01-05'::TIMESTAMPTZ").fetchall() == [
            (dt.datetime(2026, 1, 5, tzinfo=dt.UTC),)
        ]
