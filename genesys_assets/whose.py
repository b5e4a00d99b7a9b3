"""Which organisation answers with the current settings, for the warehouse to compare its database with.

What belongs here: asking the organisation for its name once in each process, and handing the answer to the warehouse
and the command line. What is pinned and what is refused belongs to `genesys_assets.pinning`.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TypeVar

import dagster as dg

from genesys_assets.databases import database_of
from genesys_assets.directory import LISTINGS
from genesys_assets.genesys import (
    ForbiddenError,
    GenesysCloud,
    GenesysError,
    TransientError,
    entities,
    hosts_of,
    organisation,
)
from genesys_assets.names import Names
from genesys_assets.organisation import Organisation
from genesys_assets.pinning import ENTITIES, SANDBOX_NAME, SANDBOX_ORGANISATION_ID, Identity, OrganisationPins
from genesys_assets.privacy import fingerprint
from genesys_assets.resources import (
    FigureOptions,
    Genesys,
    Log,
    Privacy,
    figures_of,
    genesys_of,
    privacy_of,
)
from genesys_assets.setting import text_of
from genesys_assets.sources import SOURCES
from genesys_assets.warehouse import Database, WarehouseIOManager

T = TypeVar("T")

OFFLINE_SECONDS = 10.0
"""How long a known OAuth client's organisation is asked for before the client alone identifies it."""

_identities: dict[tuple[str, str, str], Identity] = {}
_asking = threading.Lock()


def identity_of(genesys: Genesys, log: Log | None = None, known: Identity | None = None) -> Identity:
    """Return who answers: the sandbox, or the organisation of the OAuth client, which is asked for once a process.

    Args:
        genesys: Genesys Cloud as the settings have it.
        log: Receives a message when the organisation cannot be asked for.
        known: The organisation to which the database is pinned. If Genesys Cloud cannot be reached and the OAuth client
            is known from it, that is the answer, so that stored days can be worked on without a network.

    Raises:
        GenesysError: A setting cannot be used, or Genesys Cloud could not be asked.
    """
    if genesys.is_sandbox:
        return Identity.disclosed(SANDBOX_ORGANISATION_ID, SANDBOX_NAME, "", "")
    hosts = hosts_of(genesys.region, api_url=genesys.api_url, login_url=genesys.login_url)
    client_id = genesys.client_id or ""
    stand_in = Identity.undisclosed(client_id, hosts.api)
    key = (hosts.api, hosts.login, client_id)
    with _asking:
        if key not in _identities:
            try:
                _identities[key] = _asked(genesys, stand_in, known, log)
            except GenesysError as error:
                if not (error.transient and known and _has_seen(known, stand_in)):
                    raise
                if log:
                    log(f"Genesys Cloud cannot be asked; its OAuth client is known to be that of {known.label}.")
                return known
        return _identities[key]


def _asked(genesys: Genesys, stand_in: Identity, known: Identity | None, log: Log | None) -> Identity:
    """Return the identity that Genesys Cloud returns, or its stand-in if Genesys Cloud refuses."""
    ask = partial(_in_time, organisation) if known and _has_seen(known, stand_in) else organisation
    answering = genesys.run(ask, log)
    if answering is None:
        if log:
            log(f"Genesys Cloud does not name the organisation: {stand_in.name} is used instead.")
        return stand_in
    client_id, _, host = stand_in.clients[0].partition(" at ")
    return Identity.disclosed(answering.id, answering.name, client_id, host)


def _has_seen(known: Identity, stand_in: Identity) -> bool:
    return bool(set(known.clients) & set(stand_in.clients))


async def _in_time(ask: Callable[[GenesysCloud], Awaitable[T]], cloud: GenesysCloud) -> T:
    try:
        async with asyncio.timeout(OFFLINE_SECONDS):
            return await ask(cloud)
    except TimeoutError:
        raise TransientError(f"Genesys Cloud did not name its organisation within {OFFLINE_SECONDS:g} s.") from None


def listed_by(genesys: Genesys, log: Log | None = None) -> dict[str, frozenset[str]]:
    """Return the ids of the queues and divisions of the organisation that answers; none of what it refuses to list.

    Raises:
        GenesysError: Genesys Cloud could not be asked.
    """

    async def ids(cloud: GenesysCloud) -> dict[str, frozenset[str]]:
        found = {}
        for table in ENTITIES:
            with suppress(ForbiddenError):
                listed = await entities(cloud, LISTINGS[f"directory.{table}"])
                found[table] = frozenset(str(each["id"]) for each in listed)
        return found

    return genesys.run(ids, log)


def privacy_options(privacy: Privacy) -> dict[str, str]:
    """Return the options with which documents are stored; of the pseudonyms' key only what distinguishes it."""
    key = {"privacy_key": fingerprint(privacy.mode, privacy.key)} if privacy.mode == "hash" else {}
    return {"privacy": privacy.mode, "privacy_keep_attributes": ",".join(sorted(privacy.kept_attributes)), **key}


def figure_options(figures: FigureOptions) -> dict[str, str]:
    """Return the options with which figures are computed."""
    return {name: text_of(getattr(figures, name)) for name in FigureOptions.model_fields}


def pins_of(genesys: Genesys, figures: FigureOptions, privacy: Privacy, log: Log | None = None) -> OrganisationPins:
    """Return the pins that compare a database with these settings."""
    options: Mapping[str, Mapping[str, str]] = {
        **dict.fromkeys(SOURCES, privacy_options(privacy)),
        "marts.queue_performance": figure_options(figures),
    }
    return OrganisationPins(
        lambda known: identity_of(genesys, log, known), lambda: listed_by(genesys, log), options, genesys.timezone
    )


def pins_for(organisation: Organisation, log: Log | None = None) -> OrganisationPins:
    """Return the pins that compare a database with an organisation's settings, for the command line."""
    genesys, figures, privacy = (
        make(organisation).process_config_and_initialize() for make in (genesys_of, figures_of, privacy_of)
    )
    return pins_of(genesys, figures, privacy, log)


def pinned_database_of(organisation: Organisation, lock_timeout_seconds: float | None = None) -> Database:
    """Return `database_of`'s database, which checks its organisation before it is read or written."""
    database = database_of(organisation, lock_timeout_seconds)
    database.pin_with(pins_for(organisation))
    return database


def pinned_warehouse(names: Names) -> dg.IOManagerDefinition:
    """Return the resource `warehouse`, which checks its database's organisation before a run reads or writes it."""
    warehouse, *parts = (names.resource(name) for name in ("warehouse", "genesys", "figures", "privacy"))

    @dg.io_manager(required_resource_keys={warehouse, *parts})
    def pinned(context: dg.InitResourceContext) -> WarehouseIOManager:
        resources = context.resources._asdict()
        manager: WarehouseIOManager = resources[warehouse]
        genesys, figures, privacy = (resources[part] for part in parts)
        manager.database.pin_with(pins_of(genesys, figures, privacy, context.log.info if context.log else None))
        return manager

    return pinned
