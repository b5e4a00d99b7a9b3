"""What Dagster loads: the definitions of the organisation that the environment describes, and nothing else.

`dagster dev`, a code server and each run find `defs` here, so this is where their environment is read.
"""

from genesys_assets.assembly import build_defs
from genesys_assets.organisation import Organisation

defs = build_defs(Organisation.from_environment())
