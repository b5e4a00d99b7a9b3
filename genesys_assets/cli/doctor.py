"""`genesys-assets doctor`: every setting held against the world, a line each, with what to do for what is wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click

from genesys_assets.genesys import (
    GenesysCloud,
    GenesysError,
    Interval,
    conversation_aggregates,
    data_availability,
    entities,
)
from genesys_assets.resources import Genesys, database_from_environment, genesys_from_environment
from genesys_assets.settings import REQUESTS_PER_MINUTE, SETTINGS, SettingsError
from genesys_assets.warehouse import WarehouseError

DETAIL = "analytics:conversationDetail:view"
AGGREGATE = "analytics:conversationAggregate:view"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        about: What was checked.
        is_right: Whether it is as it should be.
        said: What was found; when it is wrong, also what to do.
    """

    about: str
    is_right: bool
    said: str


def run_doctor() -> int:
    """Prints a line for each check.

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
    """The findings, in the order in which things build on each other; what cannot be checked any more is left out."""
    settings = checked_settings()
    yield settings
    if settings.is_right:
        yield from asyncio.run(_in_genesys_cloud(genesys_from_environment().process_config_and_initialize()))
        yield checked_database()


def checked_settings() -> Finding:
    """Whether each setting can be used."""
    try:
        for setting in SETTINGS:
            setting.text()
    except SettingsError as error:
        return Finding("Settings", is_right=False, said=str(error))
    return Finding("Settings", is_right=True, said=f"{sum(setting.is_set for setting in SETTINGS)} are set.")


def checked_database() -> Finding:
    """Whether the database can be written."""
    try:
        database = database_from_environment()
        with database.writing():
            pass
    except WarehouseError as error:
        return Finding("Database", is_right=False, said=str(error))
    return Finding("Database", is_right=True, said=f"{database.label} can be written.")


async def _in_genesys_cloud(genesys: Genesys) -> list[Finding]:
    probes: tuple[tuple[str, Probe], ...] = (
        ("Details", _details),
        ("Aggregates", _aggregates),
        ("Directory", _directory),
        ("Divisions", _divisions),
        ("Rate limit", _rate_limit),
    )
    try:
        async with genesys.connect() as cloud:
            reached = await _probed("Region", lambda cloud: _token(cloud, genesys), cloud)
            if not reached.is_right:
                return [reached]
            return [reached, *[await _probed(about, probe, cloud) for about, probe in probes]]
    except GenesysError as error:
        return [Finding("Region", is_right=False, said=str(error))]


Probe = Callable[[GenesysCloud], Awaitable[str]]


async def _probed(about: str, probe: Probe, cloud: GenesysCloud) -> Finding:
    try:
        return Finding(about, is_right=True, said=await probe(cloud))
    except GenesysError as error:
        return Finding(about, is_right=False, said=str(error))


async def _token(cloud: GenesysCloud, genesys: Genesys) -> str:
    await cloud.login()
    where = "the sandbox, in this process, for want of credentials" if genesys.is_sandbox else cloud.hosts.api
    return f"A token was given; what answers is {where}."


async def _details(cloud: GenesysCloud) -> str:
    watermark = await data_availability(cloud)
    lag = max(cloud.now() - watermark, timedelta(0))
    return (
        f"{DETAIL} is granted; the data lake has every record up to {watermark:%Y-%m-%d %H:%M} UTC, {_hours(lag)} ago."
    )


async def _aggregates(cloud: GenesysCloud) -> str:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    await conversation_aggregates(cloud, Interval.of_day(yesterday), ["nOffered"])
    return f"{AGGREGATE} is granted: the figures can be held against Genesys's own."


async def _directory(cloud: GenesysCloud) -> str:
    queues = await entities(cloud, "/api/v2/routing/queues")
    users = await entities(cloud, "/api/v2/users", {"state": "any"})
    return f"{len(queues)} queues and {len(users)} users have names."


async def _divisions(cloud: GenesysCloud) -> str:
    divisions = await cloud.get("/api/v2/authorization/divisionspermitted/me", {"permission": DETAIL})
    names = sorted(division.get("name", division["id"]) for division in divisions)
    return f"Conversations of {len(names)} are visible, others are silently left out: {', '.join(names)}."


async def _rate_limit(cloud: GenesysCloud) -> str:
    allowed, pace = cloud.stats.rate_limit, REQUESTS_PER_MINUTE.integer()
    if allowed is None:
        return f"{pace} requests a minute is the pace; Genesys Cloud has told no limit."
    return f"{allowed} requests a minute are allowed, {pace} is the pace of a run."


def _hours(lag: timedelta) -> str:
    return f"{lag.total_seconds() / 3600:.1f} hours"
