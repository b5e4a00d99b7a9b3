"""Genesys Cloud over HTTP: a paced, retrying session, and all conversations of a day by query or by job.

Knows httpx and msgspec; knows nothing of Dagster, DuckDB or polars.
"""

from genesys_assets.genesys.aggregates import Aggregate, conversation_aggregates
from genesys_assets.genesys.auth import Credentials
from genesys_assets.genesys.client import GenesysCloud, Stats
from genesys_assets.genesys.conversations import Extraction, extract
from genesys_assets.genesys.directory import entities
from genesys_assets.genesys.errors import (
    ConfigurationError,
    ForbiddenError,
    GenesysError,
    IncompleteError,
    InvalidPageError,
    NotCoveredError,
    PermanentError,
    TransientError,
)
from genesys_assets.genesys.interruption import run_interruptibly
from genesys_assets.genesys.interval import Interval
from genesys_assets.genesys.jobs import data_availability
from genesys_assets.genesys.organisation import organisation
from genesys_assets.genesys.query import count_begun
from genesys_assets.genesys.regions import Hosts, hosts_of
from genesys_assets.genesys.slices import Batch, Counts, ExtractionSettings, Landing, Plan, SliceFacts

__all__ = [
    "Aggregate",
    "Batch",
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
    "Landing",
    "NotCoveredError",
    "PermanentError",
    "Plan",
    "SliceFacts",
    "Stats",
    "TransientError",
    "conversation_aggregates",
    "count_begun",
    "data_availability",
    "entities",
    "extract",
    "hosts_of",
    "organisation",
    "run_interruptibly",
]
