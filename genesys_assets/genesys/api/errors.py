"""What can go wrong with Genesys Cloud: the branch `GenesysError` of the tree in `genesys_assets.errors`.

After a `TransientError` it can help to run the whole step again later; after a `PermanentError` something has to be
changed first. `responses` decides which status becomes which error. No error holds a token, a secret, a query string or
a body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from genesys_assets.errors import ProjectError
from genesys_assets.texts import LONGEST_NAME, LONGEST_SENTENCE, line


class Limit(NamedTuple):
    """A limit of Genesys Cloud, as the body of an error names it; "" for what it leaves out."""

    key: str
    namespace: str
    value: str

    def __str__(self) -> str:
        """Return the limit as a clause."""
        namespace = f" of {self.namespace}" if self.namespace else ""
        return f"limit {self.key}{namespace}{f', {self.value}' if self.value else ''}"


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """What Genesys Cloud said of a request that failed. Its texts are cleaned and shortened to fit one line of a log.

    Attributes:
        method: The request's method.
        path: The request's path, without its query string.
        status: The HTTP status, 0 when there was no response.
        code: Genesys Cloud's error code, "" when it gave none.
        message: Its message, "" when it gave none.
        correlation_id: The id by which Genesys Cloud's support finds the request, "" when there was none.
        limit: The limit that was reached, None when it named none.
    """

    method: str
    path: str
    status: int = 0
    code: str = ""
    message: str = ""
    correlation_id: str = ""
    limit: Limit | None = None

    def __post_init__(self) -> None:
        lengths = {
            "path": LONGEST_NAME,
            "code": LONGEST_NAME,
            "message": LONGEST_SENTENCE,
            "correlation_id": LONGEST_NAME,
        }
        for name, longest in lengths.items():
            object.__setattr__(self, name, line(" ".join(getattr(self, name).split()), longest))

    def __str__(self) -> str:
        """Return request and response as one clause."""
        if not self.status:
            return f"{self.method} {self.path} got no usable answer{': ' + self.message if self.message else ''}"
        said = ": ".join(part for part in (self.code, self.message.rstrip(".")) if part)
        correlation = f"correlation id {self.correlation_id}" if self.correlation_id else ""
        more = "; ".join(part for part in (str(self.limit or ""), correlation) if part)
        status = f"{self.status}{' ' + said if said else ''}{f' ({more})' if more else ''}"
        return f"{self.method} {self.path} was answered {status}"


class GenesysError(ProjectError):
    """Any error with Genesys Cloud.

    Attributes:
        detail: What Genesys Cloud said, None when it was not asked.
    """

    def __init__(self, sentence: str, detail: ErrorDetail | None = None) -> None:
        super().__init__(sentence)
        self.detail = detail

    @property
    def facts(self) -> Mapping[str, str | int]:
        """Return what Genesys Cloud said: status, code, correlation id."""
        detail = self.detail
        return {"status": detail.status, "code": detail.code, "correlation_id": detail.correlation_id} if detail else {}


class TransientError(GenesysError):
    """A later attempt may succeed."""

    transient = True


class PermanentError(GenesysError):
    """No attempt can succeed until something is changed."""


class ConfigurationError(PermanentError):
    """A setting is wrong: region, URL, client id or secret."""


class UnauthorisedError(PermanentError):
    """401, even with a new token."""


class ForbiddenError(PermanentError):
    """403: a permission is missing."""


class RefusedError(PermanentError):
    """Any other 4xx: the request itself is not accepted."""

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self.detail.status if self.detail else 0


class CapExceededError(PermanentError):
    """The interval holds more conversations than the API pages through."""


class TooLargeError(PermanentError):
    """The response is larger than Genesys Cloud sends or than this client accepts; smaller pages may help."""


class InvalidPageError(PermanentError):
    """A page, or a conversation in it, is not what the API documents: nothing of it can be stored."""


class ThrottledError(TransientError):
    """429, for longer than the client waits.

    Attributes:
        retry_after_seconds: The wait that the response asked for, None when it asked for none that can be read.
    """

    def __init__(self, sentence: str, detail: ErrorDetail | None, retry_after_seconds: float | None) -> None:
        super().__init__(sentence, detail)
        self.retry_after_seconds = retry_after_seconds


class TimedOutError(TransientError):
    """408, 504, or no response in time."""


class InternalServerError(TransientError):
    """500."""


class UnavailableError(TransientError):
    """502, 503 and the other 5xx, or no connection."""


class BrokenResponseError(TransientError):
    """The connection broke during the response, or the response cannot be read."""


class CursorRefusedError(TransientError):
    """A cursor was refused twice: what it paged through has to be read from its start."""


class JobError(TransientError):
    """A details job failed, was cancelled, or did not finish in time."""


class NotCoveredError(TransientError):
    """The data lake does not have the whole day yet."""


class IncompleteError(TransientError):
    """Fewer conversations were received than announced, or the pages never end."""
