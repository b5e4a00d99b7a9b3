"""The ways from page to page, as small objects: what the next request has to carry, and whether there is one.

Which way it is, the responses announce. Nothing here asks for anything, or knows what a slice or a job is.
"""

from __future__ import annotations

from math import ceil

from genesys_assets.genesys.errors import IncompleteError
from genesys_assets.genesys.pages import Page

SPARE_PAGES = 10


class QueryPaging:
    """The pages of one reading of a details query.

    A cursor (`nextPageCursor` or `cursor`) that a page announces is sent back, and no page number with it; its absence
    is the end. Otherwise pages are numbered, up to the announced `totalHits`, and further while pages come full: the
    total is approximate.

    Args:
        title: What is paged through, for errors.
        page_size: Conversations a page.
        cap: The most conversations that the API pages through.
    """

    def __init__(self, title: str, page_size: int, cap: int) -> None:
        self.title = title
        self.page_size = page_size
        self.cursor: str | None = None
        self.announced: int | None = None
        self.pages = 0
        self._cap = cap

    def carry(self) -> dict[str, object]:
        """What the body of the next request has to carry."""
        if self.cursor is not None:
            return {"paging": {"pageSize": self.page_size, "cursor": self.cursor}, "cursor": self.cursor}
        return self.numbered(self.pages + 1)

    def numbered(self, number: int) -> dict[str, object]:
        """What the body of a request for a page by its number has to carry."""
        return {"paging": {"pageSize": self.page_size, "pageNumber": number}}

    def ahead(self) -> range:
        """The numbers of the pages, all but the last, that are certain to come; who takes them reads them all."""
        last = 0 if self.cursor is not None or self.announced is None else ceil(self.announced / self.page_size)
        ahead = range(self.pages + 1, max(last, self.pages + 1))
        self.pages += len(ahead)
        return ahead

    def note(self, page: Page) -> None:
        """Take note of what a page announces."""
        if page.total_hits is not None:
            self.announced = max(self.announced or 0, page.total_hits)

    def advance(self, page: Page) -> bool:
        """Take a page in, and return whether another one is to be read.

        Raises:
            IncompleteError: There were far more pages than the announced total needs.
        """
        self.pages += 1
        self.note(page)
        was_by_cursor, self.cursor = self.cursor is not None, page.cursor
        goes_on = page.cursor is not None or (not was_by_cursor and self._has_next_number(page))
        if goes_on:
            most = self._cap if self.announced is None else self.announced
            stop_endless(self.title, self.pages, most, self.page_size)
        return goes_on

    def _has_next_number(self, page: Page) -> bool:
        if self.announced is None:
            return bool(page.documents)
        return self.pages * self.page_size < self.announced or len(page.documents) >= self.page_size


class ResultsPaging:
    """The pages of a job's results: an opaque cursor in the query string, absent on the last page.

    Args:
        title: What is paged through, for errors.
        page_size: Conversations a page.
        cap: The most conversations that the API pages through.
    """

    def __init__(self, title: str, page_size: int, cap: int) -> None:
        self.title = title
        self.page_size = page_size
        self.cursor: str | None = None
        self.pages = 0
        self.seen: set[str] = set()
        self._barren = 0
        self._cap = cap

    def carry(self) -> dict[str, str | int]:
        """The parameters that the next request has to carry; the client encodes them."""
        return {"pageSize": self.page_size} | ({"cursor": self.cursor} if self.cursor else {})

    def advance(self, page: Page) -> bool:
        """Take a page in, and return whether another one is to be read.

        Raises:
            IncompleteError: Page after page brought nothing new, or they brought far more than a job may have.
        """
        self.pages += 1
        before = len(self.seen)
        self.seen.update(head.conversation_id for head in page.heads)
        self._barren = self._barren + 1 if len(self.seen) == before else 0
        self.cursor = page.cursor
        if page.cursor and (self._barren >= SPARE_PAGES or len(self.seen) > 2 * self._cap):
            raise IncompleteError(
                f"{self.title}: {self.pages} pages of results brought {len(self.seen)} conversations, the last "
                f"{self._barren} pages none, and another one is announced: the paging does not end. Try again later."
            )
        return page.cursor is not None

    def halve(self) -> bool:
        """Ask for half as many conversations from here on; False when that is no longer possible.

        A cursor outlives this: should it count in pages, a smaller page leads back, never beyond what was read.
        """
        self.page_size //= 2
        return self.page_size > 0


def stop_endless(title: str, pages: int, announced: int, page_size: int) -> None:
    """Raise when `pages` are more than `announced` entries can need, twice over.

    Raises:
        IncompleteError: They are.
    """
    bound = 2 * ceil(announced / page_size) + SPARE_PAGES
    if pages >= bound:
        raise IncompleteError(
            f"{title}: {pages} pages were read and another is announced, though {announced} entries need no more than "
            f"{ceil(announced / page_size)}: the paging does not end. Try again later."
        )
