"""The module that Dagster loads: the definitions of the organisation that the environment describes.

The project has this code location to itself, so assets that are selected by hand run in one process, as its jobs do
everywhere: a chain of assets gains nothing from a process for each step.

`dagster dev`, code servers and runs load `defs` from here. These processes are the project's own, so the environment is
read here, and polars is set up to return memory, before it is imported.
"""

from genesys_assets.process import give_memory_back, organisation_at_hand

give_memory_back()

import dagster as dg  # noqa: E402 - what follows imports polars

from genesys_assets.assembly import build_defs  # noqa: E402

defs = dg.Definitions.merge(build_defs(organisation_at_hand()), dg.Definitions(executor=dg.in_process_executor))
