"""Every mart from the staging frames, as it is declared."""

from __future__ import annotations

import polars as pl

from genesys_assets.marts import MARTS
from genesys_assets_tests.marts.staging import Frames


def every_mart(staging: Frames) -> dict[str, pl.LazyFrame]:
    """Name of the mart -> its rows, without names of queues and agents."""
    return {name: mart.formula(**{table: staging[table] for table in mart.inputs}) for name, mart in MARTS.items()}
