"""What Dagster loads: the definitions of the organisation that the environment describes, and nothing else.

`dagster dev`, a code server and each run find `defs` here: their process is the project's own, so this is where its
environment is read, and where polars is told to give memory back, which it must be before it is imported.
"""

from genesys_assets.process import give_memory_back, organisation_at_hand

give_memory_back()

from genesys_assets.assembly import build_defs  # noqa: E402 - it imports polars

defs = build_defs(organisation_at_hand())
