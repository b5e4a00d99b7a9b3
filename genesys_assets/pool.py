"""The pool of everything that reads from Genesys Cloud, and how many runs it allows at a time.

Belongs here: the pool's name, and its limit in the Dagster instance. `resources` computes a run's share of the API's
limits from it.
"""

import dagster as dg

API_POOL = "genesys_api"
"""dagster.yaml has its limit: the runs share the API's rate limit and its quota of jobs."""


def limit_of(instance: dg.DagsterInstance, pool: str = API_POOL) -> int | None:
    """Return the limit of a pool, or else the instance's limit of all pools that have none; None where none is set."""
    of_pool = {each.name: each.limit for each in instance.event_log_storage.get_pool_limits() if not each.from_default}
    return of_pool.get(pool) or instance.global_op_concurrency_default_limit


def runs_at_once(instance: dg.DagsterInstance, pool: str = API_POOL) -> int:
    """Return how many runs may talk to an organisation at a time: its pool's limit, 1 where none is known."""
    return max(1, limit_of(instance, pool) or 1)
