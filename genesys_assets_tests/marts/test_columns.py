from collections.abc import Callable, Iterator

import polars as pl
import pytest
from polars.io.plugins import register_io_source

from genesys_assets.data_model import TABLES
from genesys_assets.marts import with_names
from genesys_assets.marts.agent_performance import agent_performance
from genesys_assets.marts.columns import DIRECTORY_COLUMNS, STAGING_COLUMNS, Columns
from genesys_assets.marts.flow_performance import flow_performance
from genesys_assets.marts.formulas.conversations import interactions, open_conversations
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets.marts.wrapup_performance import wrapup_performance

MARTS: dict[str, Callable[..., pl.LazyFrame]] = {
    formula.__name__: formula
    for formula in (
        queue_performance,
        agent_performance,
        interactions,
        wrapup_performance,
        flow_performance,
        open_conversations,
    )
}


class Reading:
    """Empty stored tables that take note of the columns read from them."""

    def __init__(self, room: str, tables: Columns) -> None:
        self.columns: dict[str, set[str]] = {}
        self.frames = {table: self._noted(table, f"{room}.{table}") for table in tables}

    def _noted(self, table: str, stored: str) -> pl.LazyFrame:
        whole = TABLES[stored].create_empty()

        def batches(
            columns: list[str] | None, predicate: pl.Expr | None, _rows: int | None, _batch: int | None
        ) -> Iterator[pl.DataFrame]:
            self.columns.setdefault(table, set()).update(columns or whole.columns)
            kept = whole if predicate is None else whole.filter(predicate)
            yield kept.select(columns or whole.columns)

        return register_io_source(batches, schema=whole.schema)


@pytest.mark.parametrize("mart", MARTS)
def test_the_columns_named_for_a_mart_are_those_that_it_reads(mart):
    staging = Reading("staging", STAGING_COLUMNS[mart])
    directory = Reading("directory", DIRECTORY_COLUMNS[mart])
    with_names(MARTS[mart](**staging.frames), **directory.frames).collect()
    for reading, named in ((staging, STAGING_COLUMNS[mart]), (directory, DIRECTORY_COLUMNS[mart])):
        assert reading.columns == {table: set(columns) for table, columns in named.items()}


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_is_computed_from_the_named_columns_alone(mart):
    def empty(room: str, tables: Columns) -> dict[str, pl.LazyFrame]:
        return {
            table: TABLES[f"{room}.{table}"].create_empty().lazy().select(columns) for table, columns in tables.items()
        }

    rows = MARTS[mart](**empty("staging", STAGING_COLUMNS[mart]))
    named = with_names(rows, **empty("directory", DIRECTORY_COLUMNS[mart]))
    stored = TABLES[f"marts.{mart}"]
    assert stored.validate(named.collect()).columns == stored.column_names()
