"""Genesys Cloud over HTTP: a paced, retrying session, and all conversations of a day by query or by job.

Knows httpx and msgspec; knows nothing of Dagster, DuckDB or polars.
"""

from genesys_assets.genesys.api.aggregates import AGGREGATES, Aggregate, aggregates
from genesys_assets.genesys.api.auth import Credentials
from genesys_assets.genesys.api.client import GenesysCloud, Stats
from genesys_assets.genesys.api.concurrency import run_interruptibly
from genesys_assets.genesys.api.errors import (
    ConfigurationError,
    ForbiddenError,
    GenesysError,
    IncompleteError,
    InvalidPageError,
    NotCoveredError,
    PermanentError,
    TransientError,
)
from genesys_assets.genesys.api.listings import entities
from genesys_assets.genesys.api.organisation import organisation
from genesys_assets.genesys.api.regions import Hosts, hosts_of
from genesys_assets.genesys.details.day import Extraction, extract
from genesys_assets.genesys.details.jobs import data_availability
from genesys_assets.genesys.details.pages import KeyFields
from genesys_assets.genesys.details.query import began, total_hits
from genesys_assets.genesys.details.slices import Batch, Checkpoint, Counts, ExtractionSettings, Plan, SliceFacts
from genesys_assets.genesys.details.source import Bound, Limits, Source
from genesys_assets.windows import Interval

__all__ = [
    "AGGREGATES",
    "Aggregate",
    "Batch",
    "Bound",
    "Checkpoint",
    "ConfigurationError",
    "Counts",
    "Credentials",
    "Extraction",
    "ExtractionSettings",
    "ForbiddenError",
    "GenesysCloud",
    "GenesysError",
    "Hosts",
    "IncompleteError",
    "Interval",
    "InvalidPageError",
    "KeyFields",
    "Limits",
    "NotCoveredError",
    "PermanentError",
    "Plan",
    "SliceFacts",
    "Source",
    "Stats",
    "TransientError",
    "aggregates",
    "began",
    "data_availability",
    "entities",
    "extract",
    "hosts_of",
    "organisation",
    "run_interruptibly",
    "total_hits",
]
