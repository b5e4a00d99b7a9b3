"""What is stored: one dataframely schema per table, and the decoding of conversation documents into staging's tables.

`TABLES` is the registry. Pure polars: no Dagster, no DuckDB, no HTTP.
"""

from genesys_assets.tables.registry import PARENTS, TABLES

__all__ = ["PARENTS", "TABLES"]
