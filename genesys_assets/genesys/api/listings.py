"""Listings of entities (queues, users, divisions, ...), all of their pages.

`paging` decides which page comes next; what an entity means is up to the callers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import msgspec

from genesys_assets.genesys.api.client import GenesysCloud
from genesys_assets.genesys.api.errors import IncompleteError, InvalidPageError, TooLargeError
from genesys_assets.genesys.api.limits import (
    LISTING_SECONDS,
    LONGEST_CURSOR,
    LONGEST_ID,
    MOST_ENTITIES,
    MOST_LISTED_BYTES,
    MOST_LISTED_VALUES,
    most_values,
)
from genesys_assets.genesys.api.paging import ListingPaging
from genesys_assets.genesys.api.transport import decode_json
from genesys_assets.texts import line

Entity = dict[str, Any]

PAGE_SIZE = 100


class _Page(msgspec.Struct, rename="camel"):
    """A page of a listing; numbers may come as texts."""

    entities: list[Entity] | None = None
    total: Annotated[int, msgspec.Meta(ge=0)] | None = None
    page_count: Annotated[int, msgspec.Meta(ge=0)] | None = None
    next_uri: Annotated[str, msgspec.Meta(max_length=LONGEST_CURSOR)] | None = None


class _ListingBounds:
    """Bounds the size of all pages of a listing together, and the time for reading them.

    Args:
        path: The listing.
        clock: A monotonic clock, in seconds.
    """

    def __init__(self, path: str, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._ends_at = clock() + LISTING_SECONDS
        self._bytes = 0
        self._values = 0

    def read(self, body: bytes) -> Any:
        """Return the JSON of a page, counting its size.

        Raises:
            TooLargeError: All pages together are larger than a listing may be.
        """
        self._bytes += len(body)
        self._values += most_values(body)
        if self._bytes > MOST_LISTED_BYTES or self._values > MOST_LISTED_VALUES:
            raise TooLargeError(
                f"The pages of {self._path} so far are more than is accepted of a listing; nothing is stored. Ask "
                "Genesys Cloud's support."
            )
        return decode_json(body)

    def stop_late(self, entities: int) -> None:
        """Stop a listing that takes too long.

        Raises:
            IncompleteError: Its time is over.
        """
        if self._clock() > self._ends_at:
            raise IncompleteError(
                f"{self._path} was read for {LISTING_SECONDS / 60:g} minutes and does not end after {entities} "
                "entities; nothing of it is stored. Try again later."
            )


class Listing(Protocol):
    """A listing to be read."""

    @property
    def path(self) -> str:
        """Return where it is, such as `/api/v2/routing/queues`."""

    @property
    def params(self) -> Mapping[str, str]:
        """Return the parameters that are asked with, but those of paging."""

    @property
    def permission(self) -> str:
        """Return what a role of the OAuth client needs in order to read it."""


async def entities(cloud: GenesysCloud, listing: Listing) -> list[Entity]:
    """Return every entity of a listing, in its order; of one that comes twice, since pages shift, the later one.

    Args:
        cloud: The session.
        listing: What is read.

    Raises:
        IncompleteError: Fewer entities came than the listing announced, or its pages do not end.
        InvalidPageError: A page is not a page of a listing.
        TooLargeError: A page is too large, or all of them together are.
    """
    path, found = listing.path, dict[str, Entity]()
    paging, bounds = ListingPaging(path, MOST_ENTITIES), _ListingBounds(path, cloud.clock)
    first: dict[str, str | int] = {**listing.params, "pageSize": PAGE_SIZE, "pageNumber": 1}
    following: tuple[str, Mapping[str, str | int]] = (path, first)
    has_next = True
    while has_next:
        bounds.stop_late(len(found))
        page_path, params = following
        body = await cloud.request("GET", page_path, params=params, read=bounds.read, permission=listing.permission)
        page = _page(body, path, is_first=not paging.fetched.pages)
        listed = {entity["id"]: entity for entity in page.entities or ()}
        found.update(listed)
        has_next = paging.advance(listed, page.total, page.page_count, has_next_uri=bool(page.next_uri))
        numbered = (path, {**first, "pageNumber": paging.fetched.pages + 1})
        following = _linked(page.next_uri, path) if page.next_uri else numbered
    if paging.fetched.missing:
        raise IncompleteError(
            f"{path} announced {paging.fetched.expected} entities and gave {len(found)}: they may have changed while "
            "they were read; run this step again. Where it stays so, the OAuth client's roles may not cover every "
            "division."
        )
    return list(found.values())


def _page(body: Any, path: str, *, is_first: bool) -> _Page:
    """Return a page of a listing. A first page without `entities` is an empty listing only if it says so by a 0."""
    try:
        page = msgspec.convert(body, _Page, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidPageError(f"{path} gave a page that is not as documented: {error}; nothing is stored.") from None
    says_nothing = is_first and page.entities is None and page.total != 0 and page.page_count != 0
    has_ids = all(isinstance(each.get("id"), str) and 0 < len(each["id"]) <= LONGEST_ID for each in page.entities or ())
    if says_nothing or not has_ids:
        raise InvalidPageError(f"{path} gave a page that is no listing of entities with ids; nothing of it is stored.")
    return page


def _linked(next_uri: str, path: str) -> tuple[str, Mapping[str, str | int]]:
    """Return the path and parameters of a link. Its host is ignored, so that the token goes to nobody but the API."""
    try:
        parts = urlsplit(next_uri)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        parts, query = None, {}
    if parts is None or not parts.path.startswith("/") or not parts.path.isprintable():
        raise InvalidPageError(
            f"{path} names a next page that is no path of the API ('{line(next_uri)}'); nothing is stored."
        )
    return parts.path, query
