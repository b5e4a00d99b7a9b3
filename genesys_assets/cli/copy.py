"""`genesys-assets copy`: one warehouse into another, a line for each table, and how far it is."""

from collections import Counter
from itertools import groupby

import click

from genesys_assets.migration import MigrationError, Outcome, Piece, copy
from genesys_assets.warehouse import Database, WarehouseError


def run_copy(source: str, target: str, source_data_path: str | None, target_data_path: str | None) -> int:
    """Copies every table and prints a line for each piece that is copied, and one for each table.

    Args:
        source: The database to copy.
        target: The database that is to hold the same.
        source_data_path: Where the source's files are, if it is a lake.
        target_data_path: Where the target's files go, if it is a lake.

    Returns:
        The exit status: 0, or 1 when it could not be done; why has been printed then.
    """
    if source == target:
        click.secho("--from and --to are the same database: name another one by --to.", fg="red", err=True)
        return 1
    total: Counter[Outcome] = Counter()
    try:
        pieces = copy(Database(source, data_path=source_data_path), Database(target, data_path=target_data_path))
        for table, of_table in groupby(pieces, key=lambda piece: piece.table):
            told = [piece for piece in of_table if _show(piece)]
            total.update(piece.outcome for piece in told)
            click.echo(f"{table}: {_counted(Counter(piece.outcome for piece in told))}.")
    except (MigrationError, WarehouseError) as error:
        click.secho(str(error), fg="red", err=True)
        click.echo(
            "What was copied before is whole. Run the same command to go on: what agrees is passed by.", err=True
        )
        return 1
    click.echo(f"Both hold the same, by counts and hashes: {_counted(total)}. Next: set GENESYS_ASSETS_DATABASE.")
    return 0


def _show(piece: Piece) -> Piece:
    if piece.outcome is not Outcome.AGREED:
        click.echo(f"  {piece.table} {piece.day or '(whole)'}: {piece.rows} rows {piece.outcome}")
    return piece


def _counted(outcomes: Counter[Outcome]) -> str:
    return ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome if outcomes[outcome])
