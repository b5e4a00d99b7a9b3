"""The second count of the documents: it agrees with staging, and sees a row that is missing or one too many."""

import duckdb
import pytest

from genesys_assets.assets.documents_recounted import PLACES, equals_raw, recount
from genesys_assets.sources import TREES
from genesys_assets_tests.conftest import DAY, Chain


def test_a_stored_day_is_counted_alike(materialised: Chain) -> None:
    with materialised.database.reading() as connection:
        assert recount(connection, DAY) == {}
    [check] = [
        each
        for each in materialised.runs["day"].get_asset_check_evaluations()
        if (each.asset_key, each.check_name) == (equals_raw.key.asset_key, equals_raw.key.name)
    ]
    assert check.passed


@pytest.mark.parametrize("table", ["staging.conversations", *PLACES])
def test_a_row_that_is_missing_and_one_too_many_are_seen(stored_day: Chain, table: str) -> None:
    one = f"FROM {table} WHERE partition_date = $day LIMIT 1"
    with stored_day.database.writing() as connection:
        connection.execute(f"CREATE TEMP TABLE kept AS SELECT * {one}", {"day": DAY})
        connection.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT rowid {one})", {"day": DAY})
        [(records, rows)] = recount(connection, DAY).values()
        assert rows == records - 1
        for _ in range(2):
            connection.execute(f"INSERT INTO {table} SELECT * FROM kept")
        assert recount(connection, DAY) == {table: (records, records + 1)}


def test_every_table_whose_place_is_known_is_at_that_place_of_the_tree() -> None:
    nodes = {node.table: node for tree in TREES.values() for node in tree.walk()}
    assert {table: nodes[table].path for table in PLACES} == {
        table: path.removeprefix("$.").replace("[*]", "") for table, path in PLACES.items()
    }


@pytest.mark.parametrize("element", ["null", "7", '"x"', "[]", "[{}]"])
def test_what_is_no_record_is_counted_by_neither(element: str) -> None:
    document = f'{{"participants": [{{"sessions": [{{}}, {element}]}}, {element}]}}'
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA raw; CREATE SCHEMA staging")
        connection.execute("CREATE TABLE raw.conversations (partition_date DATE, document VARCHAR)")
        connection.execute("INSERT INTO raw.conversations VALUES ($day, $document)", {"day": DAY, "document": document})
        for table in ("staging.conversations", *PLACES):
            connection.execute(f"CREATE TABLE {table} (partition_date DATE)")
        assert recount(connection, DAY) == {
            "staging.conversations": (1, 0),
            "staging.participants": (1, 0),
            "staging.sessions": (1, 0),
        }
