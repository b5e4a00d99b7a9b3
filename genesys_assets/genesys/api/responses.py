"""What a response means: its decompressed body, a typed error, a time to wait. Pure.

What helps against an error stands in `remedies`; whether it is worth another attempt of the same request is decided in
`retrying`; what a page of conversations looks like stands in `pages`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import msgspec

from genesys_assets.genesys.api.errors import (
    BrokenResponseError,
    CapExceededError,
    ErrorDetail,
    ForbiddenError,
    GenesysError,
    InternalServerError,
    RefusedError,
    ThrottledError,
    TimedOutError,
    TooLargeError,
    UnauthorisedError,
    UnavailableError,
)
from genesys_assets.genesys.api.limits import MB, MOST_MEMBERS, REQUEST_SECONDS, RESPONSE_BYTES
from genesys_assets.genesys.api.remedies import (
    WRONG_ADDRESS,
    limit_of,
    permissions_of,
    what_to_check,
    what_to_grant,
    what_to_lower,
)
from genesys_assets.texts import line
from genesys_assets.variables import variable_of

CAP = re.compile(r"pagination may not exceed (\d+) results", re.IGNORECASE)
OK_STATUSES = range(200, 206)
"""What the official SDK takes for success."""


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """One HTTP response, received in full.

    Attributes:
        status: The HTTP status.
        headers: The headers, their names in lower case.
        raw: The body as it was sent, perhaps compressed.
        max_bytes: The most bytes that the body may have once decompressed.
    """

    status: int
    headers: Mapping[str, str]
    raw: bytes
    max_bytes: int = RESPONSE_BYTES

    @property
    def body(self) -> bytes:
        """Return the body, decompressed anew at each call.

        Raises:
            BrokenResponseError: It is cut off or damaged.
            TooLargeError: It has more than `max_bytes`.
        """
        return decompress(self.raw, self.headers.get("content-encoding", "").strip().lower(), self.max_bytes)

    @property
    def correlation_id(self) -> str:
        """Return the id by which Genesys Cloud's support finds the request, "" if there is none."""
        return self.headers.get("inin-correlation-id", "")


def decompress(raw: bytes, encoding: str, max_bytes: int) -> bytes:
    """Return a body without its content encoding (gzip, deflate or none).

    httpx would decompress a body of any size; this stops at the limit.

    Raises:
        BrokenResponseError: The compressed bytes are cut off or damaged.
        TooLargeError: The body has more than `max_bytes`; no more than these have been decompressed.
    """
    if encoding in {"", "identity"}:
        return raw
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise BrokenResponseError(f"A response has the content encoding {line(encoding)!r}, which was not requested.")
    body, rest = _member(raw, b"", max_bytes)
    members = 1
    while rest.strip(b"\0"):  # RFC 1952: another member follows, or padding
        members += 1
        if members > MOST_MEMBERS or encoding == "deflate":
            raise BrokenResponseError("A compressed response is damaged: more data follows its end.")
        body, rest = _member(rest, body, max_bytes)
    return body


def _member(raw: bytes, before: bytes, max_bytes: int) -> tuple[bytes, bytes]:
    """Decompress the first member of a body; return it appended to those `before`, and the bytes that follow it."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        body = before + stream.decompress(raw, max_bytes + 1 - len(before))
    except zlib.error:
        raise BrokenResponseError("A compressed response is damaged.") from None
    if len(body) > max_bytes:
        raise TooLargeError(too_large(max_bytes))
    if not stream.eof:
        raise BrokenResponseError("A compressed response is cut off.")
    return body, stream.unused_data


def too_large(max_bytes: int) -> str:
    """Return the sentence for a response of more bytes than are accepted."""
    return (
        f"It has more than the {max_bytes / MB:g} MB that are accepted of such a response, and nothing of it is kept. "
        f"If it comes from Genesys Cloud, ask its support. {WRONG_ADDRESS}"
    )


def error_of(
    response: ApiResponse, method: str, path: str, now: datetime | None = None, permission: str = ""
) -> GenesysError | None:
    """Return the error that a response stands for, None when it is a success.

    Args:
        response: The response.
        method: The request's method.
        path: Its path.
        now: The current time, for a Retry-After that is a date.
        permission: What the request needs, for a 403 that names no permission (`not.authorized`); "": nothing is known.
    """
    if response.status in OK_STATUSES:
        return None
    body = error_body(response)
    detail = _detail_of(response, body, method, path)
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _server_error(detail)
    if cap := CAP.search(detail.message):
        return CapExceededError(f"{detail}: the interval holds more than {cap[1]} conversations.", detail)
    if response.status == HTTPStatus.FORBIDDEN:
        needed = permissions_of(body) or ((permission,) if permission else ())
        return ForbiddenError(f"{detail}. {what_to_grant(needed)}", detail)
    return _client_error(detail, retry_after_seconds(response.headers, now or datetime.now(UTC)))


def _server_error(detail: ErrorDetail) -> GenesysError:
    if detail.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return InternalServerError(
            f"{detail}. Genesys Cloud has an internal error: try again later, and give its support the correlation id.",
            detail,
        )
    if detail.status == HTTPStatus.GATEWAY_TIMEOUT:
        return TimedOutError(f"{detail}. Try again later.", detail)
    return UnavailableError(f"{detail}. Genesys Cloud is not available: try again later.", detail)


def _client_error(detail: ErrorDetail, retry_after: float | None) -> GenesysError:
    if detail.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or detail.code == "response.entity.too.large":
        return TooLargeError(f"{detail}. {what_to_check(detail)}", detail)
    match detail.status:
        case HTTPStatus.UNAUTHORIZED:
            return UnauthorisedError(
                f"{detail}. A new token was refused too: check that the OAuth client ({variable_of('client_id')}) is "
                f"active and may be used from this address, and that {variable_of('api_url')} and "
                f"{variable_of('login_url')}, where they are set, belong together.",
                detail,
            )
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ThrottledError(f"{detail}. {what_to_lower(detail.limit)}", detail, retry_after)
        case HTTPStatus.REQUEST_TIMEOUT:
            return TimedOutError(f"{detail}. Try again later.", detail)
    return RefusedError(f"{detail}. {what_to_check(detail)}", detail)


def error_body(response: ApiResponse) -> dict[str, Any]:
    """Return the JSON object that tells of an error, {} when the body is none."""
    try:
        body = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BrokenResponseError, TooLargeError):
        return {}
    return body if isinstance(body, dict) else {}


def _detail_of(response: ApiResponse, body: dict[str, Any], method: str, path: str) -> ErrorDetail:
    correlation_id = response.correlation_id or text_of(body, "contextId")
    code, message = text_of(body, "code"), text_of(body, "message")
    return ErrorDetail(method, path, response.status, code, message, correlation_id, limit_of(body))


def text_of(body: Mapping[str, Any], field: str) -> str:
    """Return a field of an error's body, "" if it is missing or no text."""
    value = body.get(field)
    return value if isinstance(value, str) else ""


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long the header Retry-After asks to wait, None when it is absent or unreadable.

    It holds seconds or an HTTP date (RFC 9110, 10.2.3), and now and then another text, on which clients have crashed.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def rate_limit_error(detail: ErrorDetail, wait: float) -> ThrottledError:
    """Return the error of a request whose time would be over before the rate limit lets it start."""
    minutes = f"{REQUEST_SECONDS / 60:g} minutes"
    return ThrottledError(
        f"{detail.method} {detail.path} was not sent: the rate limit has no room for it within {minutes}. "
        f"{what_to_lower(None)}",
        detail,
        wait,
    )
