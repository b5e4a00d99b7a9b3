"""Status, headers and body of an answer -> what it means: its body, a typed error, a time to wait. Pure.

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
from genesys_assets.genesys.api.limits import ANSWER_BYTES, MB, MOST_MEMBERS, REQUEST_SECONDS
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
class Answer:
    """One HTTP answer.

    Attributes:
        status: Its status.
        headers: Its headers, their names in lower case.
        raw: Its body as it came over the wire.
        most: The most bytes that the body may have.
    """

    status: int
    headers: Mapping[str, str]
    raw: bytes
    most: int = ANSWER_BYTES

    @property
    def body(self) -> bytes:
        """Return the body, decompressed anew each time.

        Raises:
            BrokenResponseError: It is cut off or damaged.
            TooLargeError: It has more bytes than it may have.
        """
        return decompressed(self.raw, self.headers.get("content-encoding", "").strip().lower(), self.most)

    @property
    def correlation_id(self) -> str:
        """Return what Genesys Cloud's support asks for; "" when the answer has none."""
        return self.headers.get("inin-correlation-id", "")


def decompressed(raw: bytes, encoding: str, most: int) -> bytes:
    """Return a body without its content encoding (gzip, deflate or none), of `most` bytes at the most.

    Raises:
        BrokenResponseError: The compressed bytes are cut off or damaged.
        TooLargeError: It is larger; no more than that has been decompressed.
    """
    if encoding in {"", "identity"}:
        return raw
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise BrokenResponseError(
            f"An answer came with the content encoding {line(encoding)!r}, which was not asked for."
        )
    body, rest = _member(raw, b"", most)
    members = 1
    while rest.strip(b"\0"):  # RFC 1952: what follows is compressed by itself, or padding
        members += 1
        if members > MOST_MEMBERS or encoding == "deflate":
            raise BrokenResponseError("A compressed answer is damaged: something follows its end.")
        body, rest = _member(rest, body, most)
    return body


def _member(raw: bytes, before: bytes, most: int) -> tuple[bytes, bytes]:
    """Decompress the first member of a body; return it appended to what came `before`, and the bytes after it."""
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        body = before + stream.decompress(raw, most + 1 - len(before))
    except zlib.error:
        raise BrokenResponseError("A compressed answer is damaged.") from None
    if len(body) > most:
        raise TooLargeError(too_large(most))
    if not stream.eof:
        raise BrokenResponseError("A compressed answer is cut off.")
    return body, stream.unused_data


def too_large(most: int) -> str:
    """Return the sentence for a response of more bytes than are accepted."""
    return (
        f"It has more than the {most / MB:g} MB that are taken of such an answer, and nothing of it is kept. Where it "
        f"comes from Genesys Cloud, ask its support. {WRONG_ADDRESS}"
    )


def problem(
    answer: Answer, method: str, path: str, now: datetime | None = None, permission: str = ""
) -> GenesysError | None:
    """Return the error that an answer stands for, or None.

    Args:
        answer: The answer.
        method: The request's method.
        path: Its path.
        now: The wall clock, for a Retry-After that is a date.
        permission: What the request needs, for a 403 that names no permission (`not.authorized`); "": nothing is known.
    """
    if answer.status in OK_STATUSES:
        return None
    body = _body(answer)
    detail = _detail_of(answer, body, method, path)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _server_problem(detail)
    if cap := CAP.search(detail.message):
        return CapExceededError(f"{detail}: the interval holds more than {cap[1]} conversations.", detail)
    if answer.status == HTTPStatus.FORBIDDEN:
        needed = permissions_of(body) or ((permission,) if permission else ())
        return ForbiddenError(f"{detail}. {what_to_grant(needed)}", detail)
    return _client_problem(detail, retry_after_seconds(answer.headers, now or datetime.now(UTC)))


def _server_problem(detail: ErrorDetail) -> GenesysError:
    if detail.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return InternalServerError(
            f"{detail}. Genesys Cloud has an internal error: try again later, and give its support the correlation id.",
            detail,
        )
    if detail.status == HTTPStatus.GATEWAY_TIMEOUT:
        return TimedOutError(f"{detail}. Try again later.", detail)
    return UnavailableError(f"{detail}. Genesys Cloud is not available: try again later.", detail)


def _client_problem(detail: ErrorDetail, retry_after: float | None) -> GenesysError:
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


def _body(answer: Answer) -> dict[str, Any]:
    """Return the body of an error, {} when it is none of Genesys Cloud's."""
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BrokenResponseError, TooLargeError):
        return {}
    return body if isinstance(body, dict) else {}


def _detail_of(answer: Answer, body: dict[str, Any], method: str, path: str) -> ErrorDetail:
    fields = {name: value for name, value in body.items() if isinstance(value, str)}
    correlation_id = answer.correlation_id or fields.get("contextId", "")
    code, message = fields.get("code", ""), fields.get("message", "")
    return ErrorDetail(method, path, answer.status, code, message, correlation_id, limit_of(body))


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long Retry-After asks to wait, or None when it is absent or unreadable.

    It comes in seconds or as an HTTP date (RFC 9110, 10.2.3); clients have crashed on other texts.
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


def no_turn(detail: ErrorDetail, wait: float) -> ThrottledError:
    """Return the error of a request that has no more time for the wait which the rate limit still asks of it."""
    minutes = f"{REQUEST_SECONDS / 60:g} minutes"
    return ThrottledError(
        f"{detail.method} {detail.path} was not sent: the rate limit has no room for it within {minutes}. "
        f"{what_to_lower(None)}",
        detail,
        wait,
    )
