"""The directory over HTTP: queues, users, wrap-up codes, divisions, flows, skills, languages, and the caller itself.

Its listings are those that `genesys_assets.directory` declares, with the permissions declared there. Those that the
contact centre has no entities for have three with nothing but a name. Listings come in pages of `entities`; as in the
real API, not all of them say how many pages there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from genesys_assets.directory import LISTINGS, Listing
from genesys_assets.sandbox import organisation
from genesys_assets.sandbox.access import CLIENT_ID
from genesys_assets.sandbox.errors import ApiError
from genesys_assets.sandbox.exchange import Request, Response
from genesys_assets.sandbox.organisation import Entity, Flow, Queue, User, identity
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.state import Endpoint, State

RULES = (
    Rule(
        "A listing is read by page number and size, 25 unless asked otherwise.",
        "official",
        "official Python SDK 269, the listings of UsersApi, RoutingApi and others",
        "test_a_page_holds_25_unless_asked_otherwise",
    ),
    Rule(
        "A larger page size than 500 is taken down to it; `pageSize` in the answer tells.",
        "production code",
        "a production client reads the size from the answer; the largest size is a guess",
        "test_a_larger_page_than_there_are_is_clamped_and_tells_its_size",
    ),
    Rule(
        "Not every listing tells how many pages there are.",
        "production code",
        "a production connector reads some without pageCount and nextUri",
        "test_listings_do_not_all_tell_the_same_of_their_pages",
    ),
    Rule(
        "Users are listed by state, the active ones by default.",
        "official",
        "official Python SDK 269, UsersApi.get_users",
        "test_users_are_listed_by_state",
    ),
)

DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE = 25, 500
_MEDIA_NAMES = {"voice": "call", "callback": "callback", "chat": "chat", "email": "email", "message": "message"}
_CREATED = "2024-01-08T09:00:00.000Z"


def listing_endpoint(table: str, listing: Listing) -> Endpoint:
    """Return the entity listing that fills a table of the directory."""
    entities = _ENTITIES.get(table) or (lambda _: _names_alone(table, listing.path))
    tells = _TELLS.get(table, ("total", "pageCount", "nextUri"))

    def handler(_sandbox: State, request: Request) -> Response:
        return Response.of(_page_of(listing.path, request, entities(request), tells))

    return Endpoint("GET", listing.path, handler, (listing.permission,))


def _page_of(path: str, request: Request, entities: Sequence[dict[str, Any]], tells: tuple[str, ...]) -> dict[str, Any]:
    size, number = request.number("pageSize", DEFAULT_PAGE_SIZE), request.number("pageNumber", 1)
    if size < 1 or number < 1:
        raise ApiError("bad.request")
    size = min(size, request.effects.get("clamp", LARGEST_PAGE_SIZE))
    count = -(-len(entities) // size)

    def uri(page: int) -> str:
        return f"{path}?{urlencode({**request.query, 'pageSize': size, 'pageNumber': page})}"

    fields: dict[str, Any] = {
        "total": len(entities),
        "pageCount": count,
        "firstUri": uri(1),
        "lastUri": uri(max(1, count)),
    }
    if number < count:
        fields["nextUri"] = uri(number + 1)
    if number > 1:
        fields["previousUri"] = uri(number - 1)
    kept = {
        name: value for name, value in fields.items() if name in tells or name not in {"total", "pageCount", "nextUri"}
    }
    shown = entities[(number - 1) * size : number * size]
    return {"entities": shown, "pageSize": size, "pageNumber": number, "selfUri": uri(number), **kept}


def _entity(table: str, entity: Entity, **fields: Any) -> dict[str, Any]:
    return {"id": entity.id, "name": entity.name, **fields, "selfUri": f"{LISTINGS[table].path}/{entity.id}"}


def _names_alone(table: str, path: str) -> list[dict[str, Any]]:
    """Return three entities of a listing of which the contact centre has nothing."""
    names = [f"{table} {number}" for number in (1, 2, 3)]
    return [{"id": (id_ := identity(table, name)), "name": name, "selfUri": f"{path}/{id_}"} for name in names]


def _division(division: Entity) -> dict[str, Any]:
    return {**_entity("directory.divisions", division), "homeDivision": division is organisation.HOME}


def _queue(queue: Queue) -> dict[str, Any]:
    settings = {
        _MEDIA_NAMES[media]: {
            "alertingTimeoutSeconds": 30,
            "serviceLevel": {"percentage": level.percentage, "durationMs": level.duration_ms},
        }
        for media, level in queue.service_levels.items()
    }
    return _entity(
        "directory.queues",
        queue,
        division=_division(queue.division),
        dateCreated=_CREATED,
        dateModified=_CREATED,
        memberCount=len(queue.agents),
        mediaSettings=settings,
        skillEvaluationMethod="BEST",
        acwSettings={"wrapupPrompt": "MANDATORY_TIMEOUT", "timeoutMs": 900_000},
    )


def _users(request: Request) -> list[dict[str, Any]]:
    """Return the users in the requested state: active (the default), inactive, deleted, or any."""
    wanted = request.query.get("state", "active")
    if wanted not in {"active", "inactive", "deleted", "any"}:
        raise ApiError("bad.request")
    return [_user(user) for user in organisation.USERS if wanted in {"any", user.state}]


def _user(user: User) -> dict[str, Any]:
    return _entity(
        "directory.users",
        user,
        division=_division(user.division),
        email=user.email,
        username=user.email,
        department=user.department,
        title=user.title,
        state=user.state,
        version=3,
    )


def _flow(flow: Flow) -> dict[str, Any]:
    return _entity(
        "directory.flows",
        flow,
        division=_division(organisation.HOME),
        type=flow.type,
        active=True,
        system=False,
        deleted=False,
        publishedVersion={"id": "12.0"},
    )


def _wrap_up(code: Entity) -> dict[str, Any]:
    return _entity("directory.wrapup_codes", code, division=_division(organisation.HOME), dateCreated=_CREATED)


def _skill(table: str, skill: Entity) -> dict[str, Any]:
    return _entity(table, skill, state="active", version="1")


def _permitted_divisions(_sandbox: State, _request: Request) -> Response:
    """Return the divisions that the client may read: all of them."""
    return Response.of([_division(each) for each in organisation.DIVISIONS])


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
        {"subjectId": CLIENT_ID, "division": _division(division), "role": role, "grantMadeAt": _CREATED}
        for division in organisation.DIVISIONS
    ]
    return Response.of({"id": CLIENT_ID, "name": "Sandbox client", "grants": grants, "version": 1})


def _policy(permission: str) -> dict[str, Any]:
    domain, entity, action = [*permission.split(":"), "*", "*"][:3]
    return {"domain": domain, "entityName": entity, "actions": [action]}


_ENTITIES: Mapping[str, Callable[[Request], list[dict[str, Any]]]] = {
    "directory.queues": lambda _: [_queue(each) for each in organisation.QUEUES],
    "directory.users": _users,
    "directory.wrapup_codes": lambda _: [_wrap_up(each) for each in organisation.WRAP_UPS],
    "directory.divisions": lambda _: [_division(each) for each in organisation.DIVISIONS],
    "directory.flows": lambda _: [_flow(each) for each in organisation.FLOWS],
    "directory.skills": lambda _: [_skill("directory.skills", each) for each in organisation.SKILLS],
    "directory.languages": lambda _: [_skill("directory.languages", each) for each in organisation.LANGUAGES],
}
"""What the contact centre has of each listing."""
_TELLS = {"directory.skills": ("nextUri",), "directory.languages": ("pageCount",)}
"""What the pages of a listing say about how many there are, where they do not say all."""
ENDPOINTS = (
    *(listing_endpoint(table, listing) for table, listing in LISTINGS.items()),
    Endpoint("GET", "/api/v2/organizations/me", _organisation),
    Endpoint("GET", "/api/v2/tokens/me", _token),
    Endpoint("GET", "/api/v2/authorization/subjects/me", _me),
    Endpoint(
        "GET",
        "/api/v2/authorization/divisionspermitted/me",
        _permitted_divisions,
    ),
)
