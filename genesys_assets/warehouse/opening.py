"""How a database is opened for a moment: DuckDB started, others waited for, the database attached, and closed again.

Belongs here: everything about opening and closing that is the same for every kind of database, and whether others have
written meanwhile. What differs is asked of the `engine`; transactions belong to `database`. The database is attached to
an in-memory one under a fixed name, so that a file and a lake take the same way and no connection's settings clash with
those of another one in the same process.
"""

import atexit
import contextlib
import functools
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from genesys_assets import files
from genesys_assets.warehouse.duckdb_settings import LARGEST_ROW_GROUP, most_joins
from genesys_assets.warehouse.engines import Engine, full_disk
from genesys_assets.warehouse.errors import WarehouseError
from genesys_assets.warehouse.instances import Instance, running_instance
from genesys_assets.warehouse.spool import Spool, temporary_folder
from genesys_assets.warehouse.table import CATALOGUE, AdvisoryLock
from genesys_assets.warehouse.waiting import LockTiming, Wait


class ExternalWrites:
    """Detects that somebody else has written to a database."""

    def __init__(self, engine: Engine) -> None:
        self._fingerprint_of = engine.fingerprint
        self._fingerprint: object = None
        self._number = 0

    @property
    def are_detected(self) -> bool:
        """Return whether writes by others can be detected in this kind of database."""
        return self._fingerprint_of() is not None

    @property
    def version(self) -> int | None:
        """Return a number that changes once others are seen to have written; None where this cannot be detected."""
        return None if self._fingerprint is None else self._number

    def unchanged_since(self, version: int | None) -> bool:
        """Return whether nobody but this process has written since `version` was the version."""
        self.look()
        return version is not None and version == self.version

    def look(self) -> None:
        """Begin a new version when the database is not as this process left it."""
        seen = self._fingerprint_of()
        if seen != self._fingerprint:
            self._number += 1
            self._fingerprint = seen

    def leave(self) -> None:
        """Take the database for this process's own work as it stands; called while others are still kept out."""
        self._fingerprint = self._fingerprint_of()


class Opened(NamedTuple):
    """An open database.

    Attributes:
        connection: A connection to which it is attached as `CATALOGUE`.
        confirm_locks: Raises `DatabaseConflictError` when an advisory lock was lost; to be called before a commit.
    """

    connection: duckdb.DuckDBPyConnection
    confirm_locks: Callable[[], None]


class Opener:
    """Opens the database of an engine, as often as it is asked.

    Args:
        engine: The kind of database, and where it is.
        settings: DuckDB settings.
        spool: Where what does not fit in memory goes; None for a folder beside the database.
        clock: Seconds that only go forward.
    """

    def __init__(
        self, engine: Engine, settings: Mapping[str, Any], spool: Spool | None, clock: Callable[[], float]
    ) -> None:
        self.external_writes = ExternalWrites(engine)
        self._engine = engine
        self._settings = settings
        self._spool = spool
        self._clock = clock

    @contextlib.contextmanager
    def open(
        self,
        timing: LockTiming,
        wait: Wait,
        *,
        read_only: bool = False,
        row_group_rows: int = LARGEST_ROW_GROUP,
        advisory_locks: Sequence[AdvisoryLock] = (),
    ) -> Iterator[Opened]:
        """Yield the open database, once nobody else holds it.

        Args:
            timing: Records how long the database was waited for and held.
            wait: How long others are waited for; its timeout pauses while the database is open.
            read_only: Whether nothing is written. A database that does not exist yet reads as an empty one.
            row_group_rows: How many rows are compressed and written together; see `rows_in_group`.
            advisory_locks: What other writers of a lake must not write meanwhile.
        """
        config = {"custom_user_agent": "dagster", **self._settings, **self._engine.config()}
        config["max_vacuum_tasks"] = most_joins(row_group_rows)
        with contextlib.ExitStack() as stack:
            # DuckDB is started before the lock is asked for.
            instance = stack.enter_context(running_instance(config, self.spill_folder()))
            connection = instance.connection
            with self._open_errors():
                self._engine.prepare(connection)
            hold_begins = stack.enter_context(timing.measured(self._clock, wait))
            stack.enter_context(files.private())
            stack.enter_context(self._engine.file_lock(wait, read_only=read_only))
            stack.enter_context(self._closed_at_the_end(instance, read_only=read_only))
            self.external_writes.look()
            self._attach(connection, wait, read_only=read_only, row_group_rows=row_group_rows)
            with self._open_errors():
                self._engine.after_attach(connection)
            stack.enter_context(self._translated_errors())
            confirm = stack.enter_context(self._engine.advisory_locks(connection, advisory_locks, wait))
            stack.enter_context(wait.pause_timeout())
            hold_begins()
            yield Opened(connection, confirm)

    def spill_folder(self) -> Path:
        """Return a new folder for what does not fit in memory; two engines would use the same names in one."""
        if self._spool is not None:
            return self._spool.spill()
        if self._engine.path is None:
            return _spool_of(os.getpid()).spill()
        return Path(f"{self._engine.path}.tmp-{os.getpid()}-{secrets.token_hex(4)}").absolute()

    @contextlib.contextmanager
    def _closed_at_the_end(self, instance: Instance, *, read_only: bool) -> Iterator[None]:
        """Close the database at the end of the block, while others are kept out of it.

        What cannot be moved from the log into the file now, as on a full disk, is safe in the log.
        """
        try:
            yield
        except BaseException:
            instance.end()
            raise
        else:
            instance.detach(CATALOGUE)
        finally:
            if self._engine.path is None:
                instance.end()
            if not read_only:
                self.external_writes.leave()

    def _attach(
        self, connection: duckdb.DuckDBPyConnection, wait: Wait, *, read_only: bool, row_group_rows: int
    ) -> None:
        statement = self._engine.attach_sql(read_only=read_only, row_group_rows=row_group_rows)
        while True:
            try:
                connection.execute(f"{statement}; USE {CATALOGUE}")
            except duckdb.Error as error:
                fallback = self._engine.fallback_sql(error, read_only=read_only)
                if fallback is not None:
                    statement = fallback
                    continue
                if not self._engine.is_busy(error):
                    raise self._open_error(error) from None
                if wait.left_seconds <= 0:
                    raise self._engine.busy_error(wait, error) from None
                wait.pause(functools.partial(self._held, error))
            else:
                return

    def _held(self, error: duckdb.Error) -> str:
        return f"{self._engine.label}, held by {self._engine.holder(error)}"

    @contextlib.contextmanager
    def _open_errors(self) -> Iterator[None]:
        """Turn DuckDB's errors into the one that says why the database cannot be opened."""
        try:
            yield
        except duckdb.Error as error:
            raise self._open_error(error) from None

    def _open_error(self, error: duckdb.Error) -> WarehouseError:
        return full_disk(self._engine.label, error) or self._engine.open_error(error)

    @contextlib.contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Turn DuckDB's errors in a transaction into the ones that tell the caller what happened."""
        try:
            yield
        except duckdb.Error as error:
            translated = self._engine.translate_error(error)
            if translated is error:
                raise
            raise translated from None


@functools.cache
def _spool_of(process: int) -> Spool:
    """Return the process's spool for databases without a spool or a folder of their own; it closes with the process."""
    spool = Spool(temporary_folder())
    atexit.register(lambda: spool.close() if os.getpid() == process else None)  # a fork inherits this
    return spool
