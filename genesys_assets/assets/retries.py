"""When a step is tried again: what may pass by itself is, an interrupted step never.

What belongs here: the policy that all assets with retries share. How often and after how long is each asset's own.
"""

import sys

import dagster as dg
from dagster import DagsterExecutionInterruptedError

INTERRUPTS = (KeyboardInterrupt, DagsterExecutionInterruptedError)


class Retries(dg.RetryPolicy):
    """A retry policy that lets a terminated run end.

    Dagster asks a policy for the delay after an interrupt too: a terminated run would sleep, read its day again and
    store it after it has been marked as canceled.
    """

    def calculate_delay(self, attempt_num: int) -> float:
        """The seconds before the next attempt.

        Raises:
            BaseException: The interrupt, when that is what the step ended with.
        """
        if interrupt := interrupt_of(sys.exception()):
            raise interrupt
        return super().calculate_delay(attempt_num)


def interrupt_of(error: BaseException | None) -> BaseException | None:
    """The interrupt that an error is or comes of (DuckDB makes a RuntimeError of one), None when it is another one."""
    while error is not None and not isinstance(error, INTERRUPTS):
        error = error.__cause__ or error.__context__
    return error
