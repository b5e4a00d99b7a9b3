"""Facts pinned in a database: whose data it holds, and which options each day was made with.

Belongs here: which facts are pinned, when two organisations are the same, the errors for those that are not, and which
days were made with other options. The warehouse has the table of facts, and decides when to compare. Genesys Cloud is
asked for its organisation in `genesys_assets.whose`.
"""

from genesys_assets.pinning.identity import SANDBOX_NAME, SANDBOX_ORGANISATION_ID, Identity, organisation_of
from genesys_assets.pinning.options import Differing, days_made_otherwise
from genesys_assets.pinning.pins import ENTITIES, OrganisationPins, OtherOrganisationError, directory_ids

__all__ = [
    "ENTITIES",
    "SANDBOX_NAME",
    "SANDBOX_ORGANISATION_ID",
    "Differing",
    "Identity",
    "OrganisationPins",
    "OtherOrganisationError",
    "days_made_otherwise",
    "directory_ids",
    "organisation_of",
]
