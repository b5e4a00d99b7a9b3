"""What a caller can ask about itself: its organisation, its token, its grants, and the divisions that it may read.

Belongs here: answers that depend on the OAuth client alone, which is no user.
"""

from __future__ import annotations

from typing import Any

from genesys_assets.sandbox import organisation
from genesys_assets.sandbox.access import CLIENT_ID
from genesys_assets.sandbox.directory import CREATED, division, division_of
from genesys_assets.sandbox.errors import ApiError
from genesys_assets.sandbox.exchange import Request, Response
from genesys_assets.sandbox.listings import page_of
from genesys_assets.sandbox.organisation import identity
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.state import Endpoint, State

RULES = (
    Rule(
        "`users/me` is a 400 `not.a.user` for client credentials.",
        "official",
        "official Python SDK 269, UsersApi.get_users_me: not valid with this grant; the code is from reports",
        "test_a_client_is_no_user",
    ),
    Rule(
        "The permitted divisions are asked for with a permission, in pages; the list that is no page is deprecated.",
        "official",
        "official Python SDK 269, AuthorizationApi",
        "test_the_permitted_divisions_are_those_of_a_permission",
    ),
)

_PERMITTED = "/api/v2/authorization/divisionspermitted"


def _no_user(_sandbox: State, _request: Request) -> Response:
    """Refuse: client credentials are nobody's."""
    raise ApiError("not.a.user")


def _permitted(sandbox: State, request: Request) -> list[dict[str, Any]]:
    """Return the divisions in which the client has a permission: all of them, or none."""
    permission = request.query.get("permission")
    if not permission:
        raise ApiError("bad.request", "The query parameter permission is required.")
    is_granted = sandbox.permissions is None or permission in sandbox.permissions
    return [division(each) for each in organisation.DIVISIONS if is_granted]


def _all_permitted(sandbox: State, request: Request) -> Response:
    return Response.of(_permitted(sandbox, request))


def _paged_permitted(sandbox: State, request: Request) -> Response:
    divisions = _permitted(sandbox, request)
    page = page_of(f"{_PERMITTED}/paged/me", request, divisions, ("total", "pageCount", "nextUri"))
    return Response.of({**page, "allDivsPermitted": bool(divisions)})


def _organisation(sandbox: State, _request: Request) -> Response:
    """Return the organisation that the sandbox plays."""
    return Response.of({**_named(sandbox), "defaultCountryCode": "GB", "state": "active"})


def _token(sandbox: State, _request: Request) -> Response:
    """Return the organisation and the client of the token."""
    client = {"id": CLIENT_ID, "name": "Sandbox client"}
    return Response.of({"organization": _named(sandbox), "OAuthClient": client})


def _named(sandbox: State) -> dict[str, str]:
    return {"id": sandbox.organisation_id, "name": sandbox.organisation_name}


def _me(sandbox: State, _request: Request) -> Response:
    """Return the client's grants: one role, in every division, of the permissions that the sandbox gives."""
    permissions = ["*"] if sandbox.permissions is None else sorted(sandbox.permissions)
    policies = [_policy(permission) for permission in permissions]
    role = {"id": identity("role", "Reader"), "name": "Reader", "policies": policies}
    grants = [
        {"subjectId": CLIENT_ID, "division": division_of(each), "role": role, "grantMadeAt": CREATED}
        for each in organisation.DIVISIONS
    ]
    return Response.of({"id": CLIENT_ID, "name": "Sandbox client", "grants": grants, "version": 1})


def _policy(permission: str) -> dict[str, Any]:
    domain, entity, action = [*permission.split(":"), "*", "*"][:3]
    return {"domain": domain, "entityName": entity, "actions": [action]}


ENDPOINTS = (
    Endpoint("GET", "/api/v2/organizations/me", _organisation),
    Endpoint("GET", "/api/v2/tokens/me", _token),
    Endpoint("GET", "/api/v2/users/me", _no_user),
    Endpoint("GET", "/api/v2/authorization/subjects/me", _me),
    Endpoint("GET", f"{_PERMITTED}/me", _all_permitted),
    Endpoint("GET", f"{_PERMITTED}/paged/me", _paged_permitted),
)
