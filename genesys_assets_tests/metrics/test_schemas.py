"""What the functions return is what the tables declare."""

import pytest

from genesys_assets.metrics import with_names
from genesys_assets.tables import marts
from genesys_assets_tests.metrics.every_mart import every_mart
from genesys_assets_tests.metrics.staging import empty

SCHEMAS: dict[str, type[marts.Mart]] = {
    "queue_performance": marts.QueuePerformance,
    "agent_performance": marts.AgentPerformance,
    "interactions": marts.Interactions,
    "wrapup_performance": marts.WrapupPerformance,
    "flow_performance": marts.FlowPerformance,
    "open_conversations": marts.OpenConversations,
}


@pytest.mark.parametrize("mart", SCHEMAS)
def test_a_mart_has_the_columns_and_types_of_its_table(mart: str) -> None:
    returned = with_names(every_mart(empty())[mart]).collect_schema()
    assert dict(returned) == dict(SCHEMAS[mart].create_empty().schema)


@pytest.mark.parametrize("mart", SCHEMAS)
def test_a_day_without_conversations_is_an_empty_table(mart: str) -> None:
    day = with_names(every_mart(empty())[mart]).collect()
    assert day.is_empty()
    assert dict(day.schema) == dict(SCHEMAS[mart].create_empty().schema)


@pytest.mark.parametrize("mart", SCHEMAS)
def test_a_table_tells_its_row_and_each_column(mart: str) -> None:
    schema = SCHEMAS[mart]
    assert schema.__doc__ is not None
    assert schema.__doc__.startswith("One row per ")
    assert [name for name, column in schema.columns().items() if not column.description] == []
    assert set(schema.primary_key()) <= set(schema.column_names())
