"""New lakes, with the catalogue in a real PostgreSQL: fixtures, for the conftest of those who need them."""

from __future__ import annotations

import importlib.metadata
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from genesys_assets.warehouse import Database
from genesys_assets_tests.postgres import Postgres, postgres

PACKAGE = "duckdb-extension-ducklake"
_numbers = itertools.count()


@dataclass(frozen=True)
class NewLake:
    """A lake that nobody has made yet.

    Attributes:
        location: What the setting DATABASE says.
        data_path: What the setting DATA_PATH says.
    """

    location: str
    data_path: str

    @property
    def database(self) -> Database:
        """The lake, opened."""
        return Database(self.location, data_path=self.data_path)


@pytest.fixture(scope="session")
def ducklake() -> None:
    """Skips what needs DuckLake where the installed extension is not this DuckDB's."""
    if importlib.metadata.version(PACKAGE) != duckdb.__version__:
        pytest.skip(f"{PACKAGE} is not for DuckDB {duckdb.__version__}")


@pytest.fixture(scope="session")
def lake_server(ducklake: None) -> Iterator[Postgres]:
    """The PostgreSQL of all lakes."""
    with postgres() as server:
        yield server


@pytest.fixture
def lake(lake_server: Postgres, tmp_path: Path) -> NewLake:
    """A lake with its catalogue in a database of its own, and its files in a folder."""
    name = f"lake{next(_numbers)}"
    lake_server.create(name)
    return NewLake(f"ducklake:postgres:{lake_server.connection_string(name)}", str(tmp_path / "lake"))
