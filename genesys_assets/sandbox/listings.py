"""The pages of a listing of entities, and the parameters that narrow and order it.

Belongs here: what all listings have in common. What they list, `directory` says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from genesys_assets.sandbox.errors import ApiError, invalid_value
from genesys_assets.sandbox.exchange import Request
from genesys_assets.sandbox.rules import Rule

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
        "Listings are narrowed by id, name, type and divisionId and ordered by sortBy and sortOrder, as far as each "
        "has these; other parameters are let be.",
        "official",
        "official Python SDK 269, the listings of UsersApi, RoutingApi and others",
        "test_a_listing_is_narrowed_by_its_parameters",
    ),
    Rule(
        "A name is taken whatever its case, and may begin or end with an asterisk; of skills its beginning will do, of "
        "divisions any part.",
        "official",
        "official Python SDK 269, of queues, skills and divisions; that the others are as queues is a guess",
        "test_a_name_may_have_asterisks",
    ),
    Rule(
        "An order that is neither ascending nor descending is a 400.",
        "guess",
        "what the SDK says of `order` in queries",
        "test_an_order_that_a_listing_does_not_have_is_refused",
    ),
)

Listed = dict[str, Any]
DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE = 25, 500
_ORDERS = ("asc", "desc", "ascending", "descending")


def page_of(path: str, request: Request, entities: Sequence[Listed], tells: tuple[str, ...]) -> Listed:
    """Return the requested page.

    Args:
        path: The listing's path.
        request: What was asked.
        entities: All that is listed.
        tells: Which of total, pageCount and nextUri the listing's pages tell.
    """
    size, number = request.number("pageSize", DEFAULT_PAGE_SIZE), request.number("pageNumber", 1)
    if size < 1 or number < 1:
        raise ApiError("bad.request")
    size = min(size, request.effects.get("clamp", LARGEST_PAGE_SIZE))
    count = -(-len(entities) // size)

    def uri(page: int) -> str:
        return f"{path}?{urlencode({**request.lists, 'pageSize': size, 'pageNumber': page}, doseq=True)}"

    fields: Listed = {
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


def selected(entities: Sequence[Listed], request: Request, parameters: Sequence[str], name: str) -> list[Listed]:
    """Return the entities that a request asks for, in its order.

    Args:
        entities: All there are.
        request: What was asked.
        parameters: The parameters that the listing has.
        name: How it takes a name: "{}" as it is, "{}*" as a beginning, "*{}*" as any part.
    """
    asked = {each: values for each in parameters if (values := request.several(each))}
    if "name" in asked:
        asked["name"] = [name.format(",".join(asked["name"]))]
    found = [each for each in entities if all(holds(each, asked[by]) for by, holds in _HOLDS.items() if by in asked)]
    if not asked.keys() & {"sortBy", "sortOrder"}:
        return found
    order, by = request.query.get("sortOrder", "asc"), request.query.get("sortBy", "name")
    if order.lower() not in _ORDERS:
        raise invalid_value("sortOrder", order, _ORDERS)
    return sorted(found, key=lambda each: str(each.get(by, "")).casefold(), reverse=order.lower().startswith("desc"))


def _has_id(entity: Listed, ids: Sequence[str]) -> bool:
    return entity["id"] in ids


def _has_name(entity: Listed, names: Sequence[str]) -> bool:
    wanted, name = names[0].casefold(), entity["name"].casefold()
    inner = wanted.strip("*")
    if wanted.startswith("*"):
        return inner in name if wanted.endswith("*") else name.endswith(inner)
    return name.startswith(inner) if wanted.endswith("*") else bool(name == wanted)


def _has_type(entity: Listed, types: Sequence[str]) -> bool:
    return entity["type"].casefold() in {each.casefold() for each in types}


def _is_in_division(entity: Listed, ids: Sequence[str]) -> bool:
    return entity["division"]["id"] in ids


_HOLDS: Mapping[str, Callable[[Listed, Sequence[str]], bool]] = {
    "id": _has_id,
    "name": _has_name,
    "type": _has_type,
    "divisionId": _is_in_division,
}
