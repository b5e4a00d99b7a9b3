"""A pool of running DuckDB instances, which hold no database while nobody uses them.

Belongs here: starting one, keeping a few for the next user, and ending them. Starting one takes 20 ms, as long as
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
"""Those that nobody uses, by process (a fork inherits the list, but none of their threads) and by settings."""


class Instance:
    """An instance in use, and a new connection to it: settings and temporary tables end with their connection."""

    def __init__(self, root: duckdb.DuckDBPyConnection, memory_limit: str | None) -> None:
        self._root = root
        self._memory_limit = memory_limit
        self.connection = connected(root)
        self.is_running = True

    def detach(self, name: str) -> None:
        """Detach a database, or end the instance when that fails."""
        try:
            self.connection.execute(f"USE memory; DETACH {name}")
        except duckdb.Error:
            self.end()

    def end(self) -> None:
        """End the instance, which closes whatever is attached to it."""
        self.is_running = False
        self.connection.close()
        self._root.close()

    def keep(self, among: list[duckdb.DuckDBPyConnection]) -> None:
        """Keep the instance for the next user if it is running and few are kept already; end it otherwise."""
        if not self.is_running or len(among) >= _MOST_IDLE:
            self.end()
            return
        self._give_memory_back()
        self.connection.close()
        among.append(self._root)

    def _give_memory_back(self) -> None:
        """Set some memory limit, then the old one: DuckDB's allocator keeps hundreds of MB until a limit is set."""
        limit = f"SET memory_limit = {literal(self._memory_limit)}" if self._memory_limit else "RESET memory_limit"
        self.connection.execute(f"SET memory_limit = '1TB'; {limit}")


def connected(root: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return a new connection to a running instance, with the settings that every connection has."""
    connection = root.cursor()
    connection.execute(SESSION)
    return connection


@contextlib.contextmanager
def running_instance(config: Mapping[str, Any], spill: Path) -> Iterator[Instance]:
    """Yield an instance, which is kept for the next user unless the block fails.

    The block detaches all that it attached.

    Args:
        config: DuckDB settings.
        spill: A folder for what does not fit in memory.
    """
    idle = _idle.setdefault((os.getpid(), repr(sorted(config.items()))), [])
    instance = Instance(_taken(idle, spill) or _new(config, spill), config.get("memory_limit"))
    try:
        yield instance
    except BaseException:
        instance.end()
        raise
    instance.keep(idle)


def _taken(idle: list[duckdb.DuckDBPyConnection], spill: Path) -> duckdb.DuckDBPyConnection | None:
    """Return a kept instance, or None; end those that have spilled: DuckDB does not let them spill elsewhere."""
    while idle:
        root = idle.pop()
        try:
            root.execute("SET temp_directory = ?", [str(spill)])
        except duckdb.Error:
            root.close()
        else:
            return root
    return None


def _new(config: Mapping[str, Any], spill: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:", config={**config, "temp_directory": str(spill)})
