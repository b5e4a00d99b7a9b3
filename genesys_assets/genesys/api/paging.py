"""What the pages of one reading have brought so far, and the way from page to page of a listing.

The responses decide which way it is: by links, by totals, and by what pages bring. The requested page size tells
nothing, since servers may return smaller pages. Pure: the callers send the requests.
"""

from __future__ import annotations

from collections.abc import Iterable

from genesys_assets.genesys.api.errors import IncompleteError
from genesys_assets.genesys.api.limits import SPARE_ENTRIES, SPARE_PAGES


class Fetched:
    """What the pages of one reading have brought so far, whichever way leads from page to page.

    Args:
        title: What is paged through, for errors.
        max_entries: The most entries that are possible, whatever total the pages announce.
    """

    def __init__(self, title: str, max_entries: int) -> None:
        self.title = title
        self.seen: set[str] = set()
        self.expected: int | None = None
        self.pages = 0
        self.largest = 0
        self._stale_pages = 0
        self._is_last_empty = False
        self._filled_pages = 0
        self._max_entries = max_entries

    def take(self, ids: Iterable[str], expected: int | None) -> None:
        """Count a page; of several announced totals the highest counts, as a falling one would hide missing entries."""
        before, listed = len(self.seen), list(ids)
        self.seen.update(listed)
        self.pages += 1
        self.largest = max(self.largest, len(listed))
        self._is_last_empty = not listed
        self._filled_pages += bool(listed)
        self._stale_pages = 0 if len(self.seen) > before else self._stale_pages + 1
        if expected is not None:
            self.expected = max(self.expected or 0, expected)

    @property
    def missing(self) -> int:
        """Return how many of the announced entries have not come yet."""
        return max(0, (self.expected or 0) - len(self.seen))

    @property
    def brought_nothing(self) -> bool:
        """Return whether the last page brought nothing new."""
        return self._stale_pages > 0

    @property
    def is_stuck(self) -> bool:
        """Return whether so many pages in a row brought nothing new that no more is to be expected."""
        return self._stale_pages >= SPARE_PAGES

    @property
    def is_at_end(self) -> bool:
        """Return whether the last page read is the end of the numbered pages.

        It is when it brought nothing new and nothing is missing. It also is when it was empty and the other pages would
        have held all announced entries, had each been as large as the largest.
        """
        if not self.brought_nothing:
            return False
        if not self._is_last_empty:
            return self.expected is not None and not self.missing
        would_be_here = 0 < (self.expected or 0) <= self._filled_pages * self.largest
        return not self.missing or would_be_here or self.is_stuck

    def stop_endless(self) -> None:
        """Stop when another page is to come, although the last ones brought nothing new or all brought too much.

        Raises:
            IncompleteError: The paging does not end.
        """
        most = self._max_entries if self.expected is None else min(2 * self.expected, self._max_entries)
        if self.is_stuck or len(self.seen) > most + SPARE_ENTRIES:
            announced = "" if self.expected is None else f" of {self.expected} announced"
            raise IncompleteError(
                f"{self.title}: {self.pages} pages brought {len(self.seen)}{announced}, the last "
                f"{self._stale_pages} pages nothing new, and another one is to come: the paging does not end. "
                "Try again later."
            )


class ListingPaging:
    """The pages of a listing of entities.

    A page that has a `nextUri` names the next one, and its absence is then the end. Otherwise pages are numbered, up to
    their `pageCount` and `total`. Without a `total` they are read up to a page that brings nothing new, since a server
    may compute `pageCount` from the requested page size.

    Args:
        title: What is paged through, for errors.
        max_entries: The most entities that are possible, whatever total the pages announce.
    """

    def __init__(self, title: str, max_entries: int) -> None:
        self.fetched = Fetched(title, max_entries)
        self._is_by_uri = False

    def advance(self, ids: Iterable[str], total: int | None, page_count: int | None, *, has_next_uri: bool) -> bool:
        """Count a page, and return whether another one is to be read.

        Raises:
            IncompleteError: The pages do not end.
        """
        self.fetched.take(ids, total)
        if not self._has_next(page_count, has_next_uri=has_next_uri):
            return False
        self._is_by_uri = has_next_uri
        self.fetched.stop_endless()
        return True

    def _has_next(self, page_count: int | None, *, has_next_uri: bool) -> bool:
        fetched = self.fetched
        if has_next_uri or self._is_by_uri:
            return has_next_uri
        if page_count is not None and fetched.pages < page_count:
            return True
        if fetched.missing:
            return not (fetched.is_at_end or fetched.is_stuck)
        if fetched.expected is not None:
            return False
        return not (fetched.is_at_end if page_count is None else fetched.brought_nothing)
