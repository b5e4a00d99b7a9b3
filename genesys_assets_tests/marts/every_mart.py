"""Every mart from the staging frames, as the assets make them."""

from __future__ import annotations

import polars as pl

from genesys_assets.marts.agent_performance import agent_performance
from genesys_assets.marts.flow_performance import flow_performance
from genesys_assets.marts.formulas.conversations import interactions, open_conversations
from genesys_assets.marts.queue_performance import queue_performance
from genesys_assets.marts.wrapup_performance import wrapup_performance
from genesys_assets_tests.marts.staging import Frames


def every_mart(staging: Frames) -> dict[str, pl.LazyFrame]:
    """Name of the mart -> its rows, without names of queues and agents."""
    told = staging["session_metrics"]
    lives = [staging[table] for table in ("conversations", "participants", "sessions", "segments")]
    return {
        "queue_performance": queue_performance(told),
        "agent_performance": agent_performance(told),
        "interactions": interactions(*lives, told),
        "wrapup_performance": wrapup_performance(told),
        "flow_performance": flow_performance(
            told, staging["flows"], staging["flow_outcomes"], staging["conversations"]
        ),
        "open_conversations": open_conversations(*lives),
    }
