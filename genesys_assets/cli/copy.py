"""`genesys-assets copy`: copies one warehouse into another, and prints a line for each table.

Belongs here: opening the two databases, printed lines, the exit status. What is copied and how it is checked belongs to
`migration`.
"""

import contextlib
from collections import Counter
from itertools import groupby
from pathlib import Path

import click

from genesys_assets.databases import wait_policy_of_commands
from genesys_assets.errors import ProjectError
from genesys_assets.migration import Outcome, Piece, copy
from genesys_assets.process import organisation_at_hand
from genesys_assets.variables import variable_of
from genesys_assets.warehouse import Database, Spool, WaitPolicy, bulk_settings
from genesys_assets.whose import pins_for
from genesys_assets.work import COPYING


def run_copy(
    source: str, target: str, source_data_path: str | None, target_data_path: str | None, *, replace: bool
) -> int:
    """Copy every table and print a line for each piece that is copied, and one for each table.

    Args:
        source: The database to copy.
        target: The database that is to hold the same.
        source_data_path: Where the source's files are, if it is a lake.
        target_data_path: Where the target's files go, if it is a lake; by default where the organisation's do.
        replace: Whether days of the target that differ may be replaced.

    Returns:
        The exit status: 0, or 1 when it could not be done, after the reason has been printed.
    """
    if source == target:
        click.secho("--from and --to are the same database: name another one by --to.", fg="red", err=True)
        return 1
    total: Counter[Outcome] = Counter()
    organisation = organisation_at_hand()
    try:
        policy = wait_policy_of_commands(organisation)
        with contextlib.closing(Spool(Path(organisation.work_folder) / COPYING, policy)) as spool:
            from_database = _database(source, source_data_path, spool, policy)
            to_database = _database(target, target_data_path or organisation.data_path, spool, policy)
            for database in (from_database, to_database):
                database.pin_with(pins_for(organisation))
            pieces = copy(from_database, to_database, spool, replace=replace)
            for table, of_table in groupby(pieces, key=lambda piece: piece.table):
                outcomes = Counter(_show(piece).outcome for piece in of_table)
                total.update(outcomes)
                click.echo(f"{table}: {_counted(outcomes)}.")
    except ProjectError as error:
        click.secho(str(error), fg="red", err=True)
        click.echo(
            "All that was copied so far is complete. Run the same command to continue: what agrees is skipped.",
            err=True,
        )
        return 1
    click.echo(
        f"The target holds all that the source holds, by counts and hashes: {_counted(total)}. "
        f"Next: set {variable_of('database')}, and start the daemon."
    )
    return 0


def _database(location: str, data_path: str | None, spool: Spool, policy: WaitPolicy) -> Database:
    return Database(location, data_path=data_path, settings=bulk_settings(), spool=spool, wait_policy=policy)


def _show(piece: Piece) -> Piece:
    if piece.outcome is not Outcome.AGREED:
        click.echo(f"  {piece.table} {piece.day or '(whole)'}: {piece.rows} rows {piece.outcome}")
    return piece


def _counted(outcomes: Counter[Outcome]) -> str:
    return ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome if outcomes[outcome])
