"""How one gets from page to page of a source's records: the parameters of the next request, if there is one.

The pages themselves say how they are paged, by a cursor or a total. Nothing here sends a request, or knows what a slice
or a job is.
"""

from __future__ import annotations

from collections.abc import Iterator

from genesys_assets.genesys.api.paging import Fetched
from genesys_assets.genesys.details.pages import Page


class QueryPaging:
    """The pages of one reading of a details query.

    A cursor (`nextPageCursor` or `cursor`) of a page is sent back, and no page number with it; the page without one is
    the last. Otherwise pages are numbered, and the last one is a page that has nothing new once `totalHits` is reached,
    which is approximate.

    Args:
        title: What is paged through, for errors.
        page_size: Records a page that are asked for.
        cap: The most records that the API pages through.
    """

    def __init__(self, title: str, page_size: int, cap: int) -> None:
        self.cursor: str | None = None
        self.fetched = Fetched(title, cap)
        self._page_size = page_size
        self._last_number = 0

    @property
    def expected(self) -> int | None:
        """Return the highest total of the pages."""
        return self.fetched.expected

    def request_params(self) -> dict[str, object]:
        """Return the part of the next request's body that asks for its page."""
        if self.cursor is not None:
            return {"paging": {"pageSize": self._page_size, "cursor": self.cursor}, "cursor": self.cursor}
        return self.params_of_page(self._last_number + 1)

    def params_of_page(self, number: int) -> dict[str, object]:
        """Return the part of a request's body that asks for a page by its number."""
        return {"paging": {"pageSize": self._page_size, "pageNumber": number}}

    def prefetch(self) -> Iterator[int]:
        """Reserve and yield all page numbers but the last that are certain to come; the caller must read every one."""
        while self.cursor is None and not self.fetched.is_stuck and self._is_certain():
            self._last_number += 1
            yield self._last_number

    def _is_certain(self) -> bool:
        """Tell whether the next page is certain not to be the last, however much the pages under way may hold."""
        under_way = self._last_number - self.fetched.pages
        return 0 < self.fetched.largest < self.fetched.missing - under_way * self.fetched.largest

    def update_state(self, page: Page) -> None:
        """Count a page that was read."""
        self.fetched.take((fields.key for fields in page.key_fields), page.total_hits)

    def advance(self, page: Page) -> bool:
        """Count the next page, and return whether another one is to be read.

        Raises:
            IncompleteError: The pages do not end.
        """
        self._last_number += 1
        self.update_state(page)
        was_by_cursor, self.cursor = self.cursor is not None, page.cursor
        if page.cursor is None and (was_by_cursor or self.fetched.is_at_end):
            return False
        self.fetched.stop_endless()
        return True


class ResultsPaging:
    """The pages of a job's results: an opaque cursor in the query string, absent on the last page.

    Args:
        title: What is paged through, for errors.
        page_size: Records a page that are asked for.
        cap: The most records that the API pages through.
    """

    def __init__(self, title: str, page_size: int, cap: int) -> None:
        self.page_size = page_size
        self.cursor: str | None = None
        self.fetched = Fetched(title, cap)

    def request_params(self) -> dict[str, str | int]:
        """Return the query parameters of the next request; the client encodes them."""
        return {"pageSize": self.page_size} | ({"cursor": self.cursor} if self.cursor else {})

    def advance(self, page: Page) -> bool:
        """Count the next page, and return whether another one is to be read.

        Raises:
            IncompleteError: Page after page had nothing new, or they had far more than a job may have.
        """
        self.fetched.take((fields.key for fields in page.key_fields), None)
        self.cursor = page.cursor
        if page.cursor is None:
            return False
        self.fetched.stop_endless()
        return True

    def halve(self) -> bool:
        """Ask for half as many records from here on; False when that is no longer possible.

        A cursor outlives this: should it count in pages, a smaller page leads back, never beyond what was read.
        """
        self.page_size //= 2
        return self.page_size > 0
