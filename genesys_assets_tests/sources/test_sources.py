"""What every source that is declared has beside it."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any

import pytest

from genesys_assets import sources
from genesys_assets.data_model import TABLES
from genesys_assets.genesys import Source
from genesys_assets.sources import SOURCES, TREES, columns_of
from genesys_assets.tables import staging
from genesys_assets.tables.columns import wire_name
from genesys_assets.tables.schema_tree import SchemaNode


@pytest.mark.parametrize("table", SOURCES)
def test_a_source_has_a_table_with_the_key_and_bounds_of_its_records(table: str) -> None:
    columns = {wire_name(column) for column in TABLES[table].column_names()}
    assert columns >= {SOURCES[table].key, SOURCES[table].start, SOURCES[table].end}


def test_every_source_has_a_tree_of_staging_tables() -> None:
    assert list(TREES) == list(SOURCES)


@pytest.mark.parametrize("table", TREES)
def test_the_tables_of_a_source_and_those_of_no_other_have_the_column_that_purges_look_for(table: str) -> None:
    """A table without it would keep what is purged, and one of another source would lose rows."""
    key = columns_of(SOURCES[table])["key"]
    owned = {table, *(node.table for node in TREES[table].walk())}
    filled = {name for name in TABLES if name.startswith(("raw.", "staging."))}
    assert {name for name in filled if key in TABLES[name].primary_key()} == owned


@pytest.mark.parametrize("table", TREES)
def test_the_tree_of_a_source_has_its_key_and_the_person_whose_record_it_is(table: str) -> None:
    tree, source = TREES[table], SOURCES[table]
    *above, person = source.person_path.split(".")
    assert tree.key == source.key
    assert person in {field for node in tree.walk() if node.path == ".".join(above) for field in node.fields}


def _in_modules_of(package: ModuleType, kind: type[Any]) -> list[Any]:
    names = [module.name for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    every = [found for name in names for found in vars(importlib.import_module(name)).values()]
    return [found for found in every if isinstance(found, kind)]


def test_every_source_that_is_written_down_is_read() -> None:
    assert all(source in SOURCES.values() for source in _in_modules_of(sources, Source))


def test_every_tree_that_is_written_down_is_decoded() -> None:
    trees = [tree for tree in _in_modules_of(staging, SchemaNode) if tree.shape == "record"]
    assert trees
    assert all(tree in TREES.values() for tree in trees)
