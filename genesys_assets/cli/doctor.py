"""`genesys-assets doctor`: tries every setting, and prints a line for each with what to do if it is wrong."""

import asyncio
import os
import shlex
import stat
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from genesys_assets.cli.switches import switches_that_fit
from genesys_assets.databases import database_of
from genesys_assets.directory import LISTINGS
from genesys_assets.genesys import (
    AGGREGATES,
    ForbiddenError,
    GenesysCloud,
    GenesysError,
    Interval,
    NotCoveredError,
    PermanentError,
    Source,
    aggregates,
    data_availability,
    entities,
    organisation,
    total_hits,
)
from genesys_assets.marts import ServiceLevelOptions
from genesys_assets.names import names_of
from genesys_assets.organisation import Organisation
from genesys_assets.pinning import Identity, organisation_of
from genesys_assets.pool import API_POOL, limit_of
from genesys_assets.privacy import PrivacyError, fingerprint
from genesys_assets.process import organisation_at_hand
from genesys_assets.resources import Genesys, figures_of, genesys_of, privacy_of
from genesys_assets.setting import SettingsError
from genesys_assets.sources import SOURCES
from genesys_assets.texts import line
from genesys_assets.variables import variable_of
from genesys_assets.warehouse import WarehouseError
from genesys_assets.whose import pinned_database_of
from genesys_assets.windows import last_closed_day, window_of

LONGEST_LAG = timedelta(days=2)
BUSY_SECONDS = 5.0
"""How long to wait for a database that another process has open."""


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        about: What was checked.
        is_right: Whether it is as it should be.
        said: What was found; when it is wrong, also what to do.
    """

    about: str
    is_right: bool
    said: str


def run_doctor() -> int:
    """Print a line for each finding.

    Returns:
        The exit status: 0, or 1 when something is wrong.
    """
    is_right = True
    for finding in findings():
        mark = click.style("ok   ", fg="green") if finding.is_right else click.style("wrong", fg="red")
        click.echo(f"{mark}  {finding.about:<12}  {finding.said}")
        is_right = is_right and finding.is_right
    return 0 if is_right else 1


def findings() -> Iterator[Finding]:
    """Yield the findings, each building on those before it, as far as something can be checked."""
    try:
        organisation = organisation_at_hand()
        privacy = privacy_of(organisation).process_config_and_initialize()
        fingerprint(privacy.mode, privacy.key)  # raises where documents could not be scrubbed
    except (SettingsError, PrivacyError) as error:
        yield Finding("Settings", is_right=False, said=str(error))
        return
    yield Finding("Settings", is_right=True, said=f"{len(organisation.variables)} are set.")
    genesys = genesys_of(organisation).process_config_and_initialize()
    figures = figures_of(organisation).process_config_and_initialize()
    yield from asyncio.run(_in_genesys_cloud(genesys, figures.service_level))
    yield checked_database(organisation)
    yield checked_rights(organisation)
    yield checked_pool(organisation)


def checked_database(organisation: Organisation) -> Finding:
    """Check whether the database can be written, and belongs to the organisation that answers."""
    try:
        database = database_of(organisation, BUSY_SECONDS)
        with database.writing():
            pass
        known = organisation_of(database)
        with suppress(GenesysError):  # the line about the organisation has said why
            pinned_database_of(organisation, BUSY_SECONDS).judge()
    except WarehouseError as error:
        return Finding("Database", is_right=False, said=str(error))
    whose = f"holds the data of {known.label}" if known else "is of no organisation yet"
    return Finding("Database", is_right=True, said=f"{database.label} can be written, and {whose}.")


def checked_rights(organisation: Organisation) -> Finding:
    """Check that secrets and conversations are not readable by every user of this machine; the group may read them."""
    try:
        database = database_of(organisation, BUSY_SECONDS).path
    except WarehouseError as error:
        return Finding("Rights", is_right=False, said=str(error))
    opened = [file for file in (Path(".env"), database) if file is not None and _is_open_to_all(file)]
    if opened:
        named = " ".join(shlex.quote(str(file)) for file in opened)
        said = f"Every user of this machine may read {named}: chmod o-rwx {named}"
        return Finding("Rights", is_right=False, said=said)
    return Finding("Rights", is_right=True, said="Not every user of this machine may read .env or the database.")


def checked_pool(organisation: Organisation) -> Finding:
    """Check whether the Dagster instance limits the runs that share the organisation's pace."""
    from dagster import DagsterError, DagsterInstance  # noqa: PLC0415 - the other checks do without an instance

    if not os.environ.get("DAGSTER_HOME"):
        return Finding("Pool", is_right=True, said="DAGSTER_HOME is not set: no Dagster instance was looked at.")
    pool, pace = names_of(organisation).name(API_POOL), organisation.requests_per_minute
    try:
        with DagsterInstance.get() as instance:
            limit = limit_of(instance, pool)
    except DagsterError as error:
        return Finding("Pool", is_right=False, said=f"The Dagster instance cannot be opened: {line(str(error))}")
    if limit is None:
        return Finding(
            "Pool",
            is_right=False,
            said=f"The pool {pool} has no limit, so that each of N runs at a time takes all {pace} requests a minute: "
            "set concurrency.pools.default_limit in dagster.yaml, or a limit of the pool by 'dagster instance "
            f"concurrency set {pool} 2'.",
        )
    share = max(1, pace // limit)
    return Finding("Pool", is_right=True, said=f"{pool} lets {limit} runs through, each at {share} requests a minute.")


def _is_open_to_all(file: Path) -> bool:
    """Tell whether everybody may read a file and enter the folders above it."""
    if not file.exists() or not file.stat().st_mode & stat.S_IROTH:
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in file.resolve().parents)


async def _in_genesys_cloud(genesys: Genesys, service_level: ServiceLevelOptions) -> list[Finding]:
    """Return the findings about Genesys Cloud; without a token nothing else can be requested."""
    try:
        cloud = genesys.connect()
    except GenesysError as error:
        return [Finding("Region", is_right=False, said=str(error))]
    where = "the sandbox, in this process, for want of credentials" if genesys.is_sandbox else cloud.hosts.api
    found = [Finding("Region", is_right=True, said=f"What is asked is {where}.")]
    async with cloud:
        rate_limit: Probe = partial(_rate_limit, pace=genesys.requests_per_minute)
        fit: Probe = partial(switches_that_fit, day=_yesterday(), now=service_level)
        for about, probe in (*PROBES, ("Switches", fit), (RATE_LIMIT, rate_limit)):
            try:
                found.append(Finding(about, is_right=True, said=await probe(cloud)))
            except GenesysError as error:
                found.append(Finding(about, is_right=False, said=str(error)))
            if about == TOKEN and not found[-1].is_right:
                break
    return found


async def _token(cloud: GenesysCloud) -> str:
    await cloud.login()
    return "One was given."


async def _organisation(cloud: GenesysCloud) -> str:
    told = await organisation(cloud)
    if told is None:
        return "Genesys Cloud does not say which it is (GET /api/v2/organizations/me): the OAuth client's id is used."
    identity = Identity.disclosed(told.id, told.name, "", "")
    return f"{identity.name}: invented data, of no contact centre." if identity.is_sandbox else f"{identity.label}."


async def _details(cloud: GenesysCloud, *, source: Source) -> str:
    begun = await total_hits(cloud, source, _yesterday())
    return f"{source.permission} is granted: {begun} {source.plural} began yesterday."


async def _aggregates(cloud: GenesysCloud) -> str:
    refused = list[str]()
    for query in AGGREGATES.values():
        try:
            await aggregates(cloud, query, _yesterday(), [query.some_metric])
        except ForbiddenError as error:
            refused.append(str(error))
    if refused:
        raise PermanentError(" ".join(refused))
    granted = " and ".join(query.permission for query in AGGREGATES.values())
    return f"{granted} are granted: the figures can be compared with Genesys Cloud's own."


async def _directory(cloud: GenesysCloud) -> str:
    counted, refused = list[str](), list[str]()
    for table, listing in LISTINGS.items():
        what = table.removeprefix("directory.").replace("_", " ")
        try:
            counted.append(f"{len(await entities(cloud, listing))} {what}")
        except ForbiddenError as error:
            refused.append(str(error))
    if refused:
        raise PermanentError(" ".join(refused))
    return f"{', '.join(counted[:-1])} and {counted[-1]} have names."


@dataclass(frozen=True)
class PermittedDivisions:
    """The listing of the divisions in which the client has a permission, which takes none to ask.

    Attributes:
        params: That permission.
    """

    params: Mapping[str, str]
    path: str = "/api/v2/authorization/divisionspermitted/paged/me"
    permission: str = ""


async def _divisions(cloud: GenesysCloud, *, source: Source) -> str:
    divisions = await entities(cloud, PermittedDivisions({"permission": source.permission}))
    if not divisions:
        raise PermanentError(
            f"No division is visible, so that every day is empty: give the OAuth client's role with "
            f"{source.permission} the divisions to be read (Admin, Integrations, OAuth, the client's Roles)."
        )
    names = sorted(line(str(division.get("name") or division["id"])) for division in divisions)
    return (
        f"{source.plural.capitalize()} of {len(names)} are visible, others are silently left out: {', '.join(names)}."
    )


async def _watermark(cloud: GenesysCloud, *, source: Source) -> str:
    watermark = await data_availability(cloud, source)
    lag = max(cloud.now() - watermark, timedelta(0))
    reach = f"up to {watermark:%Y-%m-%d %H:%M} UTC, {lag.total_seconds() / 3600:.1f} hours ago"
    if lag > LONGEST_LAG:
        raise NotCoveredError(
            f"The data lake has the {source.plural} only {reach}: days since then can be read by query alone "
            f"({variable_of('source')}=auto does so). Ask Genesys Cloud's support if this persists."
        )
    return f"The data lake has every {source.name} {reach}."


async def _rate_limit(cloud: GenesysCloud, *, pace: int) -> str:
    allowed = cloud.stats.rate_limit
    if allowed is None:
        return f"{pace} requests a minute is the pace; Genesys Cloud has stated no limit."
    if pace > allowed:
        raise PermanentError(
            f"{allowed} requests a minute are allowed and {pace} is the pace of a run: lower "
            f"{variable_of('requests_per_minute')} to {allowed} or less."
        )
    return f"{allowed} requests a minute are allowed, {pace} is the pace of a run."


def _yesterday() -> Interval:
    """Return a day to ask about: the last one of UTC, by whose days Genesys Cloud keeps conversations."""
    return window_of(last_closed_day(datetime.now(UTC), UTC), UTC)


TOKEN = "Token"  # noqa: S105 - a line's title
RATE_LIMIT = "Rate limit"
Probe = Callable[[GenesysCloud], Awaitable[str]]
PROBES: tuple[tuple[str, Probe], ...] = (
    (TOKEN, _token),
    ("Organisation", _organisation),
    *(("Details", partial(_details, source=source)) for source in SOURCES.values()),
    ("Aggregates", _aggregates),
    ("Directory", _directory),
    *(("Divisions", partial(_divisions, source=source)) for source in SOURCES.values()),
    *(("Watermark", partial(_watermark, source=source)) for source in SOURCES.values()),
)
"""What is requested of Genesys Cloud, in this order, before its rate limit; each returns what it found, or raises."""
