"""`genesys-assets new-database`: an empty database on purpose, where Dagster knows of days that are gone.

Belongs here: the refusal to touch one that holds something, printed lines, the exit status.
"""

import click

from genesys_assets.resources import database_from_environment
from genesys_assets.warehouse import WarehouseError, stored


def run_new_database() -> int:
    """Makes the database that the environment names, with nothing in it.

    Returns:
        The exit status: 0, or 1 when there is one already or it could not be made; why has been printed then.
    """
    try:
        database = database_from_environment()
        with database.reading() as connection:
            held = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() != [(0,)]
        if held:
            click.secho(
                f"{database.label} holds tables, and is left as it is: move it away first, or name another database.",
                fg="red",
                err=True,
            )
            return 1
        database.transact(lambda connection: stored.begin(connection, database.dialect))
    except WarehouseError as error:
        click.secho(str(error), fg="red", err=True)
        return 1
    click.echo(f"{database.label} is there, and empty. Next: materialise the days that it is to hold.")
    return 0
