"""The Dagster resources, made from the environment: Genesys Cloud and the warehouse.

What belongs here: turning settings into the rooms' own objects. Without credentials Genesys Cloud is the
sandbox, in this process. What is asked and what is stored does not belong here.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, TypeVar

import click
import dagster as dg
from pydantic import PrivateAttr

from genesys_assets import settings
from genesys_assets.exports import COPY_PATH
from genesys_assets.genesys import (
    ConfigurationError,
    Credentials,
    ExtractionSettings,
    GenesysCloud,
    Hosts,
    hosts_of,
    run_interruptibly,
)
from genesys_assets.metrics import ServiceLevelOptions
from genesys_assets.pool import runs_at_once
from genesys_assets.privacy import Scrubber
from genesys_assets.setting import Setting
from genesys_assets.warehouse import Database, Warehouse
from genesys_assets.warehouse.service import LAKE, SERVICE
from genesys_assets.warehouse.waiting import Patience
from genesys_assets.work import COPYING, WorkFolder

COMMAND_WAIT_SECONDS = 120.0
RUN_WAIT_SECONDS = 600.0
"""How long others that hold the database are waited for, unless the setting says otherwise."""

T = TypeVar("T")
Log = Callable[[str], None]

SANDBOX = "http://sandbox.invalid"
"""The sandbox's base URL inside this process: no request to it leaves the process."""


SANDBOX_PACE = 60_000
"""Requests a minute: the sandbox in this process has no limit to keep."""


class Genesys(dg.ConfigurableResource):  # type: ignore[type-arg]  # Dagster's own documentation leaves it bare
    """A Genesys Cloud organisation, or the sandbox when there are no credentials.

    Attributes:
        client_id: Id of the OAuth client; None: the sandbox.
        client_secret: Its secret.
        region: AWS region or domain.
        api_url: Base URL of the API, before the region's.
        login_url: Base URL of the login, before the region's.
        source: auto, job or query: where conversations are read.
        requests_per_minute: Pace of the requests of all runs together.
        jobs_at_once: Details jobs at a time, of all runs together.
        availability_seconds: How long `job` waits for the data lake to have the whole day.
        lookback_days: By query, so many days before are read as well.
        tolerated_shortfall: Share of the announced conversations that may be missing.
    """

    client_id: str | None = None
    client_secret: str | None = None
    region: str = settings.REGION.default or ""
    api_url: str | None = None
    login_url: str | None = None
    source: str = settings.SOURCE.default or ""
    requests_per_minute: int = int(settings.REQUESTS_PER_MINUTE.default or 0)
    jobs_at_once: int = int(settings.JOBS_AT_ONCE.default or 0)
    availability_seconds: int = int(settings.AVAILABILITY_SECONDS.default or 0)
    lookback_days: int = int(settings.LOOKBACK_DAYS.default or 0)
    tolerated_shortfall: float = float(settings.TOLERATED_SHORTFALL.default or 0)
    _sharers: int = PrivateAttr(default=1)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Learn, in a run, how many runs share the pace and the jobs; sensors and commands share with nobody."""
        if context.run is not None and context.instance is not None:
            self._sharers = runs_at_once(context.instance)

    @property
    def pace(self) -> int:
        """Return the requests a minute of this run, or of the sensor or command that has it to itself."""
        return max(1, self.requests_per_minute // self._sharers)

    @property
    def is_sandbox(self) -> bool:
        """Return whether the sandbox answers, for want of credentials."""
        return not self.client_id and not self.client_secret

    @property
    def extraction(self) -> ExtractionSettings:
        """Return how conversations are read."""
        return ExtractionSettings(
            source=self.source,
            jobs_at_once=max(1, self.jobs_at_once // self._sharers),
            availability_seconds=self.availability_seconds,
            lookback_days=self.lookback_days,
            tolerated_shortfall=self.tolerated_shortfall,
        )

    def connect(self, log: Log | None = None) -> GenesysCloud:
        """Return a session with the organisation, to be entered with `async with`.

        Raises:
            ConfigurationError: A setting cannot be used.
        """
        if self.is_sandbox:
            return _sandbox_session(log)
        return GenesysCloud(
            hosts_of(self.region, api_url=self.api_url, login_url=self.login_url),
            self._credentials(),
            requests_per_minute=self.pace,
            log=log,
        )

    def run(self, work: Callable[[GenesysCloud], Awaitable[T]], log: Log | None = None) -> T:
        """Return what `work` returns, having been given one session.

        Raises:
            GenesysError: Genesys Cloud refused or could not be reached, or a setting cannot be used.
            BaseException: The run was interrupted; what `work` had under way at Genesys Cloud has been cancelled.
        """

        async def in_session() -> T:
            async with self.connect(log) as cloud:
                return await work(cloud)

        return run_interruptibly(in_session())

    def _credentials(self) -> Credentials:
        if not self.client_id or not self.client_secret:
            given, missing = settings.CLIENT_ID.name, settings.CLIENT_SECRET.name
            if not self.client_id:
                given, missing = missing, given
            raise ConfigurationError(
                f"{given} is set and {missing} is not: set both for your organisation, or neither for the sandbox."
            )
        return Credentials(self.client_id, self.client_secret)


class FigureOptions(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """What an organisation decides about its figures.

    Attributes:
        interval_minutes: Length of the intervals of marts.queue_performance: 15, 30 or 60.
        include_flowouts_in_calculation: Service level: flow-outs are added to the denominator.
        include_short_abandons_in_calculation: Service level: off, short abandons are taken off the denominator.
        include_abandons_in_calculation: Service level: off, all abandons are taken off the denominator.
    """

    interval_minutes: int = 30
    include_flowouts_in_calculation: bool = False
    include_short_abandons_in_calculation: bool = True
    include_abandons_in_calculation: bool = True

    @property
    def service_level(self) -> ServiceLevelOptions:
        """Return the three switches of the service level."""
        return ServiceLevelOptions(
            include_flowouts_in_calculation=self.include_flowouts_in_calculation,
            include_short_abandons_in_calculation=self.include_short_abandons_in_calculation,
            include_abandons_in_calculation=self.include_abandons_in_calculation,
        )


class Privacy(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """What becomes of personal data before anything is stored.

    Attributes:
        mode: keep, hash or drop.
        key: The key of the pseudonyms, for hash.
        keep_attributes: Participant attributes that stay as they are, with commas between their names.
    """

    mode: str = "keep"
    key: str | None = None
    keep_attributes: str | None = None

    def scrubber(self) -> Scrubber:
        """Return the scrubber, which says what is done to each document.

        Raises:
            PrivacyError: A setting cannot be used.
        """
        names = [name.strip() for name in (self.keep_attributes or "").split(",") if name.strip()]
        return Scrubber(self.mode, self.key, names)


@cache
def _sandbox_app() -> object:
    """Return this process's one sandbox, so that a day's traffic is generated once for all the steps of a run."""
    from genesys_assets.sandbox import Sandbox  # noqa: PLC0415 - a real organisation never loads it

    per_day = settings.SANDBOX_CONVERSATIONS_PER_DAY.integer()
    return Sandbox(conversations_per_day=per_day, requests_per_minute=None).app


def _sandbox_session(log: Log | None) -> GenesysCloud:
    import httpx  # noqa: PLC0415

    hosts = Hosts(api=SANDBOX, login=SANDBOX)
    transport = httpx.ASGITransport(_sandbox_app())  # type: ignore[arg-type]
    credentials = Credentials("sandbox", "sandbox")
    return GenesysCloud(hosts, credentials, transport=transport, log=log, requests_per_minute=SANDBOX_PACE)


def _value(setting: Setting) -> Any:
    """Return the setting as a resource's field: by name when the environment has it, its default otherwise.

    Dagster resolves the name when a run starts, and shows it in the UI in place of the value.
    """
    return dg.EnvVar(setting.name) if setting.is_set else setting.default


def genesys_from_environment() -> Genesys:
    """Return Genesys Cloud as the environment describes it; the sandbox when it has no credentials."""
    return Genesys(
        client_id=_value(settings.CLIENT_ID),
        client_secret=_value(settings.CLIENT_SECRET),
        region=_value(settings.REGION),
        api_url=_value(settings.API_URL),
        login_url=_value(settings.LOGIN_URL),
        source=_value(settings.SOURCE),
        requests_per_minute=settings.REQUESTS_PER_MINUTE.integer(),
        jobs_at_once=settings.JOBS_AT_ONCE.integer(),
        availability_seconds=settings.AVAILABILITY_SECONDS.integer(),
        lookback_days=settings.LOOKBACK_DAYS.integer(),
        tolerated_shortfall=settings.TOLERATED_SHORTFALL.number(),
    )


def warehouse_from_environment() -> Warehouse:
    """Return the warehouse at the database that the environment names.

    Its passing files go beside the database; a lake has no place beside it, so there they go into the work folder.
    """
    settings.UMASK.text()
    has_no_file = (settings.DATABASE.text() or "").startswith((LAKE, SERVICE))
    return Warehouse(
        database=_value(settings.DATABASE),
        data_path=_value(settings.DATA_PATH),
        lock_timeout_seconds=_wait_seconds(RUN_WAIT_SECONDS),
        remedy=remedy(),
        spool_directory=f"{settings.WORK_FOLDER.text()}/{COPYING}" if has_no_file else None,
    )


def work_from_environment() -> WorkFolder:
    """Return the work folder that the environment names."""
    return WorkFolder(path=_value(settings.WORK_FOLDER))


def figures_from_environment() -> FigureOptions:
    """Return the organisation's options for its figures, from the environment."""
    return FigureOptions(
        interval_minutes=settings.INTERVAL_MINUTES.integer(),
        include_flowouts_in_calculation=settings.INCLUDE_FLOWOUTS.flag(),
        include_short_abandons_in_calculation=settings.INCLUDE_SHORT_ABANDONS.flag(),
        include_abandons_in_calculation=settings.INCLUDE_ABANDONS.flag(),
    )


def privacy_from_environment() -> Privacy:
    """Return what becomes of personal data, as the environment has it."""
    return Privacy(
        mode=_value(settings.PRIVACY),
        key=_value(settings.PRIVACY_KEY),
        keep_attributes=_value(settings.PRIVACY_KEEP_ATTRIBUTES),
    )


def database_from_environment(lock_timeout_seconds: float | None = None) -> Database:
    """Return the warehouse's database, for the command line.

    Args:
        lock_timeout_seconds: How long others are waited for, where the setting is not to decide.

    Raises:
        WarehouseError: The setting names none that can be kept.
        SettingsError: The wait cannot be used.
    """
    settings.UMASK.text()
    location, data_path = settings.DATABASE.text() or "", settings.DATA_PATH.text()
    seconds = _wait_seconds(COMMAND_WAIT_SECONDS) if lock_timeout_seconds is None else lock_timeout_seconds
    return Database(location, data_path=data_path, lock_timeout_seconds=seconds, tell=tell, remedy=remedy())


def patience_of_commands() -> Patience:
    """Return how long a command waits for others, which is told on the terminal.

    Raises:
        SettingsError: The setting cannot be used.
    """
    return Patience(_wait_seconds(COMMAND_WAIT_SECONDS), tell=tell, remedy=remedy())


def tell(sentence: str) -> None:
    """Tell whoever has typed a command."""
    click.echo(sentence, err=True)


def remedy() -> str:
    """Return what to do about a database that others hold for too long."""
    copy = f"{settings.EXPORT_URL.text()}/{COPY_PATH}"
    return (
        "close the notebook or program that has it open (one that only reads keeps writers out too: let it read the "
        f"copy for readers, {copy}), or raise {settings.DATABASE_WAIT_SECONDS.name}"
    )


def _wait_seconds(default: float) -> float:
    text = settings.DATABASE_WAIT_SECONDS.text()
    return float(text) if text else default


def copies_with_each_day() -> bool:
    """Tell whether the job `day` makes the copy for readers; by default for a file, where readers and writers meet.

    Raises:
        SettingsError: The setting cannot be used.
    """
    if settings.COPY_WITH_EACH_DAY.text() is not None:
        return settings.COPY_WITH_EACH_DAY.flag()
    return not (settings.DATABASE.text() or "").startswith((LAKE, SERVICE))
