"""One Genesys Cloud organisation: everything that may be set of it, in one object from which all else is made.

A new setting is a field here: its variable, its type, its default and the sentence that docs/configuration.md has of
it. What it is used for belongs to the module that uses it, which takes the organisation, or the value, as an argument.
`Organisation.from_environment` is the only reader of the settings' variables; `definitions` and the command line call
it. An organisation that is made from attributes reads no environment.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError, field_validator
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
    NotNegative,
    Positive,
    SettingsError,
    Share,
    TimeZone,
    Umask,
)


class Organisation(BaseModel):
    """One Genesys Cloud organisation, and how its conversations are brought into its database."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_by_alias=True, validate_by_name=True
    )

    client_id: str | None = Field(
        default=None,
        validation_alias="GENESYSCLOUD_OAUTHCLIENT_ID",
        description="Id of the OAuth client (grant type: client credentials). Without id and secret the sandbox "
        "answers.",
    )
    client_secret: SecretStr | None = Field(
        default=None, validation_alias="GENESYSCLOUD_OAUTHCLIENT_SECRET", description="Its secret."
    )
    region: str = Field(
        default="us-east-1",
        validation_alias="GENESYSCLOUD_REGION",
        description="AWS region (us-east-1 or us_east_1) or domain (mypurecloud.com).",
    )
    api_url: str | None = Field(
        default=None, validation_alias="GENESYSCLOUD_API_URL", description="Base URL of the API, before the region's."
    )
    login_url: str | None = Field(
        default=None,
        validation_alias="GENESYSCLOUD_LOGIN_URL",
        description="Base URL of the login, before the region's.",
    )
    source: Literal["auto", "job", "query"] = Field(
        default="auto",
        validation_alias="GENESYS_ASSETS_SOURCE",
        description="Where conversations are read: `job` (details job), `query` (details query), `auto` (a job once "
        "the data lake has the whole day, the query until then).",
    )
    jobs_at_once: Positive = Field(
        default=2,
        validation_alias="GENESYS_ASSETS_JOBS_AT_ONCE",
        description="Details jobs at a time, of all runs together, at least one a run: organisations have a small "
        "quota of them.",
    )
    availability_seconds: NotNegative = Field(
        default=900,
        validation_alias="GENESYS_ASSETS_AVAILABILITY_SECONDS",
        description="How long the source `job` waits for the data lake to have the whole day, before it fails.",
    )
    lookback_days: NotNegative = Field(
        default=1,
        validation_alias="GENESYS_ASSETS_LOOKBACK_DAYS",
        description="By query: so many days before are read as well, for conversations that began then and were still "
        "active.",
    )
    tolerated_shortfall: Share = Field(
        default=0.0,
        validation_alias="GENESYS_ASSETS_TOLERATED_SHORTFALL",
        description="Share of the announced conversations that may be missing, for organisations whose totals are a "
        "little high.",
    )
    database: str = Field(
        default="data/genesys.duckdb",
        validation_alias="GENESYS_ASSETS_DATABASE",
        description="Where the tables are: the path of a DuckDB file, or a lake (`ducklake:postgres:host=... "
        "dbname=...`; its password best in `PGPASSWORD`), see warehouse.md.",
    )
    data_path: str | None = Field(
        default=None,
        validation_alias="GENESYS_ASSETS_DATA_PATH",
        description="Where a lake's Parquet files are: a folder, or an s3:// URL with credentials in "
        "`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`.",
    )
    database_wait_seconds: NotNegative | None = Field(
        default=None,
        validation_alias="GENESYS_ASSETS_DATABASE_WAIT_SECONDS",
        description="How long others that hold the database are waited for; who they are is told after five seconds. "
        "Without it two minutes by commands, ten by runs.",
    )
    work_folder: str = Field(
        default="data/work",
        validation_alias="GENESYS_ASSETS_WORK_FOLDER",
        description="Folder for what a step has in hand until it is stored, on a local disk.",
    )
    umask: Umask = Field(
        default=files.DEFAULT,
        validation_alias="GENESYS_ASSETS_UMASK",
        description="Who but this user may read what is made on this machine, as a umask: `077` nobody (folders 700, "
        "files 600), `027` the group. What is there keeps its rights; exports have those of their folder, see "
        "exports.md.",
    )
    start_date: Day = Field(
        default=date(2026, 1, 1),
        validation_alias="GENESYS_ASSETS_START_DATE",
        description="First partition. Fixed, so that partition keys are stable.",
    )
    requests_per_minute: Positive = Field(
        default=300,
        validation_alias="GENESYS_ASSETS_REQUESTS_PER_MINUTE",
        description="Pace of the requests of all runs together: each has its share by the limit of the pool "
        "`genesys_api`.",
    )
    interval_minutes: IntervalMinutes = Field(
        default=30,
        validation_alias="GENESYS_ASSETS_INTERVAL_MINUTES",
        description="Length of the intervals of marts.queue_performance: 15, 30 or 60.",
    )
    mismatch: Literal["error", "warning"] = Field(
        default="error",
        validation_alias="GENESYS_ASSETS_MISMATCH",
        description="What it is when the figures of a complete day differ from Genesys Cloud's own: `error`, or "
        "`warning` for an organisation with a difference that is known and explained. The report tells it either way.",
    )
    include_flowouts: Flag = Field(
        default=False,
        validation_alias="GENESYS_ASSETS_INCLUDE_FLOWOUTS_IN_CALCULATION",
        description='Service level: the organisation\'s switch "Include Flowouts in Calculation".',
    )
    include_short_abandons: Flag = Field(
        default=True,
        validation_alias="GENESYS_ASSETS_INCLUDE_SHORT_ABANDONS_IN_CALCULATION",
        description='Service level: the organisation\'s switch "Include Short Abandons in Calculation".',
    )
    include_abandons: Flag = Field(
        default=True,
        validation_alias="GENESYS_ASSETS_INCLUDE_ABANDONS_IN_CALCULATION",
        description='Service level: the organisation\'s switch "Include Abandons in Calculation".',
    )
    privacy: Literal["keep", "hash", "drop"] = Field(
        default="keep",
        validation_alias="GENESYS_ASSETS_PRIVACY",
        description="Personal data in conversations, before anything is stored: `keep`, `hash` (pseudonyms) or `drop`; "
        "see privacy.md.",
    )
    privacy_key: SecretStr | None = Field(
        default=None,
        validation_alias="GENESYS_ASSETS_PRIVACY_KEY",
        description="The key of the pseudonyms, for `hash`.",
    )
    privacy_keep_attributes: str | None = Field(
        default=None,
        validation_alias="GENESYS_ASSETS_PRIVACY_KEEP_ATTRIBUTES",
        description="Names of participant attributes that stay as they are under `hash` and `drop`, with commas "
        "between them.",
    )
    sandbox_conversations_per_day: Positive = Field(
        default=2000,
        validation_alias="GENESYS_ASSETS_SANDBOX_CONVERSATIONS_PER_DAY",
        description="How busy the sandbox's contact centre is.",
    )
    sensor_minutes: Positive = Field(
        default=15,
        validation_alias="GENESYS_ASSETS_SENSOR_MINUTES",
        description="Sensor conversations_available: minutes between two looks at the availability watermark.",
    )
    sensor_days: Positive = Field(
        default=7,
        validation_alias="GENESYS_ASSETS_SENSOR_DAYS",
        description="Sensor conversations_available: how many of the last closed days it looks after; older days are "
        "for backfills.",
    )
    sensor_days_per_tick: Positive = Field(
        default=3,
        validation_alias="GENESYS_ASSETS_SENSOR_DAYS_PER_TICK",
        description="Sensor conversations_available: how many days it requests at a time, at most.",
    )
    settlement_days: Counts = Field(
        default=(2, 3, 4, 8, 31),
        validation_alias="GENESYS_ASSETS_SETTLEMENT_DAYS",
        description="Schedule settlement: which days it reads again, as days back; 1 is the last closed day. These "
        "bring what comes late: reprocessed figures (2 to 4), resolutions (8), evaluations and surveys (31).",
    )
    run_history_days: setting.MonthOrMore = Field(
        default=90,
        validation_alias="GENESYS_ASSETS_RUN_HISTORY_DAYS",
        description="Job forget_runs: for how many days Dagster keeps runs whose work others have replaced, and what "
        "the steps of the other ones have told; 35 or more, since settlement reads days again for a month.",
    )
    daily_hour: Hour = Field(
        default=6, validation_alias="GENESYS_ASSETS_DAILY_HOUR", description="Schedule daily: its hour, UTC (0 to 23)."
    )
    alert_webhook: SecretStr | None = Field(
        default=None,
        validation_alias="GENESYS_ASSETS_ALERT_WEBHOOK",
        description="Sensors failed_runs and failed_checks: URL (https) that failed runs and checks are posted to, as "
        "JSON that Slack reads.",
    )
    alert_warnings: Flag = Field(
        default=False,
        validation_alias="GENESYS_ASSETS_ALERT_WARNINGS",
        description="Whether checks that warn are posted as well; those that fail as an error always are.",
    )
    dagster_url: BaseUrl | None = Field(
        default=None,
        validation_alias="GENESYS_ASSETS_DAGSTER_URL",
        description="Base URL of the Dagster UI, for links in alerts.",
    )
    export_url: str = Field(
        default="exports",
        validation_alias="GENESYS_ASSETS_EXPORT_URL",
        description="Where exports and reports go: a folder, or an s3://, gs:// or az:// URL, with credentials in that "
        "store's usual environment variables.",
    )
    export_tables: str = Field(
        default="marts",
        validation_alias="GENESYS_ASSETS_EXPORT_TABLES",
        description="Tables that are exported as Parquet, with commas between: tables (staging.sessions) or whole "
        "schemas (marts).",
    )
    copy_with_each_day: Flag | None = Field(
        default=None,
        validation_alias="GENESYS_ASSETS_COPY_WITH_EACH_DAY",
        description="Whether the job `day` refreshes the copy for readers, see exports.md: `true` or `false`; without "
        "it yes for a DuckDB file, no for a lake, whose readers keep nobody waiting.",
    )
    report_timezone: TimeZone = Field(
        default="UTC",
        validation_alias="GENESYS_ASSETS_REPORT_TIMEZONE",
        description="Time zone of the times in reports, such as Europe/Berlin; days stay UTC days.",
    )

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
    def _webhook(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            setting.webhook(given.get_secret_value())
        return given

    @property
    def variables(self) -> frozenset[str]:
        """Return the environment's variables that it was made from."""
        return self._variables


class _Variables(Organisation, BaseSettings):
    """The same fields for pydantic-settings, which knows how each is read from the environment."""

    model_config = SettingsConfigDict(case_sensitive=True)


FIELDS: Mapping[str, FieldInfo] = MappingProxyType(Organisation.model_fields)
VARIABLES: Mapping[str, str] = MappingProxyType({name: str(field.validation_alias) for name, field in FIELDS.items()})
"""The environment's variable of each field, in the order of docs/configuration.md."""
SECRETS = frozenset(VARIABLES[name] for name, field in FIELDS.items() if "SecretStr" in str(field.annotation))
"""The variables whose values nobody is shown."""
