"""The second count of the interactions: it agrees with the mart, and sees each way in which the mart could be wrong."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import duckdb
import pytest

from genesys_assets.assets.recounted import FACTS, INTERACTIONS, recount
from genesys_assets.sandbox import Sandbox
from genesys_assets.windows import window_of
from genesys_assets_tests.marts.of_sandbox import staged_days, stored_in_duckdb
from genesys_assets_tests.sandbox.support import EVERY_TYPE_OFTEN

DAY = date(2026, 11, 20)
WINDOW = window_of(DAY, UTC)
SETTLED = datetime(2027, 2, 1, tzinfo=UTC)
FIGURES = [measure.name for measure in INTERACTIONS.measures]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A day of every type of conversation, and its interactions."""
    sandbox = Sandbox(seed=7, conversations_per_day=300, now=lambda: SETTLED, mix=EVERY_TYPE_OFTEN)
    folder = tmp_path_factory.mktemp("staging")
    staging = staged_days(sandbox, [DAY], folder)
    rows = INTERACTIONS.formula(**{name: staging[name] for name in INTERACTIONS.inputs})
    return stored_in_duckdb(folder, INTERACTIONS, staging, rows)


@pytest.fixture
def changed(day: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The day, whose changes are taken back."""
    day.begin()
    yield day
    day.rollback()


def test_a_day_of_every_type_of_conversation_is_counted_alike(day: duckdb.DuckDBPyConnection) -> None:
    assert recount(day, DAY, WINDOW) == {}
    [(interactions,)] = day.execute("SELECT count(*) FROM marts.interactions").fetchall()
    assert interactions > 200


def test_every_column_is_counted() -> None:
    told_otherwise = {"partition_date", "conversation_id", *INTERACTIONS.names}
    assert {*FACTS, *FIGURES} == {*INTERACTIONS.schema.column_names()} - told_otherwise


def test_a_conversation_that_is_missing_and_one_too_many_are_seen(changed: duckdb.DuckDBPyConnection) -> None:
    first, last = (
        "(SELECT min(conversation_id) FROM marts.interactions)",
        "(SELECT max(conversation_id) FROM marts.interactions)",
    )
    changed.execute(f"DELETE FROM marts.interactions WHERE conversation_id = {first}")
    changed.execute(f"UPDATE marts.interactions SET conversation_id = 'x' WHERE conversation_id = {last}")
    assert recount(changed, DAY, WINDOW) == {"missing": 2, "surplus": 1}


@pytest.mark.parametrize("column", [*FIGURES, *FACTS])
def test_a_column_that_is_another_in_one_conversation_is_seen(changed: duckdb.DuckDBPyConnection, column: str) -> None:
    one = "(SELECT max(conversation_id) FROM marts.interactions)"
    [(kind,)] = changed.execute(f"SELECT DISTINCT typeof({column}) FROM marts.interactions").fetchall()
    made = {
        "BIGINT": f"coalesce({column}, 0) + 1",
        "DOUBLE": f"coalesce({column}, 0) + 1",
        "VARCHAR": f"coalesce({column}, '') || 'x'",
        "VARCHAR[]": f"list_append({column}, 'x')",
    }.get(kind, f"{column} + INTERVAL 1 SECOND")
    changed.execute(f"UPDATE marts.interactions SET {column} = {made} WHERE conversation_id = {one}")
    assert recount(changed, DAY, WINDOW) == {column: 1}
