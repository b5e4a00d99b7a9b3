"""DuckDB engines that are started, for whoever needs one next: with no database attached, they hold nothing.

Belongs here: starting one, keeping the few that were let go of, and ending them. Starting one takes 20 ms, as long as
storing a small partition, and a day's run needs eighty. What is attached to one is its user's business.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from genesys_assets.warehouse.duckdb_settings import SESSION
from genesys_assets.warehouse.table import literal

_MOST_IDLE = 2
_idle: dict[tuple[int, str], list[duckdb.DuckDBPyConnection]] = {}
"""Those that are kept, by process (a fork has the list too, and no thread of theirs) and settings."""


class Started:
    """An engine in use, and the connection to it: a new one, since settings and temporary tables end with it."""

    def __init__(self, engine: duckdb.DuckDBPyConnection, memory_limit: str | None) -> None:
        self._engine = engine
        self._memory_limit = memory_limit
        self.connection = connected(engine)
        self.is_running = True

    def detach(self, name: str) -> None:
        """Detach a database, or end the engine when that fails."""
        try:
            self.connection.execute(f"USE memory; DETACH {name}")
        except duckdb.Error:
            self.end()

    def end(self) -> None:
        """End the engine, which closes whatever is attached to it."""
        self.is_running = False
        self.connection.close()
        self._engine.close()

    def keep(self, among: list[duckdb.DuckDBPyConnection]) -> None:
        """Keep the engine for the next user if it is running and few are kept already; end it otherwise."""
        if not self.is_running or len(among) >= _MOST_IDLE:
            self.end()
            return
        self._give_memory_back()
        self.connection.close()
        among.append(self._engine)

    def _give_memory_back(self) -> None:
        """Set some memory limit, then the old one: DuckDB's allocator keeps hundreds of MB until a limit is set."""
        limit = f"SET memory_limit = {literal(self._memory_limit)}" if self._memory_limit else "RESET memory_limit"
        self.connection.execute(f"SET memory_limit = '1TB'; {limit}")


def connected(engine: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return a new connection to a running engine, with the settings that every connection has."""
    connection = engine.cursor()
    connection.execute(SESSION)
    return connection


@contextlib.contextmanager
def started(config: Mapping[str, Any], spill: Path) -> Iterator[Started]:
    """Yield an engine, which is kept for the next user unless the block fails.

    The block detaches all that it attached.

    Args:
        config: DuckDB settings.
        spill: A folder for what does not fit in memory.
    """
    idle = _idle.setdefault((os.getpid(), repr(sorted(config.items()))), [])
    engine = Started(_taken(idle, spill) or _new(config, spill), config.get("memory_limit"))
    try:
        yield engine
    except BaseException:
        engine.end()
        raise
    engine.keep(idle)


def _taken(idle: list[duckdb.DuckDBPyConnection], spill: Path) -> duckdb.DuckDBPyConnection | None:
    """Return a kept engine, or None; end those that have spilled: DuckDB does not let them spill elsewhere."""
    while idle:
        engine = idle.pop()
        try:
            engine.execute("SET temp_directory = ?", [str(spill)])
        except duckdb.Error:
            engine.close()
        else:
            return engine
    return None


def _new(config: Mapping[str, Any], spill: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={**config, "temp_directory": str(spill)})
