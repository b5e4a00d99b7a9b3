"""What Dagster loads: the definitions of the organisation that the environment describes, and nothing else.

The project is alone here, so that assets that are chosen by hand run in one process too, as its jobs do everywhere: a
chain of assets gains nothing from a process for each step.

`dagster dev`, a code server and each run find `defs` here: their process is the project's own, so this is where its
environment is read, and where polars is told to give memory back, which it must be before it is imported.
"""

from genesys_assets.process import give_memory_back, organisation_at_hand

give_memory_back()

import dagster as dg  # noqa: E402 - what follows imports polars

from genesys_assets.assembly import build_defs  # noqa: E402

defs = dg.Definitions.merge(build_defs(organisation_at_hand()), dg.Definitions(executor=dg.in_process_executor))
