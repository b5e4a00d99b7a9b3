"""`genesys-assets new-database`: makes an empty database on purpose, where Dagster has recorded days that are gone.

Belongs here: the refusal of a database that holds something, and what is printed.
"""

import click

from genesys_assets.cli.commands import CommandError
from genesys_assets.databases import database_of
from genesys_assets.process import organisation_at_hand
from genesys_assets.warehouse import stored


def run_new_database() -> None:
    """Make the database that the environment names, with nothing in it.

    Raises:
        CommandError: The database holds tables.
        WarehouseError: The database could not be made.
    """
    database = database_of(organisation_at_hand())
    with database.reading() as connection:
        tables = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
    if tables != [(0,)]:
        raise CommandError(
            f"{database.label} holds tables, and is left as it is: move it away first, or name another database."
        )
    database.transact(lambda connection: stored.begin(connection, database.dialect))
    click.echo(f"{database.label} is an empty database now. Next: materialise the days that it has to hold.")
