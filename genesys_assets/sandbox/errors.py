"""The errors of the platform API, with the codes and messages that it documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from genesys_assets.errors import ProjectError
from genesys_assets.sandbox.rules import Rule

RULES = (
    Rule(
        "An unknown path is a 404 `not found`, a known one by another method a 405 `method.not.allowed`.",
        "guess",
        "answers that were reported; the message of the 405 is by analogy",
        "test_a_known_path_by_another_method_is_refused",
    ),
    Rule(
        "An error is `message`, `code`, `status`, `messageParams`, `contextId`, `details` and `errors`; the "
        "id is in the header `ININ-Correlation-Id`, too.",
        "official",
        "official Python SDK 269, ErrorBody; announcement of November 2021",
        "test_over_the_limit_the_official_429_says_when_to_come_back",
    ),
    Rule(
        "A missing permission is a 403 `missing.any.permissions` that names those of which one would do.",
        "official",
        "official API description of 2018",
        "test_a_missing_permission_is_named",
    ),
)

ERRORS = {
    "bad.request": (400, "The request could not be understood by the server due to malformed syntax."),
    "invalid.date": (400, "Dates must be specified as ISO-8601 strings. For example: yyyy-MM-ddTHH:mm:ss.SSSZ"),
    "invalid.value": (400, "Value [{}] is not valid for field type [{}]. Allowable values are: {}"),
    "response.entity.too.large": (
        400,
        "The response is over the size limit. Reduce pageSize or expand list to reduce response size if applicable",
    ),
    "authentication.required": (401, "No authentication bearer token specified in authorization header."),
    "bad.credentials": (401, "Invalid login credentials."),
    "credentials.expired": (401, "The supplied credentials are expired and cannot be used."),
    "missing.any.permissions": (
        403,
        "Unable to perform the requested action. You must have at least one of the following permissions assigned: {}",
    ),
    "not.authorized": (403, "You are not authorized to perform the requested action."),
    "not.a.user": (
        400,
        (
            "This request requires a user context. Client credentials cannot be used for requests that require a user "
            "context."
        ),
    ),
    "not found": (404, "HTTP 404 Not Found"),
    "not.found": (404, "The requested resource was not found."),
    "method.not.allowed": (405, "HTTP 405 Method Not Allowed"),
    "client.timeout": (408, "The request timed out."),
    "request.entity.too.large": (413, "The request is over the size limit."),
    "unsupported.media.type": (
        415,
        (
            "Unsupported Media Type - Unsupported or incorrect media type, such as an incorrect Content-Type value in "
            "the header."
        ),
    ),
    "too.many.requests.retry.after": (429, "Rate limit exceeded the maximum. Retry the request in [{}] seconds"),
    "internal.server.error": (
        500,
        "The server encountered an unexpected condition which prevented it from fulfilling the request.",
    ),
    "service.unavailable": (
        503,
        "Service Unavailable - The server is currently unavailable (because it is overloaded or down for maintenance).",
    ),
    "request.timeout": (504, "The request timed out."),
}
"""Status and message of each code; each `{}` in a message is filled in."""

CURSOR_REFUSED = "Cursor is invalid or has expired"
TOO_LONG_INTERVAL = "You must specify a search interval as part of your query that does not exceed {} days."
BAD_GATEWAY_PAGE = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>"
)

_CODES = {
    400: "bad.request", 401: "credentials.expired", 403: "missing.any.permissions", 404: "not.found",
    408: "client.timeout", 413: "request.entity.too.large", 415: "unsupported.media.type",
    429: "too.many.requests.retry.after", 500: "internal.server.error", 503: "service.unavailable",
    504: "request.timeout",
}  # fmt: skip


def paging_cap_message(cap: int, pagination: str = "Pagination") -> str:
    """Return the message of the 400 for a page beyond the cap; details jobs write `pagination` in lower case."""
    return (
        f"{pagination} may not exceed {cap} results.\n\n"
        "Tip: When extracting large chunks of data (multiple days/weeks), maximize pagination performance by querying "
        "in smaller intervals. For example, paging through 1am-2am, then 2am-3am, then 3am-4am, and so forth will "
        "outperform paging through one large interval that covers the same time frame."
    )


class SandboxError(ProjectError):
    """Any error of the sandbox."""


class ScriptError(SandboxError):
    """The sandbox cannot be set up so: an unknown fault, scenario type, interval matching or time zone."""


class ApiError(SandboxError):
    """A response other than success.

    Args:
        code: The error's code, one of `ERRORS`, or "" for the HTML page of a gateway.
        message: Replaces the documented message.
        fills: Replaces each `{}` in the documented message; nothing is put where there are too few.
        status: Replaces the documented status.
        headers: Further headers of the response.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        fills: str | Sequence[str] = (),
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        documented_status, documented_message = ERRORS.get(code, (502, "Bad Gateway"))
        self.code = code
        self.status = documented_status if status is None else status
        given = (fills,) if isinstance(fills, str) else fills
        self.message = documented_message.format(*given, "", "", "") if message is None else message
        self.headers = dict(headers or {})
        super().__init__(self.message)

    @classmethod
    def of_status(cls, status: int, fills: str = "") -> ApiError:
        """Return the usual error of a status; the body of a 502 is an HTML page."""
        headers = {"Retry-After": "1"} if status == 429 else {}  # noqa: PLR2004 - the status is its own name
        return cls(_CODES.get(status, ""), fills="1" if headers else fills, status=status, headers=headers)

    def body(self, context_id: str) -> tuple[bytes, str]:
        """Return the response's body and its content type."""
        if not self.code:
            return BAD_GATEWAY_PAGE, "text/html"
        envelope = {
            "message": self.message, "code": self.code, "status": self.status, "messageParams": {},
            "contextId": context_id, "details": [], "errors": [],
        }  # fmt: skip
        return json.dumps(envelope).encode(), "application/json"


def invalid_value(field: str, value: object, values: Sequence[str]) -> ApiError:
    """Return the 400 for a value that a field does not allow."""
    return ApiError("invalid.value", fills=(str(value), field, ", ".join(values)))
