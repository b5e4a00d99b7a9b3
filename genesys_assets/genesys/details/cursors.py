"""What is done about a cursor that Genesys Cloud refuses ("Cursor is invalid or has expired"): it is sent once more.

How one gets from page to page stands in `paging`; what a reading does whose cursor stays refused, in `query`, `jobs`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from genesys_assets.genesys.api.errors import CursorRefusedError, RefusedError
from genesys_assets.genesys.details.pages import Page

CURSOR_REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


async def asked_twice(ask: Callable[[], Awaitable[Page]], what: str, is_usable: Callable[[Page], bool]) -> Page:
    """Return the page that is asked for; ask once more where it was refused, or is not usable.

    Args:
        ask: Asks for the page.
        what: What is refused, for the error.
        is_usable: Whether a page is what was asked for; what comes the second time is returned as it is.

    Raises:
        CursorRefusedError: It was refused the second time.
    """
    try:
        page = await ask()
    except RefusedError as error:
        if error.status not in CURSOR_REFUSALS:
            raise
    else:
        if is_usable(page):
            return page
    try:
        return await ask()
    except RefusedError as error:
        if error.status not in CURSOR_REFUSALS:
            raise
        raise CursorRefusedError(f"{what} was refused twice: {error}", error.detail) from error
