"""Dagster's SQLite storage, with its engines of SQLAlchemy kept.

What belongs here: that, and why. Dagster makes an engine for each statement that it stores in SQLite, and SQLAlchemy
compiles each statement anew for each engine: a quarter of what a small day's run costs, ninety days long. Connections
are opened and closed for each statement as ever; files and rows are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pytest
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from sqlalchemy import Engine, create_engine

ENGINES_KEPT = 8
"""Index, runs, and the events of the last few runs."""


@contextmanager
def kept_engines() -> Iterator[None]:
    """Dagster uses an engine again for as long as the block."""

    @lru_cache(ENGINES_KEPT)
    def kept(url: str, poolclass: Any, timeout: float | None) -> Engine:
        return create_engine(url, poolclass=poolclass, connect_args={} if timeout is None else {"timeout": timeout})

    def engine(url: str, poolclass: Any, connect_args: dict[str, float] | None = None) -> Engine:
        return kept(url, poolclass, (connect_args or {}).get("timeout"))

    with pytest.MonkeyPatch.context() as patch:
        for module in (sqlite_event_log, sqlite_run_storage):
            patch.setattr(module, "create_engine", engine)
        yield
