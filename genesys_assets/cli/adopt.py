"""`genesys-assets adopt`: pins an older database, which records no organisation, to the organisation that answers.

Belongs here: printed lines, the question, the exit status. What is pinned belongs to `genesys_assets.pinning`.
"""

import click

from genesys_assets.databases import database_of
from genesys_assets.errors import ProjectError
from genesys_assets.pinning import Identity, OrganisationPins, OtherOrganisationError
from genesys_assets.pinning.pins import Seen, agrees, look, refuse_other, unknown
from genesys_assets.process import organisation_at_hand
from genesys_assets.warehouse import Database
from genesys_assets.warehouse.facts import pin
from genesys_assets.whose import pins_for


def run_adopt(*, yes: bool) -> int:
    """Show what would be pinned, ask, and pin it.

    Args:
        yes: Pin without asking.

    Returns:
        The exit status: 0, or 1 when it was refused or declined, after the reason has been printed.
    """
    try:
        organisation = organisation_at_hand()
        database, pins = database_of(organisation), pins_for(organisation, click.echo)
        with database.reading() as connection:
            seen = look(connection)
        if said := _nothing_to_do(seen, pins.at_hand, database.label):
            click.echo(said)
            return 0
        does_agree = agrees(seen.ids or {}, pins.at_hand, pins.listed)
        if pins.at_hand.is_sandbox and not does_agree:
            raise OtherOrganisationError(unknown(pins.at_hand, database.label))
        _show(database, pins, does_agree=does_agree)
        if not (yes or click.confirm("Are the rows in it the data of that organisation?")):
            click.echo("Nothing was changed.")
            return 1
        _pin(database, pins, seen)
    except ProjectError as error:
        click.secho(str(error), fg="red", err=True)
        return 1
    click.echo(f"{database.label} is pinned to {pins.at_hand.label}.")
    return 0


def _nothing_to_do(seen: Seen, identity: Identity, label: str) -> str | None:
    """Return the message for a database that needs no adoption, None if it needs one.

    Raises:
        OtherOrganisationError: It is pinned to another organisation, which no command may change.
    """
    if seen.facts:
        refuse_other(seen.facts, identity, label)
        return f"{label} is pinned to {identity.label} already."
    return None if seen.has_rows else f"{label} holds nothing yet: the first run pins it to {identity.label}."


def _show(database: Database, pins: OrganisationPins, *, does_agree: bool) -> None:
    click.echo(f"To be pinned in {database.label}:")
    for fact, value in sorted(pins.wanted({}).items()):
        click.echo(f"  {fact}: {value or '(none)'}")
    if does_agree:
        click.echo("Its directory has queues or divisions of that organisation.")
    else:
        click.secho("None of its stored queues and divisions is known to that organisation.", fg="yellow")


def _pin(database: Database, pins: OrganisationPins, seen: Seen) -> None:
    """Pin what was shown, in one transaction.

    Raises:
        OtherOrganisationError: The database has changed since.
    """
    with database.writing() as connection:
        if look(connection) != seen:
            raise OtherOrganisationError(
                f"{database.label} was changed by another process meanwhile: nothing was pinned. Run the command again."
            )
        pin(connection, pins.wanted({}))
