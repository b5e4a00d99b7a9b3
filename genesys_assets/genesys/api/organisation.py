"""The organisation that the credentials belong to, as Genesys Cloud tells it.

What belongs here: asking. What is made of the answer, or of a refusal, is the caller's business.
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
    """Return the organisation of the session's OAuth client; None when Genesys Cloud refuses to tell.

    Raises:
        GenesysError: Genesys Cloud could not be asked, does not know the client, or told what cannot be an id.
    """
    try:
        answer = await cloud.get(PATH)
    except (ForbiddenError, RefusedError):
        return None
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), str) or not answer["id"].strip():
        return None
    name = answer["id"].strip()
    if len(name) > LONGEST_ID or not name.isprintable():
        raise InvalidPageError(f"{PATH} names an organisation with an id that cannot be one ('{line(name)}').")
    return Organisation(name, line(str(answer.get("name") or name)))
