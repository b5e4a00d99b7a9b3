"""When a step is tried again, and how old its data may be: the policies that the assets of a day share.

What belongs here: those policies, and that an interrupted step is never tried again.
"""

import sys
from datetime import timedelta

import dagster as dg
from dagster import DagsterExecutionInterruptedError

from genesys_assets.failures import is_interrupt


class Retries(dg.RetryPolicy):
    """A retry policy that lets a terminated run end.

    Dagster asks a policy for the delay after an interrupt, too: without this, a terminated run would wait, read its day
    again and store it after it has been marked as canceled.
    """

    def calculate_delay(self, attempt_num: int) -> float:
        """Return the seconds before the next attempt.

        Raises:
            DagsterExecutionInterruptedError: The step ended with an interrupt.
        """
        if is_interrupt(sys.exception()):
            raise DagsterExecutionInterruptedError  # a new one: the old one may have become the cause of its context
        return super().calculate_delay(attempt_num)


def _retries(delay_seconds: int) -> Retries:
    return Retries(max_retries=3, delay=delay_seconds, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


TRY_AGAIN = _retries(30)
"""For what is read from Genesys Cloud, and what is made of it."""

WRITE_AGAIN = _retries(20)
"""For files: object stores recover sooner than Genesys Cloud, and no quota is used up by asking again."""

FRESH = dg.FreshnessPolicy.time_window(warn_window=timedelta(hours=36), fail_window=timedelta(hours=48))
"""A closed day comes every 24 hours, and jobs lag behind it by hours; any day that is stored counts."""
