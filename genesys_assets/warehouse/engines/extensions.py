"""DuckDB's extensions: installed by DuckDB itself or by a PyPI package, and loaded into each connection.

Belongs here: where an extension's file is, and that its signature was checked. DuckDB checks it whenever a file is
loaded, by reading all of it: 0.2 s for each of DuckLake, PostgreSQL and S3, in every connection that a step opens. So
it is checked once in a process, in a connection of its own, and the connections that work load the file unchecked.
"""

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb

from genesys_assets.warehouse.errors import ExtensionMissingError
from genesys_assets.warehouse.table import literal

UNCHECKED = {"allow_unsigned_extensions": True}
"""The setting of a connection that `load` is called with."""


def load(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Load extensions into a connection that was made with `UNCHECKED`.

    Args:
        connection: The connection.
        names: The extensions, as DuckDB calls them (`ducklake`, `postgres_scanner`, `httpfs`).

    Raises:
        ExtensionMissingError: An extension is not installed and cannot be.
    """
    for name in names:
        connection.execute(load_sql(name))


def load_sql(name: str) -> str:
    """Return the statement that loads an extension into a connection that was made with `UNCHECKED`.

    Raises:
        ExtensionMissingError: The extension is not installed and cannot be.
    """
    return f"LOAD {literal(_checked(name))}"


@cache
def _checked(name: str) -> Path:
    """Return the extension's file, once DuckDB has loaded it and so verified its signature."""
    with duckdb.connect(":memory:") as connection:
        try:
            file = packaged(name) or _installed(connection, name)
            connection.execute(f"LOAD {literal(file)}")
        except duckdb.Error as error:
            raise ExtensionMissingError(
                f"DuckDB {duckdb.__version__} cannot load its extension {name} ({str(error).splitlines()[0]}): let it "
                f"reach extensions.duckdb.org once, or install the project's extra 'lake', or the package "
                f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}."
            ) from None
    return file


def packaged(name: str) -> Path | None:
    """Return the file in the package duckdb-extension-<name>; None unless it is installed for this DuckDB."""
    package = importlib.util.find_spec(f"duckdb_extension_{name}")
    if package is None or package.origin is None:
        return None
    file = Path(package.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    return file if file.exists() else None


def _installed(connection: duckdb.DuckDBPyConnection, name: str) -> Path:
    """Return the file in DuckDB's own folder, where it is installed now unless it is there."""
    connection.execute(f"INSTALL {name}")
    ((path,),) = connection.execute(
        "SELECT install_path FROM duckdb_extensions() WHERE extension_name = ?", [name]
    ).fetchall()
    return Path(path)
