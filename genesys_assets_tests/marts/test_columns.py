from collections.abc import Iterator

import polars as pl
import pytest
from polars.io.plugins import register_io_source

from genesys_assets.data_model import TABLES
from genesys_assets.marts import MARTS, Mart, with_names
from genesys_assets.marts.mart import Columns


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


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS)
def test_the_columns_named_for_a_mart_are_those_that_it_reads(mart: Mart):
    staging = Reading("staging", mart.inputs)
    directory = Reading("directory", mart.directory)
    with_names(mart.formula(**staging.frames), **directory.frames).collect()
    for reading, named in ((staging, mart.inputs), (directory, mart.directory)):
        assert reading.columns == {table: set(columns) for table, columns in named.items()}


@pytest.mark.parametrize("mart", MARTS.values(), ids=MARTS)
def test_a_mart_is_computed_from_the_named_columns_alone(mart: Mart):
    def empty(group: str, tables: Columns) -> dict[str, pl.LazyFrame]:
        return {
            table: TABLES[f"{group}.{table}"].create_empty().lazy().select(columns) for table, columns in tables.items()
        }

    rows = mart.compute(**empty("staging", mart.inputs))
    named = with_names(rows, **empty("directory", mart.directory))
    assert mart.schema.validate(named.collect()).columns == mart.schema.column_names()
