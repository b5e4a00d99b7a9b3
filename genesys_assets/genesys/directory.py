"""Listings of entities (queues, users, divisions, ...), all of their pages.

A page names the next one by `nextUri`; where it does not, pages are numbered, up to `pageCount` or `total`, and where
there is neither, as long as pages come full. What an entity means is no business of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from genesys_assets.genesys.client import GenesysCloud
from genesys_assets.genesys.errors import IncompleteError, InvalidPageError
from genesys_assets.genesys.paging import stop_endless

Entity = dict[str, Any]

PAGE_SIZE = 100
KEYS = frozenset({"entities", "total", "pageCount"})
UNANNOUNCED_TOTAL = 1_000_000
"""What a listing without a total is taken to hold at the most."""


async def entities(cloud: GenesysCloud, path: str, params: Mapping[str, str | int] | None = None) -> list[Entity]:
    """Return every entity of a listing, in its order; of one that comes twice, as pages shift, the later.

    Args:
        cloud: The session.
        path: The listing, such as `/api/v2/routing/queues`.
        params: Further query parameters.

    Raises:
        IncompleteError: Fewer entities came than the listing announced, or its pages never end.
        InvalidPageError: A page is no page of a listing.
    """
    found: dict[str, Entity] = {}
    first = {**(params or {}), "pageSize": PAGE_SIZE, "pageNumber": 1}
    asked: tuple[str, Mapping[str, str | int]] | None = (path, first)
    pages = 0
    total: int | None = None
    while asked is not None:
        page = await cloud.get(*asked)
        pages += 1
        found.update(_by_id(page, path))
        total = page.get("total", total)
        asked = _next(page, path, first, pages)
        stop_endless(path, pages, UNANNOUNCED_TOTAL if total is None else total, PAGE_SIZE)
    if total is not None and len(found) < total:
        raise IncompleteError(
            f"{path} announced {total} entities and gave {len(found)}: they may have changed while they were read; run "
            "this step again."
        )
    return list(found.values())


def _by_id(page: Any, path: str) -> dict[str, Entity]:
    is_page = isinstance(page, dict) and not KEYS.isdisjoint(page)
    listed = page.get("entities") if is_page else None
    if is_page and listed is None:  # as an empty page may tell it; what tells nothing at all is not taken for empty
        listed = []
    if not isinstance(listed, list) or not all(isinstance(entity, dict) and entity.get("id") for entity in listed):
        raise InvalidPageError(f"{path} gave a page that is no listing of entities with ids; nothing of it is stored.")
    return {entity["id"]: entity for entity in listed}


def _next(
    page: Mapping[str, Any], path: str, first: Mapping[str, str | int], pages: int
) -> tuple[str, Mapping[str, str | int]] | None:
    """The path and parameters of the next page, None after the last."""
    if next_uri := page.get("nextUri"):
        parts = urlsplit(next_uri)
        return parts.path, dict(parse_qsl(parts.query))
    if "pageCount" in page:
        goes_on = pages < page["pageCount"]
    elif "total" in page:
        goes_on = pages * PAGE_SIZE < page["total"]
    else:
        goes_on = len(page.get("entities") or []) >= PAGE_SIZE
    return (path, {**first, "pageNumber": pages + 1}) if goes_on else None
