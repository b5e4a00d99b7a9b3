"""What every source that is declared has beside it."""

import pytest

from genesys_assets.data_model import TABLES
from genesys_assets.sources import SOURCES, TREES
from genesys_assets.tables.columns import wire_name


@pytest.mark.parametrize("table", SOURCES)
def test_a_source_has_a_table_with_the_key_and_bounds_of_its_records(table: str) -> None:
    columns = {wire_name(column) for column in TABLES[table].column_names()}
    assert columns >= {SOURCES[table].key, SOURCES[table].start, SOURCES[table].end}


def test_every_source_has_a_tree_of_staging_tables() -> None:
    assert list(TREES) == list(SOURCES)
