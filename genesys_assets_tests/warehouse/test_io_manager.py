import datetime as dt
import os
import signal
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
import pytest

from genesys_assets.warehouse import DeclarationError, RowsRefusedError, SchemaRefusedError, Warehouse
from genesys_assets.warehouse.spool import temporary_folder
from genesys_assets_tests.warehouse.support import (
    CALLS,
    DAILY,
    DAY,
    NEXT_DAY,
    Declared,
    Engine,
    calls,
    elsewhere,
    load,
    quiet,
    run,
    store,
)

QUEUES = Declared(
    {"queue_id": "VARCHAR", "name": "VARCHAR"}, ["queue_id"], ["queue_id"], (), None, ("directory", "queues")
)
CHANGES = ("rows_added", "rows_changed", "rows_removed")


def spooled(engine: Engine) -> list[str]:
    return sorted(file.name for file in Path(f"{engine.settings['database']}.spool").rglob("*.parquet"))


def test_each_day_of_a_range_run_has_its_own_figures(engine: Engine) -> None:
    store(engine, calls(NEXT_DAY, ("a", 1, "x"), ("b", 2, "y"), ("c", 3, "z")), NEXT_DAY)
    again = pl.concat([calls(DAY, ("n", 1, "four")), calls(NEXT_DAY, ("b", 2, "y"), ("c", 4, "z"), ("d", 5, "w"))])
    metadata = store(engine, again, (DAY, "2026-01-07"))
    figures = {
        day: [values[name] for name in ("dagster/partition_row_count", "rows_added", "rows_changed", "rows_removed")]
        for day, values in metadata.items()
    }
    assert figures == {DAY: [1, 1, 0, 0], NEXT_DAY: [3, 1, 1, 1], "2026-01-07": [0, 0, 0, 0]}


def test_the_bytes_of_a_day_are_its_text_and_eight_for_every_other_value(engine: Engine) -> None:
    metadata = store(engine, calls(DAY, ("é", 1, None), ("bb", 2, "four")))
    assert metadata[DAY]["bytes"] == (8 + 2 + 8 + 0) + (8 + 2 + 8 + 4)


def test_rows_that_are_stored_again_are_neither_added_nor_changed_nor_removed(engine: Engine) -> None:
    rows = calls(DAY, ("a", 1, "x"), ("b", None, None))
    store(engine, rows)
    metadata = store(engine, rows[::-1])[DAY]
    assert [metadata[name] for name in CHANGES] == [0, 0, 0]


@pytest.mark.parametrize("key", [CALLS.key, ()], ids=["with-a-key", "without-a-key"])
def test_a_row_that_differs_in_ignored_columns_alone_is_not_a_changed_one(engine: Engine, key: list[str]) -> None:
    declared = Declared(key=key, ignored_in_changes=["note"])
    store(engine, calls(DAY, ("a", 1, "read at nine")), DAY, declared)
    metadata = store(engine, calls(DAY, ("a", 1, "read at ten")), DAY, declared)[DAY]
    assert [metadata.get(name, 0) for name in CHANGES] == [0, 0, 0]
    assert engine.query("SELECT note FROM raw.calls") == [("read at ten",)]


def test_the_order_in_which_a_struct_got_its_fields_changes_no_row(engine: Engine) -> None:
    columns = {"partition_date": "DATE", "call_id": "VARCHAR", "agent": "STRUCT(id VARCHAR)"}
    rows = calls(DAY, ("a", 1, "x")).select("partition_date", "call_id", agent=pl.struct(id=pl.lit("1")))
    store(engine, rows, DAY, Declared(columns))
    wider = Declared({**columns, "agent": "STRUCT(team VARCHAR, id VARCHAR)"})
    metadata = store(engine, rows, DAY, wider)[DAY]
    assert engine.query("SELECT typeof(agent) FROM raw.calls") == [("STRUCT(id VARCHAR, team VARCHAR)",)]
    assert [metadata[name] for name in CHANGES] == [0, 0, 0]


def test_a_column_that_is_added_changes_the_rows_that_have_a_value_in_it(engine: Engine) -> None:
    rows = calls(DAY, ("a", 1, "x"), ("b", 2, "y"))
    store(engine, rows)
    wider = Declared({**CALLS.columns, "queue_id": "VARCHAR"})
    metadata = store(engine, rows.with_columns(queue_id=pl.Series(["q", None])), DAY, wider)[DAY]
    assert [metadata[name] for name in CHANGES] == [0, 1, 0]


def test_without_a_key_rows_are_told_apart_by_their_content_and_may_repeat(engine: Engine) -> None:
    keyless = Declared(key=())
    store(engine, calls(DAY, ("a", 1, "x"), ("a", 1, "x"), ("b", 2, "y")), DAY, keyless)
    metadata = store(engine, calls(DAY, ("a", 1, "x"), ("c", 3, "z"), ("c", 3, "z")), DAY, keyless)[DAY]
    assert "rows_changed" not in metadata
    assert [metadata[name] for name in ("dagster/partition_row_count", "rows_added", "rows_removed")] == [3, 2, 2]


def test_a_table_without_partitions_has_its_figures_too(engine: Engine) -> None:
    store(engine, pl.DataFrame({"queue_id": ["1", "2"], "name": ["Sales", "Care"]}), None, QUEUES)
    metadata = store(engine, pl.DataFrame({"queue_id": ["2"], "name": ["Service"]}), None, QUEUES)[None]
    assert [metadata[name] for name in ("dagster/row_count", *CHANGES)] == [1, 0, 1, 1]


def test_a_step_tells_its_table_its_declared_columns_and_its_lock(engine: Engine) -> None:
    metadata = store(engine, calls(DAY, ("a", 1, "x")))[DAY]
    assert metadata["dagster/table_name"] == "raw.calls"
    assert [column.name for column in metadata["dagster/column_schema"].columns] == list(CALLS.columns)
    assert metadata["lock_hold_seconds"] > 0
    assert metadata["lock_wait_seconds"] >= 0
    assert metadata["store_seconds"] >= metadata["lock_wait_seconds"] + metadata["lock_hold_seconds"]


def test_what_an_asset_says_of_itself_stands_beside_the_figures(engine: Engine) -> None:
    def frame(context: dg.AssetExecutionContext) -> Any:
        context.add_asset_metadata({"pages": 3}, partition_key=NEXT_DAY)
        return dg.MaterializeResult(value=calls(DAY, ("a", 1, "x")), metadata={"source": "job"})

    @dg.asset(key=["raw", "calls"], partitions_def=DAILY, metadata=CALLS.metadata())
    def stored(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return frame(context)  # type: ignore[no-any-return]

    result = run(engine, [stored], (DAY, NEXT_DAY))
    said = {
        event.partition: [
            event.materialization.metadata[name].value if name in event.materialization.metadata else None
            for name in ("dagster/partition_row_count", "pages", "source")
        ]
        for event in result.get_asset_materialization_events()
    }
    assert said == {DAY: [1, None, "job"], NEXT_DAY: [0, 3, "job"]}


@pytest.mark.parametrize("annotation", [pl.LazyFrame, pl.DataFrame, Any])
def test_an_input_is_loaded_as_it_is_annotated_and_lazily_by_default(engine: Engine, annotation: Any) -> None:
    loaded: list[object] = []

    def downstream(table: Any) -> None:
        loaded.append(table)

    if annotation is not Any:
        downstream.__annotations__["table"] = annotation
    store(engine, calls(DAY, ("a", 1, "x")))
    upstream = dg.AssetSpec(list(CALLS.name), partitions_def=DAILY, metadata=CALLS.metadata())
    asset = dg.asset(partitions_def=DAILY, ins={"table": dg.AssetIn(list(CALLS.name))})(downstream)
    run(engine, [upstream, asset])
    assert type(loaded[0]) is (pl.DataFrame if annotation is pl.DataFrame else pl.LazyFrame)


def test_a_lazy_input_is_valid_until_all_outputs_of_its_step_are_stored(engine: Engine) -> None:
    """The outputs are lazy frames over the input's file, which DuckDB no longer knows of when they are computed."""
    store(engine, calls(DAY, ("a", 1, "x"), ("b", 2, "y")))
    outs = {
        name: dg.AssetOut(key=["staging", name], metadata=Declared(name=("staging", name)).metadata())
        for name in ("short", "long")
    }

    @dg.multi_asset(outs=outs, ins={"table": dg.AssetIn(list(CALLS.name))}, partitions_def=DAILY)
    def split(table: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
        return table.filter(pl.col("seconds") < 2), table.filter(pl.col("seconds") >= 2)

    upstream = dg.AssetSpec(list(CALLS.name), partitions_def=DAILY, metadata=CALLS.metadata())
    run(engine, [upstream, split])
    assert engine.query("SELECT call_id FROM staging.short") == [("a",)]
    assert engine.query("SELECT call_id FROM staging.long") == [("b",)]


def test_a_chain_of_steps_keeps_what_it_has_stored_and_no_copy_of_it(engine: Engine) -> None:
    seen: list[list[str]] = []

    def passes_on(name: str, source: Declared) -> dg.AssetsDefinition:
        @dg.asset(
            key=["staging", name],
            partitions_def=DAILY,
            metadata=CALLS.metadata(),
            ins={"table": dg.AssetIn(list(source.name))},
        )
        def step(table: pl.LazyFrame) -> pl.LazyFrame:
            seen.append(spooled(engine))
            return table

        return step

    first = CALLS.asset(calls(DAY, ("a", 1, "x")))
    chain = [first, passes_on("one", CALLS), passes_on("two", Declared(name=("staging", "one")))]
    run(engine, chain)
    assert seen == [["rows.parquet"], ["rows.parquet"] * 2]  # what the run has stored, and nothing beside it


@pytest.mark.parametrize("fails", [False, True], ids=["success", "failure"])
def test_no_passing_file_is_left_after_a_run(engine: Engine, fails: bool) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    frame = load(engine).with_columns(undeclared=1) if fails else load(engine)
    if fails:
        with pytest.raises(SchemaRefusedError):
            store(engine, frame)
    else:
        store(engine, frame)
    assert spooled(engine) == []


def test_a_table_can_be_loaded_outside_a_run(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    spec = dg.AssetSpec(list(CALLS.name), partitions_def=DAILY, metadata=CALLS.metadata())
    defs = dg.Definitions([spec], resources={"io_manager": engine.warehouse()})
    loaded = defs.load_asset_value(list(CALLS.name), partition_key=DAY)
    assert loaded.collect().equals(calls(DAY, ("a", 1, "x")))
    assert spooled(engine) == []


def test_a_table_can_be_loaded_as_a_data_frame_outside_a_run(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    spec = dg.AssetSpec(list(CALLS.name), partitions_def=DAILY, metadata=CALLS.metadata())
    defs = dg.Definitions([spec], resources={"io_manager": engine.warehouse()})
    loaded = defs.load_asset_value(list(CALLS.name), partition_key=DAY, python_type=pl.DataFrame)
    assert isinstance(loaded, pl.DataFrame)
    assert loaded.equals(calls(DAY, ("a", 1, "x")))


def test_what_cannot_be_handed_on_is_not_kept(tmp_path: Path) -> None:
    manager = Warehouse(database="ducklake:postgres:host=db", spool_directory=str(tmp_path)).create_io_manager(None)
    with manager.run_folder() as folder:
        assert folder.exists()
    assert not folder.exists()
    manager.close()


def test_rows_that_are_refused_leave_no_file_behind(engine: Engine) -> None:
    manager = engine.warehouse().create_io_manager(None)
    with pytest.raises(dg.Failure):
        dg.materialize(
            [CALLS.asset(calls(DAY, ("a", 1, "x"), ("a", 2, "y")))],
            resources={"io_manager": dg.IOManagerDefinition.hardcoded_io_manager(manager)},
            partition_key=DAY,
        )
    assert spooled(engine) == []
    manager.close()


def spills_and_is_killed(engine: Engine) -> None:
    """Holds more than its memory in a temporary table, then dies."""
    settings = {**engine.settings, "connection_config": {"memory_limit": "40MB", "threads": 1}}
    with quiet(), Warehouse(**settings).create_io_manager(None).database.reading() as connection:
        connection.execute("CREATE TEMP TABLE large AS SELECT md5(range::VARCHAR) AS text FROM range(3_000_000)")
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_did_not_fit_in_a_killed_processs_memory_goes_when_the_next_one_starts(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    assert elsewhere(spills_and_is_killed, engine) == -signal.SIGKILL
    folder = Path(engine.settings["database"]).parent
    assert list(folder.rglob("duckdb_temp_*"))
    assert load(engine).height == 1
    assert {path.name for path in folder.rglob("*")} == {
        *("warehouse.duckdb", "warehouse.duckdb.lock", "warehouse.duckdb.spool", "sweep.lock")
    }


def test_the_spool_may_lie_elsewhere(engine: Engine, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    store(Engine({**engine.settings, "spool_directory": str(elsewhere)}, engine.attach), calls(DAY, ("a", 1, "x")))
    assert elsewhere.exists()
    assert not Path(f"{engine.settings['database']}.spool").exists()


def test_a_lake_has_its_spool_in_the_temporary_folder() -> None:
    warehouse = Warehouse(database="ducklake:lake.duckdb")
    assert warehouse.create_io_manager(None).spool.parent == temporary_folder()


def test_an_asset_without_a_prefix_is_stored_in_the_public_schema(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")), DAY, Declared(name=("calls",)))
    assert engine.query("SELECT call_id FROM public.calls") == [("a",)]


def test_settings_of_duckdb_can_be_handed_in(engine: Engine) -> None:
    with pytest.raises(Exception, match="no_such_setting"):
        store(Engine({**engine.settings, "connection_config": {"no_such_setting": 1}}, engine.attach), calls(DAY))


@pytest.mark.parametrize("value", [None, [1, 2], {"a": 1}])
def test_an_output_that_is_no_frame_is_refused(engine: Engine, value: object) -> None:
    with pytest.raises(DeclarationError, match="stores polars frames"):
        store(engine, lambda _: value)  # type: ignore[arg-type, return-value]


def test_an_ops_output_has_no_table_and_is_refused(engine: Engine) -> None:
    @dg.op
    def loose() -> pl.DataFrame:
        return calls(DAY)

    @dg.job(resource_defs={"io_manager": engine.warehouse()})
    def job() -> None:
        loose()

    with pytest.raises(dg.Failure, match="is an op's output"):
        job.execute_in_process()


def test_an_input_that_asks_for_an_unknown_column_is_refused(engine: Engine) -> None:
    with pytest.raises(DeclarationError, match=r"raw\.calls declares no column surname"):
        load(engine, metadata={"columns": ["surname"]})


def test_a_refusal_is_not_retried_and_a_held_lock_is(engine: Engine) -> None:
    attempts = []

    def frame(_: object) -> pl.DataFrame:
        attempts.append(1)
        return calls(NEXT_DAY, ("a", 1, "x"))

    asset = CALLS.asset(frame, retry_policy=dg.RetryPolicy(max_retries=2))
    assert not run(engine, [asset], raise_on_error=False).success
    assert len(attempts) == 1


def test_no_value_of_a_row_appears_in_a_refusal(engine: Engine) -> None:
    rows = calls(DAY, ("+44 20 7946 0000", 1, "secret"), ("+44 20 7946 0000", 2, "secret"))
    with pytest.raises(RowsRefusedError) as error:
        store(engine, rows)
    assert "secret" not in str(error.value)
    assert "7946" not in str(error.value)


def test_a_warehouse_takes_its_database_from_the_environment(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLS_DATABASE", engine.settings["database"])
    dg.materialize(
        [CALLS.asset(calls(DAY, ("a", 1, "x")))],
        partition_key=DAY,
        resources={"io_manager": Warehouse(database=dg.EnvVar("CALLS_DATABASE"))},
    )
    assert engine.contents() == [(dt.date.fromisoformat(DAY), "a", 1, "x")]


@pytest.mark.parametrize("loads", [False, True], ids=["a step that stores", "a step that loads"])
def test_a_step_that_waits_tells_it_in_the_log_of_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loads: bool
) -> None:
    monkeypatch.setattr("genesys_assets.warehouse.waiting.REPORTED_AFTER_SECONDS", 0.0)
    warehouse = Warehouse(database=str(tmp_path / "held.duckdb"), lock_timeout_seconds=0.1, remedy="let go")
    upstream = dg.AssetSpec(list(CALLS.name), partitions_def=DAILY, metadata=CALLS.metadata())
    downstream = dg.asset(name="read", partitions_def=DAILY, ins={"table": dg.AssetIn(list(CALLS.name))})(_read)
    assets = [upstream, downstream] if loads else [CALLS.asset(calls(DAY, ("a", 1, "x")))]
    with dg.DagsterInstance.ephemeral() as instance, duckdb.connect(str(tmp_path / "held.duckdb")):
        result = dg.materialize(
            assets, instance=instance, resources={"io_manager": warehouse}, partition_key=DAY, raise_on_error=False
        )
        log = [entry.user_message for entry in instance.all_logs(result.run_id)]
        steps = [event for event in result.all_events if event.is_step_up_for_retry or event.is_step_failure]
    assert any(f"Waiting for {tmp_path}/held.duckdb, held by process {os.getpid()} (" in line for line in log)
    assert [event.is_step_failure for event in steps] == [True]


def _read(table: pl.LazyFrame) -> None:
    """Is never called."""
