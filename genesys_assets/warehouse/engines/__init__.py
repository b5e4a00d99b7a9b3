"""The kinds of database that the warehouse keeps its tables in, and which of them a location names.

Belongs here: telling the kinds apart by how a location begins, and refusing any other. What differs between them is in
`engine`, how each of them is opened in `file` and `lake`.
"""

import re
from pathlib import Path

from genesys_assets.warehouse.engines.duckdb_errors import full_disk
from genesys_assets.warehouse.engines.engine import Engine
from genesys_assets.warehouse.engines.file import STORAGE_VERSION, File
from genesys_assets.warehouse.engines.lake import LAKE, Lake
from genesys_assets.warehouse.errors import DeclarationError
from genesys_assets.warehouse.paths import refuse_impossible

__all__ = ["LAKE", "STORAGE_VERSION", "Engine", "engine_at", "full_disk"]

_SCHEME = re.compile(r"([a-z][a-z0-9+]+):", re.IGNORECASE)  # one letter is a disk


def engine_at(location: str, data_path: str | None) -> Engine:
    """Return the engine of the database at `location`.

    Raises:
        DeclarationError: No database can be kept at that location, or the warehouse does not know its kind.
    """
    if not location.strip() or location.startswith(":memory:"):
        raise DeclarationError(
            "The database cannot be ':memory:' or empty, because every step opens it anew and would find nothing: "
            "give the path of a file, or 'ducklake:...'."
        )
    if location.startswith(LAKE):
        return Lake(location, data_path)
    scheme = _SCHEME.match(location)
    if scheme:  # a file would be created under that name, with any password in it
        raise DeclarationError(
            f"The database cannot be at '{scheme.group(1)}:...': give the path of a file, or "
            "'ducklake:postgres:...' for a lake with its catalogue in PostgreSQL and its files at data_path."
        )
    refuse_impossible(location)
    return File(Path(location))
