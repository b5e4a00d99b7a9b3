"""When a step is tried again: what may pass by itself is, an interrupted step never.

What belongs here: the policy that all assets with retries share. How often and after how long is each asset's own.
"""

import sys

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
