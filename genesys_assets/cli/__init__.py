"""The command line: `genesys-assets demo`, `doctor`, `adopt`, `new-database`, `copy`, `sandbox`.

What belongs here: arguments, printed lines, exit codes. What is done belongs to the rooms, and whatever Dagster's own
command line does (launch, backfill, validate) is not done again here.
"""

from genesys_assets.cli.commands import main

__all__ = ["main"]
