"""The settings: every environment variable that the project reads, its meaning and its default.

A new setting belongs here, and nowhere else is the environment's name for it written. What a setting is used for
belongs to the room that uses it; docs/configuration.md is generated from `SETTINGS`.
"""

from genesys_assets import files, setting
from genesys_assets.setting import Setting

CLIENT_ID = Setting(
    "GENESYSCLOUD_OAUTHCLIENT_ID",
    "Id of the OAuth client (grant type: client credentials). Without id and secret the sandbox answers.",
)
CLIENT_SECRET = Setting("GENESYSCLOUD_OAUTHCLIENT_SECRET", "Its secret.", secret=True)
REGION = Setting(
    "GENESYSCLOUD_REGION", "AWS region (us-east-1 or us_east_1) or domain (mypurecloud.com).", default="us-east-1"
)
API_URL = Setting("GENESYSCLOUD_API_URL", "Base URL of the API, before the region's.")
LOGIN_URL = Setting("GENESYSCLOUD_LOGIN_URL", "Base URL of the login, before the region's.")
SOURCE = Setting(
    "GENESYS_ASSETS_SOURCE",
    "Where conversations are read: `job` (details job), `query` (details query), `auto` (a job once the data lake has "
    "the whole day, the query until then).",
    default="auto",
    parse=setting.one_of("auto", "job", "query"),
)
JOBS_AT_ONCE = Setting(
    "GENESYS_ASSETS_JOBS_AT_ONCE",
    "Details jobs at a time, of all runs together, at least one a run: organisations have a small quota of them.",
    default="2",
    parse=setting.count(1),
)
AVAILABILITY_SECONDS = Setting(
    "GENESYS_ASSETS_AVAILABILITY_SECONDS",
    "How long the source `job` waits for the data lake to have the whole day, before it fails.",
    default="900",
    parse=setting.count(0),
)
LOOKBACK_DAYS = Setting(
    "GENESYS_ASSETS_LOOKBACK_DAYS",
    "By query: so many days before are read as well, for conversations that began then and were still active.",
    default="1",
    parse=setting.count(0),
)
TOLERATED_SHORTFALL = Setting(
    "GENESYS_ASSETS_TOLERATED_SHORTFALL",
    "Share of the announced conversations that may be missing, for organisations whose totals are a little high.",
    default="0",
    parse=setting.share,
)
DATABASE = Setting(
    "GENESYS_ASSETS_DATABASE",
    "Where the tables are: the path of a DuckDB file, or a lake (`ducklake:postgres:host=... dbname=...`; its password "
    "best in `PGPASSWORD`), see warehouse.md.",
    default="data/genesys.duckdb",
)
DATA_PATH = Setting(
    "GENESYS_ASSETS_DATA_PATH",
    "Where a lake's Parquet files are: a folder, or an s3:// URL with credentials in `AWS_ACCESS_KEY_ID`, "
    "`AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`.",
)
DATABASE_WAIT_SECONDS = Setting(
    "GENESYS_ASSETS_DATABASE_WAIT_SECONDS",
    "How long others that hold the database are waited for; who they are is told after five seconds. Without it two "
    "minutes by commands, ten by runs.",
    parse=setting.count(0),
)
WORK_FOLDER = Setting(
    "GENESYS_ASSETS_WORK_FOLDER", "Folder for what a step has in hand until it is stored, on a local disk.", "data/work"
)
UMASK = Setting(
    files.VARIABLE,
    "Who but this user may read what is made on this machine, as a umask: `077` nobody (folders 700, files 600), `027` "
    "the group. What is there keeps its rights; exports have those of their folder, see exports.md.",
    default=files.DEFAULT,
    parse=files.umask_of,
)
START_DATE = Setting(
    "GENESYS_ASSETS_START_DATE",
    "First partition. Fixed, so that partition keys are stable.",
    default="2026-01-01",
    parse=setting.day,
)
REQUESTS_PER_MINUTE = Setting(
    "GENESYS_ASSETS_REQUESTS_PER_MINUTE",
    "Pace of the requests of all runs together: each has its share by the limit of the pool `genesys_api`.",
    default="300",
    parse=setting.count(1),
)
INTERVAL_MINUTES = Setting(
    "GENESYS_ASSETS_INTERVAL_MINUTES",
    "Length of the intervals of marts.queue_performance: 15, 30 or 60.",
    default="30",
    parse=setting.one_of("15", "30", "60"),
)
MISMATCH = Setting(
    "GENESYS_ASSETS_MISMATCH",
    "What it is when the figures of a complete day differ from Genesys Cloud's own: `error`, or `warning` for an "
    "organisation with a difference that is known and explained. The report tells it either way.",
    default="error",
    parse=setting.one_of("error", "warning"),
)
INCLUDE_FLOWOUTS = Setting(
    "GENESYS_ASSETS_INCLUDE_FLOWOUTS_IN_CALCULATION",
    'Service level: the organisation\'s switch "Include Flowouts in Calculation".',
    default="false",
    parse=setting.one_of("true", "false"),
)
INCLUDE_SHORT_ABANDONS = Setting(
    "GENESYS_ASSETS_INCLUDE_SHORT_ABANDONS_IN_CALCULATION",
    'Service level: the organisation\'s switch "Include Short Abandons in Calculation".',
    default="true",
    parse=setting.one_of("true", "false"),
)
INCLUDE_ABANDONS = Setting(
    "GENESYS_ASSETS_INCLUDE_ABANDONS_IN_CALCULATION",
    'Service level: the organisation\'s switch "Include Abandons in Calculation".',
    default="true",
    parse=setting.one_of("true", "false"),
)
PRIVACY = Setting(
    "GENESYS_ASSETS_PRIVACY",
    "Personal data in conversations, before anything is stored: `keep`, `hash` (pseudonyms) or `drop`; see privacy.md.",
    default="keep",
    parse=setting.one_of("keep", "hash", "drop"),
)
PRIVACY_KEY = Setting("GENESYS_ASSETS_PRIVACY_KEY", "The key of the pseudonyms, for `hash`.", secret=True)
PRIVACY_KEEP_ATTRIBUTES = Setting(
    "GENESYS_ASSETS_PRIVACY_KEEP_ATTRIBUTES",
    "Names of participant attributes that stay as they are under `hash` and `drop`, with commas between them.",
)
SANDBOX_CONVERSATIONS_PER_DAY = Setting(
    "GENESYS_ASSETS_SANDBOX_CONVERSATIONS_PER_DAY",
    "How busy the sandbox's contact centre is.",
    default="2000",
    parse=setting.count(1),
)
SENSOR_MINUTES = Setting(
    "GENESYS_ASSETS_SENSOR_MINUTES",
    "Sensor conversations_available: minutes between two looks at the availability watermark.",
    default="15",
    parse=setting.count(1),
)
SENSOR_DAYS = Setting(
    "GENESYS_ASSETS_SENSOR_DAYS",
    "Sensor conversations_available: how many of the last closed days it looks after; older days are for backfills.",
    default="7",
    parse=setting.count(1),
)
SENSOR_DAYS_PER_TICK = Setting(
    "GENESYS_ASSETS_SENSOR_DAYS_PER_TICK",
    "Sensor conversations_available: how many days it requests at a time, at most.",
    default="3",
    parse=setting.count(1),
)
SETTLEMENT_DAYS = Setting(
    "GENESYS_ASSETS_SETTLEMENT_DAYS",
    "Schedule settlement: which days it reads again, as days back; 1 is the last closed day. These bring what comes "
    "late: reprocessed figures (2 to 4), resolutions (8), evaluations and surveys (31).",
    default="2,3,4,8,31",
    parse=setting.counts,
)
RUN_HISTORY_DAYS = Setting(
    "GENESYS_ASSETS_RUN_HISTORY_DAYS",
    "Job forget_runs: for how many days Dagster keeps runs whose work others have replaced, and what the steps of the "
    "other ones have told; 35 or more, since settlement reads days again for a month.",
    default="90",
    parse=setting.count(35),
)
DAILY_HOUR = Setting(
    "GENESYS_ASSETS_DAILY_HOUR", "Schedule daily: its hour, UTC (0 to 23).", default="6", parse=setting.hour
)
ALERT_WEBHOOK = Setting(
    "GENESYS_ASSETS_ALERT_WEBHOOK",
    "Sensors failed_runs and failed_checks: URL (https) that failed runs and checks are posted to, as JSON that Slack "
    "reads.",
    parse=setting.webhook,
    secret=True,
)
ALERT_WARNINGS = Setting(
    "GENESYS_ASSETS_ALERT_WARNINGS",
    "Whether checks that warn are posted as well; those that fail as an error always are.",
    default="false",
    parse=setting.one_of("true", "false"),
)
DAGSTER_URL = Setting(
    "GENESYS_ASSETS_DAGSTER_URL", "Base URL of the Dagster UI, for links in alerts.", parse=setting.base_url
)
EXPORT_URL = Setting(
    "GENESYS_ASSETS_EXPORT_URL",
    "Where exports and reports go: a folder, or an s3://, gs:// or az:// URL, with credentials in that store's usual "
    "environment variables.",
    default="exports",
)
EXPORT_TABLES = Setting(
    "GENESYS_ASSETS_EXPORT_TABLES",
    "Tables that are exported as Parquet, with commas between: tables (staging.sessions) or whole schemas (marts).",
    default="marts",
)
COPY_WITH_EACH_DAY = Setting(
    "GENESYS_ASSETS_COPY_WITH_EACH_DAY",
    "Whether the job `day` refreshes the copy for readers, see exports.md: `true` or `false`; without it yes for a "
    "DuckDB file, no for a lake, whose readers keep nobody waiting.",
    parse=setting.one_of("true", "false"),
)
REPORT_TIMEZONE = Setting(
    "GENESYS_ASSETS_REPORT_TIMEZONE",
    "Time zone of the times in reports, such as Europe/Berlin; days stay UTC days.",
    default="UTC",
    parse=setting.time_zone,
)

SETTINGS = (
    CLIENT_ID,
    CLIENT_SECRET,
    REGION,
    API_URL,
    LOGIN_URL,
    SOURCE,
    JOBS_AT_ONCE,
    AVAILABILITY_SECONDS,
    LOOKBACK_DAYS,
    TOLERATED_SHORTFALL,
    DATABASE,
    DATA_PATH,
    DATABASE_WAIT_SECONDS,
    WORK_FOLDER,
    UMASK,
    START_DATE,
    REQUESTS_PER_MINUTE,
    INTERVAL_MINUTES,
    MISMATCH,
    INCLUDE_FLOWOUTS,
    INCLUDE_SHORT_ABANDONS,
    INCLUDE_ABANDONS,
    PRIVACY,
    PRIVACY_KEY,
    PRIVACY_KEEP_ATTRIBUTES,
    SANDBOX_CONVERSATIONS_PER_DAY,
    SENSOR_MINUTES,
    SENSOR_DAYS,
    SENSOR_DAYS_PER_TICK,
    SETTLEMENT_DAYS,
    RUN_HISTORY_DAYS,
    DAILY_HOUR,
    ALERT_WEBHOOK,
    ALERT_WARNINGS,
    DAGSTER_URL,
    EXPORT_URL,
    EXPORT_TABLES,
    COPY_WITH_EACH_DAY,
    REPORT_TIMEZONE,
)
