"""The ways from page to page, as small objects: what the next request has to carry, and whether there is one.

Which way it is, the answers announce: cursors, links, totals, and what pages bring. The page size that was asked for
says nothing, since servers give smaller pages. Nothing here asks for anything, or knows what a slice or a job is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from genesys_assets.genesys.errors import IncompleteError
from genesys_assets.genesys.limits import SPARE_ENTRIES, SPARE_PAGES
from genesys_assets.genesys.pages import Page


class Yield:
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
        self._barren = 0
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
        self._barren = 0 if len(self.seen) > before else self._barren + 1
        if announced is not None:
            self.announced = max(self.announced or 0, announced)

    @property
    def missing(self) -> int:
        """Return how many of the announced entries have not come."""
        return max(0, (self.announced or 0) - len(self.seen))

    @property
    def brought_nothing(self) -> bool:
        """Return whether the last page brought nothing new."""
        return self._barren > 0

    @property
    def is_barren(self) -> bool:
        """Return whether page after page brought nothing new."""
        return self._barren >= SPARE_PAGES

    @property
    def is_at_end(self) -> bool:
        """Return whether the last page read is the end of the numbered pages.

        It brought nothing new, and nothing is missing; or it was empty, and the pages that were not would have held all
        that was announced, had they been like the largest.
        """
        if not self._barren:
            return False
        if not self._is_empty:
            return self.announced is not None and not self.missing
        would_be_here = 0 < (self.announced or 0) <= self._filled * self.largest
        return not self.missing or would_be_here or self.is_barren

    def stop_endless(self) -> None:
        """Raise when another page is announced although the last ones brought nothing new, or all brought too much.

        Raises:
            IncompleteError: They did.
        """
        most = self._most if self.announced is None else min(2 * self.announced, self._most)
        if self.is_barren or len(self.seen) > most + SPARE_ENTRIES:
            announced = "" if self.announced is None else f" of {self.announced} announced"
            raise IncompleteError(
                f"{self.title}: {self.pages} pages brought {len(self.seen)}{announced}, the last {self._barren} pages "
                "nothing new, and another one is to come: the paging does not end. Try again later."
            )


class QueryPaging:
    """The pages of one reading of a details query.

    A cursor (`nextPageCursor` or `cursor`) that a page announces is sent back, and no page number with it; its absence
    is the end. Otherwise pages are numbered, and the end is a page that brings nothing new once `totalHits` is reached:
    that number is approximate.

    Args:
        title: What is paged through, for errors.
        page_size: Conversations a page that are asked for.
        cap: The most conversations that the API pages through.
    """

    def __init__(self, title: str, page_size: int, cap: int) -> None:
        self.cursor: str | None = None
        self.brought = Yield(title, cap)
        self._page_size = page_size
        self._last_number = 0

    @property
    def announced(self) -> int | None:
        """Return the highest total that was announced."""
        return self.brought.announced

    def carry(self) -> dict[str, object]:
        """Return what the body of the next request has to carry."""
        if self.cursor is not None:
            return {"paging": {"pageSize": self._page_size, "cursor": self.cursor}, "cursor": self.cursor}
        return self.numbered(self._last_number + 1)

    def numbered(self, number: int) -> dict[str, object]:
        """Return what the body of a request for a page by its number has to carry."""
        return {"paging": {"pageSize": self._page_size, "pageNumber": number}}

    def ahead(self) -> Iterator[int]:
        """Reserve and yield all page numbers but the last that are certain to come; the caller must read every one."""
        while self.cursor is None and not self.brought.is_barren and self._is_certain():
            self._last_number += 1
            yield self._last_number

    def _is_certain(self) -> bool:
        """Tell whether the next page is certain not to be the last, however much the pages under way may bring."""
        under_way = self._last_number - self.brought.pages
        return 0 < self.brought.largest < self.brought.missing - under_way * self.brought.largest

    def note(self, page: Page) -> None:
        """Take a page in."""
        self.brought.take((head.conversation_id for head in page.heads), page.total_hits)

    def advance(self, page: Page) -> bool:
        """Take the next page in, and return whether another one is to be read.

        Raises:
            IncompleteError: The pages do not end.
        """
        self._last_number += 1
        self.note(page)
        was_by_cursor, self.cursor = self.cursor is not None, page.cursor
        if page.cursor is None and (was_by_cursor or self.brought.is_at_end):
            return False
        self.brought.stop_endless()
        return True


class ResultsPaging:
    """The pages of a job's results: an opaque cursor in the query string, absent on the last page.

    Args:
        title: What is paged through, for errors.
        page_size: Conversations a page that are asked for.
        cap: The most conversations that the API pages through.
    """

    def __init__(self, title: str, page_size: int, cap: int) -> None:
        self.page_size = page_size
        self.cursor: str | None = None
        self.brought = Yield(title, cap)

    def carry(self) -> dict[str, str | int]:
        """Return the parameters that the next request has to carry; the client encodes them."""
        return {"pageSize": self.page_size} | ({"cursor": self.cursor} if self.cursor else {})

    def advance(self, page: Page) -> bool:
        """Take a page in, and return whether another one is to be read.

        Raises:
            IncompleteError: Page after page brought nothing new, or they brought far more than a job may have.
        """
        self.brought.take((head.conversation_id for head in page.heads), None)
        self.cursor = page.cursor
        if page.cursor is None:
            return False
        self.brought.stop_endless()
        return True

    def halve(self) -> bool:
        """Ask for half as many conversations from here on; False when that is no longer possible.

        A cursor outlives this: should it count in pages, a smaller page leads back, never beyond what was read.
        """
        self.page_size //= 2
        return self.page_size > 0


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
        self.brought = Yield(title, most)
        self._is_by_uri = False

    def advance(self, ids: Iterable[str], total: int | None, page_count: int | None, *, has_next_uri: bool) -> bool:
        """Take a page in, and return whether another one is to be read.

        Raises:
            IncompleteError: The pages do not end.
        """
        self.brought.take(ids, total)
        if not self._goes_on(page_count, has_next_uri=has_next_uri):
            return False
        self._is_by_uri = has_next_uri
        self.brought.stop_endless()
        return True

    def _goes_on(self, page_count: int | None, *, has_next_uri: bool) -> bool:
        brought = self.brought
        if has_next_uri or self._is_by_uri:
            return has_next_uri
        if page_count is not None and brought.pages < page_count:
            return True
        if brought.missing:
            return not (brought.is_at_end or brought.is_barren)
        if brought.announced is not None:
            return False
        return not (brought.is_at_end if page_count is None else brought.brought_nothing)
