"""Where a lake's Parquet files are: a folder or S3, and the credentials that S3 needs.

Belongs here: the location, and the extensions and credentials that DuckDB needs for it. What is in the files belongs to
DuckLake.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from genesys_assets.warehouse.engines import extensions
from genesys_assets.warehouse.errors import DatabaseUnreadableError, DeclarationError
from genesys_assets.warehouse.table import literal


def data_path(given: str | None) -> str | None:
    """Return the data path as DuckLake compares it: absolute, with a slash at its end; None when none is given."""
    if not given or not given.strip():
        return None
    scheme = given.split("://", 1)[0] if "://" in given else ""
    if scheme not in ("", "s3"):
        raise DeclarationError(f"A lake's files cannot be at {scheme}://: set data_path to a folder or an s3:// URL.")
    if not scheme and "\\" in given:
        raise DeclarationError(
            f"A lake's files cannot be in {given}, since DuckDB takes a backslash for a slash: set data_path to a "
            "folder without one."
        )
    return (given if scheme else str(Path(given).absolute())).rstrip("/") + "/"


def prepare(connection: duckdb.DuckDBPyConnection, path: str) -> None:
    """Enable DuckDB to read and write at `path`.

    Raises:
        ExtensionMissingError: An extension for S3 is not installed and cannot be.
        DatabaseUnreadableError: There are no credentials for S3.
    """
    if path.startswith("s3://"):
        extensions.load(connection, ["httpfs"])
        _set_credentials(connection)


def _set_credentials(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the connection the S3 credentials of the environment, or else those of the machine."""
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        options = {
            "KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
            "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
            "SESSION_TOKEN": os.environ.get("AWS_SESSION_TOKEN", ""),
            "REGION": _region() or "us-east-1",
        }
    else:
        extensions.load(connection, ["aws"])
        options = {"PROVIDER": "credential_chain", "REGION": _region()}
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or "")
    if endpoint.netloc:
        options |= {"ENDPOINT": endpoint.netloc, "URL_STYLE": "path"}
    parameters = ", ".join(f"{name} {literal(value)}" for name, value in options.items() if value)
    try:
        connection.execute(f"CREATE SECRET (TYPE s3, {parameters}, USE_SSL {endpoint.scheme != 'http'})")
    except duckdb.Error:  # its text may repeat the credentials
        raise DatabaseUnreadableError(
            "The lake's files in S3 are out of reach, for neither the environment nor this machine has credentials "
            "that can be used: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role."
        ) from None


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
