"""What the functions return is what the tables declare."""

import polars as pl
import pytest

from genesys_assets.metrics import queue_performance, with_names
from genesys_assets.tables import marts

SESSION_METRICS = pl.LazyFrame(
    schema={
        "partition_date": pl.Date,
        "conversation_id": pl.String,
        "session_ordinal": pl.Int32,
        "queue_id": pl.String,
        "user_id": pl.String,
        "media_type": pl.String,
        "direction": pl.String,
        "name": pl.String,
        "value": pl.Int64,
        "emit_date": pl.Datetime("us", "UTC"),
    }
)
EMPTY = {marts.QueuePerformance: queue_performance(SESSION_METRICS)}


@pytest.mark.parametrize("schema", EMPTY)
def test_a_mart_has_the_columns_and_types_of_its_table(schema: type[marts.Mart]) -> None:
    returned = dict(with_names(EMPTY[schema]).collect_schema())
    assert returned == dict(schema.create_empty().schema)


@pytest.mark.parametrize("schema", EMPTY)
def test_a_day_without_conversations_is_an_empty_table(schema: type[marts.Mart]) -> None:
    assert with_names(EMPTY[schema]).collect().is_empty()


@pytest.mark.parametrize("schema", EMPTY)
def test_a_table_tells_its_row_and_each_column(schema: type[marts.Mart]) -> None:
    assert schema.__doc__.startswith("One row per ")
    assert [name for name, column in schema.columns().items() if not column.description] == []
    assert set(schema.primary_key()) <= set(schema.column_names())
