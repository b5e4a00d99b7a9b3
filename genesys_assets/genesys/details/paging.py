"""The ways from page to page of conversations, as small objects: what the next request carries, if there is one.

Which way it is, the answers announce: cursors, totals, and what pages bring. Nothing here asks for anything, or knows
what a slice or a job is.
"""

from __future__ import annotations

from collections.abc import Iterator

from genesys_assets.genesys.api.paging import Yield
from genesys_assets.genesys.details.pages import Page


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
        self.brought.take((fields.key for fields in page.key_fields), page.total_hits)

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
        self.brought.take((fields.key for fields in page.key_fields), None)
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
