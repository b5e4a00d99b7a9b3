"""The command line: `genesys-assets demo`, `doctor`, `compare`, `adopt`, `new-database`, `copy`, `sandbox`, ...

What belongs here: arguments, printed lines, exit codes. What a command does belongs to the other packages; what
Dagster's own command line does (launch, backfill, validate) is not repeated here.
"""

from genesys_assets.cli.commands import main

__all__ = ["main"]
