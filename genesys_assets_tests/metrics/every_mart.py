"""Every mart from the staging frames, as the assets make them."""

from __future__ import annotations

import polars as pl

from genesys_assets import metrics
from genesys_assets_tests.metrics.staging import Frames


def every_mart(staging: Frames) -> dict[str, pl.LazyFrame]:
    """Name of the mart -> its rows, without names of queues and agents."""
    told = staging["session_metrics"]
    lives = [staging[table] for table in ("conversations", "participants", "sessions", "segments")]
    return {
        "queue_performance": metrics.queue_performance(told),
        "agent_performance": metrics.agent_performance(told),
        "interactions": metrics.interactions(*lives, told),
        "wrapup_performance": metrics.wrapup_performance(told),
        "flow_performance": metrics.flow_performance(
            told, staging["flows"], staging["flow_outcomes"], staging["conversations"]
        ),
        "open_conversations": metrics.open_conversations(*lives),
    }
