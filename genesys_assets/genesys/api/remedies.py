"""What to do about an error of the API: which permission to grant, which setting to change, whom to ask. Pure.

`responses` decides which error it is. A sentence that only one module needs stands in that module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from genesys_assets.genesys.api.errors import ErrorDetail, Limit
from genesys_assets.texts import line
from genesys_assets.variables import variable_of

PERMISSION = re.compile(r"\b[A-Za-z]+:[A-Za-z*]+:[A-Za-z*]+")
MOST_PERMISSIONS = 5
"""The most permissions that an error names."""
FEWER_REQUESTS = f"Lower {variable_of('requests_per_minute')}, or let fewer clients share the limit."
FEWER_JOBS = (
    f"Lower {variable_of('jobs_at_once')}, or let fewer clients of the organisation run details jobs at a time."
)
REMEDY_OF_LIMIT = {re.compile(r"\bdetails\.jobs\."): FEWER_JOBS, re.compile(r"\brate\.per\."): FEWER_REQUESTS}
"""The remedy for limits whose key matches; the first match counts."""
MEANT_FOR_OTHERS = "Let fewer clients share this limit, or ask Genesys Cloud's support to raise it."
WRONG_ADDRESS = (
    f"Check {variable_of('region')} and {variable_of('api_url')}: what answers there may not be Genesys Cloud's API."
)
ASK_SUPPORT = "Genesys Cloud does not accept this request: ask its support, and give the correlation id."


def permissions_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the permissions that the body of a 403 names, in its message or in the message's parameters."""
    named = msgspec.json.encode([body.get(name) for name in ("message", "messageWithParams", "messageParams")]).decode()
    return tuple(dict.fromkeys(map(line, PERMISSION.findall(named))))[:MOST_PERMISSIONS]


def what_to_grant(permissions: tuple[str, ...]) -> str:
    """Return what to do about a 403 where one of these permissions is needed; () if they are unknown."""
    return (
        f"Grant {' or '.join(permissions) or 'the permission for this request'} to a role of the OAuth client (Admin, "
        "Integrations, OAuth, the client's Roles), for every division that is to be read."
    )


def limit_of(body: Mapping[str, Any]) -> Limit | None:
    """Return the limit that the body of an error names, in itself or in one of its `errors`."""
    errors = body.get("errors")
    for each in (body, *(errors if isinstance(errors, list) else ())):
        limit = each.get("limit") if isinstance(each, dict) else None
        if isinstance(limit, dict) and isinstance(limit.get("key"), str) and limit["key"].strip():
            return Limit(*(line(str(limit.get(name) or "").strip()) for name in Limit._fields))
    return None


def what_to_lower(limit: Limit | None) -> str:
    """Return what to do about a limit that was reached. None means requests a minute, which goes unnamed."""
    if limit is None:
        return FEWER_REQUESTS
    return next((remedy for key, remedy in REMEDY_OF_LIMIT.items() if key.search(limit.key)), MEANT_FOR_OTHERS)


def what_to_check(detail: ErrorDetail) -> str:
    """Return what to do about a request that was refused for a reason that has no error class of its own."""
    if detail.limit:
        return what_to_lower(detail.limit)
    is_elsewhere = detail.status < HTTPStatus.BAD_REQUEST or detail.status == HTTPStatus.METHOD_NOT_ALLOWED
    if is_elsewhere or (detail.status == HTTPStatus.NOT_FOUND and not detail.code):
        return WRONG_ADDRESS
    return ASK_SUPPORT
