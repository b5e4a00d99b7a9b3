"""The official Python SDK knows every listing that is declared: its path, its parameters, and each column's field."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import dataframely as dy
import polars as pl
import PureCloudPlatformClientV2 as sdk  # noqa: N813 - the package is named like a class
import pytest

from genesys_assets.directory import LISTINGS

APIS = [path.read_text(encoding="utf-8") for path in (Path(sdk.__file__).parent / "apis").glob("*.py")]
KINDS = {"str": pl.String, "int": pl.Int64, "float": pl.Float64, "bool": pl.Boolean, "datetime": pl.Datetime}
COLUMNS = [
    pytest.param(table, column, id=f"{table}.{column.name}")
    for table, listing in LISTINGS.items()
    for column in listing.schema.columns().values()
    if column.name != "deleted"
]


class Getter(NamedTuple):
    """A method of the SDK that reads one path: the parameters that it takes, and the class of what it returns."""

    params: set[str]
    returns: str


def getters(path: str) -> Iterator[Getter]:
    for text in APIS:
        for method in re.split(r"\n    def ", text):
            if f"resource_path = '{path}'.replace" in method and "call_api(resource_path, 'GET'" in method:
                [params] = re.findall(r"all_params = \[(.*?)\]", method)
                [returns] = re.findall(r"^\w+\(self.*?-> '(\w+)'", method)
                yield Getter(set(re.findall(r"'(\w+)'", params)), returns)


def kind_of(model: str, path: str) -> str:
    """The SDK's type of what stands at a path of a model's fields, with dots between."""
    for name in path.split("."):
        made: Any = getattr(sdk, model)()
        [attribute] = [attribute for attribute, wire in made.attribute_map.items() if wire == name]
        model = made.swagger_types[attribute]
    return model


@pytest.mark.parametrize("table", LISTINGS)
def test_a_listing_is_read_at_its_path_with_its_parameters(table: str) -> None:
    found = list(getters(LISTINGS[table].path))
    assert found
    assert all(each.params >= {*LISTINGS[table].params, "page_size", "page_number"} for each in found)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_is_a_field_of_the_listings_entities_and_has_its_type(table: str, column: dy.Column) -> None:
    for each in getters(LISTINGS[table].path):
        [entity] = re.findall(r"list\[(\w+)\]", getattr(sdk, each.returns)().swagger_types["entities"])
        assert isinstance(column.dtype, KINDS[kind_of(entity, (column.metadata or {})["path"])])
