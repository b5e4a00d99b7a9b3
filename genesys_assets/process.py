"""What belongs to a process as a whole, and is set by whoever owns it: its environment, its umask, its allocator.

The entry points own theirs: `definitions` (a code server, a run, `dagster dev`) and the command line. A process that
loads the project's assets among its own keeps what it has, since nothing else here or elsewhere is done by importing.
Imports nothing that imports polars, whose allocator reads its options when it is loaded.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from genesys_assets import files

if TYPE_CHECKING:
    from genesys_assets.organisation import Organisation

ALLOCATOR = ("_RJEM_MALLOC_CONF", "dirty_decay_ms:100,muzzy_decay_ms:0")
"""Polars' allocator keeps what it has freed unless it is told otherwise: a step's memory would stand on top of that of
the steps before (a day of 300,000 conversations: 920 MB with 500 ms, 830 MB with 100 ms)."""


def give_memory_back() -> None:
    """Have polars give back what it has freed: to be called before polars is imported, and heeded only then."""
    os.environ.setdefault(*ALLOCATOR)


def organisation_at_hand() -> Organisation:
    """Return the organisation that the environment describes, by whose umask this process makes files from now on.

    Raises:
        SettingsError: Settings cannot be used.
    """
    from genesys_assets.organisation import Organisation  # noqa: PLC0415 - a command that needs none starts without it

    organisation = Organisation.from_environment()
    files.use(organisation.umask)
    return organisation
