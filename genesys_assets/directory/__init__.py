"""The directory: names and settings of what conversations know by id only, as they are now.

Belongs here: which listings of Genesys Cloud there are, with path, permission and columns of each, and how their
entities become rows. How a listing is read, page by page, is `genesys_assets.genesys`.
"""

from genesys_assets.directory.listings import LISTINGS, Listing
from genesys_assets.directory.rows import UnreadableListingError, listed, merged

__all__ = ["LISTINGS", "Listing", "UnreadableListingError", "listed", "merged"]
