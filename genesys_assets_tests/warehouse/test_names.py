"""Names that DuckDB takes for one: two assets never share a table, and no two columns a name."""

import string

import dagster as dg
import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.warehouse import DeclarationError, SchemaRefusedError, refuse_collisions
from genesys_assets.warehouse.names import folded, repeated
from genesys_assets_tests.warehouse.support import DAY, NEXT_DAY, Declared, Engine, calls, load, store

SHARED = [
    (["raw", "calls"], ["raw", "Calls"]),
    (["raw", "calls"], ["RAW", "calls"]),
    (["x", "raw", "calls"], ["y", "raw", "calls"]),
    (["raw", "calls"], ["x", "raw", "calls"]),
    (["solo"], ["public", "solo"]),
]
THEIRS, OURS = calls(DAY, ("a", 1, "theirs")), calls(DAY, ("a", 2, "ours"))


def named(name: list[str]) -> Declared:
    return Declared(name=name)


@pytest.mark.parametrize(("theirs", "ours"), SHARED)
def test_an_asset_does_not_replace_the_rows_of_another_one(engine: Engine, theirs: list[str], ours: list[str]) -> None:
    store(engine, THEIRS, DAY, named(theirs))
    told = rf"left as it is: it holds the asset {'/'.join(theirs)}, and {'/'.join(ours)} would be stored in its place"
    with pytest.raises(SchemaRefusedError, match=told):
        store(engine, OURS, DAY, named(ours))
    assert load(engine, DAY, named(theirs)).equals(THEIRS)
    store(engine, calls(NEXT_DAY, ("b", 3, "theirs")), NEXT_DAY, named(theirs))


@pytest.mark.parametrize(("theirs", "ours"), SHARED)
def test_definitions_of_which_two_share_a_table_are_refused_when_they_load(theirs: list[str], ours: list[str]) -> None:
    assets = [named(theirs).asset(THEIRS), dg.AssetSpec(ours, metadata=named(ours).metadata())]
    with pytest.raises(DeclarationError, match="would be stored in one table") as error:
        refuse_collisions(assets)
    assert "/".join(theirs) in str(error.value)
    assert "/".join(ours) in str(error.value)


def test_assets_that_are_stored_elsewhere_or_in_no_table_are_let_through() -> None:
    elsewhere = {**named(["raw", "Calls"]).metadata(), "schema": "other"}
    assets = [named(["raw", "calls"]).asset(THEIRS), dg.AssetSpec(["raw", "Calls"], metadata=elsewhere)]
    refuse_collisions([*assets, dg.AssetSpec(["RAW", "CALLS"])])


def test_an_asset_that_has_another_key_now_is_let_in_as_the_error_says(engine: Engine) -> None:
    store(engine, THEIRS, DAY, named(["x", "raw", "calls"]))
    with pytest.raises(SchemaRefusedError, match="DELETE FROM") as error:
        store(engine, OURS, DAY, named(["y", "raw", "calls"]))
    statement = "DELETE FROM" + str(error.value).split("DELETE FROM")[1].rstrip(".")
    with duckdb.connect(engine.settings["database"]) as connection:
        connection.execute(statement)
    store(engine, OURS, DAY, named(["y", "raw", "calls"]))
    assert load(engine, DAY, named(["y", "raw", "calls"])).equals(OURS)


def test_a_table_from_before_is_known_whatever_the_case_of_its_name(engine: Engine) -> None:
    store(engine, THEIRS, DAY, named(["raw", "calls"]))
    with duckdb.connect(engine.settings["database"]) as connection:
        connection.execute("DROP TABLE genesys_assets.stored_tables; ALTER TABLE raw.calls RENAME TO passing")
        connection.execute('ALTER TABLE raw.passing RENAME TO "Calls"; ALTER TABLE raw."Calls" RENAME note TO remark')
    with pytest.raises(SchemaRefusedError, match="column remark is stored and no longer declared"):
        store(engine, OURS, DAY, named(["raw", "calls"]))


def test_columns_that_duckdb_takes_for_one_are_refused(engine: Engine) -> None:
    columns = {"partition_date": "DATE", "call_id": "VARCHAR", "Note": "VARCHAR", "note": "VARCHAR"}
    with pytest.raises(DeclarationError, match=r"columns that DuckDB takes for one \(Note, note\)"):
        store(engine, OURS, DAY, Declared(columns=columns))


def test_a_stored_column_in_another_case_is_named(engine: Engine) -> None:
    store(engine, THEIRS)
    columns = {"partition_date": "DATE", "call_id": "VARCHAR", "seconds": "BIGINT", "Note": "VARCHAR"}
    with pytest.raises(SchemaRefusedError, match="column note is stored and no longer declared"):
        store(engine, OURS.rename({"note": "Note"}), DAY, Declared(columns=columns))


NAMES = st.text(st.sampled_from(string.ascii_letters + "ÄäÉéßẞİΣς_ 1"), min_size=1, max_size=3)


@given(NAMES, NAMES)
@settings(max_examples=150, deadline=None)
def test_names_are_the_same_when_duckdb_says_so(one: str, other: str) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f'CREATE TABLE "{one}" (x INTEGER); CREATE TABLE IF NOT EXISTS "{other}" (x INTEGER)')
        are_one = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(1,)]
    assert (folded(one) == folded(other)) is are_one
    assert bool(repeated([one, other])) is are_one
