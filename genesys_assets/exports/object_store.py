"""A bucket as the destination of exports, through obstore.

What belongs here: what the object stores have in common. Credentials are the stores' usual environment variables, which
obstore reads by itself. The contract is `destination`.
"""

from __future__ import annotations

import contextlib
import mimetypes
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genesys_assets import files
from genesys_assets.exports.destination import Destination, DestinationUnreachableError, ExportError
from genesys_assets.warehouse import Spool, temporary_folder

if TYPE_CHECKING:
    from obstore.store import ObjectStore as Client

_ATTEMPTS = 20


class ObjectStore(Destination):
    """A bucket or container, and a prefix in it; an object is put whole, which every store makes atomic."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def address(self, path: str) -> str:
        """Return the URL of a file."""
        return f"{self._url}/{path}"

    @contextlib.contextmanager
    def replacing(self, path: str) -> Iterator[Path]:
        """Yield a local file that takes the place of `path`."""
        with contextlib.closing(Spool(temporary_folder())) as spool, spool.scoped_folder() as folder:
            file = folder / path.rsplit("/", 1)[-1]
            with files.private():
                yield file
            if file.exists():
                self._put(path, file)

    def at_hand(self, path: str) -> Path | None:
        """Return None: the file would have to be fetched."""
        return None

    def read(self, path: str) -> bytes | None:
        """Return the content of a file; None when there is none."""
        return self._get(path)[0]

    def update(self, path: str, change: Callable[[bytes | None], bytes | None]) -> bool:
        """Replace a small file by what `change` makes of it."""
        from obstore.exceptions import AlreadyExistsError, PreconditionError  # noqa: PLC0415 - as in `_client`

        for _ in range(_ATTEMPTS):
            present, tag = self._get(path)
            content = change(present)
            if content is None:
                return False
            with contextlib.suppress(AlreadyExistsError, PreconditionError):
                self._put(path, content, mode={"e_tag": tag} if tag else "create")
                return True
        raise DestinationUnreachableError(
            f"{self.address(path)} was replaced by others {_ATTEMPTS} times while it was being written; run this "
            "step again."
        )

    def _client(self) -> Client:
        from obstore.store import from_url  # noqa: PLC0415 - a local folder does not need it

        with self._named_errors(""):
            return from_url(self._url)

    def _put(self, path: str, content: Path | bytes, mode: Any = "overwrite") -> None:
        import obstore  # noqa: PLC0415 - as in `_client`

        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        attributes = {"Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind}
        with self._named_errors(path):
            obstore.put(self._client(), path, content, attributes=attributes, mode=mode)

    def _get(self, path: str) -> tuple[bytes | None, str | None]:
        import obstore  # noqa: PLC0415 - as in `_client`

        with self._named_errors(path):
            try:
                result = obstore.get(self._client(), path)
                return bytes(result.bytes()), result.meta["e_tag"]
            except FileNotFoundError:
                return None, None

    @contextlib.contextmanager
    def _named_errors(self, path: str) -> Iterator[None]:
        """Name the file in errors; pass on those that `update` and `_get` handle."""
        from obstore.exceptions import (  # noqa: PLC0415 - as in `_client`
            AlreadyExistsError,
            BaseError,
            PermissionDeniedError,
            PreconditionError,
            UnauthenticatedError,
        )

        try:
            yield
        except (AlreadyExistsError, PreconditionError):
            raise
        except (BaseError, FileNotFoundError, ValueError) as error:
            refused = isinstance(error, PermissionDeniedError | UnauthenticatedError | FileNotFoundError | ValueError)
            kind = ExportError if refused else DestinationUnreachableError
            raise kind(
                f"{self.address(path)} could not be written or read: {_first_sentence(error)}; check that the bucket "
                "exists and that the store's environment variables (credentials, region, endpoint) are right."
            ) from None  # the original error shows whole requests


def _first_sentence(error: Exception) -> str:
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return re.sub(r"\?\S+", "", line)[:300].rstrip(" :.")  # the query may hold a shared access signature
