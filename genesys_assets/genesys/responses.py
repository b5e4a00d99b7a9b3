"""Status, headers and body of an answer -> what it means: a typed error, a rate window, a time to wait. Pure.

Whether an error is worth another attempt of the same request is decided in `retrying`; what a page of conversations
looks like stands in `pages`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import msgspec

from genesys_assets.genesys.errors import (
    BrokenResponseError,
    CapExceededError,
    ForbiddenError,
    GenesysError,
    InternalServerError,
    RefusedError,
    ThrottledError,
    TimedOutError,
    Told,
    TooLargeError,
    UnauthorisedError,
    UnavailableError,
)

CAP = re.compile(r"pagination may not exceed (\d+) results", re.IGNORECASE)
PERMISSION = re.compile(r"\b[A-Za-z]+:[A-Za-z*]+:[A-Za-z*]+")
PERMISSION_OF_PATH = {
    "/api/v2/analytics/conversations/details": "analytics:conversationDetail:view",
    "/api/v2/analytics/conversations/aggregates": "analytics:conversationAggregate:view",
    "/api/v2/routing/queues": "routing:queue:view",
    "/api/v2/users": "directory:user:view",
    "/api/v2/routing/wrapupcodes": "routing:wrapupCode:view",
    "/api/v2/authorization/divisions": "authorization:division:view",
    "/api/v2/flows": "architect:flow:view",
    "/api/v2/routing/skills": "routing:skill:view",
    "/api/v2/routing/languages": "routing:language:view",
}
"""What a request needs, for the 403s that do not say so (`not.authorized`); the same list as in the README."""
LONGEST_MESSAGE = 300
LONGEST_WINDOW_SECONDS = 900.0
"""A rate window that is said to last longer is none: an instant in the place of seconds, say. Windows last a minute."""
OK_STATUSES = range(200, 206)
"""What the official SDK takes for success."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; header names in lower case, the body as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> bytes:
        """The body, decompressed anew each time.

        Raises:
            BrokenResponseError: It is cut off or damaged.
        """
        return decompressed(self.raw, self.headers.get("content-encoding", "").strip().lower())

    @property
    def correlation_id(self) -> str:
        """What Genesys Cloud's support asks for; "" when the answer has none."""
        return self.headers.get("inin-correlation-id", "")


@dataclass(frozen=True, slots=True)
class RateWindow:
    """The fixed window of the rate limit, as an answer tells it.

    Attributes:
        allowed: Requests allowed in a window.
        count: Requests counted in this one so far.
        reset_seconds: Until it ends.
    """

    allowed: int
    count: int
    reset_seconds: float


class _ErrorBody(msgspec.Struct, rename="camel"):
    message: str | None = None
    code: str | None = None
    context_id: str | None = None


def decompressed(raw: bytes, encoding: str) -> bytes:
    """Return a body without its content encoding (gzip, deflate or none).

    Raises:
        BrokenResponseError: The compressed bytes are cut off or damaged.
    """
    if encoding in {"", "identity"}:
        return raw
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise BrokenResponseError(f"An answer came with the content encoding {encoding!r}, which was not asked for.")
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        body = stream.decompress(raw)
    except zlib.error:
        raise BrokenResponseError("A compressed answer is damaged.") from None
    if not stream.eof:
        raise BrokenResponseError("A compressed answer is cut off.")
    return body


def problem(answer: Answer, method: str, path: str, now: datetime | None = None) -> GenesysError | None:
    """Return the error that an answer stands for, or None.

    Args:
        answer: The answer.
        method: The request's method.
        path: Its path.
        now: The wall clock, for a Retry-After that is a date.
    """
    if answer.status in OK_STATUSES:
        return None
    told = _told(answer, method, path)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _server_problem(told)
    if cap := CAP.search(told.message):
        return CapExceededError(f"{told}: the interval holds more than {cap[1]} conversations.", told)
    return _client_problem(told, retry_after_seconds(answer.headers, now or datetime.now(UTC)))


def _server_problem(told: Told) -> GenesysError:
    if told.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return InternalServerError(
            f"{told}. Genesys Cloud has an internal error: try again later, and give its support the correlation id.",
            told,
        )
    if told.status == HTTPStatus.GATEWAY_TIMEOUT:
        return TimedOutError(f"{told}. Try again later.", told)
    return UnavailableError(f"{told}. Genesys Cloud is not available: try again later.", told)


def _client_problem(told: Told, retry_after: float | None) -> GenesysError:
    if told.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or told.code == "response.entity.too.large":
        return TooLargeError(f"{told}.", told)
    match told.status:
        case HTTPStatus.UNAUTHORIZED:
            return UnauthorisedError(
                f"{told}. A new token was refused too: check that the OAuth client is active and may be used from this "
                "address.",
                told,
            )
        case HTTPStatus.FORBIDDEN:
            return ForbiddenError(f"{told}. {_what_to_grant(told)}", told)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ThrottledError(
                f"{told}. Lower GENESYS_ASSETS_REQUESTS_PER_MINUTE, or let fewer clients share the limit.",
                told,
                retry_after,
            )
        case HTTPStatus.REQUEST_TIMEOUT:
            return TimedOutError(f"{told}. Try again later.", told)
    return RefusedError(f"{told}.", told)


def _what_to_grant(told: Told) -> str:
    needed = [permission for path, permission in PERMISSION_OF_PATH.items() if told.path.startswith(path)]
    named = PERMISSION.findall(told.message) or needed
    wanted = " or ".join(dict.fromkeys(named)) or "the permission for this request"
    return (
        f"Grant {wanted} to a role of the OAuth client (Admin, Integrations, OAuth, the client's Roles), for every "
        "division that is to be read."
    )


def _told(answer: Answer, method: str, path: str) -> Told:
    try:
        body = msgspec.json.decode(answer.body, type=_ErrorBody)
    except (msgspec.DecodeError, BrokenResponseError):
        body = _ErrorBody()
    message = " ".join((body.message or "").split())
    if len(message) > LONGEST_MESSAGE:
        message = message[:LONGEST_MESSAGE] + "..."
    correlation_id = answer.correlation_id or body.context_id or ""
    return Told(method, path, answer.status, body.code or "", message, correlation_id)


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long Retry-After asks to wait, or None when it is absent or unreadable.

    It comes in seconds or as an HTTP date (RFC 9110, 10.2.3); clients have crashed on other texts.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def rate_window(headers: Mapping[str, str]) -> RateWindow | None:
    """Return the rate window that `inin-ratelimit-count`, `-allowed` and `-reset` tell, or None."""
    try:
        window = RateWindow(
            allowed=int(headers["inin-ratelimit-allowed"]),
            count=int(headers["inin-ratelimit-count"]),
            reset_seconds=float(headers["inin-ratelimit-reset"]),
        )
    except (KeyError, ValueError):
        return None
    is_usable = window.allowed > 0 and 0 <= window.reset_seconds <= LONGEST_WINDOW_SECONDS
    return window if is_usable else None
