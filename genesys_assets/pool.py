"""The pool of all that talks to Genesys Cloud, and how many runs of it there may be at a time.

What belongs here: the pool's name, and its limit as the Dagster instance has it. What a run does with its share of the
API's limit is `resources`.
"""

import dagster as dg

API_POOL = "genesys_api"
"""Its limit stands in dagster.yaml: the runs share the pace that the API allows, and its quota of jobs."""


def runs_at_once(instance: dg.DagsterInstance) -> int:
    """Return how many runs may talk to Genesys Cloud at a time: the pool's limit, 1 where none is known."""
    of_pool = {each.name: each.limit for each in instance.event_log_storage.get_pool_limits() if not each.from_default}
    return max(1, of_pool.get(API_POOL) or instance.global_op_concurrency_default_limit or 1)
