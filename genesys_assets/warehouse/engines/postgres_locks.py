"""Advisory locks in the PostgreSQL of a lake's catalogue, by which writers of the same partition take turns.

Belongs here: taking them within a wait, naming who holds one, and seeing that all are still held. Which locks a writer
wants is said by `table`.
"""

import contextlib
import functools
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb

from genesys_assets.warehouse.errors import DatabaseBusyError, DatabaseConflictError
from genesys_assets.warehouse.table import CATALOGUE, AdvisoryLock, literal
from genesys_assets.warehouse.waiting import Wait

_METADATA = f"__ducklake_metadata_{CATALOGUE}"
"""The name under which DuckLake attaches its catalogue."""


@contextlib.contextmanager
def postgres_locks(
    connection: duckdb.DuckDBPyConnection, wanted: Sequence[AdvisoryLock], wait: Wait, label: str
) -> Iterator[Callable[[], None]]:
    """Hold locks that PostgreSQL releases when this process dies.

    The locks end with their connection, which PostgreSQL (`idle_in_transaction_session_timeout`) or a person may end
    while the connection that writes goes on. So the function yielded checks that PostgreSQL still has them.

    Args:
        connection: A connection to which the lake is attached.
        wanted: The locks, always in the same order, so that no two writers wait for each other.
        wait: How long others are waited for.
        label: The lake's name in messages.

    Raises:
        DatabaseBusyError: Another writer held a lock for longer than the wait.
    """
    holder = connection.cursor()
    try:
        holder.execute("BEGIN TRANSACTION")
        for lock in wanted:
            _take(holder, lock, wait, label)
        yield functools.partial(_confirm, holder, len(wanted), label)
    finally:
        with contextlib.suppress(duckdb.Error):
            holder.execute("ROLLBACK")
        holder.close()


def _take(holder: duckdb.DuckDBPyConnection, lock: AdvisoryLock, wait: Wait, label: str) -> None:
    function = "pg_try_advisory_xact_lock" + ("_shared" if lock.shared else "")
    key = int.from_bytes(hashlib.blake2b(lock.name.encode(), digest_size=8).digest(), signed=True)

    def held() -> str:
        return f"{lock.name} in {label}, held by {_holder_of(holder, key)}"

    while _ask(holder, f"SELECT {function}({key})") != [(True,)]:
        if wait.left_seconds <= 0:
            raise DatabaseBusyError(
                f"{held()}, was not let go within the {wait.seconds:g} seconds that the warehouse waits: "
                f"{wait.remedy}, then run this step again."
            )
        wait.pause(held)


def _holder_of(holder: duckdb.DuckDBPyConnection, key: int) -> str:
    """Return who holds a key, as PostgreSQL sees it: one of its own processes, and the address that this serves."""
    kept = (
        "SELECT a.pid, coalesce(a.client_addr::text, '') FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        f"WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32 | l.objid::bigint) = {key}"
    )
    with contextlib.suppress(duckdb.Error):
        for pid, address in _ask(holder, kept):
            return f"another writer (PostgreSQL's process {pid}{' for ' + address if address else ''})"
    return "another writer"


def _confirm(holder: duckdb.DuckDBPyConnection, wanted: int, label: str) -> None:
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    with contextlib.suppress(duckdb.Error):
        if _ask(holder, held) == [(wanted,)]:
            return
    raise DatabaseConflictError(
        f"The connection that kept other writers of {label} away was lost, and nothing was changed: run this step "
        "again, and see what ends idle connections to PostgreSQL (a timeout, a proxy) if it repeats."
    )


def _ask(holder: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Return what PostgreSQL answers to a query."""
    return holder.execute(f"SELECT * FROM postgres_query('{_METADATA}', {literal(query)})").fetchall()
