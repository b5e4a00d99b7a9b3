"""An organisation's database: as the IO manager for runs, directly for commands, and how long to wait for it.

What belongs here: where the database is, and what is said while waiting for it. How it is opened, read and written is
`genesys_assets.warehouse`; whose data it may hold is `whose`.
"""

from dataclasses import replace

import click

from genesys_assets.exports import COPY_PATH
from genesys_assets.organisation import Organisation
from genesys_assets.resources import by_name
from genesys_assets.variables import variable_of
from genesys_assets.warehouse import LAKE, Database, WaitPolicy, Warehouse
from genesys_assets.work import COPYING

COMMAND_WAIT_SECONDS = 120.0
RUN_WAIT_SECONDS = 600.0
"""How long to wait for a database that another process has open, unless the setting says otherwise."""


def warehouse_of(organisation: Organisation) -> Warehouse:
    """Return the IO manager of an organisation's database.

    Its temporary files go beside the database, or to the work folder for a lake, which has nothing beside it.
    """
    return Warehouse(
        database=by_name(organisation, "database"),
        data_path=by_name(organisation, "data_path"),
        lock_timeout_seconds=_wait_seconds(organisation, RUN_WAIT_SECONDS),
        remedy=remedy(organisation),
        spool_directory=None if is_file(organisation) else f"{organisation.work_folder}/{COPYING}",
    )


def database_of(organisation: Organisation, lock_timeout_seconds: float | None = None) -> Database:
    """Return an organisation's database, for the command line.

    Args:
        organisation: The organisation.
        lock_timeout_seconds: How long to wait for another process; None: as the settings say.

    Raises:
        WarehouseError: The setting names no database that can be used.
    """
    policy = wait_policy_of_commands(organisation)
    if lock_timeout_seconds is not None:
        policy = replace(policy, timeout_seconds=lock_timeout_seconds)
    return Database(organisation.database, data_path=organisation.data_path, wait_policy=policy)


def wait_policy_of_commands(organisation: Organisation) -> WaitPolicy:
    """Return how long a command waits for other processes; what it waits for is printed on the terminal."""
    return WaitPolicy(_wait_seconds(organisation, COMMAND_WAIT_SECONDS), tell=tell, remedy=remedy(organisation))


def tell(sentence: str) -> None:
    """Print a sentence for the user of a command."""
    click.echo(sentence, err=True)


def remedy(organisation: Organisation) -> str:
    """Return what to do about a database that another process has open for too long."""
    return (
        "close the notebook or program that has it open (one that only reads also locks writers out: let it read the "
        f"copy for readers, {organisation.export_url}/{COPY_PATH}), or raise {variable_of('database_wait_seconds')}"
    )


def copies_with_each_day(organisation: Organisation) -> bool:
    """Tell whether the job `day` makes the copy for readers; by default for a file, which readers would lock."""
    wanted = organisation.copy_with_each_day
    return is_file(organisation) if wanted is None else wanted


def is_file(organisation: Organisation) -> bool:
    """Tell whether the database is a DuckDB file, and not a lake."""
    return not organisation.database.startswith(LAKE)


def _wait_seconds(organisation: Organisation, default: float) -> float:
    seconds = organisation.database_wait_seconds
    return default if seconds is None else seconds
