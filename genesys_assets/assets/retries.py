"""When a step is tried again, and how old its data may be: the policies that the assets of a day share.

What belongs here: those policies, and that an interrupted step is never tried again. What leaves the database has
retries of its own, in `exports`.
"""

import sys
from datetime import timedelta

import dagster as dg
from dagster import DagsterExecutionInterruptedError

from genesys_assets.failures import is_interrupt


class Retries(dg.RetryPolicy):
    """A retry policy that lets a terminated run end.

    Dagster asks a policy for the delay after an interrupt too: a terminated run would sleep, read its day again and
    store it after it has been marked as canceled.
    """

    def calculate_delay(self, attempt_num: int) -> float:
        """Return the seconds before the next attempt.

        Raises:
            DagsterExecutionInterruptedError: The step ended with an interrupt.
        """
        if is_interrupt(sys.exception()):
            raise DagsterExecutionInterruptedError  # a new one: the old one may have become the cause of its context
        return super().calculate_delay(attempt_num)


TRY_AGAIN = Retries(max_retries=3, delay=30, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For what is read from Genesys Cloud, and what is made of it."""

FRESH = dg.FreshnessPolicy.time_window(warn_window=timedelta(hours=36), fail_window=timedelta(hours=48))
"""A closed day comes every 24 hours, and jobs lag behind it by hours; any day that is stored counts."""
