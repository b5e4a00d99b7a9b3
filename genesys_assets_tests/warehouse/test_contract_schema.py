"""The contract of an engine, second part: the declared schema rules, and it changes by additions alone."""

import datetime as dt
from collections.abc import Sequence

import polars as pl
import pytest

from genesys_assets.warehouse import SchemaRefusedError
from genesys_assets_tests.warehouse.support import CALLS, DAY, NEXT_DAY, Declared, Engine, calls, load, store

DATE, NEXT_DATE = dt.date.fromisoformat(DAY), dt.date.fromisoformat(NEXT_DAY)
WIDER = Declared({**CALLS.columns, "queue_id": "VARCHAR"})


def agents(day: str, *values: object) -> pl.DataFrame:
    """Returns a row of a day for each value of its column `agents`."""
    rows = {"call_id": [str(number) for number in range(len(values))], "agents": list(values)}
    return pl.DataFrame(rows).select(pl.lit(dt.date.fromisoformat(day)).alias("partition_date"), pl.all())


def nested(kind: str) -> Declared:
    """Returns the declaration of a table whose column `agents` is a `kind`."""
    return Declared({"partition_date": "DATE", "call_id": "VARCHAR", "agents": kind})


def test_columns_in_another_order_are_stored_by_name(engine: Engine) -> None:
    texts = Declared({"partition_date": "DATE", "call_id": "VARCHAR", "ani": "VARCHAR", "dnis": "VARCHAR"})
    frame = pl.DataFrame({"partition_date": [DATE], "call_id": ["a"], "ani": ["from"], "dnis": ["to"]})
    store(engine, frame, DAY, texts)
    store(
        engine,
        frame.with_columns(partition_date=NEXT_DATE).select("dnis", "ani", "call_id", "partition_date"),
        NEXT_DAY,
        texts,
    )
    assert engine.query("SELECT DISTINCT ani, dnis FROM raw.calls") == [("from", "to")]


def test_a_declaration_in_another_order_stores_by_name(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    store(engine, calls(NEXT_DAY, ("b", 2, "y")), NEXT_DAY, Declared(dict(reversed(CALLS.columns.items()))))
    assert engine.contents() == [(DATE, "a", 1, "x"), (NEXT_DATE, "b", 2, "y")]


def test_a_new_column_is_added_and_old_rows_have_null_in_it(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    store(engine, calls(NEXT_DAY, ("b", 2, "y")).with_columns(queue_id=pl.lit("q")), NEXT_DAY, WIDER)
    assert engine.contents() == [(DATE, "a", 1, "x", None), (NEXT_DATE, "b", 2, "y", "q")]


def test_a_new_column_is_added_when_an_existing_day_runs_again(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    store(engine, calls(DAY, ("a", 1, "x")).with_columns(queue_id=pl.lit("q")), DAY, WIDER)
    assert engine.contents() == [(DATE, "a", 1, "x", "q")]


def test_a_day_stored_before_a_column_was_declared_loads_with_null_in_it(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    assert load(engine, DAY, WIDER)["queue_id"].to_list() == [None]


def test_a_missing_optional_column_is_stored_as_null(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")).drop("seconds"))
    assert engine.contents() == [(DATE, "a", None, "x")]


def test_a_missing_required_column_is_refused_and_the_old_rows_stay(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    with pytest.raises(SchemaRefusedError, match="required column call_id is missing"):
        store(engine, calls(DAY, ("b", 2, "y")).drop("call_id"))
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_an_undeclared_column_is_refused_and_the_old_rows_stay(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    with pytest.raises(SchemaRefusedError, match="column queue_id is not declared"):
        store(engine, calls(DAY, ("b", 2, "y")).with_columns(queue_id=pl.lit("q")))
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_a_column_that_is_all_null_is_stored_with_its_declared_type(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", None, None)).with_columns(pl.lit(None).alias("note"), pl.lit(None).alias("seconds")))
    store(engine, calls(NEXT_DAY, ("b", 2, "y")), NEXT_DAY)
    assert engine.contents() == [(DATE, "a", None, None), (NEXT_DATE, "b", 2, "y")]


@pytest.mark.parametrize(
    ("values", "given"),
    [(["12"], "String"), ([1.5], "Float64"), ([dt.date(2026, 1, 1)], "Date"), ([2**63], "UInt64")],
    ids=["text", "fraction", "date", "too-wide"],
)
def test_values_of_another_type_are_refused_and_the_old_rows_stay(
    engine: Engine, values: Sequence[object], given: str
) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    with pytest.raises(SchemaRefusedError, match=f"column seconds is {given} and declared as BIGINT"):
        store(engine, calls(DAY, ("b", 2, "y")).with_columns(seconds=pl.Series(values)))
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_a_narrower_number_is_stored_as_the_declared_wider_one(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")).with_columns(pl.col("seconds").cast(pl.UInt32)))
    assert load(engine).equals(calls(DAY, ("a", 1, "x")))


def test_a_whole_number_that_is_declared_with_a_fraction_keeps_its_old_rows(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    halves = calls(NEXT_DAY, ("b", 1, "y")).with_columns(seconds=pl.lit(2.5))
    store(engine, halves, NEXT_DAY, Declared({**CALLS.columns, "seconds": "DOUBLE"}))
    assert sorted(row[2] for row in engine.contents()) == [1, 2.5]


@pytest.mark.parametrize("kind", ["VARCHAR", "INTEGER", "DATE"])
def test_a_changed_declared_type_is_refused_and_the_old_rows_stay(engine: Engine, kind: str) -> None:
    store(engine, calls(DAY, ("a", 1, "x")))
    with pytest.raises(SchemaRefusedError, match=f"column seconds is stored as BIGINT and declared as {kind}"):
        store(engine, calls(DAY).drop("seconds"), DAY, Declared({**CALLS.columns, "seconds": kind}))
    assert engine.contents() == [(DATE, "a", 1, "x")]


def test_a_column_that_is_no_longer_declared_is_refused_and_the_old_rows_stay(engine: Engine) -> None:
    store(engine, calls(DAY, ("a", 1, "x")), DAY)
    fewer = Declared({name: kind for name, kind in CALLS.columns.items() if name != "note"})
    with pytest.raises(SchemaRefusedError, match="column note is stored and no longer declared"):
        store(engine, calls(DAY, ("b", 2, "y")).drop("note"), DAY, fewer)
    assert engine.contents() == [(DATE, "a", 1, "x")]


@pytest.mark.parametrize(
    ("narrow", "wide", "old", "new"),
    [
        ("STRUCT(id VARCHAR)", "STRUCT(id VARCHAR, team VARCHAR)", {"id": "1"}, {"team": "Care", "id": "2"}),
        ("STRUCT(id VARCHAR)[]", "STRUCT(id VARCHAR, team VARCHAR)[]", [{"id": "1"}], [{"id": "2", "team": "Care"}]),
        (
            "STRUCT(s STRUCT(id VARCHAR)[])[]",
            "STRUCT(s STRUCT(id VARCHAR, n BIGINT)[], skill VARCHAR)[]",
            [{"s": [{"id": "1"}]}],
            [{"s": [{"id": "2", "n": 7}], "skill": "French"}],
        ),
    ],
    ids=["struct", "list-of-structs", "deep"],
)
def test_a_nested_field_is_added_and_not_dropped(
    engine: Engine, narrow: str, wide: str, old: object, new: object
) -> None:
    store(engine, agents(DAY, old), DAY, nested(narrow))
    store(engine, agents(NEXT_DAY, new), NEXT_DAY, nested(wide))
    loaded = load(engine, (DAY, NEXT_DAY), nested(wide)).sort("partition_date")["agents"]
    assert (
        loaded.to_list() == pl.Series([new, old])[::-1].to_list()
    )  # polars gives the first row the fields of the other


def test_a_frame_that_lacks_a_nested_field_has_null_in_it(engine: Engine) -> None:
    store(engine, agents(DAY, [{"id": "1"}], []), DAY, nested("STRUCT(id VARCHAR, team VARCHAR)[]"))
    assert load(engine, DAY, nested("STRUCT(id VARCHAR, team VARCHAR)[]"))["agents"].to_list() == [
        [{"id": "1", "team": None}],
        [],
    ]


def test_an_undeclared_nested_field_is_refused_and_the_old_rows_stay(engine: Engine) -> None:
    declared = nested("STRUCT(id VARCHAR)[]")
    store(engine, agents(DAY, [{"id": "1"}]), DAY, declared)
    with pytest.raises(SchemaRefusedError, match="column agents is List"):
        store(engine, agents(DAY, [{"id": "2", "team": "Care"}]), DAY, declared)
    assert engine.query("SELECT agents[1].id FROM raw.calls") == [("1",)]


@pytest.mark.parametrize("kind", ["STRUCT(id BIGINT)[]", "STRUCT(team VARCHAR)[]", "VARCHAR[]", "STRUCT(id VARCHAR)"])
def test_a_nested_change_that_is_no_addition_is_refused_and_the_old_rows_stay(engine: Engine, kind: str) -> None:
    store(engine, agents(DAY, [{"id": "1"}]), DAY, nested("STRUCT(id VARCHAR)[]"))
    with pytest.raises(SchemaRefusedError, match="column agents is stored as"):
        store(engine, agents(DAY).drop("agents"), DAY, nested(kind))
    assert engine.query("SELECT agents[1].id FROM raw.calls") == [("1",)]


def test_names_that_sql_would_trip_over_are_stored_and_loaded(engine: Engine) -> None:
    odd = Declared(
        {"partition_date": "DATE", "call_id": "VARCHAR", "select": "VARCHAR", 'my "own"': 'STRUCT("a b" BIGINT)'},
        name=("select", "order"),
    )
    frame = pl.DataFrame({"partition_date": [DATE], "call_id": ["a"], "select": ["s"], 'my "own"': [{"a b": 1}]})
    store(engine, frame, DAY, odd)
    assert load(engine, DAY, odd).equals(frame)
