"""A request as the endpoints see it, and the response that they return: plain values, independent of the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import msgspec

from genesys_assets.sandbox.errors import ApiError
from genesys_assets.sandbox.rules import Rule

RULES = (
    Rule(
        "A body that is no JSON object is a 400, one of another content type a 415.",
        "official",
        "official API description of 2018",
        "test_a_body_that_says_it_is_no_json_is_refused",
    ),
    Rule(
        "A body of more than 512,000 bytes is a 413.",
        "official",
        "Genesys developer centre, page Limits",
        "test_a_request_over_the_size_limit_is_refused",
    ),
)

_LARGEST_NUMBER = 2**31
_LAST_INSTANT = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) * 1_000
_CURSORS = ("cursor", "nextPageCursor")


@dataclass
class Response:
    """A status, a body, and the headers besides those that every response has."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any, status: int = 200) -> Response:
        """Return the response with a value as JSON."""
        return cls(msgspec.json.encode(value), status)


@dataclass
class Request:
    """A request, received in full.

    `query` has the last value of each parameter, `lists` all of them; `effects` are the effects, by name, of the faults
    that match this request.
    """

    method: str
    path: str
    path_params: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    context_id: str
    effects: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; ApiError 400 if it is not one, 415 if its content type is not JSON."""
        if "json" not in self.headers.get("content-type", "json"):
            raise ApiError("unsupported.media.type")
        try:
            decoded = msgspec.json.decode(self.body or b"{}")
        except (ValueError, RecursionError):
            raise ApiError("bad.request") from None
        if not isinstance(decoded, dict):
            raise ApiError("bad.request")
        return decoded

    @property
    def token(self) -> str | None:
        """Return the bearer token, None without one."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None

    @property
    def paging(self) -> dict[str, Any]:
        """Return the body's `paging`, {} without one, or if the body is no JSON object."""
        try:
            paging = self.json.get("paging")
        except ApiError:
            return {}
        return paging if isinstance(paging, dict) else {}

    @property
    def cursor(self) -> str | None:
        """Return the cursor in the query string or the body, None if there is none."""
        places = [self.query, self.paging]
        if self.paging or self.body.startswith(b"{"):
            places.append(self.json)
        found = [place[name] for place in places for name in _CURSORS if place.get(name)]
        return str(found[0]) if found else None

    @property
    def page_size(self) -> int | None:
        """Return the requested page size, None if there is none or it is not a number."""
        return _whole_number(self.query.get("pageSize", self.paging.get("pageSize")))

    def several(self, name: str) -> list[str]:
        """Return the values of a parameter of the query string, which may be repeated, and separated by commas."""
        return [each.strip() for value in self.lists.get(name, ()) for each in value.split(",")]

    def number(self, name: str, default: int) -> int:
        """Return a whole number of the query string; ApiError 400 if it is not one."""
        return whole_number(self.query.get(name), default)


def whole_number(value: Any, default: int) -> int:
    """Return a request's number, the default when it is not given; ApiError 400 if it is not a whole number."""
    if value is None:
        return default
    number = _whole_number(value)
    if number is None:
        raise ApiError("bad.request")
    return number


def _whole_number(value: Any) -> int | None:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < _LARGEST_NUMBER else None


def interval_of(value: Any) -> tuple[int, int]:
    """Return an ISO-8601 interval as start and end in epoch milliseconds; ApiError 400 if it is not one.

    Nothing happens before 1970 and after 9000, so that the interval is cut there: calendars end soon after.
    """
    first, separator, last = value.partition("/") if isinstance(value, str) else ("", "", "")
    if not separator:
        raise ApiError("invalid.date")
    start, end = instant_of(first), instant_of(last)
    if end <= start:
        raise ApiError("bad.request", "The interval's end must be after its start.")
    return min(max(start, 0), _LAST_INSTANT), min(max(end, 0), _LAST_INSTANT)


def instant_of(text: str) -> int:
    """Return an ISO-8601 instant as epoch milliseconds (UTC when it names no offset)."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError("invalid.date") from None
    return milliseconds_of(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def milliseconds_of(instant: datetime) -> int:
    """Return an aware instant as epoch milliseconds."""
    since = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000
