"""One Genesys Cloud organisation: everything that may be set of it, in one object from which all else is made.

A new setting is a field here: its name, which makes that of its variable, its type, its default, and the sentence that
docs/configuration.md has of it. What it is used for belongs to the module that uses it, which takes the organisation,
or the value, as an argument. `Organisation.from_environment` is the only reader of the settings' variables, for the
entry points of a process. An organisation that is made from attributes reads no environment.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AliasGenerator,
    BaseModel,
    ConfigDict,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from genesys_assets import files, setting
from genesys_assets.setting import (
    BaseUrl,
    Counts,
    Day,
    Flag,
    Hour,
    IntervalMinutes,
    KeyPrefix,
    Named,
    NotNegative,
    Positive,
    Secret,
    SettingsError,
    Share,
    TimeZone,
    Umask,
)
from genesys_assets.variables import Variable, variable_of


class Organisation(BaseModel):
    """One Genesys Cloud organisation, and how its conversations are brought into its database."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=variable_of),
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    key_prefix: KeyPrefix | None = None
    """What the names of everything in Dagster begin with, such as `emea`, where one Dagster has several organisations;
    see your-dagster.md. By default names are as these pages write them."""
    client_id: Named | None = None
    """Id of the OAuth client (grant type: client credentials). Without id and secret the built-in sandbox is used."""
    client_secret: Secret | None = None
    """Secret of the OAuth client."""
    region: str = "us-east-1"
    """AWS region (us-east-1 or us_east_1) or domain (mypurecloud.com)."""
    api_url: str | None = None
    """Base URL of the API, instead of the region's."""
    login_url: str | None = None
    """Base URL of the login, instead of the region's."""
    source: Literal["auto", "job", "query"] = "auto"
    """Where conversations are read: `job` (details job), `query` (details query), `auto` (a job once the data lake has
    the whole day, the query until then)."""
    jobs_at_once: Positive = 2
    """Details jobs at a time, of all runs together, at least one a run: an organisation's quota of them is small."""
    availability_seconds: NotNegative = 900
    """How long the source `job` waits for the data lake to have the whole day, before it fails."""
    lookback_days: NotNegative = 1
    """By query: how many earlier days are read as well, for conversations that began then and were still active."""
    tolerated_shortfall: Share = 0.0
    """Share of the announced conversations that may be missing, for organisations whose totals are a little high."""
    database: str = "data/genesys.duckdb"
    """Where the tables are: the path of a DuckDB file, or a lake (`ducklake:postgres:host=... dbname=...`; its password
    best in `PGPASSWORD`), see warehouse.md."""
    data_path: str | None = None
    """Where a lake's Parquet files are: a folder, or an s3:// URL with credentials in `AWS_ACCESS_KEY_ID`,
    `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`."""
    database_wait_seconds: NotNegative | None = None
    """How long to wait while others hold the database; who they are is logged after five seconds. By default two
    minutes for commands, and ten for runs."""
    work_folder: str = "data/work"
    """Folder on a local disk for what a step has read or computed before it is stored."""
    umask: Umask = files.DEFAULT
    """Who but this user may read the files that are created on this machine, as a umask: `077` nobody (folders 700,
    files 600), `027` the group. Existing files keep their permissions; exports get those of their folder, see
    exports.md."""
    timezone: TimeZone = "UTC"
    """Time zone of the business day, such as America/New_York: a partition goes from midnight to midnight by its
    clocks, and schedules keep its hours. Once days are stored it cannot be changed."""
    start_date: Day = date(2026, 1, 1)
    """First partition. Fixed, so that partition keys are stable."""
    requests_per_minute: Positive = 300
    """Requests a minute of all runs together: each run has its share, by the limit of the pool `genesys_api`."""
    interval_minutes: IntervalMinutes = 15
    """Length of the intervals of marts.queue_performance: 15, 30 or 60, as long as the time zone is a whole number of
    them off UTC, all year."""
    mismatch: Literal["error", "warning"] = "error"
    """Severity of the check when the figures of a complete day differ from Genesys Cloud's own: `error`, or `warning`
    for an organisation whose difference is known and explained. The report shows the difference either way."""
    include_flowouts_in_calculation: Flag = False
    """Service level: the organisation's switch "Include Flowouts in Calculation"."""
    include_short_abandons_in_calculation: Flag = True
    """Service level: the organisation's switch "Include Short Abandons in Calculation"."""
    include_abandons_in_calculation: Flag = True
    """Service level: the organisation's switch "Include Abandons in Calculation"."""
    privacy: Literal["keep", "hash", "drop"] = "keep"
    """Personal data in conversations, before anything is stored: `keep`, `hash` (pseudonyms) or `drop`; see
    privacy.md."""
    privacy_key: Secret | None = None
    """Key of the pseudonyms, for the privacy `hash`."""
    privacy_keep_attributes: str | None = None
    """Names of participant attributes that stay as they are under `hash` and `drop`, with commas between them."""
    sandbox_conversations_per_day: Positive = 2000
    """Conversations a day in the sandbox."""
    sensor_minutes: Positive = 15
    """Sensor conversations_available: minutes between two looks at the availability watermark."""
    sensor_days: Positive = 7
    """Sensor conversations_available: how many of the last closed days it requests; older days are for backfills."""
    sensor_days_per_tick: Positive = 3
    """Sensor conversations_available: how many days it requests at a time, at most."""
    settlement_days: Counts = (2, 3, 4, 8, 31)
    """Schedule settlement: which days it reads again, as days back; 1 is the last closed day. The defaults fetch what
    comes late: reprocessed figures (2 to 4), resolutions (8), evaluations and surveys (31)."""
    run_history_days: setting.MonthOrMore = 90
    """Job forget_runs: for how many days Dagster keeps runs whose work others have replaced, and the events of the
    other runs' steps; 35 or more, since settlement reads days again for a month."""
    daily_hour: Hour = 6
    """Schedule daily: its hour (0 to 23) by the clocks of the time zone."""
    alert_webhook: Secret | None = None
    """Sensors failed_runs and failed_checks: URL (https) that failed runs and checks are posted to, as JSON that Slack
    reads."""
    alert_warnings: Flag = False
    """Whether checks that warn are posted as well; those that fail as an error always are."""
    dagster_url: BaseUrl | None = None
    """Base URL of the Dagster UI, for links in alerts."""
    export_url: str = "exports"
    """Where exports and reports go: a folder, or an s3://, gs:// or az:// URL, with credentials in that store's usual
    environment variables."""
    export_tables: str = "marts"
    """Tables that are exported as Parquet, with commas between: tables (staging.sessions) or whole schemas (marts)."""
    copy_with_each_day: Flag | None = None
    """Whether the job `day` refreshes the copy for readers, see exports.md: `true` or `false`; by default yes for a
    DuckDB file, and no for a lake, whose readers block no writer."""
    report_timezone: TimeZone | None = None
    """Time zone of the times in reports; by default that of the days."""

    _variables: frozenset[str] = PrivateAttr(default=frozenset())

    @classmethod
    def from_environment(cls) -> Self:
        """Return the organisation that the environment describes; a variable that is empty is not set.

        Raises:
            SettingsError: Settings cannot be used; the text says which, why, and what to write instead.
        """
        texts = {name: text.strip() for name, text in EnvSettingsSource(_Variables)().items() if text.strip()}
        try:
            organisation = cls(**texts)
        except ValidationError as error:
            told = " ".join(setting.refused(each, SECRETS) for each in error.errors())
            raise SettingsError(told) from None  # pydantic's own text shows the values of secrets
        organisation._variables = frozenset(texts)
        return organisation

    @field_validator("alert_webhook")
    @classmethod
    def _webhook(cls, given: SecretStr | Variable | None) -> SecretStr | Variable | None:
        if isinstance(given, SecretStr):
            setting.webhook(given.get_secret_value())
        return given

    @field_validator("interval_minutes")
    @classmethod
    def _fits_the_zone(cls, given: int, others: ValidationInfo) -> int:
        if "timezone" in others.data:
            setting.fits_the_zone(given, ZoneInfo(others.data["timezone"]))
        return given

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the days."""
        return ZoneInfo(self.timezone)

    @property
    def variables(self) -> frozenset[str]:
        """Return the environment's variables that it was made from."""
        return self._variables


class _Variables(Organisation, BaseSettings):
    """The same fields for pydantic-settings, which knows how each is read from the environment."""

    model_config = SettingsConfigDict(case_sensitive=True)


FIELDS: Mapping[str, FieldInfo] = MappingProxyType(Organisation.model_fields)
VARIABLES: Mapping[str, str] = MappingProxyType({name: variable_of(name) for name in FIELDS})
"""The environment's variable of each field, in the order of docs/configuration.md."""
SECRETS = frozenset(VARIABLES[name] for name, field in FIELDS.items() if "SecretStr" in str(field.annotation))
"""The variables whose values nobody is shown."""
