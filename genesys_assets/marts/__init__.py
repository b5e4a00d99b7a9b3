"""The figures: contact-centre formulas as pure functions, LazyFrame in, LazyFrame out.

What belongs here: how a stored session metric becomes a figure that a Genesys Cloud Performance view shows, and how two
sets of figures are compared. What does not: reading or writing anything, Dagster, and how a document becomes a table.

Every function works per `partition_date`: a frame may hold one day or several.
"""

from genesys_assets.marts.formulas.measures import roll_up
from genesys_assets.marts.formulas.names import with_names
from genesys_assets.marts.formulas.reconciliation import differences
from genesys_assets.marts.formulas.service_level import ServiceLevelOptions

__all__ = ["ServiceLevelOptions", "differences", "roll_up", "with_names"]
