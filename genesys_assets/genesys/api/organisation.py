"""The organisation that the credentials belong to, asked of Genesys Cloud.

What follows from it, or from a refusal to tell it, is up to the callers.
"""

from __future__ import annotations

from typing import NamedTuple

from genesys_assets.genesys.api.client import GenesysCloud
from genesys_assets.genesys.api.errors import ForbiddenError, InvalidPageError, RefusedError
from genesys_assets.genesys.api.limits import LONGEST_ID
from genesys_assets.texts import line

PATH = "/api/v2/organizations/me"


class Organisation(NamedTuple):
    """Id and name of an organisation."""

    id: str
    name: str


async def organisation(cloud: GenesysCloud) -> Organisation | None:
    """Return the organisation of the session's OAuth client, None when Genesys Cloud refuses to tell it.

    Raises:
        GenesysError: Genesys Cloud cannot be reached, does not know the client, or names an impossible id.
    """
    try:
        answer = await cloud.get(PATH)
    except (ForbiddenError, RefusedError):
        return None
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), str) or not answer["id"].strip():
        return None
    key = answer["id"].strip()
    if len(key) > LONGEST_ID or not key.isprintable():
        raise InvalidPageError(f"{PATH} names an organisation with an impossible id ('{line(key)}').")
    return Organisation(key, line(str(answer.get("name") or key)))
