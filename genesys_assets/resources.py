"""The Dagster resources of an organisation: Genesys Cloud, the options of figures and privacy, the work folder.

What belongs here: turning settings into the objects of other packages. The fields of `Genesys` and `FigureOptions` are
the organisation's, by the same names. Without credentials Genesys Cloud is the sandbox, in this process. What is
requested and what is stored does not belong here; the database is `databases`.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Self, TypeVar

import dagster as dg
from pydantic import PrivateAttr, SecretStr

from genesys_assets.genesys import (
    ConfigurationError,
    Credentials,
    ExtractionSettings,
    GenesysCloud,
    Hosts,
    hosts_of,
    run_interruptibly,
)
from genesys_assets.marts import ServiceLevelOptions
from genesys_assets.names import names_of
from genesys_assets.organisation import FIELDS, Organisation
from genesys_assets.pool import API_POOL, runs_at_once
from genesys_assets.privacy import Scrubber
from genesys_assets.setting import SettingsError
from genesys_assets.tables.schema_tree import SchemaNode
from genesys_assets.variables import Variable, variable_of
from genesys_assets.work import WorkFolder

T = TypeVar("T")
Log = Callable[[str], None]

DEFAULTS = Organisation()
"""The defaults of a resource that is made without an organisation."""

SANDBOX = "http://sandbox.invalid"
"""The base URL of the sandbox in this process; no request to it leaves the process."""
SANDBOX_PACE = 60_000
"""Requests a minute, since the sandbox in this process has no rate limit."""


class Genesys(dg.ConfigurableResource):  # type: ignore[type-arg]  # Dagster's own documentation leaves it bare
    """A Genesys Cloud organisation, or the sandbox when there are no credentials.

    The fields are settings of `Organisation`, which describes them, and the name of the pool whose limit says how many
    runs share the requests and the jobs.
    """

    client_id: str | None = None
    client_secret: str | None = None
    region: str = DEFAULTS.region
    api_url: str | None = None
    login_url: str | None = None
    source: str = DEFAULTS.source
    requests_per_minute: int = DEFAULTS.requests_per_minute
    jobs_at_once: int = DEFAULTS.jobs_at_once
    availability_seconds: int = DEFAULTS.availability_seconds
    lookback_days: int = DEFAULTS.lookback_days
    tolerated_shortfall: float = DEFAULTS.tolerated_shortfall
    mismatch: str = DEFAULTS.mismatch
    timezone: str = DEFAULTS.timezone
    sandbox_conversations_per_day: int = DEFAULTS.sandbox_conversations_per_day
    pool: str = API_POOL
    _sharers: int = PrivateAttr(default=1)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """In a run, look up how many runs share the requests and the jobs; sensors and commands share with nobody."""
        if context.run is not None and context.instance is not None:
            self._sharers = runs_at_once(context.instance, self.pool)

    def in_pool(self, pool: str) -> Self:
        """Return a copy of the resource with another pool."""
        return type(self)(**{**{name: getattr(self, name) for name in type(self).model_fields}, "pool": pool})

    @property
    def pace(self) -> int:
        """Return the requests a minute of this run, sensor or command."""
        return max(1, self.requests_per_minute // self._sharers)

    @property
    def is_sandbox(self) -> bool:
        """Return whether it is the sandbox, since there are no credentials."""
        return self.client_id is None and self.client_secret is None

    @property
    def extraction(self) -> ExtractionSettings:
        """Return how conversations are read."""
        return ExtractionSettings(
            method=self.source,
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
            return _sandbox_session(self.sandbox_conversations_per_day, self.timezone, log)
        return GenesysCloud(
            hosts_of(self.region, api_url=self.api_url, login_url=self.login_url),
            self._credentials(),
            requests_per_minute=self.pace,
            log=log,
        )

    def run(self, work: Callable[[GenesysCloud], Awaitable[T]], log: Log | None = None) -> T:
        """Call `work` with a session, and return its result.

        Raises:
            GenesysError: Genesys Cloud refused or could not be reached, or a setting cannot be used.
            BaseException: The run was interrupted; `work` has cancelled what it had started at Genesys Cloud.
        """

        async def in_session() -> T:
            async with self.connect(log) as cloud:
                return await work(cloud)

        return run_interruptibly(in_session())

    def _credentials(self) -> Credentials:
        if self.client_id and self.client_secret:
            return Credentials(self.client_id, self.client_secret)
        given, missing = variable_of("client_id"), variable_of("client_secret")
        if not self.client_id and not self.client_secret:
            said = f"The variables that are named for {given} and {missing} are empty"
        elif not self.client_id:
            said = f"{missing} is set and {given} is not"
        else:
            said = f"{given} is set and {missing} is not"
        raise ConfigurationError(f"{said}: set both for your organisation, or neither for the sandbox.")


class FigureOptions(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """What an organisation decides about its figures: settings of `Organisation`, which describes them."""

    interval_minutes: int = DEFAULTS.interval_minutes
    include_flowouts_in_calculation: bool = DEFAULTS.include_flowouts_in_calculation
    include_short_abandons_in_calculation: bool = DEFAULTS.include_short_abandons_in_calculation
    include_abandons_in_calculation: bool = DEFAULTS.include_abandons_in_calculation

    @property
    def service_level(self) -> ServiceLevelOptions:
        """Return the three switches of the service level."""
        return ServiceLevelOptions(
            include_flowouts_in_calculation=self.include_flowouts_in_calculation,
            include_short_abandons_in_calculation=self.include_short_abandons_in_calculation,
            include_abandons_in_calculation=self.include_abandons_in_calculation,
        )


class Privacy(dg.ConfigurableResource):  # type: ignore[type-arg]  # as above
    """What is done to personal data before anything is stored.

    Attributes:
        mode: keep, hash or drop.
        key: The key of the pseudonyms, for hash.
        keep_attributes: Participant attributes that stay as they are, with commas between their names.
    """

    mode: str = DEFAULTS.privacy
    key: str | None = None
    keep_attributes: str | None = None

    @property
    def kept_attributes(self) -> list[str]:
        """Return the names of the participant attributes that stay as they are."""
        return [name.strip() for name in (self.keep_attributes or "").split(",") if name.strip()]

    def scrubber(self, tree: SchemaNode) -> Scrubber:
        """Return the scrubber, which changes each document of a source before it is stored.

        Args:
            tree: The tables of the source, as in `TREES`.

        Raises:
            PrivacyError: A setting cannot be used.
        """
        return Scrubber(tree, self.mode, self.key, self.kept_attributes)


@cache
def _sandbox_app(conversations_per_day: int, timezone: str) -> object:
    """Return the one sandbox of this process, so that all steps of a run share the generated traffic."""
    from genesys_assets.sandbox import Sandbox  # noqa: PLC0415 - real organisations do not need it

    return Sandbox(conversations_per_day=conversations_per_day, requests_per_minute=None, timezone=timezone).app


def _sandbox_session(conversations_per_day: int, timezone: str, log: Log | None) -> GenesysCloud:
    import httpx  # noqa: PLC0415

    hosts = Hosts(api=SANDBOX, login=SANDBOX)
    transport = httpx.ASGITransport(_sandbox_app(conversations_per_day, timezone))  # type: ignore[arg-type]
    credentials = Credentials("sandbox", "sandbox")
    return GenesysCloud(hosts, credentials, transport=transport, log=log, requests_per_minute=SANDBOX_PACE)


def by_name(organisation: Organisation, field: str) -> Any:
    """Return a field's value for a resource; for a text in a variable of the environment, the variable's name.

    Dagster resolves the name when a run starts, and its UI shows the name, not the value.

    Raises:
        SettingsError: The value is a secret that is not from the environment, so Dagster would show it.
    """
    value, variable = getattr(organisation, field), variable_of(field)
    if isinstance(value, Variable):
        return dg.EnvVar(value.name)
    if isinstance(value, str | SecretStr) and variable in organisation.variables:
        return dg.EnvVar(variable)
    if isinstance(value, SecretStr):
        raise SettingsError(
            f"{field} is given as a value, which Dagster would show: give the name of the variable that has it, as "
            f'dg.EnvVar("{variable}").'
        )
    return value


def text_of_secret(organisation: Organisation, field: str, check: Callable[[str], str]) -> str:
    """Return a secret of an organisation, read from its variable now.

    Args:
        organisation: Whose.
        field: One of its secrets, which it has.
        check: Returns a text that can be used; raises ValueError with what to write instead of another one.

    Raises:
        SettingsError: The variable is not set, or its text cannot be used.
    """
    value = getattr(organisation, field)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if not (text := dg.EnvVar(value.name).get_value()):
        raise SettingsError(f"{value.name}, the variable of {field}, is not set: set it where Dagster runs.")
    try:
        return check(text)
    except ValueError as error:
        raise SettingsError(f"{value.name}, the variable of {field}, cannot be used: {error}.") from None


def genesys_of(organisation: Organisation) -> Genesys:
    """Return an organisation's Genesys Cloud, which is the sandbox if it has no credentials."""
    given = {field: by_name(organisation, field) for field in Genesys.model_fields if field in FIELDS}
    return Genesys(**given, pool=names_of(organisation).name(API_POOL))


def figures_of(organisation: Organisation) -> FigureOptions:
    """Return an organisation's options for its figures."""
    return FigureOptions(**{field: by_name(organisation, field) for field in FigureOptions.model_fields})


def work_of(organisation: Organisation) -> WorkFolder:
    """Return an organisation's work folder."""
    return WorkFolder(path=by_name(organisation, "work_folder"))


def privacy_of(organisation: Organisation) -> Privacy:
    """Return an organisation's options for personal data."""
    return Privacy(
        mode=by_name(organisation, "privacy"),
        key=by_name(organisation, "privacy_key"),
        keep_attributes=by_name(organisation, "privacy_keep_attributes"),
    )
