"""The directory over HTTP: queues, users, wrap-up codes, divisions, flows, skills, languages.

Its listings are those that `genesys_assets.directory` declares, with the permissions declared there. Those that the
contact centre has no entities for have three with nothing but a name. As in the real API, not all of them say how many
pages there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from genesys_assets.directory import LISTINGS, Listing
from genesys_assets.sandbox import organisation
from genesys_assets.sandbox.errors import ApiError
from genesys_assets.sandbox.exchange import Request, Response
from genesys_assets.sandbox.listings import page_of, selected
from genesys_assets.sandbox.organisation import Entity, Flow, Queue, User, identity
from genesys_assets.sandbox.rules import Rule
from genesys_assets.sandbox.state import Endpoint, State

RULES = (
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
    Rule(
        "A division within another entity has id, name and selfUri; only a division's own listing says which is home.",
        "official",
        "official Python SDK 269, Division and AuthzDivision",
        "test_a_division_within_an_entity_does_not_say_whether_it_is_home",
    ),
)

_MEDIA_NAMES = {"voice": "call", "callback": "callback", "chat": "chat", "email": "email", "message": "message"}
CREATED = "2024-01-08T09:00:00.000Z"


def listing_endpoint(table: str, listing: Listing) -> Endpoint:
    """Return the entity listing that fills a table of the directory."""
    entities = _ENTITIES.get(table) or (lambda _: _names_alone(table, listing.path))
    tells = _TELLS.get(table, ("total", "pageCount", "nextUri"))
    parameters = PARAMETERS.get(table, ("id", "name"))

    def handler(_sandbox: State, request: Request) -> Response:
        shown = selected(entities(request), request, parameters, _NAMES.get(table, "{}"))
        return Response.of(page_of(listing.path, request, shown, tells))

    return Endpoint("GET", listing.path, handler, (listing.permission,))


def _entity(table: str, entity: Entity, **fields: Any) -> dict[str, Any]:
    return {"id": entity.id, "name": entity.name, **fields, "selfUri": f"{LISTINGS[table].path}/{entity.id}"}


def _names_alone(table: str, path: str) -> list[dict[str, Any]]:
    """Return three entities of a listing of which the contact centre has nothing."""
    names = [f"{table} {number}" for number in (1, 2, 3)]
    return [{"id": (id_ := identity(table, name)), "name": name, "selfUri": f"{path}/{id_}"} for name in names]


def division(shown: Entity) -> dict[str, Any]:
    """Return a division as it is listed."""
    return {**division_of(shown), "homeDivision": shown is organisation.HOME}


def division_of(shown: Entity) -> dict[str, Any]:
    """Return a division as it stands in what belongs to it."""
    return _entity("directory.divisions", shown)


def _home(_sandbox: State, _request: Request) -> Response:
    return Response.of(division(organisation.HOME))


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
        division=division_of(queue.division),
        dateCreated=CREATED,
        dateModified=CREATED,
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
        division=division_of(user.division),
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
        division=division_of(organisation.HOME),
        type=flow.type,
        active=True,
        system=False,
        deleted=False,
        publishedVersion={"id": "12.0"},
    )


def _wrap_up(code: Entity) -> dict[str, Any]:
    return _entity("directory.wrapup_codes", code, division=division_of(organisation.HOME), dateCreated=CREATED)


def _skill(table: str, skill: Entity) -> dict[str, Any]:
    return _entity(table, skill, state="active", version="1")


_ENTITIES: Mapping[str, Callable[[Request], list[dict[str, Any]]]] = {
    "directory.queues": lambda _: [_queue(each) for each in organisation.QUEUES],
    "directory.users": _users,
    "directory.wrapup_codes": lambda _: [_wrap_up(each) for each in organisation.WRAP_UPS],
    "directory.divisions": lambda _: [division(each) for each in organisation.DIVISIONS],
    "directory.flows": lambda _: [_flow(each) for each in organisation.FLOWS],
    "directory.skills": lambda _: [_skill("directory.skills", each) for each in organisation.SKILLS],
    "directory.languages": lambda _: [_skill("directory.languages", each) for each in organisation.LANGUAGES],
}
"""What the contact centre has of each listing."""
_TELLS = {"directory.skills": ("nextUri",), "directory.languages": ("pageCount",)}
"""What the pages of a listing say about how many there are, where they do not say all."""
PARAMETERS = {
    "directory.queues": ("id", "name", "divisionId", "sortOrder"),
    "directory.users": ("id", "sortOrder"),
    "directory.wrapup_codes": ("id", "name", "divisionId", "sortBy", "sortOrder"),
    "directory.divisions": ("id", "name", "sortBy"),
    "directory.flows": ("id", "name", "type", "divisionId", "sortBy", "sortOrder"),
    "directory.skills": ("id", "name"),
    "directory.languages": ("id", "name", "sortOrder"),
}
"""The parameters by which each listing is narrowed and ordered, besides those of paging, and the users' state."""
_NAMES = {"directory.skills": "{}*", "directory.divisions": "*{}*"}
"""How a name is taken where it need not be the whole one."""
ENDPOINTS = (
    *(listing_endpoint(table, listing) for table, listing in LISTINGS.items()),
    Endpoint("GET", f"{LISTINGS['directory.divisions'].path}/home", _home),
)
