"""What the pages of one reading have brought, and the way from page to page of a listing.

Which way it is, the answers announce: links, totals, and what pages bring. The page size that was asked for says
nothing, since servers give smaller pages. Nothing here asks for anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from genesys_assets.genesys.api.errors import IncompleteError
from genesys_assets.genesys.api.limits import SPARE_ENTRIES, SPARE_PAGES


class Fetched:
    """What the pages of one reading have brought so far, whatever their way.

    Args:
        title: What is paged through, for errors.
        most: The most entries that are taken for possible, whatever is announced.
    """

    def __init__(self, title: str, most: int) -> None:
        self.title = title
        self.seen: set[str] = set()
        self.announced: int | None = None
        self.pages = 0
        self.largest = 0
        self._stale_pages = 0
        self._is_empty = False
        self._filled = 0
        self._most = most

    def take(self, ids: Iterable[str], announced: int | None) -> None:
        """Take a page in; of several totals the highest counts, since a total that falls hides what is missing."""
        before, listed = len(self.seen), list(ids)
        self.seen.update(listed)
        self.pages += 1
        self.largest = max(self.largest, len(listed))
        self._is_empty = not listed
        self._filled += bool(listed)
        self._stale_pages = 0 if len(self.seen) > before else self._stale_pages + 1
        if announced is not None:
            self.announced = max(self.announced or 0, announced)

    @property
    def missing(self) -> int:
        """Return how many of the announced entries have not come."""
        return max(0, (self.announced or 0) - len(self.seen))

    @property
    def brought_nothing(self) -> bool:
        """Return whether the last page brought nothing new."""
        return self._stale_pages > 0

    @property
    def is_stuck(self) -> bool:
        """Return whether page after page brought nothing new."""
        return self._stale_pages >= SPARE_PAGES

    @property
    def is_at_end(self) -> bool:
        """Return whether the last page read is the end of the numbered pages.

        It brought nothing new, and nothing is missing; or it was empty, and the pages that were not would have held all
        that was announced, had they been like the largest.
        """
        if not self._stale_pages:
            return False
        if not self._is_empty:
            return self.announced is not None and not self.missing
        would_be_here = 0 < (self.announced or 0) <= self._filled * self.largest
        return not self.missing or would_be_here or self.is_stuck

    def stop_endless(self) -> None:
        """Raise when another page is announced although the last ones brought nothing new, or all brought too much.

        Raises:
            IncompleteError: They did.
        """
        most = self._most if self.announced is None else min(2 * self.announced, self._most)
        if self.is_stuck or len(self.seen) > most + SPARE_ENTRIES:
            announced = "" if self.announced is None else f" of {self.announced} announced"
            raise IncompleteError(
                f"{self.title}: {self.pages} pages brought {len(self.seen)}{announced}, the last "
                f"{self._stale_pages} pages nothing new, and another one is to come: the paging does not end. "
                "Try again later."
            )


class ListingPaging:
    """The pages of a listing of entities.

    A page names the next one by `nextUri`, whose absence is the end then. Otherwise pages are numbered: up to the
    `pageCount` and `total` that they tell, and where they tell no `total`, up to a page that brings nothing: a
    `pageCount` may have been computed from the page size that was asked for.

    Args:
        title: What is paged through, for errors.
        most: The most entities that are taken for possible, whatever is announced.
    """

    def __init__(self, title: str, most: int) -> None:
        self.fetched = Fetched(title, most)
        self._is_by_uri = False

    def advance(self, ids: Iterable[str], total: int | None, page_count: int | None, *, has_next_uri: bool) -> bool:
        """Take a page in, and return whether another one is to be read.

        Raises:
            IncompleteError: The pages do not end.
        """
        self.fetched.take(ids, total)
        if not self._goes_on(page_count, has_next_uri=has_next_uri):
            return False
        self._is_by_uri = has_next_uri
        self.fetched.stop_endless()
        return True

    def _goes_on(self, page_count: int | None, *, has_next_uri: bool) -> bool:
        fetched = self.fetched
        if has_next_uri or self._is_by_uri:
            return has_next_uri
        if page_count is not None and fetched.pages < page_count:
            return True
        if fetched.missing:
            return not (fetched.is_at_end or fetched.is_stuck)
        if fetched.announced is not None:
            return False
        return not (fetched.is_at_end if page_count is None else fetched.brought_nothing)
