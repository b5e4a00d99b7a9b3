"""Whose data a database holds, and by which options its days were made: pinned in it, and compared by whoever opens it.

Belongs here: which facts are pinned, when they are the same, what is said when they are not, and which days other
options have made. The table of facts and the moments of comparing are the warehouse's; who answers under the settings
at hand is asked in `genesys_assets.whose`.
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
