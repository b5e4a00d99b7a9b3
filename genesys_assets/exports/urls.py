"""The destination that a URL from the settings names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from genesys_assets.exports.destination import Destination, ExportError
from genesys_assets.exports.local_folder import LocalFolder
from genesys_assets.exports.object_store import ObjectStore

OBJECT_STORES = ("s3", "s3a", "gs", "az", "abfs", "abfss")


def destination_of(url: str) -> Destination:
    """Return the destination of a path or URL: `file://...`, `s3://bucket/folder`, `gs://...` or `az://container/folder`.

    This does not connect to it yet.

    Raises:
        ExportError: The setting names no destination.
    """
    parts = urlsplit(url)
    if "://" not in url:
        return LocalFolder(Path(url))
    if parts.fragment or (parts.scheme == "file" and (parts.query or parts.netloc not in ("", "localhost"))):
        raise ExportError(
            f"The {parts.scheme}:// URL for exports holds a ? or #, or names a host for a file: write %3F and %23 for "
            "those characters in a folder's name, and file:/// before an absolute path."
        )
    if parts.scheme == "file":
        return LocalFolder(Path(unquote(parts.path)))
    if parts.scheme not in OBJECT_STORES:
        raise ExportError(
            f"Exports cannot go to a {parts.scheme}:// URL: write a folder's path, or an s3://, gs:// or az:// URL."
        )
    if parts.username or parts.password or parts.query:
        raise ExportError(
            f"The {parts.scheme}:// URL for exports holds credentials: leave them out, and set the store's environment "
            "variables instead."
        )
    return ObjectStore(url)
